"""Words → concepts: one pass over a text finds every known word, whatever the vocabulary's size.

A word is looked up by its first two characters, so that a scan costs one dictionary access a
character.  Each concept is a bit; what a clause speaks of is then one integer, and rules are
bit tests.  A word inside a longer known word doesn't count: 少 in 至少, 标 in 目标.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import compress, count
from operator import add, or_
from typing import NamedTuple

GAP = "…"
_GAP_REACH = 10
_LONGEST_INNER = 6
_BEYOND_LATIN = "\x80"
_STOPS = "。!?\n;,"
_NEGATED = "不没未"
_TURNS = "不没无难未冇别"  # a negation in the gap turns the word round


class Token(NamedTuple):
    """A known word at ``[start, end)``; ``mask`` holds the bits of its concepts."""

    start: int
    end: int
    mask: int


class _Entry(NamedTuple):
    word: str
    mask: int
    tail: str  # what follows after a gap, or ""


class _Plan(NamedTuple):
    """What may begin with a pair of characters, or with one before an unknown second."""

    lengths: tuple[int, ...]  # of the words that begin with the pair, longest first
    alone: int  # the mask of the first character as a word, or 0
    gapped: tuple[_Entry, ...]
    is_latin: bool  # whether such a word may run into another one of its script


@dataclass(slots=True)
class LexiconBuilder:
    """Collects words under concepts; ``"一个…不限"`` is a word with a gap of a few characters."""

    bits: dict[str, int] = field(default_factory=dict)
    words: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def bit(self, concept: str) -> int:
        """The bit of *concept*, made on first mention."""
        return self.bits.setdefault(concept, 1 << len(self.bits))

    def add(self, concept: str, words: Iterable[str]) -> None:
        bit = self.bit(concept)
        for word in words:
            self.words[word] |= bit

    def mask(self, concepts: Iterable[str]) -> int:
        """The bits of all *concepts* together; KeyError names one that no word carries."""
        mask = 0
        for concept in concepts:
            mask |= self.bits[concept]
        return mask

    def imply(self, concept: str, word: str) -> None:
        """Words that hold *word* speak of *concept* too: AI视频 of AI."""
        bit = self.bit(concept)
        for text in self.words:
            at = text.find(word)
            if at >= 0 and _is_whole(text, at, at + len(word)):
                self.words[text] |= bit

    def imply_inner(self, concepts: Iterable[str]) -> None:
        """Longer words speak of these *concepts* wherever they hold one of their words."""
        wanted = self.mask(concepts)
        inner = {text: mask & wanted for text, mask in self.words.items() if mask & wanted}
        heads = {text[:2] for text in inner}
        hidden = self.bits.get("none", 0)
        for text, mask in self.words.items():
            if mask & hidden or len(text) < 3:
                continue
            for start in range(len(text) - 1):
                if text[start : start + 2] not in heads:
                    continue
                for end in range(start + 2, min(len(text), start + _LONGEST_INNER) + 1):
                    found = inner.get(text[start:end])
                    if found and end - start < len(text) and _is_whole(text, start, end):
                        self.words[text] |= found

    def build(self) -> Lexicon:
        lengths: dict[str, set[int]] = defaultdict(set)
        gapped: dict[str, list[_Entry]] = defaultdict(list)
        whole: dict[str, int] = {}
        inner: set[str] = set()
        for text, mask in self.words.items():
            head, _, tail = text.partition(GAP)
            inner.update(head[at : at + 2] for at in range(len(head) - 1))
            if tail:
                gapped[head[:2]].append(_Entry(head, mask, tail))
            else:
                whole[head] = mask
                lengths[head[:2]].add(len(head))
        return Lexicon(
            bits=dict(self.bits),
            _words=whole,
            _plans=_plans(whole, lengths, gapped),
            inner=frozenset(inner),
        )


def _plans(
    words: Mapping[str, int],
    lengths: Mapping[str, Iterable[int]],
    gapped: Mapping[str, Iterable[_Entry]],
) -> dict[str, _Plan]:
    heads = {*lengths, *gapped}
    latin = {text[:2] for text in words if text[-1] < _BEYOND_LATIN}
    return {
        head: _Plan(
            tuple(sorted(lengths.get(head, ()), reverse=True)) if len(head) > 1 else (),
            words.get(head[0], 0),
            (*gapped.get(head, ()), *(gapped.get(head[0], ()) if len(head) > 1 else ())),
            head[0] < _BEYOND_LATIN or head in latin,
        )
        for head in heads
    }


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The compiled vocabulary; ``inner`` are the character pairs that stand inside its words."""

    bits: Mapping[str, int]
    _words: Mapping[str, int]
    _plans: Mapping[str, _Plan]
    inner: frozenset[str]

    def mask(self, *concepts: str) -> int:
        """The bits of *concepts* together; unknown ones have none."""
        mask = 0
        for concept in concepts:
            mask |= self.bits.get(concept, 0)
        return mask

    def tag(self, text: str) -> list[Token]:
        """The known words of *text* in order; of nested ones the longest alone."""
        tokens: list[Token] = []
        loose: list[Token] = []
        plans, words = self._plans, self._words
        reached, size = 0, len(text)
        for at in self._places(text):
            plan = plans.get(text[at : at + 2]) or plans[text[at]]
            lengths, alone, gapped, is_latin = plan
            # 不限流是假的 isn't 限流是假的: what overlaps a negated word goes on without it.
            if lengths and not (at < reached and text[at - 1] in _NEGATED):
                for length in lengths:
                    end = at + length
                    if end <= reached:
                        break
                    mask = words.get(text[at:end])
                    if mask is None or end > size:
                        continue
                    if not is_latin or _is_whole(text, at, end):
                        tokens.append(Token(at, end, mask))
                        reached = end
                        break
            if alone and at >= reached and (not is_latin or _is_whole(text, at, at + 1)):
                tokens.append(Token(at, at + 1, alone))
                reached = at + 1
            for entry in gapped:
                if text.startswith(entry.word, at):
                    _add_gapped(loose, text, at, entry)
        return sorted(tokens + loose) if loose else tokens

    def _places(self, text: str) -> list[int]:
        """Where a known word may begin, found without a step in Python for each character."""
        is_known = self._plans.__contains__
        pairs = map(is_known, map(add, text, text[1:] + "\n"))
        return list(compress(count(), map(or_, pairs, map(is_known, text))))


def _add_gapped(into: list[Token], text: str, start: int, entry: _Entry) -> None:
    end = start + len(entry.word)
    if not _is_whole(text, start, end):
        return
    if start and text[start - 1] in _NEGATED:  # 不限流是假的 isn't 限流是假的
        return
    found = text.find(entry.tail, end, end + _GAP_REACH + len(entry.tail))
    if found >= 0 and not any(stop in text[end:found] for stop in _STOPS + _TURNS):
        into.append(Token(start, found + len(entry.tail), entry.mask))


def _is_whole(text: str, start: int, end: int) -> bool:
    """Whether a Latin word at ``[start, end)`` stands alone: "ai" isn't in "air"."""
    first, last = text[start], text[end - 1]
    if first >= _BEYOND_LATIN <= last:
        return True
    if _is_latin(first) and start and _is_latin(text[start - 1]):
        return False
    return not (_is_latin(last) and end < len(text) and _is_latin(text[end]))


def _is_latin(char: str) -> bool:
    return char.isascii() and char.isalpha()
