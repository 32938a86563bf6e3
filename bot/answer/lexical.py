"""How much of a question's words a fact's passage accounts for, and which things it never names."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from index.engine import idf
from index.search import Index
from index.words import WordBook

_HAN = re.compile("[\u4e00-\u9fff]{2}")
_LATIN = re.compile(r"(?<![a-z0-9])[a-z]{2,}(?![a-z])")
# jieba's parts of speech for nouns, names, verbal nouns and abbreviations.
_NOUNS = frozenset({"n", "ns", "nt", "nz", "vn", "nl", "nrt", "an", "j"})
# Parts of speech that begin so carry content: nouns, verbs, adjectives, places, abbreviations.
_CONTENT = frozenset("nvasj")
# A noun that so many passages hold names nothing in particular.
_COMMON_IN = 12


class Cuts:
    """The terms of the texts of one question, each cut and looked up once."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._bags: dict[str, Counter[str]] = {}
        self._df: dict[str, int] = {}
        self.documents = int(index.engine.meta["documents"])

    def of(self, text: str) -> Counter[str]:
        """The bag of *text*, as a query is cut."""
        if text not in self._bags:
            self._bags[text] = self._index.terms(text)
        return self._bags[text]

    def mass(self, bag: Mapping[str, float]) -> float:
        """The idf mass of a bag."""
        known = self._index.known(bag)
        return sum(n * idf(known.get(term, 0), self.documents) for term, n in bag.items())

    def held_by(self, passage: str, texts: Iterable[str], nouns: Iterable[str]) -> frozenset[str]:
        """Those terms of *texts* and *nouns* that *passage*, with its phrasings, holds."""
        bag: Counter[str] = Counter()
        for text in (*texts, *nouns):
            bag.update({term: 1 for term in self.of(text) if len(term) > 1})
        self._df = self._index.known(bag)
        return frozenset(part.term for part in self._index.explain(bag, passage))

    def df(self, term: str) -> int:
        """How many passages hold a term that was looked up."""
        return self._df.get(term, 0)


@dataclass(frozen=True, slots=True)
class Coverage:
    """Shares of a text's idf mass: held by the fact's passage and phrasings; in no document."""

    held: float
    foreign: float


def coverage(text: str, cuts: Cuts, held: Collection[str]) -> Coverage:
    """How *text* is accounted for; a text without a term is foreign altogether."""
    terms = [term for term in cuts.of(text) if len(term) > 1 and not term.startswith("#")]
    masses: Mapping[str, float] = {term: idf(cuts.df(term), cuts.documents) for term in terms}
    whole = sum(masses.values())
    if not whole:
        return Coverage(0.0, 1.0)
    return Coverage(
        held=sum(mass for term, mass in masses.items() if term in held) / whole,
        foreign=sum(mass for term, mass in masses.items() if not cuts.df(term)) / whole,
    )


@dataclass(frozen=True, slots=True)
class Things:
    """What a clause is about: its nouns, and all its words that carry content; no generic ones."""

    nouns: frozenset[str]
    words: frozenset[str]


def named_things(clause: str, words: WordBook) -> Things:
    """The content words of *clause*; those of ``generic.txt`` aren't any."""
    found = [word for word in words.cut(clause) if len(word.text) > 1]
    nouns = {word.text for word in found if word.part in _NOUNS}
    content = {word.text for word in found if word.part[:1] in _CONTENT}
    if _HAN.search(clause):  # in a Chinese question a Latin word names something too
        nouns.update(_LATIN.findall(clause))
    return Things(frozenset(nouns - _generic()), frozenset((nouns | content) - _generic()))


def unexplained(nouns: Iterable[str], cuts: Cuts, held: Collection[str]) -> frozenset[str]:
    """Those of *nouns* of which the fact's passage and phrasings know nothing."""
    return frozenset(noun for noun in nouns if not _explained(noun, cuts, held))


def _explained(noun: str, cuts: Cuts, held: Collection[str]) -> bool:
    """The noun is common or held, or a concept that it names is, or all its pairs are."""
    if noun in held or cuts.df(noun) >= _COMMON_IN:
        return True
    terms = cuts.of(noun)
    if any(term.startswith("#") and term in held for term in terms):
        return True
    pairs = [term for term in terms if len(term) == 2]
    return len(noun) > 2 and not noun.isascii() and all(pair in held for pair in pairs)


@cache
def _generic() -> frozenset[str]:
    path = Path(__file__).parent / "generic.txt"
    lines = path.read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if not line.startswith("#"))
