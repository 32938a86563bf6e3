"""A post as its words read, whatever it was dressed up as, with the way back to the raw text.

On top of folding (NFKC, case, simplified characters, nothing invisible): look-alike letters,
homophone spellings, emoji that stand for words, and characters that were spaced, dotted or put on
lines of their own.  The look-alikes and spellings are data (``variants.toml``); which separators
are noise follows from the vocabulary: one that splits a known word is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from index.normalise import Folded, fold

_PICTURES = "\u2190-\u21ff\u2300-\u23ff\u2460-\u27bf\u2900-\u297f\u2b00-\u2bff\u3030\u303d"
_EMOJI = re.compile(f"[{_PICTURES}\U0001f000-\U0001faff\U0001f1e6-\U0001f1ff]")
_SEPARATORS = r" \n\t.·・•‧*_|/\\~^'`\"-"
_SEPARATOR = re.compile(rf"(?<=\w)[{_SEPARATORS}]{{1,3}}(?=\w)")
_PIECE = r"(?:\d{1,4}[%+]?|[a-z]{1,3}|[^\W\d_a-z]|[+%?!=])"
_BETWEEN = r"【】\[\]()<>《》「」『』“”" + _SEPARATORS
_MARKS = re.compile(rf"[{_BETWEEN}]+")
_SPACED = re.compile(rf"(?<![^\W_])(?:{_PIECE}[{_BETWEEN}]{{1,3}}){{3,}}{_PIECE}(?![^\W_])")
_LETTERED = re.compile(r"(?<![a-z0-9.])(?:[a-z][.*_~·-]){2,}[a-z](?![a-z])")
_DIGITS = re.compile(r"(?<![\d.])\d(?: {1,2}[\d.])+ {0,2}%|(?<![\d.])\d\d? %")
_LINE = r"[a-z0-9%+?!=\u3400-\u9fff]{1,5}"
_STACKED = re.compile(rf"(?<![^\n])(?:{_LINE}[ \t]*\n\s*){{3,}}{_LINE}(?![^\n])")
_A_LOOKALIKE = re.compile(r"(?<![a-z0-9])a[!1l|](?=[\u3400-\u9fff])")
_HAN = re.compile(r"[\u3400-\u9fff]")
_ROUNDS = 4  # joining may uncover a spelling and the other way round; it settles in two


_PUNCTUATION = str.maketrans("，！？：；（）％＋～", ",!?:;()%+~")


@dataclass(frozen=True, slots=True)
class Spellings:
    """Look-alike characters, spellings and their words, compiled."""

    lookalikes: Mapping[int, str]
    words: Mapping[str, str]
    word_re: re.Pattern[str]
    emoji: Mapping[str, str]
    inner: frozenset[str]


def compile_spellings(data: Mapping[str, Mapping[str, str]], inner: frozenset[str]) -> Spellings:
    """The tables of ``variants.toml``; *inner* are the character pairs inside known words.

    Raises ValueError where a spelling would be rewritten again.
    """
    words = dict(data["words"])
    for spelling, word in words.items():
        for other in words:
            if other in word:
                raise ValueError(f"words.{spelling} = {word!r}: holds the spelling {other!r}")
    longest_first = sorted(words, key=len, reverse=True)
    return Spellings(
        lookalikes=str.maketrans(dict(data["lookalikes"])),
        words=words,
        word_re=re.compile("|".join(map(re.escape, longest_first))),
        emoji=dict(data["emoji"]),
        inner=inner,
    )


class Normalised:
    """The normalised ``text`` of ``raw``; :meth:`raw_span` leads back."""

    __slots__ = ("_ends", "_folded", "_starts", "text")

    def __init__(self, folded: Folded, text: str, starts: list[int], ends: list[int]) -> None:
        self._folded = folded
        self.text = text
        self._starts = starts
        self._ends = ends

    def raw_span(self, start: int, end: int) -> tuple[int, int]:
        """The half-open span of the raw post that ``text[start:end]`` came from."""
        if self._starts:
            start, end = self._starts[start], self._ends[end - 1]
        folded = self._folded
        if folded.text == folded.raw.lower().translate(_PUNCTUATION):
            return start, end  # nothing but case and punctuation changed: places are the same
        return folded.raw_span(start, end)


def normalise(raw: str, spellings: Spellings) -> Normalised:
    """*raw* normalised, in linear time; doing it twice changes nothing more."""
    folded = fold(raw)
    text = folded.text.translate(spellings.lookalikes)
    starts: list[int] = []
    ends: list[int] = []
    for _ in range(_ROUNDS):
        before = text
        for find in (_pictures, _letters, _digits, _separators, _spellings):
            edits = find(text, spellings)
            if edits:
                text, starts, ends = _applied(text, edits, starts, ends)
        if text == before:
            break
    return Normalised(folded, text, starts, ends)


Edit = tuple[int, int, str]


def _pictures(text: str, spellings: Spellings) -> list[Edit]:
    if text.isascii():
        return []
    edits = []
    for match in _EMOJI.finditer(text):
        start, end = match.span()
        is_inside = start and text[start - 1 : start] + text[end : end + 1] in spellings.inner
        word = spellings.emoji.get(match[0], " ")
        edits.append((start, end, "" if is_inside and word != "ai" else word))
    return edits


def _letters(text: str, spellings: Spellings) -> list[Edit]:
    return [(match.start(), match.end(), "ai") for match in _A_LOOKALIKE.finditer(text)]


def _digits(text: str, spellings: Spellings) -> list[Edit]:
    """The blanks inside "1 0 %"; its point stays."""
    if "%" not in text:
        return []
    return [
        (match.start() + at, match.start() + at + 1, "")
        for match in _DIGITS.finditer(text)
        for at, char in enumerate(match[0])
        if char == " "
    ]


def _spellings(text: str, spellings: Spellings) -> list[Edit]:
    return [
        (match.start(), match.end(), spellings.words[match[0]])
        for match in spellings.word_re.finditer(text)
    ]


def _separators(text: str, spellings: Spellings) -> list[Edit]:
    """The separators that split a known word or stand between single characters."""
    edits: list[Edit] = []
    spaced = _spaced_runs(text)
    for match in _SEPARATOR.finditer(text):
        start, end = match.span()
        if _is_noise(text, start, end, spellings.inner):
            edits.append((start, end, ""))
    if not spaced:
        return edits
    inside = [edit for edit in edits if not any(a <= edit[0] < b for a, b in spaced)]
    for begin, finish in spaced:
        inside += [(*match.span(), "") for match in _MARKS.finditer(text, begin, finish)]
    return sorted(inside)


def _spaced_runs(text: str) -> list[tuple[int, int]]:
    runs = [match.span() for match in _SPACED.finditer(text) if len(_HAN.findall(match[0])) > 1]
    runs += [match.span() for match in _LETTERED.finditer(text)]
    if "\n" in text:
        runs += [match.span() for match in _STACKED.finditer(text) if _HAN.search(match[0])]
    runs.sort()
    kept: list[tuple[int, int]] = []
    for run in runs:
        if not kept or run[0] >= kept[-1][1]:
            kept.append(run)
    return kept


def _is_noise(text: str, start: int, end: int, inner: frozenset[str]) -> bool:
    left, right = text[start - 1], text[end]
    if left.isdigit() or right.isdigit() or left + right not in inner:
        return False
    is_left_single = start < 2 or not text[start - 2].isalnum()
    is_right_single = end + 1 >= len(text) or not text[end + 1].isalnum()
    if left.isascii() and right.isascii():
        is_right_single = is_right_single or not text[end + 1].isascii()
        return is_left_single and is_right_single
    if "\n" in text[start:end]:
        # A line that ends in Chinese and one that begins with AI are two lines.
        is_one_script = left.isascii() == right.isascii()
        return is_one_script and _is_short_line(text, start, end)
    if text[start:end].isspace() or "/" in text[start:end]:
        return is_left_single or is_right_single
    return True


def _is_short_line(text: str, start: int, end: int) -> bool:
    """Whether one of the lines that meet at the break holds eight characters at most."""
    before = text.rfind("\n", max(0, start - 9), start)
    after = text.find("\n", end, end + 9)
    return (start - before <= 9 and (before >= 0 or start <= 8)) or 0 <= after - end <= 8


def _applied(
    text: str, edits: list[Edit], starts: list[int], ends: list[int]
) -> tuple[str, list[int], list[int]]:
    """*text* with the *edits* made, and its map to the folded text brought along."""
    if not starts:
        starts, ends = list(range(len(text))), list(range(1, len(text) + 1))
    pieces: list[str] = []
    new_starts: list[int] = []
    new_ends: list[int] = []
    at = 0
    for start, end, replacement in edits:
        pieces += (text[at:start], replacement)
        new_starts += starts[at:start] + [starts[start]] * len(replacement)
        new_ends += ends[at:start] + [ends[end - 1]] * len(replacement)
        at = end
    pieces.append(text[at:])
    return "".join(pieces), new_starts + starts[at:], new_ends + ends[at:]
