"""Is a message a question to be answered, or a post to be checked?

The guard's own findings count first: what asserts something checkable is a post, unless the very
sentence asks.  Cues for the rest are in ``routing.toml``.
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
LONG_CHARS = 45

_SENTENCE = re.compile(r"[^。！？!?；;\n]+[。！？!?；;\n]*")


def route(text: str, check: Check, *, forwarded: bool = False) -> Literal["ask", "check"]:
    """How to treat *text*, whose *check* is known.

    A forward is somebody else's words: it asks only if it does nothing else.
    """
    asking = [span for span in _sentences(text) if _asks(text[slice(*span)])]
    claims = [finding for finding in check.findings if finding.verdict != "no_claim"]
    if claims:
        if forwarded:
            return "check"
        asked_about = all(
            any(start < finding.end and finding.start < end for start, end in asking)
            for finding in claims
        )
        wonders = any(_matches("truth", text[slice(*span)]) for span in asking)
        return "ask" if asked_about or (wonders and len(text) <= 2 * LONG_CHARS) else "check"
    if asking:
        return "ask"
    return "check" if forwarded or len(text.strip()) > LONG_CHARS else "ask"


def _sentences(text: str) -> list[tuple[int, int]]:
    return [match.span() for match in _SENTENCE.finditer(text) if match[0].strip()]


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
