"""A question that falls in two ("占比多少?成本呢?") → the evidence for each part that has any."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from bot.answer.evidence import ENOUGH, Evidence, gather
from bot.answer.question import asks
from index.normalise import fold

if TYPE_CHECKING:
    from bot.knowledge import Knowledge

_MOST_PARTS = 3
_LEAST_CHARS = 3
_SENTENCES = re.compile(r"[^?;。]+[?;。]*")
_CLAUSES = re.compile(r"[^?;。,]+[?;。,]*")
# Where and when a question asks holds for all of its parts.
_SHARED = frozenset({"market", "platform", "event"})


def answered_parts(
    whole: Evidence, knowledge: Knowledge
) -> tuple[tuple[Evidence, ...], tuple[str, ...]]:
    """The evidence to answer with, best first, and the parts of the question without any.

    Where the whole question is answered, its clauses only add to it.  Where it isn't, a sentence
    of it may be: then the others are told to be missing.
    """
    if _is_sure(whole):
        further = _parts(_CLAUSES, whole.question.focus)[1:]
        return (whole, *_distinct(whole, _gathered(further, whole, knowledge).values())), ()
    sentences = _parts(_SENTENCES, whole.question.focus)
    if len(sentences) < 2:
        clauses = _parts(_CLAUSES, whole.question.focus)
        found = _gathered(clauses, whole, knowledge) if len(clauses) > 1 else {}
        missing = [part for part in clauses if found and part not in found]
        return tuple(found.values()), tuple(
            _as_typed(part, whole.question.text) for part in missing
        )
    found = _gathered(sentences, whole, knowledge)
    missing = [part for part in sentences if found and part not in found]
    return tuple(found.values()), tuple(_as_typed(part, whole.question.text) for part in missing)


def _parts(pattern: re.Pattern[str], focus: str) -> list[str]:
    parts = [part.strip() for part in pattern.findall(focus)]
    asking = [part for part in parts if len(part) >= _LEAST_CHARS and asks(part)]
    return asking if len(asking) <= _MOST_PARTS else []


def _gathered(parts: list[str], whole: Evidence, knowledge: Knowledge) -> dict[str, Evidence]:
    """The sure evidence for each of *parts*, read in the context of the whole question."""
    shared = [slot for slot in whole.question.slots if slot.category in _SHARED]
    found = {}
    for part in parts:
        # A part may stand alone or lean on the rest ("成本呢?"): it is read both ways.
        readings = (gather(part, knowledge), gather(part, knowledge, (whole.question.text,)))
        evidence = max(readings, key=lambda reading: reading.confidence)
        best = evidence.best
        if best and _is_sure(evidence) and all(best.fact.speaks_of(slot) for slot in shared):
            found[part] = evidence
    return found


def _as_typed(part: str, text: str) -> str:
    """The folded *part* as it stands in *text*."""
    folded = fold(text)
    start = folded.text.find(part)
    begin, end = folded.raw_span(start, start + len(part))
    return text[begin:end] if start >= 0 else part


def _distinct(whole: Evidence, others: Iterable[Evidence]) -> list[Evidence]:
    """Those of *others* that bring another passage than *whole*'s."""
    assert whole.best is not None
    seen = {whole.best.fact.passage}
    kept = []
    for evidence in others:
        if evidence.best is not None and evidence.best.fact.passage not in seen:
            seen.add(evidence.best.fact.passage)
            kept.append(evidence)
    return kept


def _is_sure(evidence: Evidence) -> bool:
    return evidence.best is not None and evidence.confidence >= ENOUGH
