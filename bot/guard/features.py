"""A part of a post → the features by which the model knows it.

What a reader can check: runs of characters, with each number as its unit and size; the concepts
of the vocabulary, alone and beside such a number; how the part ends; what the rules made of it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from operator import add
from typing import NamedTuple

from bot.guard.clauses import Clause, Post
from bot.guard.judge import Judgement
from bot.guard.knowledge import Knowledge
from bot.guard.quantity import Quantity
from bot.guard.stance import Stance
from bot.guard.types import WORST_FIRST

_DIGITS = re.compile(r"\d+")
_SPACES = re.compile(r"\s+")
_MOST_CHARACTERS = 300
_MOST_CLAUSES = 12
# Up to here a post is read as a whole; a longer one in parts about as long as a common post.
WHOLE, _PART = 240, 160
# Who speaks of more rows makes a list of claims.
_MOST_FIGURES = 2
# What isn't a run of characters begins with a character that no text is left with.
_MARK = "\uf8ff"
_PRIVATE = re.compile("[\ue000-\uf8ff]")
# A number's sign is a private-use character: 16 sizes a unit, units in this order.
_SIGNS = 0xE000
_UNITS = ("percent", "times", "money", "bare", "count", "digits", "time", "year")


class Unmeant(NamedTuple):
    """What a claim would be judged if it were asserted, and how it is meant instead."""

    judgement: Judgement
    stance: Stance


@dataclass(frozen=True, slots=True)
class Reading:
    """What the rules made of a post: what they judged, and what they took as not asserted."""

    judged: list[Judgement]
    unmeant: list[Unmeant]
    is_doubtful: bool
    # (clause, row): where something else is given the row's figure
    elsewhere: frozenset[tuple[int, str]] = frozenset()

    def within(self, part: Part) -> Reading:
        """The same of one part."""
        judged = [j for j in self.judged if part.first <= j.claim.clause <= part.last]
        unmeant = [u for u in self.unmeant if part.first <= u.judgement.claim.clause <= part.last]
        elsewhere = frozenset(e for e in self.elsewhere if part.first <= e[0] <= part.last)
        return replace(self, judged=judged, unmeant=unmeant, elsewhere=elsewhere)


@dataclass(frozen=True, slots=True)
class Part:
    """Consecutive sentences of a post: clauses ``first`` to ``last``, ``[start, end)`` of it."""

    first: int
    last: int
    start: int
    end: int


def parts(post: Post, judged: Iterable[Judgement] = ()) -> list[Part]:
    """The whole of a short post, or each sentence if it lists claims; a long one in short runs."""
    if not post.clauses:
        return []
    is_list = len({judgement.figure for judgement in judged}) > _MOST_FIGURES
    is_short = len(post.text) <= WHOLE
    if is_short and not is_list:
        return [Part(0, len(post.clauses) - 1, 0, len(post.text))]
    longest = 0 if is_short else _PART
    found: list[Part] = []
    for piece in _pieces(post):
        held = found[-1] if found else None
        if held is not None and piece.end - held.start <= longest:
            found[-1] = Part(held.first, piece.last, held.start, piece.end)
        else:
            found.append(piece)
    return found


def sentences(post: Post) -> list[Part]:
    """Each sentence as a part."""
    return [Part(s.first, s.last, s.start, s.end) for s in post.sentences if s.first <= s.last]


def _pieces(post: Post) -> Iterator[Part]:
    """The sentences, those that never end clause by clause."""
    for sentence in post.sentences:
        if sentence.end - sentence.start <= _PART:
            yield Part(sentence.first, sentence.last, sentence.start, sentence.end)
            continue
        for index in range(sentence.first, sentence.last + 1):
            clause = post.clauses[index]
            yield Part(index, index, clause.start, clause.end)


def features(post: Post, part: Part, reading: Reading, knowledge: Knowledge) -> set[str]:
    """The features of *part*; *reading* is what the rules made of it."""
    clauses = post.clauses[part.first : part.last + 1]
    signs = [[_sign(quantity, knowledge) for quantity in c.quantities] for c in clauses]
    found = _runs("^" + _signed(post.text, part, clauses, signs) + "$")
    is_asking = post.sentences[clauses[-1].sentence].is_question
    found.update(_spoken_of(post, clauses, signs, knowledge))
    found.update([_MARK + name for name in _judged(reading, is_asking=is_asking)])
    return found


def _runs(text: str) -> set[str]:
    """The runs of one to three characters."""
    pairs = list(map(add, text, text[1:]))
    return {*text, *pairs, *map(add, pairs, text[2:])}


def _signed(
    text: str, part: Part, clauses: Iterable[Clause], signs: Iterable[Iterable[str]]
) -> str:
    """The part's text with each number as one sign for its unit and size."""
    if not text.isprintable():
        text = _PRIVATE.sub("?", text)
    pieces: list[str] = []
    at, limit = part.start, min(part.end, part.start + _MOST_CHARACTERS)
    for clause, own in zip(clauses, signs, strict=True):
        for quantity, sign in zip(clause.quantities, own, strict=True):
            if quantity.start >= limit:
                break
            if quantity.start >= at:
                pieces += (text[at : quantity.start], sign)
                at = quantity.end
    pieces.append(text[at:limit])
    return _DIGITS.sub("0", _SPACES.sub(" ", "".join(pieces)))


