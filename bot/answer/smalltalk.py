"""Greetings, thanks, "who are you": whole messages that deserve a short human line."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path

from index.normalise import fold_text

_PUNCTUATION = re.compile(r"[^\w]+")
_MAX_CHARS = 60
_BARE = re.compile(
    r"(那|这|请|麻烦)?(再说一遍|再讲一遍|再说说|详细点|详细说说|说详细点|具体点|展开说说|展开讲讲|然后呢|接着说|继续|"
    r"还有呢|为什么|为啥|为什么呢|为啥呢|真的吗|真的假的|是吗|怎么说|怎么讲|什么意思|啥意思|why|really|more)(呀|啊|呢|吧|一下)?"
)


def smalltalk(text: str) -> str | None:
    """The reply to a message that is nothing but small talk; None for any other."""
    squeezed = _squeezed(text)
    if not squeezed or len(squeezed) > _MAX_CHARS:
        return None
    for patterns, reply in _table():
        if any(pattern.fullmatch(squeezed) for pattern in patterns):
            return reply
    return None


def is_bare(text: str) -> bool:
    """Whether a message only asks for more of what was asked before ("为什么?", "再说一遍")."""
    return _BARE.fullmatch(_squeezed(text)) is not None


def _squeezed(text: str) -> str:
    plain = _PUNCTUATION.sub(" ", fold_text(text)).strip()
    return re.sub(r"(?<=[^\x00-\x7f]) | (?=[^\x00-\x7f])", "", plain)


@cache
def _table() -> tuple[tuple[tuple[re.Pattern[str], ...], str], ...]:
    text = (Path(__file__).parent / "smalltalk.toml").read_text(encoding="utf-8")
    return tuple(
        (tuple(re.compile(pattern) for pattern in entry["patterns"]), entry["reply"])
        for entry in tomllib.loads(text).values()
    )
