"""Text → folded text, and the way back to the original offsets.

Folding is what makes two spellings of the same words equal: NFKC, case, traditional to simplified,
and nothing invisible.  It is Unicode's toNFKC_Casefold with one table of Chinese characters behind
it: each character has one folded form, looked up once and remembered, so that a post costs a
single ``str.translate``.  Only text whose marks compose across characters (``é`` from two, kana
with a voicing mark, Hangul jamo) goes the slower way, segment by segment.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path

# Part of every index's digest: a change of the rules below, or of Python's Unicode, rebuilds it.
VERSION = f"1/{unicodedata.unidata_version}"

# Default-ignorable code points, other formatting characters, and the enclosing marks of keycaps
# (1️⃣0️⃣%).  Written out, because Python doesn't know the property.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u20dd-\u20e4\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
# Starters that compose with what stands before them (NFC_QC=Maybe, combining class 0).
_COMPOSING = frozenset(
    "\u09be\u09d7\u0b3e\u0b56\u0b57\u0bbe\u0bd7\u0cc2\u0cd5\u0cd6\u0d3e\u0d57\u0dcf"
    "\u0ddf\u102e\u1b35\U00011127\U0001133e\U00011357\U000113b8\U000113bb\U000113c2"
    "\U000113c5\U000113c7\U000113c8\U000113c9\U000114b0\U000114ba\U000114bd"
    "\U000115af\U00011930\U00016d63\U00016d67"
).union(map(chr, range(0x1161, 0x1176)), map(chr, range(0x11A8, 0x11C3)))
_COMPOSING |= set(map(chr, range(0x1611E, 0x1612A)))
# Sorting a run of marks takes quadratic time, and nobody reads the ninth mark on a letter.
_MAX_MARKS = 8
# Taiwan writes the particle 着 as 著; these words have a 著 of their own.
_PARTICLE = re.compile("(?<![显名原论编译专巨卓昭土合遗])著(?![名作称者录书述])")


class Folded:
    """A folded text that knows where each of its characters stood in ``raw``."""

    __slots__ = ("_ends", "_starts", "raw", "text")

    def __init__(self, raw: str, text: str) -> None:
        self.raw = raw
        self.text = text
        self._starts: list[int] | None = None
        self._ends: list[int] = []

    @property
    def starts(self) -> Sequence[int]:
        """For each folded character the index in ``raw`` where it begins, then ``len(raw)``."""
        if self._starts is None:
            self._trace()
        assert self._starts is not None
        return self._starts

    def raw_span(self, start: int, end: int) -> tuple[int, int]:
        """The half-open span of ``raw`` that ``text[start:end]`` came from."""
        first = self.starts[start]
        return (first, self._ends[end - 1]) if end > start else (first, first)

    def _trace(self) -> None:
        starts: list[int] = []
        ends: list[int] = []
        for begin, end, piece in _pieces(self.raw):
            starts += [begin] * len(piece)
            ends += [end] * len(piece)
        starts.append(len(self.raw))
        self._starts, self._ends = starts, ends


def fold(text: str) -> Folded:
    """*text* as a search compares it; any Unicode, in linear time; folding twice is folding once.

    Removed are zero-width and other invisible characters, directions and variation selectors.
    Line breaks and spaces stay as they are, apart from NFKC's own changes.
    """
    return Folded(text, fold_text(text))


def fold_text(text: str) -> str:
    """``fold(text).text``, where no way back is needed."""
    folded = text.translate(_TABLE)
    if not unicodedata.is_normalized("NFC", folded):
        folded = "".join(piece for _, _, piece in _segments(text))
    return _settle_words(folded)


def _settle_words(folded: str) -> str:
    """The few characters whose simplified form hangs on their neighbours; keeps the length."""
    if "著" in folded:
        folded = _PARTICLE.sub("着", folded)
    if "甚么" in folded:
        folded = folded.replace("甚么", "什么")
    return folded


def _pieces(raw: str) -> Iterator[tuple[int, int, str]]:
    """(begin, end, folded) for each run of *raw* that folds by itself, as `fold_text` folds it."""
    if not unicodedata.is_normalized("NFC", raw.translate(_TABLE)):
        return _segments(raw)
    return ((i, i + 1, _folded_char(char)) for i, char in enumerate(raw))


def _segments(raw: str) -> Iterator[tuple[int, int, str]]:
    """Runs of a character with all that composes with it, each folded on its own."""
    begin = 0
    for i, char in enumerate(raw):
        if i > begin and not _joins(char):
            yield from _fold_segment(raw, begin, i)
            begin = i
    if raw:
        yield from _fold_segment(raw, begin, len(raw))


def _joins(char: str) -> bool:
    folded = _folded_char(char)
    return not folded or folded[0] in _COMPOSING or unicodedata.combining(folded[0]) > 0


def _fold_segment(raw: str, begin: int, end: int) -> Iterator[tuple[int, int, str]]:
    segment = raw[begin:end]
    folded = _stable(segment)
    if folded == segment:  # nothing moved: each character keeps its own place
        yield from ((begin + i, begin + i + 1, char) for i, char in enumerate(segment))
        return
    while end > begin + 1 and not _folded_char(raw[end - 1]):
        end -= 1
    while begin < end - 1 and not _folded_char(raw[begin]):
        begin += 1
    yield begin, end, folded


def _stable(segment: str) -> str:
    """*segment* mapped and composed until nothing changes; the second round is nearly always so."""
    while True:
        folded = unicodedata.normalize("NFC", _cap_marks(segment.translate(_TABLE)))
        if folded == segment:
            return folded
        segment = folded


def _cap_marks(text: str) -> str:
    """*text* without the marks that follow `_MAX_MARKS` others."""
    if len(text) <= _MAX_MARKS:
        return text
    kept, run = [], 0
    for char in text:
        run = run + 1 if unicodedata.combining(char) else 0
        if run <= _MAX_MARKS:
            kept.append(char)
    return "".join(kept)


class _CharTable(dict[int, str]):
    """Code point → folded text, worked out when first seen.

    Astral characters that fold to themselves aren't kept, so that no input can fill the memory.
    """

    def __init__(self, simplified: dict[str, str]) -> None:
        self._simplified = simplified

    def __missing__(self, code: int) -> str:
        char = chr(code)
        folded = self._fold_char(char)
        if code < 0x10000 or folded != char:
            self[code] = folded
        return folded

    def _fold_char(self, char: str) -> str:
        while True:
            folded = _INVISIBLE.sub("", unicodedata.normalize("NFKC", char).casefold())
            folded = unicodedata.normalize("NFKC", folded)
            folded = "".join(self._simplified.get(one, one) for one in folded)
            if folded == char:
                return folded
            char = folded


def _load_simplified() -> dict[str, str]:
    # Read next to this module: importlib.resources alone would take longer than all of folding.
    lines = (Path(__file__).parent / "data" / "t2s.txt").read_text(encoding="utf-8").splitlines()
    joined = "".join(line.replace(" ", "") for line in lines if not line.startswith("#"))
    return dict(zip(joined[::2], joined[1::2], strict=True))


_TABLE = _CharTable(_load_simplified())


def _folded_char(char: str) -> str:
    return _TABLE[ord(char)]
