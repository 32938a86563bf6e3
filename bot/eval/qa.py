"""Labelled questions × the answers given → the figures that ``qingxing eval`` prints.

A passage is right when it holds a gold run, white space aside, or most of one.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any

from bot.answer.types import Answer

MOST = 0.6


@dataclass(frozen=True, slots=True)
class QaCase:
    """A question as somebody labelled it; ``gold`` runs of which one must be shown."""

    id: str
    question: str
    kind: str
    answerable: bool
    gold: tuple[str, ...] = ()
    must: tuple[str, ...] = ()
    context: tuple[str, ...] = ()
    note: str = ""
    writer: str = ""


@dataclass(frozen=True, slots=True)
class QaOutcome:
    """How one case came out; ``rank`` is the first right passage's, from 1, None if none."""

    case: QaCase
    answered: bool
    rank: int | None
    must_shown: bool


@dataclass(slots=True)
class QaScore:
    """Shares in [0, 1]; those over no case at all are None."""

    outcomes: list[QaOutcome] = field(default_factory=list)

    def _share(self, values: Iterable[bool]) -> float | None:
        flags = list(values)
        return sum(flags) / len(flags) if flags else None

    @property
    def refused(self) -> float | None:
        return self._share(not o.answered for o in self.outcomes if not o.case.answerable)

    @property
    def answered(self) -> float | None:
        return self._share(o.answered for o in self.outcomes if o.case.answerable)

    @property
    def first(self) -> float | None:
        return self._share(o.rank == 1 for o in self.outcomes if o.case.answerable)

    @property
    def top3(self) -> float | None:
        ranks = (o.rank for o in self.outcomes if o.case.answerable)
        return self._share(rank is not None and rank <= 3 for rank in ranks)

    @property
    def must(self) -> float | None:
        return self._share(o.must_shown for o in self.outcomes if o.case.answerable and o.case.must)

    def by_kind(self) -> Mapping[str, QaScore]:
        """The score of each kind by itself, in the order of first sight."""
        kinds: dict[str, QaScore] = defaultdict(QaScore)
        for outcome in self.outcomes:
            kinds[outcome.case.kind].outcomes.append(outcome)
        return kinds


def load_cases(text: str) -> list[QaCase]:
    """Cases from JSON lines; ValueError names the line that isn't one."""
    cases = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            cases.append(_case(json.loads(line)))
        except (KeyError, TypeError, json.JSONDecodeError) as error:
            raise ValueError(f"第 {number} 行不是一个标注问题：{error}") from error
    return cases


def score(cases: Sequence[QaCase], ask: Callable[[QaCase], Answer]) -> QaScore:
    """Asks every case and scores what came back."""
    return QaScore([outcome(case, ask(case)) for case in cases])


def outcome(case: QaCase, answer: Answer) -> QaOutcome:
    """One case held against its answer."""
    quotes = [_squeeze(passage.quote) for passage in answer.passages]
    golds = [_squeeze(gold) for gold in case.gold]
    rank = next(
        (n for n, quote in enumerate(quotes, 1) if any(holds(quote, gold) for gold in golds)), None
    )
    shown = _squeeze(answer.answer) + "".join(quotes)
    return QaOutcome(
        case=case,
        answered=answer.status == "answered",
        rank=rank,
        must_shown=all(_squeeze(must) in shown for must in case.must),
    )


def holds(quote: str, gold: str) -> bool:
    """Whether *quote* holds *gold* or most of it in one run."""
    if gold in quote:
        return True
    matcher = SequenceMatcher(None, quote, gold, autojunk=False)
    return matcher.find_longest_match().size >= MOST * len(gold)


def _squeeze(text: str) -> str:
    return "".join(text.split())


def _case(data: Mapping[str, Any]) -> QaCase:
    return QaCase(
        id=data["id"],
        question=data["question"],
        kind=data["kind"],
        answerable=data["answerable"],
        gold=tuple(data.get("gold", ())),
        must=tuple(data.get("must", ())),
        context=tuple(data.get("context") or ()),
        note=data.get("note") or "",
        writer=data.get("writer") or "",
    )
