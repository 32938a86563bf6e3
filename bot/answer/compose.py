"""Evidence → the answer: what the ledger or the source says first, then quotes, then caveats."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.answer.evidence import Evidence, Match, gather, model
from bot.answer.offers import NEAR, offers
from bot.answer.smalltalk import smalltalk
from bot.answer.types import Answer
from bot.caveats import caveats_for
from bot.types import Caveat, Quote

if TYPE_CHECKING:
    from bot.knowledge import Knowledge

MOST_PASSAGES = 3
MOST_NEAREST = 2
# What is quoted beside the best passage scores at least this share of it.
_BESIDE = 0.5
# The second of the nearest passages is shown only if it scores this share of the first.
_ALSO_NEAR = 0.6
_MAX_CHARS = 2000
_PREMISE = re.compile(r"既然|都说|听说|不是说|据说|因为|对吧|是吧|已经|so |since ")


def answer(
    question: str,
    knowledge: Knowledge,
    *,
    context: Sequence[str] = (),
    shown: Collection[str] = (),
    now: datetime,
) -> Answer:
    """The answer to *question*, or an honest ``no_evidence``; never raises for any text."""
    line = smalltalk(question)
    text = question[-_MAX_CHARS:]
    evidence = gather(text, knowledge, context)
    asked = (*context, question)
    suggestions = offers(evidence, knowledge.library, shown, asked)
    if line is not None:
        return Answer(question, "no_evidence", line, suggestions=suggestions)
    if evidence.best is None or evidence.confidence < model()["threshold"]:
        return Answer(
            question,
            "no_evidence",
            _refusal(evidence),
            suggestions=suggestions,
            nearest=tuple(_nearest(evidence, knowledge, shown)),
        )
    passages = _passages(evidence, knowledge, text, context)
    figures = _figures(evidence, passages)
    return Answer(
        question,
        "answered",
        _first_lines(evidence, knowledge, figures, text),
        passages=passages,
        figures=figures,
        caveats=_caveats(passages, figures, knowledge, now),
        suggestions=suggestions,
    )


def _passages(
    evidence: Evidence, knowledge: Knowledge, text: str, context: Sequence[str]
) -> tuple[Quote, ...]:
    """The best fact's passage, then those of further parts of the question, then near ones."""
    assert evidence.best is not None
    scores = dict(evidence.ranked)
    best = evidence.best.fact.passage
    order = [best]
    for part in _further_parts(evidence.question.focus):
        extra = gather(part, knowledge, (text,))
        if extra.best is not None and extra.confidence >= model()["threshold"]:
            order.append(extra.best.fact.passage)
    least = _BESIDE * scores.get(best, 0.0)
    order += [passage for passage, score in evidence.ranked if score >= least]
    chosen = list(dict.fromkeys(order))[:MOST_PASSAGES]
    return tuple(_quote(passage, scores.get(passage, 0.0), knowledge) for passage in chosen)


def _further_parts(focus: str) -> Iterator[str]:
    """The later questions of a question that falls in two ("占比多少,成本呢?")."""
    parts = [
        part.strip()
        for part in re.split(r"[?;。]|,(?=[^,]*(?:呢|多少|几|吗|什么|怎么|啥)[^,]*$)", focus)
    ]
    parts = [part for part in parts if len(part) >= 3]
    yield from parts[1:] if len(parts) <= 3 else ()


def _figures(evidence: Evidence, passages: Sequence[Quote]) -> tuple[str, ...]:
    """The ledger rows behind the answer: the best fact's, and near ones of the same passage."""
    assert evidence.best is not None
    least = 0.6 * evidence.best.similarity
    found = [evidence.best.fact.figure]
    found += [
        match.fact.figure
        for match in evidence.matches
        if match.fits
        and match.similarity >= least
        and match.fact.passage == evidence.best.fact.passage
    ]
    return tuple(dict.fromkeys(figure for figure in found if figure))


def _first_lines(
    evidence: Evidence, knowledge: Knowledge, figures: Sequence[str], text: str
) -> str:
    assert evidence.best is not None
    lines = []
    if _PREMISE.search(evidence.question.focus) and _premise_conflicts(text, knowledge):
        lines.append(_wording()["premise"])
    if figures and evidence.best.fact.figure:
        lines += [knowledge.ledger[figure].statement for figure in figures[:2]]
    else:
        article = knowledge.corpus.articles[evidence.best.fact.article]
        quote = article.text[evidence.best.fact.start : evidence.best.fact.end]
        lines.append(_wording()["said"].format(quote=quote.strip().rstrip(",;，；")))
    return "\n".join(lines)


def _premise_conflicts(text: str, knowledge: Knowledge) -> bool:
    """Whether what the question takes for granted is refuted by the ledger."""
    premise = re.split(r"[,，?？]", text)[0]
    return knowledge.check(premise).verdict == "conflict"


def _refusal(evidence: Evidence) -> str:
    wording = _wording()
    best = evidence.best
    if best is None or best.similarity < NEAR:
        return str(wording["not_covered_far"])
    scope = _unmet_scope(evidence, best)
    if scope:
        return str(wording["not_covered_scope"]).format(scope=f"“{scope}”")
    if best.wrong_kind:
        asked: Mapping[str, str] = wording["asked"]
        kind = next((kind for kind in asked if kind in evidence.question.kinds), None)
        if kind:
            return str(wording["not_covered_kind"]).format(asked=asked[kind])
    return str(wording["not_covered"])


def _unmet_scope(evidence: Evidence, best: Match) -> str | None:
    for slot in evidence.question.slots:
        if slot.category in best.wrong_slots and not best.fact.speaks_of(slot):
            return slot.form.upper() if slot.form.isascii() else slot.form
    return None


def _nearest(evidence: Evidence, knowledge: Knowledge, shown: Collection[str]) -> Iterator[Quote]:
    if evidence.best is None or evidence.best.similarity < NEAR:
        return
    fresh = [(passage, score) for passage, score in evidence.ranked if passage not in shown]
    for passage, score in fresh[:MOST_NEAREST]:
        if score < _ALSO_NEAR * fresh[0][1]:
            return
        yield _quote(passage, score, knowledge)


def _quote(passage_id: str, score: float, knowledge: Knowledge) -> Quote:
    passage = knowledge.corpus.by_id[passage_id]
    article = knowledge.corpus.articles[passage.article]
    return Quote(
        id=passage.id,
        quote=passage.text,
        article=article.id,
        title=article.title,
        author=article.author or article.publisher,
        published=article.published,
        url=article.url,
        start=passage.start,
        end=passage.end,
        score=round(score, 4),
    )


def _caveats(
    passages: Sequence[Quote], figures: Sequence[str], knowledge: Knowledge, now: datetime
) -> tuple[Caveat, ...]:
    """What the figures and the first quote earn; the others' only where they were needed."""
    found: list[Caveat] = []
    rows = {knowledge.ledger[figure].article: knowledge.ledger[figure] for figure in figures}
    for quote in passages[:1]:
        article = knowledge.corpus.articles[quote.article]
        found += caveats_for(article, quote.quote, rows.get(quote.article), now=now.date())
    by_kind: dict[str, Caveat] = {}
    for caveat in found:
        by_kind.setdefault(caveat.kind, caveat)
    return tuple(by_kind.values())


@cache
def _wording() -> dict[str, Any]:
    path = Path(__file__).parent / "wording.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))
