"""Follow-up offers: questions that a fact is known to answer, nearest first, none twice."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from bot.answer.evidence import Evidence
from bot.answer.factbook import Factbook, FactCard
from index.normalise import fold_text

MOST = 3
# Below this similarity nothing that was found is even near.
NEAR = 0.22
_RELATED = 0.6


def offers(
    evidence: Evidence, factbook: Factbook, said: Collection[str], asked: Sequence[str]
) -> tuple[str, ...]:
    """Up to three questions near what was asked; *said* and *asked* ones are left out."""
    gone = {_key(text) for text in (*said, *asked)}
    found: list[str] = []
    for card in _nearest_first(evidence, factbook):
        if card.offer and _key(card.offer) not in gone:
            gone.add(_key(card.offer))
            found.append(card.offer)
        if len(found) == MOST:
            break
    return tuple(found)


def _nearest_first(evidence: Evidence, factbook: Factbook) -> Iterator[FactCard]:
    """What is really near, then the ledger's figures; never the passage that is shown anyway."""
    best = evidence.best
    shown = best.fact.passage if best else None
    if best is not None and best.similarity >= NEAR:
        least = _RELATED * best.similarity
        for match in evidence.matches:
            if match.similarity >= least and match.fact.passage != shown:
                yield match.fact
    yield from (card for card in factbook.facts.values() if card.figure and card.passage != shown)


def _key(text: str) -> str:
    return "".join(char for char in fold_text(text) if char.isalnum())
