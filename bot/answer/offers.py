"""Follow-up offers: questions that a fact is known to answer, nearest first, none twice."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from bot.answer.evidence import Evidence
from bot.answer.library import FactCard, Library
from index.normalise import fold_text

MOST = 3


def offers(
    evidence: Evidence, library: Library, said: Collection[str], asked: Sequence[str]
) -> tuple[str, ...]:
    """Up to three questions near what was asked; *said* and *asked* ones are left out."""
    gone = {_key(text) for text in (*said, *asked)}
    found: list[str] = []
    for card in _nearest_first(evidence, library):
        if card.offer and _key(card.offer) not in gone:
            gone.add(_key(card.offer))
            found.append(card.offer)
        if len(found) == MOST:
            break
    return tuple(found)


def _nearest_first(evidence: Evidence, library: Library) -> Iterator[FactCard]:
    """Facts beside the best one are what it already showed, so they come after the others."""
    best = evidence.best.fact.passage if evidence.best else None
    matched = [match.fact for match in evidence.matches]
    yield from (card for card in matched if card.passage != best)
    yield from (card for card in library.facts.values() if card.figure and card.passage != best)
    yield from matched


def _key(text: str) -> str:
    return "".join(char for char in fold_text(text) if char.isalnum())
