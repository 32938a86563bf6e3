"""A question → which facts could answer it, and whether one truly does.

Finding is BM25 over the passages and over every phrasing of every fact.  Whether what was found
answers is another matter, since a near-miss shares nearly all its words: so each fact is held
against what the question asks (kind), and of which market, platform, measure and thing (slots);
against the phrasings that are known to lie beyond it; and the rest is weighed by a small linear
model whose weights are data.
"""

from __future__ import annotations

import math
import tomllib
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from bot.answer.lexical import Cuts, coverage, named_things, unexplained
from bot.answer.question import Question, kind_table, read_question, without_slots
from bot.answer.topic import Topics, topics_of
from index.engine import idf

if TYPE_CHECKING:
    from bot.answer.factbook import FactCard
    from bot.knowledge import Knowledge

ENOUGH = 0.5  # the confidence from which on a question is answered
CONTEXT_WEIGHT = 0.5
_CONTEXT_SHARE = 0.7
# Together one: a question that is nothing but its asking clause is taken as it is.
_SETTING, _FOCUS, _CLAUSE = 0.5, 0.3, 0.2
_ASKS_READ = 40
_VOTERS = 8
_TELLING = 0.05
# A question is plain where the best fact accounts for all its words and this share of its terms.
_PLAINLY_HELD = 0.6
_CLEARLY = 0.2
_CANDIDATES = 15
# A fact that fits in kind and slots is preferred to a nearer one that doesn't, down to this share.
_PREFERRED_DOWN_TO = 0.7
_WITHIN_DOWN_TO = 0.4
# Of a passage's facts the one that names what the question names goes first.
_NAMED = 0.15
_BM25_WEIGHT = 0.6
_SIMILARITY_WEIGHT = 1.5
_TOPIC_WEIGHT = 0.5
# A margin below this says no more against a passage than this does.
_LEAST_MARGIN = -1.2
_NEAREST_READ = 20
_DEPTHS = (1, 3, 5, 10, 20)

FEATURES = (
    "similarity",
    "beyond",
    "lead",
    "closed_kind",
    "wrong_kind",
    "wrong_market",
    "wrong_platform",
    "wrong_metric",
    "wrong_subject",
    "wrong_year",
    "wrong_event",
    "slots_around",
    "covered",
    "clause_covered",
    "foreign",
    "unexplained",
    "loose",
    "beyond_terms",
    "domain",
    "off_domain",
    "vote",
    "short",
    "near_1",
    "near_2",
    "near_5",
    "beyond_1",
    "beyond_2",
    "beyond_5",
    "own_1",
    "own_2",
    "own_5",
    "own_beyond_1",
    "own_beyond_2",
    "own_beyond_5",
    "vote_1",
    "vote_3",
    "vote_5",
    "vote_10",
    "vote_20",
)
# What the words alone say; left out for a passage that no labelled question was about.
TOPIC_FEATURES = ("topic", "topic_none", "topic_best", "topic_lead", "topic_first")