def _sign(quantity: Quantity, knowledge: Knowledge) -> str:
    size = bisect_right(knowledge.steps.get(quantity.unit, ()), quantity.stated)
    return chr(_SIGNS + 16 * _UNITS.index(quantity.unit) + size)


def _spoken_of(
    post: Post, clauses: list[Clause], signs: list[list[str]], knowledge: Knowledge
) -> list[str]:
    names = knowledge.names
    mask = 0
    for clause in clauses:
        mask |= clause.mask
    found = _named("@", mask, names)
    found += _named("<", clauses[0].mask, names)
    found += _named(">", clauses[-1].mask, names)
    for clause, own in zip(clauses[:_MOST_CLAUSES], signs, strict=False):
        if own:
            beside = _named("", clause.mask, names)
            for sign in set(own):
                found.append(f"{_MARK}#{sign}")
                found += [f"{name}+{sign}" for name in beside]
    found.append(f"{_MARK}~{min(6, (clauses[-1].end - clauses[0].start) // 20)}")
    first, last = clauses[0].sentence, clauses[-1].sentence
    if any(sentence.is_question for sentence in post.sentences[first : last + 1]):
        found.append(f"{_MARK}~asks")
    return found


def _judged(reading: Reading, *, is_asking: bool) -> Iterator[str]:
    """What the rules say, as so many features: the model weighs them with the words."""
    if is_asking:
        yield "~ends asking"
    for judgement in reading.judged:
        verdict, leaning = judgement.verdict, judgement.claim.leaning
        yield f"={verdict}"
        yield f"={verdict}:{leaning}"
        yield f"={judgement.figure}"
        yield f"={judgement.figure}:{verdict}:{leaning}"
        yield f"={verdict}:{judgement.reason}"
        yield f"={verdict}:{judgement.claim.is_explicit}"
    for judgement, stance in reading.unmeant:
        yield f"!{stance}"
        yield f"!{judgement.verdict}:{stance}"
        yield f"!{judgement.figure}:{judgement.verdict}"
    for _, figure in reading.elsewhere:
        yield f"?{figure}"
    worst = _worst(reading.judged)
    yield f"=worst {worst}"
    if is_asking:
        yield f"=worst {worst} asking"
    if reading.is_doubtful:
        yield "~doubt"
        yield f"=worst {worst} doubt"


def _worst(judged: Iterable[Judgement]) -> str:
    found = {judgement.verdict for judgement in judged}
    return next((verdict for verdict in WORST_FIRST if verdict in found), "none")


def _named(place: str, mask: int, names: Mapping[int, str]) -> list[str]:
    found = []
    while mask:
        bit = mask & -mask
        found.append(_placed(place, names[bit]))
        mask ^= bit
    return found


@cache
def _placed(place: str, name: str) -> str:
    # Made once, a text needn't be hashed again for each post.
    return f"{_MARK}{place}{name}"
