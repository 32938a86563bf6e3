"""A message → the text its sender wrote, with the way back to the message.

What someone quotes is not what they say: block quotes are blanked out, unless there is nothing
else.  Polls, buttons and link addresses follow the text, so that offsets into it stay what they
are.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from index.normalise import fold

_URL_WORDS = re.compile(r"[\u3400-\u9fff]")


@dataclass(frozen=True, slots=True)
class Post:
    """``text`` is judged; its first ``main_length`` code points are the message's own text."""

    text: str
    main_length: int

    @property
    def digest(self) -> str:
        """The same for the same words: an edit that changes nothing visible changes nothing."""
        return text_digest(self.text)

    def quotable(self, start: int, end: int) -> bool:
        """Whether the span stands in the message's text, where Telegram can quote it."""
        return 0 <= start < end <= self.main_length


def make_post(
    text: str, *, quoted: Iterable[tuple[int, int]] = (), extras: Sequence[str] = ()
) -> Post | None:
    """The post of a message's *text*, spans that it quotes, and words elsewhere in it.

    None where there is nothing to judge.
    """
    blanked = _blank(text, quoted)
    own = blanked if blanked.strip() or any(extra.strip() for extra in extras) else text
    rest = [extra.strip() for extra in extras if extra.strip()]
    whole = "\n".join([own, *rest]) if own.strip() else "\n".join(rest)
    return Post(whole, len(own) if own.strip() else 0) if whole.strip() else None


def link_words(url: str) -> str:
    """What an address says to people: its Chinese part, or nothing."""
    readable = unquote(url, errors="replace")
    return readable if _URL_WORDS.search(readable) else ""


def text_digest(text: str) -> str:
    """A short digest of the folded words of *text*."""
    words = "".join(fold(text).text.split())
    return hashlib.sha256(words.encode("utf-8", "replace")).hexdigest()[:24]


def _blank(text: str, spans: Iterable[tuple[int, int]]) -> str:
    for start, end in spans:
        part = text[start:end]
        text = text[:start] + re.sub(r"[^\n]", "\n", part) + text[end:]
    return text