@dataclass(frozen=True, slots=True)
class Match:
    """A fact found for a question: ``similarity`` to its nearest phrasing, about 0 to 1.

    ``named`` is the share of the question's slots that the fact itself names.
    """

    fact: FactCard
    similarity: float
    wrong_kind: bool
    wrong_slots: tuple[str, ...]
    wrong_year: bool
    named: float

    @property
    def fits(self) -> bool:
        """Whether it is of the kind, place and thing that the question asks about."""
        return not (self.wrong_kind or self.wrong_slots or self.wrong_year)

    @property
    def is_elsewhere(self) -> bool:
        """Whether it is about another market or event: then no likeness makes it an answer."""
        return not {"market", "event"}.isdisjoint(self.wrong_slots)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was found: ``best`` the fact to answer with, ``ranked`` passage ids with scores."""

    question: Question
    best: Match | None
    matches: tuple[Match, ...]
    ranked: tuple[tuple[str, float], ...]
    features: Mapping[str, float]
    is_hopeless: bool

    @property
    def confidence(self) -> float:
        """How far the features speak for the best fact, 0 to 1; ``ENOUGH`` is enough to answer."""
        return 0.0 if self.is_hopeless else leaning(self.features)


def gather(text: str, knowledge: Knowledge, context: Sequence[str] = ()) -> Evidence:
    """The evidence for *text*; the last question of *context* helps to find, not to decide."""
    with knowledge.passages.engine.reading(), knowledge.asks.engine.reading():
        return _gather(read_question(text), knowledge, context)


def _gather(question: Question, knowledge: Knowledge, context: Sequence[str]) -> Evidence:
    cuts = Cuts(knowledge.passages)
    bag = _bag(question, cuts, context)
    near = _near(bag, knowledge)
    matches = _matches(question, _best_of_each(near), knowledge)
    topics = topics_of(question, knowledge.topic_model)
    ranked = _ranked(bag, matches, topics, knowledge)
    best = _best(matches, ranked)
    features: dict[str, float] = {}
    if best is not None:
        features = _features(question, best, near, bag, cuts, knowledge)
        features |= _nearness(best, near) | _topic_features(best, topics)
    is_hopeless = best is None or best.is_elsewhere or _is_foreign(features)
    return Evidence(question, best, matches, ranked, features, is_hopeless)


def _is_foreign(features: Mapping[str, float]) -> bool:
    """Whether nothing of the question is the domain's, nor any pair of its characters held."""
    return features["off_domain"] > 0 and not features["clause_covered"]


def leaning(features: Mapping[str, float]) -> float:
    """1 / (1 + exp(threshold − bias − Σ weight × feature)): above a half is above the threshold."""
    weights = model()["with_topic" if "topic" in features else "by_words"]
    total = weights["bias"] + sum(weights[name] * value for name, value in features.items())
    total -= weights["threshold"]
    return 1.0 / (1.0 + math.exp(-max(-50.0, min(50.0, total))))


@cache
def model() -> Mapping[str, Mapping[str, float]]:
    """Two sets of weights, each with ``bias`` and ``threshold`` (a logit), for passages that the
    topic model knows and for others; written by ``python -m bot.eval.train_answer``."""
    path = Path(__file__).parent / "model.toml"
    tables = tomllib.loads(path.read_text(encoding="utf-8"))
    wanted = {"with_topic": (*FEATURES, *TOPIC_FEATURES), "by_words": FEATURES}
    if {name: set(table) for name, table in tables.items()} != {
        name: {*names, "bias", "threshold"} for name, names in wanted.items()
    }:
        raise ValueError(
            f"{path.name}: 权重和代码里的特征对不上；运行 python -m bot.eval.train_answer"
        )
    return tables


def _bag(question: Question, cuts: Cuts, context: Sequence[str]) -> dict[str, float]:
    """The query: what asks weighs more than the setting, and the question before it helps.

    Together the earlier question's terms never outweigh the new one's by more than
    ``_CONTEXT_SHARE``: "那GPM呢" asks for GPM, however long the question about GMV was.
    """
    parts = ((question.folded, _SETTING), (question.focus, _FOCUS), (question.clause, _CLAUSE))
    weights: dict[str, float] = {}
    for text, weight in parts:
        weights[text] = weights.get(text, 0.0) + weight
    bag = _weighted(weights, cuts)
    for text in context[-1:]:
        earlier = _weighted({without_slots(text, question.slots): 1.0}, cuts)
        share = _CONTEXT_SHARE * cuts.mass(bag) / (cuts.mass(earlier) or 1.0)
        for term, weight in earlier.items():
            bag[term] = bag.get(term, 0.0) + min(CONTEXT_WEIGHT, share) * weight
    return bag


def _weighted(weights: Mapping[str, float], cuts: Cuts) -> dict[str, float]:
    bag: dict[str, float] = {}
    for text, weight in weights.items():
        for term, count in cuts.of(text).items():
            bag[term] = bag.get(term, 0.0) + weight * count
    return bag


@dataclass(frozen=True, slots=True)
class Near:
    """A phrasing near the question: whose it is, and whether the fact answers it."""

    fact: str
    number: int
    is_answered: bool
    similarity: float


