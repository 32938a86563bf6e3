"""Text with entities, as Telegram counts it: in UTF-16 code units.

A message is built piece by piece, so nothing has to be escaped and no parse mode is ever used.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

MESSAGE_LIMIT: Final = 4096
CAPTION_LIMIT: Final = 1024
ENTITY_LIMIT: Final = 100

_SENTENCE_END: Final = re.compile(r"[。！？!?；;\n]+[”’」』）)》\"']*|\.(?=\s|$)")
_BIDI_CONTROLS: Final = re.compile("[\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c]")
_SURROGATES: Final = re.compile("[\ud800-\udfff]")

Entity = dict[str, Any]


def utf16_len(text: str) -> int:
    """Length in UTF-16 code units; a lone surrogate counts as one."""
    return len(text) + sum(1 for char in text if ord(char) > 0xFFFF)


def utf16_offset(text: str, index: int) -> int:
    """The UTF-16 offset of code point *index*."""
    return utf16_len(text[:index])


def from_utf16(text: str, offset: int) -> int:
    """The code point index at UTF-16 *offset*, rounded down inside a pair."""
    units = 0
    for index, char in enumerate(text):
        units += 2 if ord(char) > 0xFFFF else 1
        if units > offset:
            return index
    return len(text)


def scrub(text: str) -> str:
    """*text* that can be encoded: each lone surrogate becomes U+FFFD, so offsets stay."""
    return _SURROGATES.sub("\ufffd", text)


def scrub_json(value: Any) -> Any:
    """The same for every string of parsed JSON."""
    if isinstance(value, str):
        return scrub(value)
    if isinstance(value, list):
        return [scrub_json(item) for item in value]
    if isinstance(value, dict):
        return {scrub(str(key)): scrub_json(item) for key, item in value.items()}
    return value


def isolate(text: str) -> tuple[str, str]:
    """What to put before and after a stranger's *text*, lest it turn ours around."""
    return ("\u2068", "\u2069") if _BIDI_CONTROLS.search(text) else ("", "")


def cut_at_sentence(text: str, limit: int) -> str:
    """The longest run from the start that ends a sentence within *limit* units.

    Empty if not even the first sentence fits.
    """
    if utf16_len(text) <= limit:
        return text
    head = text[: from_utf16(text, limit)]
    ends = [match.end() for match in _SENTENCE_END.finditer(text) if match.end() <= len(head)]
    return text[: ends[-1]].rstrip() if ends else ""


def cut_hard(text: str, limit: int) -> str:
    """At most *limit* units of *text*, with an ellipsis where something is missing."""
    if utf16_len(text) <= limit:
        return text
    return text[: from_utf16(text, limit - 1)].rstrip("\u200d\ufe0f") + "…"


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message's text and its entities, offsets in UTF-16 units."""

    text: str
    entities: tuple[Entity, ...] = ()

    @property
    def units(self) -> int:
        return utf16_len(self.text)

    def payload(self) -> dict[str, Any]:
        """The parameters of a sendMessage or editMessageText."""
        data: dict[str, Any] = {"text": self.text}
        if self.entities:
            data["entities"] = list(self.entities)
        return data


@dataclass(slots=True)
class TextBuilder:
    """Collects pieces of text, each with the entity that covers it."""

    _parts: list[str] = field(default_factory=list)
    _entities: list[Entity] = field(default_factory=list)
    units: int = 0

    @property
    def entity_count(self) -> int:
        """How many entities there are so far."""
        return len(self._entities)

    def add(self, text: str, kind: str | None = None, **extra: Any) -> TextBuilder:
        """Append *text*, covered by an entity of type *kind* if one is given."""
        text = scrub(text)
        if kind and text.strip() and len(self._entities) < ENTITY_LIMIT:
            self._entities.append(_entity(kind, text, self.units, extra))
        self._parts.append(text)
        self.units += utf16_len(text)
        return self

    def line(self, text: str = "", kind: str | None = None, **extra: Any) -> TextBuilder:
        """Append *text* and end the line."""
        return self.add(text, kind, **extra).add("\n")

    def quote(self, text: str, *, expandable: bool = False) -> TextBuilder:
        """Append someone's words as a block quote on lines of their own."""
        before, after = isolate(text)
        kind = "expandable_blockquote" if expandable else "blockquote"
        return self.add(before).add(text, kind).add(after).add("\n")

    def extend(self, other: Rendered) -> TextBuilder:
        """Append a whole rendered text."""
        for entity in other.entities:
            if len(self._entities) < ENTITY_LIMIT:
                self._entities.append(entity | {"offset": entity["offset"] + self.units})
        self._parts.append(other.text)
        self.units += other.units
        return self

    def build(self) -> Rendered:
        """The text without white space at its ends, entities moved and clipped to it."""
        text = "".join(self._parts)
        lead = utf16_len(text) - utf16_len(text.lstrip())
        stripped = text.strip()
        return Rendered(stripped, tuple(_clip(self._entities, lead, utf16_len(stripped))))


def plain(text: str) -> Rendered:
    """Text without entities."""
    return Rendered(scrub(text).strip())


def _entity(kind: str, text: str, start: int, extra: dict[str, Any]) -> Entity:
    # Telegram drops white space at an entity's ends: leave it out from the beginning.
    lead = utf16_len(text) - utf16_len(text.lstrip())
    return {"type": kind, "offset": start + lead, "length": utf16_len(text.strip()), **extra}


def _clip(entities: Iterable[Entity], lead: int, end: int) -> Iterable[Entity]:
    for entity in entities:
        start = max(entity["offset"] - lead, 0)
        stop = min(entity["offset"] - lead + entity["length"], end)
        if stop > start:
            yield entity | {"offset": start, "length": stop - start}
