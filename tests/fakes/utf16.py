"""Text as Telegram counts it: in UTF-16 code units.

Offsets, lengths and limits on the wire count an emoji as two. A position is legal only
between two characters, never inside a surrogate pair.
"""

from __future__ import annotations


def units(text: str) -> int:
    """The length of *text* in UTF-16 code units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def code_point(text: str, offset: int) -> int | None:
    """The index in *text* of the UTF-16 *offset*; None past the end or inside a pair."""
    if offset < 0:
        return None
    seen = 0
    for index, char in enumerate(text):
        if seen == offset:
            return index
        seen += 2 if ord(char) > 0xFFFF else 1
        if seen > offset:
            return None
    return len(text) if seen == offset else None


def cut(text: str, offset: int, length: int) -> str | None:
    """The run of *length* units at *offset*; None if either end is not between characters."""
    start, end = code_point(text, offset), code_point(text, offset + length)
    return None if start is None or end is None else text[start:end]


def has_lone_surrogate(value: object) -> bool:
    """Whether any string inside *value* (a JSON value) cannot be encoded in UTF-8."""
    if isinstance(value, str):
        return any(0xD800 <= ord(char) <= 0xDFFF for char in value)
    if isinstance(value, dict):
        return any(has_lone_surrogate(part) for pair in value.items() for part in pair)
    if isinstance(value, list):
        return any(has_lone_surrogate(part) for part in value)
    return False
