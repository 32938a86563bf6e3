"""Evidence → the answer: what the ledger or the source says first, then quotes, then caveats."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.answer.cues import cue
from bot.answer.evidence import Evidence, Match, gather
from bot.answer.offers import NEAR, offers
from bot.answer.parts import answered_parts
from bot.answer.smalltalk import is_bare, smalltalk
from bot.answer.types import Answer
from bot.caveats import caveats_for
from bot.types import Caveat, Quote

if TYPE_CHECKING:
    from bot.answer.factbook import FactCard
    from bot.knowledge import Knowledge

MOST_PASSAGES = 3
MOST_NEAREST = 2
# What is quoted beside the best passage scores at least this share of it.
_BESIDE = 0.6
# The second of the nearest passages is shown only if it scores this share of the first.
_ALSO_NEAR = 0.6
_MAX_CHARS = 2000
# A quoted run shorter than this seldom says what was asked.
_LEAST_SAID = 24
_MOST_SAID = 140
_CLAUSE = re.compile(r"[^,;。!?，；！？]*[,;。!?，；！？]*")


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
    if is_bare(question):
        if not context:
            return Answer(question, "no_evidence", str(_wording()["which"]))
        text, context = context[-1], context[:-1]  # "再说一遍", "为什么?": of what was asked before
    evidence = gather(text, knowledge, context)
    suggestions = offers(evidence, knowledge.factbook, shown, (*context, question))
    if line is not None:
        return Answer(question, "no_evidence", line, suggestions=suggestions)
    found, missing = answered_parts(evidence, knowledge)
    if not found:
        return Answer(
            question,
            "no_evidence",
            _refusal(evidence, knowledge),
            suggestions=suggestions,
            nearest=tuple(_nearest(evidence, knowledge, shown)),
        )
    passages = _passages(found, knowledge)
    figures = tuple(dict.fromkeys(figure for part in found for figure in _figures(part)))
    return Answer(
        question,
        "answered",
        "\n".join(_first_lines(found, missing, knowledge, text)),
        passages=passages,
        figures=figures,
        caveats=_caveats(found, figures, knowledge, now),
        suggestions=suggestions,
    )


def _passages(found: Sequence[Evidence], knowledge: Knowledge) -> tuple[Quote, ...]:
    """The best fact's passage of each part, then what is near to the first."""
    scores = {passage: score for part in reversed(found) for passage, score in part.ranked}
    order = [part.best.fact.passage for part in found if part.best is not None]
    least = _BESIDE * scores[order[0]]
    order += [passage for passage, score in found[0].ranked if score >= least]
    chosen = list(dict.fromkeys(order))[:MOST_PASSAGES]
    return tuple(_quote(passage, scores[passage], knowledge) for passage in chosen)


def _figures(evidence: Evidence) -> tuple[str, ...]:
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
    found: Sequence[Evidence], missing: Sequence[str], knowledge: Knowledge, text: str
) -> Iterator[str]:
    """A line or two for each part: the ledger's statement, else the source's own words."""
    wording = _wording()
    if cue("premise").search(found[0].question.focus) and _premise_conflicts(text, knowledge):
        yield wording["premise"]
    said: set[str] = set()
    for part in found:
        assert part.best is not None
        if part.best.fact.figure:
            lines = [knowledge.ledger[figure].statement for figure in _figures(part)[:2]]
        else:
            form = wording["said_too" if said else "said"]
            lines = [form.format(quote=_telling_run(part.best.fact, knowledge))]
        yield from (line for line in lines if line not in said)
        said.update(lines)
    for part_text in missing:
        yield wording["part_missing"].format(part=part_text.strip("?。,;，；！!"))


def _telling_run(fact: FactCard, knowledge: Knowledge) -> str:
    """The fact's quote, with as many clauses around it as it takes to say something by itself."""
    text = knowledge.corpus.articles[fact.article].text
    passage = knowledge.corpus.by_id[fact.passage]
    start, end = fact.start, fact.end
    while start > passage.start and end - start < _MOST_SAID and _leans_back(text[start:end]):
        start = _clause_before(text, start, passage.start)
    while end < passage.end and end - start < _MOST_SAID:
        run = text[start:end].rstrip(",;，；:：")
        is_short = end - start < _LEAST_SAID and text[end - 1] not in "。!?！？"
        if not is_short and not cue("leans_on").search(run):
            break
        clause = _CLAUSE.match(text, end, passage.end)
        if clause is None or clause.end() == end:
            break
        end = clause.end()
    return text[start:end].strip().rstrip(",;，；:：")


def _leans_back(run: str) -> bool:
    return cue("leans_back").match(run.lstrip()) is not None


def _clause_before(text: str, start: int, limit: int) -> int:
    """Where the clause before *start* begins, not before *limit*."""
    before = text[limit : start - 1]
    return limit + max((before.rfind(mark) + 1 for mark in ",;。!?，；！？"), default=0)


def _premise_conflicts(text: str, knowledge: Knowledge) -> bool:
    """Whether what the question takes for granted is refuted by the ledger."""
    premise = re.split(r"[,，?？]", text)[0]
    return knowledge.check(premise).verdict == "conflict"


def _refusal(evidence: Evidence, knowledge: Knowledge) -> str:
    wording = _wording()
    best = evidence.best
    if best is None or best.similarity < NEAR:
        return str(wording["not_covered_far"])
    scope = _unmet_scope(evidence, best, knowledge)
    if scope:
        return str(wording["not_covered_scope"]).format(scope=f"“{scope}”")
    if best.wrong_kind:
        asked: Mapping[str, str] = wording["asked"]
        kind = next((kind for kind in asked if kind in evidence.question.kinds), None)
        if kind:
            return str(wording["not_covered_kind"]).format(asked=asked[kind])
    return str(wording["not_covered"])


def _unmet_scope(evidence: Evidence, best: Match, knowledge: Knowledge) -> str | None:
    """The market, platform or thing asked about that no fact speaks of, as it was typed."""
    facts = knowledge.factbook.facts.values()
    for slot in evidence.question.slots:
        if slot.category in best.wrong_slots and not any(fact.names(slot) for fact in facts):
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
    found: Sequence[Evidence], figures: Sequence[str], knowledge: Knowledge, now: datetime
) -> tuple[Caveat, ...]:
    """What the figures and the quoted passage of each part earn, one of each kind."""
    by_kind: dict[str, Caveat] = {}
    for part in found:
        assert part.best is not None
        passage = knowledge.corpus.by_id[part.best.fact.passage]
        article = knowledge.corpus.articles[passage.article]
        own = next((knowledge.ledger[f] for f in figures if f in _figures(part)), None)
        for caveat in caveats_for(article, passage.text, own, now=now.date()):
            by_kind.setdefault(caveat.kind, caveat)
    return tuple(by_kind.values())


@cache
def _wording() -> dict[str, Any]:
    path = Path(__file__).parent / "wording.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))
