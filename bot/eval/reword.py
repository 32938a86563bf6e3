"""A labelled post → the same said in other words, its labels unchanged.

A model of words knows only the words that it met.  Sets of phrases that can stand for one another
(``sets/interchangeable.toml``) tell it of others: where a post holds one of a set, it may hold any.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random

from bot.eval.posts import LabelledPost, Marked

_MOST_PLACES = 3


class Rewording:
    """Compiled sets of interchangeable phrases."""

    def __init__(self, sets: Mapping[str, Sequence[str]]) -> None:
        self._sets_of: dict[str, list[Sequence[str]]] = {}
        for phrases in sets.values():
            for phrase in phrases:
                self._sets_of.setdefault(phrase, []).append(phrases)
        self._lengths: dict[str, list[int]] = {}
        for phrase in sorted(self._sets_of, key=len, reverse=True):
            lengths = self._lengths.setdefault(phrase[0], [])
            if len(phrase) not in lengths:
                lengths.append(len(phrase))

    def reworded(self, posts: Iterable[LabelledPost], seed: int) -> Iterator[LabelledPost]:
        """Each of *posts* that holds such phrases, with up to three of them put otherwise."""
        chance = Random(seed)
        for post in posts:
            places = self._places(post.text)
            if not places:
                continue
            chosen = chance.sample(places, min(len(places), _MOST_PLACES))
            for start, end in sorted(chosen, reverse=True):
                phrases = chance.choice(self._sets_of[post.text[start:end]])
                post = _exchanged(post, start, end, chance.choice(phrases))
            yield post

    def _places(self, text: str) -> list[tuple[int, int]]:
        """Where the phrases stand, the longest first where they overlap."""
        places: list[tuple[int, int]] = []
        at = 0
        while at < len(text):
            lengths = self._lengths.get(text[at], ())
            size = next((n for n in lengths if text[at : at + n] in self._sets_of), 0)
            if size:
                places.append((at, at + size))
            at += size or 1
        return places


def read_sets(path: Path) -> dict[str, list[str]]:
    """The sets of a data file; ValueError names the set that isn't a list of phrases."""
    sets = tomllib.loads(path.read_text(encoding="utf-8"))
    for name, phrases in sets.items():
        if not isinstance(phrases, list) or not all(isinstance(p, str) and p for p in phrases):
            raise ValueError(f"{path.name}: {name}: no list of phrases")
        if len(set(phrases)) < max(2, len(phrases)):
            raise ValueError(f"{path.name}: {name}: a phrase stands there twice, or alone")
    return sets


def _exchanged(post: LabelledPost, start: int, end: int, phrase: str) -> LabelledPost:
    """*post* with *phrase* at ``[start, end)``; a claim that began or ended within takes it in."""
    longer = len(phrase) - (end - start)

    def moved(claim: Marked) -> Marked:
        first, last = claim.start, claim.end
        if first >= end:
            first += longer
        elif first > start:
            first = start
        if last >= end:
            last += longer
        elif last > start:
            last = start + len(phrase)
        return replace(claim, start=first, end=last)

    text = post.text[:start] + phrase + post.text[end:]
    return LabelledPost(text, tuple(map(moved, post.claims)), post.writer)