def _near(bag: Mapping[str, float], knowledge: Knowledge) -> list[Near]:
    """The nearest phrasings, answered and beyond, best first.

    Terms that very many phrasings share say little and cost most: they only count for length.
    """
    documents = int(knowledge.asks.engine.meta["documents"])
    known = knowledge.asks.known(bag)
    masses = {term: n * idf(known.get(term, 0), documents) for term, n in bag.items()}
    whole = sum(masses.values()) or 1.0
    telling = {t: n for t, n in bag.items() if known.get(t, 0) <= _TELLING * documents}
    hits = knowledge.asks.search_terms(telling or bag, _ASKS_READ)
    return [Near(*_split(hit.id), hit.score / whole) for hit in hits]


def _best_of_each(near: Sequence[Near]) -> dict[str, float]:
    """Fact → similarity of its nearest phrasing."""
    similar: dict[str, float] = {}
    for one in near:
        if one.is_answered:
            similar.setdefault(one.fact, one.similarity)
    return similar


def _against(near: Sequence[Near], loose: Collection[str], knowledge: Knowledge) -> list[Near]:
    """*near* without the near-misses that say nothing of a plain question.

    What sets a near-miss apart must be asked: it must hold one of the *loose* words of the
    question, those that the best fact doesn't account for; unless it is nearer than any answer.
    """
    facts = knowledge.factbook.facts
    clearly = _CLEARLY + max((one.similarity for one in near if one.is_answered), default=0.0)
    return [
        one
        for one in near
        if one.is_answered
        or one.similarity > clearly
        or any(word in facts[one.fact].beyond[one.number] for word in loose)
    ]


def _split(ask_id: str) -> tuple[str, int, bool]:
    """The fact of a phrasing, its number, and whether the fact answers it."""
    stem = ask_id.rstrip("0123456789")
    return stem[:-1], int(ask_id[len(stem) :]), stem[-1] == "+"


def _matches(
    question: Question, similar: Mapping[str, float], knowledge: Knowledge
) -> tuple[Match, ...]:
    nearest = sorted(similar.items(), key=lambda item: (-item[1], item[0]))[:_CANDIDATES]
    return tuple(_match(question, knowledge.factbook.facts[f], value) for f, value in nearest)


def _match(question: Question, fact: FactCard, similarity: float) -> Match:
    return Match(
        fact=fact,
        similarity=similarity,
        wrong_kind=bool(question.kinds)
        and not any(
            kind_table()[kind].answered_by(fact.kinds, fact.quote) for kind in question.kinds
        ),
        wrong_slots=tuple(slot.category for slot in question.slots if not fact.speaks_of(slot)),
        wrong_year=bool(question.years - fact.years),
        named=sum(map(fact.names, question.slots)) / max(1, len(question.slots)),
    )


def _best(matches: Sequence[Match], ranked: Sequence[tuple[str, float]]) -> Match | None:
    """The nearest fact of the best passage that has a fitting one; else the nearest of all."""
    if not matches:
        return None
    nearest = matches[0]
    fitting = [
        match
        for match in matches
        if match.fits
        and match.similarity
        >= nearest.similarity
        * (_WITHIN_DOWN_TO if match.fact.passage == nearest.fact.passage else _PREFERRED_DOWN_TO)
    ]
    scores = dict(ranked)
    return max(
        fitting,
        key=lambda match: (scores[match.fact.passage], match.similarity + _NAMED * match.named),
        default=matches[0],
    )


def _ranked(
    bag: Mapping[str, float], matches: Sequence[Match], topics: Topics, knowledge: Knowledge
) -> tuple[tuple[str, float], ...]:
    """Passages by BM25, by their best fact's similarity and by topic."""
    hits = knowledge.passages.search_terms(bag, _CANDIDATES)
    top = hits[0].score if hits else 1.0
    scores: dict[str, float] = {hit.id: _BM25_WEIGHT * hit.score / top for hit in hits}
    nearest: dict[str, float] = {}
    for match in matches:
        value = match.similarity * (1.0 if match.fits else 0.85)
        nearest[match.fact.passage] = max(nearest.get(match.fact.passage, 0.0), value)
    for passage, value in nearest.items():
        scores[passage] = scores.get(passage, 0.0) + _SIMILARITY_WEIGHT * value
    for passage in scores:
        # A passage that the topic model never met may be what it misses among those that it did.
        margin = max(topics.passages.get(passage, topics.none), _LEAST_MARGIN)
        scores[passage] += _TOPIC_WEIGHT * (margin - _LEAST_MARGIN)
    return tuple(sorted(scores.items(), key=lambda item: (-item[1], item[0])))


