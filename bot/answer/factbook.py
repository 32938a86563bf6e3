"""The facts, compiled: what each one speaks of, ready to be held against a question.

Parsing hundreds of facts takes longer than answering; what asking needs of them is worked out when
the index is built and kept beside it.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass

from bot.answer.question import Slot, find_slots, parents
from corpus.load import Corpus
from index.engine import Document
from index.normalise import fold_text

# A market that this share of a fact's phrasings names is the fact's own: a sibling isn't covered.
_PINNED = 0.3
_QUOTE_COUNTS_AS = 5
_NAMED = 0.1
# For these it is enough that the passage names them beside the fact.
_AROUND = frozenset({"metric", "subject", "event"})


@dataclass(frozen=True, slots=True)
class FactCard:
    """A fact without its phrasings.

    ``slots`` counts how many of them name ``category:value``; ``around`` are those that the
    passage, its heading or its title names.  ``beyond`` are its near-misses, folded.
    """

    id: str
    passage: str
    article: str
    start: int
    end: int
    kinds: frozenset[str]
    offer: str | None
    figure: str | None
    phrasings: int
    slots: Mapping[str, int]
    around: frozenset[str]
    years: frozenset[str]
    quote: str
    beyond: tuple[str, ...]

    def speaks_of(self, slot: Slot) -> bool:
        """Whether the fact is about that market, platform, measure, thing or event."""
        if self.names(slot) or (slot.category in _AROUND and _key(slot) in self.around):
            return True
        return slot.category == "market" and any(
            self._covers(slot.value, wider) for wider in parents(slot.value)
        )

    def names(self, slot: Slot) -> bool:
        """Whether its quote or enough of its phrasings name it: one may be there to be denied."""
        return self.slots.get(_key(slot), 0) >= max(2, _NAMED * self.phrasings)

    def _covers(self, value: str, wider: str) -> bool:
        """A statement on a region holds for a country in it, unless it is about another country."""
        if not self.names(Slot("market", wider, wider)):
            return False
        return not any(
            count >= _PINNED * self.phrasings
            and name != f"market:{value}"
            and wider in parents(name.removeprefix("market:"))
            for name, count in self.slots.items()
        )


@dataclass(frozen=True, slots=True)
class Factbook:
    """All fact cards by id, in the order of the corpus."""

    facts: Mapping[str, FactCard]

    def of_passage(self, passage_id: str) -> Iterator[FactCard]:
        """The facts that one passage states."""
        return (card for card in self.facts.values() if card.passage == passage_id)

    def dump(self) -> str:
        """As JSON; ``load`` gives it back."""
        return json.dumps([_plain(card) for card in self.facts.values()], ensure_ascii=False)

    @classmethod
    def load(cls, text: str) -> Factbook:
        """From ``dump``; ValueError where the text isn't that."""
        cards = (_card(table) for table in json.loads(text))
        return cls({card.id: card for card in cards})


def compile_factbook(corpus: Corpus) -> Factbook:
    """Works out what each fact of *corpus* speaks of."""
    around = {
        passage.id: frozenset(
            _keys(f"{passage.text} {passage.heading} {corpus.articles[passage.article].title}")
        )
        for passage in corpus.passages
    }
    cards = {}
    for fact in corpus.facts:
        passage = corpus.by_id[fact.passage]
        start = passage.start + passage.text.index(fact.quote)
        counts: Counter[str] = Counter()
        for ask in fact.asks:
            counts.update(set(_keys(ask)))
        for key in set(_keys(fact.quote)):
            counts[key] += _QUOTE_COUNTS_AS
        words = passage.text + " ".join(fact.asks) + (corpus.articles[fact.article].published or "")
        cards[fact.id] = FactCard(
            id=fact.id,
            passage=fact.passage,
            article=fact.article,
            start=start,
            end=start + len(fact.quote),
            kinds=fact.kinds,
            offer=fact.offer,
            figure=fact.figure,
            phrasings=len(fact.asks),
            slots=dict(counts),
            around=around[fact.passage],
            years=frozenset(year for year in map(str, range(2000, 2050)) if year in words),
            quote=fact.quote,
            beyond=tuple(fold_text(text) for text in fact.beyond),
        )
    return Factbook(cards)


def passage_documents(corpus: Corpus) -> Iterator[Document]:
    """Each passage with its text, heading and the questions that it answers."""
    asks: dict[str, list[str]] = {passage.id: [] for passage in corpus.passages}
    for fact in corpus.facts:
        asks[fact.passage].extend(fact.asks)
    for passage in corpus.passages:
        yield Document(
            passage.id,
            {"text": passage.text, "heading": passage.heading, "asks": asks[passage.id]},
        )


def ask_documents(corpus: Corpus) -> Iterator[Document]:
    """Each phrasing by itself: ``fact+n`` is answered by the fact, ``fact-n`` is beyond it."""
    for fact in corpus.facts:
        for sign, texts in (("+", fact.asks), ("-", fact.beyond)):
            for number, text in enumerate(texts):
                yield Document(f"{fact.id}{sign}{number}", {"text": text})


def _key(slot: Slot) -> str:
    return f"{slot.category}:{slot.value}"


def _keys(text: str) -> Iterable[str]:
    return map(_key, find_slots(fold_text(text)))


def _plain(card: FactCard) -> dict[str, object]:
    table = asdict(card)
    for key in ("kinds", "around", "years"):
        table[key] = sorted(table[key])
    return table


def _card(table: dict[str, object]) -> FactCard:
    for key in ("kinds", "around", "years"):
        table[key] = frozenset(table[key])  # type: ignore[call-overload]
    table["beyond"] = tuple(table["beyond"])  # type: ignore[arg-type]
    return FactCard(**table)  # type: ignore[arg-type]
