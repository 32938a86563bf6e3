"""Is a message a question to be answered, or a post to be checked?

The guard's own findings count first: what asserts something checkable is a post, unless it ends
in a real question.  Cues for the rest are in ``routing.toml``.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files
from typing import Literal

from bot.guard.types import Check
from index.normalise import fold

# A statement longer than this, with nothing asked, was pasted to be checked.
LONG_CHARS = 24

_SENTENCE = re.compile(r"[^。！？!?；;\n]+[。！？!?；;\n]*")


def route(text: str, check: Check, *, forwarded: bool = False) -> Literal["ask", "check"]:
    """How to treat *text*, whose *check* is known.

    A forward is somebody else's words: it asks only if it does nothing else.
    """
    sentences = _sentences(text)
    if any(finding.verdict != "no_claim" for finding in check.findings):
        # A claim, and then a real question about it or with it in mind: the question counts.
        asks_at_last = bool(sentences) and _matches("final", sentences[-1])
        rhetorical = bool(sentences) and _matches("rhetorical", sentences[-1])
        return "ask" if asks_at_last and not rhetorical and not forwarded else "check"
    if any(_asks(sentence) for sentence in sentences):
        return "ask"
    return "check" if forwarded or len(text.strip()) > LONG_CHARS else "ask"


def _sentences(text: str) -> list[str]:
    return [match[0] for match in _SENTENCE.finditer(text) if match[0].strip()]


def _asks(sentence: str) -> bool:
    return _matches("question", sentence) and not _matches("rhetorical", sentence)


def _matches(kind: str, sentence: str) -> bool:
    return bool(_patterns()[kind].search(fold(sentence).text.strip()))


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    text = files("bot").joinpath("routing.toml").read_text(encoding="utf-8")
    try:
        return {kind: re.compile("|".join(cues)) for kind, cues in tomllib.loads(text).items()}
    except re.error as err:
        raise ValueError(f"bot/routing.toml: {err.pattern!r}: {err}") from err