def _features(
    question: Question,
    best: Match,
    near: Sequence[Near],
    bag: Mapping[str, float],
    cuts: Cuts,
    knowledge: Knowledge,
) -> dict[str, float]:
    wrong = Counter(best.wrong_slots)
    things = named_things(question.clause, knowledge.words)
    held = cuts.held_by(best.fact.passage, (question.focus, question.clause), things.words)
    whole = coverage(question.focus, cuts, held)
    clause = coverage(question.clause, cuts, held)
    loose = unexplained(things.words, cuts, held)
    is_plain = not loose and clause.held >= _PLAINLY_HELD
    heard = _against(near, loose, knowledge) if is_plain else near
    beyond = next((one.similarity for one in heard if not one.is_answered), 0.0)
    voters = heard[:_VOTERS]
    mass = sum(one.similarity for one in voters)
    concepts = sum(term.startswith("#") for term in bag) + len(question.slots)
    around = sum(best.fact.speaks_of(slot) and not best.fact.names(slot) for slot in question.slots)
    return {
        "similarity": best.similarity,
        "beyond": beyond,
        "lead": best.similarity - beyond,
        "closed_kind": float(bool(question.kinds)),
        "wrong_kind": float(best.wrong_kind),
        "wrong_market": float(wrong["market"] > 0),
        "wrong_platform": float(wrong["platform"] > 0),
        "wrong_metric": float(wrong["metric"] > 0),
        "wrong_subject": float(wrong["subject"] > 0),
        "wrong_year": float(best.wrong_year),
        "wrong_event": float(wrong["event"] > 0 or best.wrong_year),
        "slots_around": float(around > 0),
        "covered": whole.held,
        "clause_covered": clause.held,
        "foreign": clause.foreign,
        "unexplained": float(not loose.isdisjoint(things.nouns)),
        "loose": min(3, len(loose)) / 3.0,
        "beyond_terms": float(any(w in text for w in loose for text in best.fact.beyond)),
        "domain": min(3, concepts) / 3.0,
        "off_domain": clause.foreign if concepts == 0 else 0.0,
        "vote": sum(one.similarity for one in voters if one.is_answered) / mass if mass else 0.0,
        "short": float(len(question.clause) < 5),
    }


def _nearness(best: Match, near: Sequence[Near]) -> dict[str, float]:
    """How near the nearest phrasings are: answered ones, near-misses, and the best fact's own."""
    read = near[:_NEAREST_READ]
    found: dict[str, float] = {}
    for name, of in (
        ("near", [n.similarity for n in read if n.is_answered]),
        ("beyond", [n.similarity for n in read if not n.is_answered]),
        ("own", [n.similarity for n in read if n.is_answered and n.fact == best.fact.id]),
        (
            "own_beyond",
            [n.similarity for n in read if not n.is_answered and n.fact == best.fact.id],
        ),
    ):
        found[f"{name}_1"] = of[0] if of else 0.0
        found[f"{name}_2"] = of[1] if len(of) > 1 else 0.0
        found[f"{name}_5"] = sum(of[:5])
    for depth in _DEPTHS:
        nearest = read[:depth]
        mass = sum(one.similarity for one in nearest)
        for_it = sum(one.similarity for one in nearest if one.is_answered)
        found[f"vote_{depth}"] = for_it / mass if mass else 0.0
    return found


def _topic_features(best: Match, topics: Topics) -> dict[str, float]:
    """What the topic model says of the best fact's passage; nothing where it doesn't know it."""
    margin = topics.passages.get(best.fact.passage)
    if margin is None:
        return {}
    return {
        "topic": margin,
        "topic_none": topics.none,
        "topic_best": topics.best,
        "topic_lead": margin - topics.none,
        "topic_first": float(margin >= topics.best),
    }
