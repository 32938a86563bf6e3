"""Greetings, thanks, "who are you": whole messages that deserve a short human line."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path

from bot.answer.cues import cue
from index.normalise import fold_text

_PUNCTUATION = re.compile(r"[^\w]+")
_MAX_CHARS = 60


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
    return cue("bare").fullmatch(_squeezed(text)) is not None


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
