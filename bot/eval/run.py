"""The packaged labelled sets, scored: what ``qingxing eval`` prints, for people or as JSON.

Each set has a part for tuning and a part that is only ever measured.  Failures are listed of the
tuning part alone: whoever reads those of the other part has nothing left to measure with.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from bot.answer.types import Answer
from bot.eval import guard
from bot.eval.qa import QaCase, QaOutcome, QaScore, load_cases, outcome
from bot.guard.types import Check
from bot.knowledge import Knowledge

Part = Literal["tuning", "measured"]
PARTS: Mapping[Part, str] = {"tuning": "调参部分", "measured": "只测量部分"}
_SETS = Path(__file__).parent / "sets"


@dataclass(slots=True)
class QaPart:
    """One part of the questions: its score, and how many quotes weren't verbatim."""

    score: QaScore
    not_verbatim: int = 0

    def as_json(self) -> dict[str, Any]:
        return {
            **_shares(self.score),
            "not_verbatim": self.not_verbatim,
            "by_kind": {kind: _shares(score) for kind, score in self.score.by_kind().items()},
        }


@dataclass(slots=True)
class Report:
    """What was measured, part by part; ``failures`` only where they were asked for."""

    qa: dict[Part, QaPart] = field(default_factory=dict)
    guard: dict[Part, guard.GuardScore] = field(default_factory=dict)
    failures: list[dict[str, Any]] | None = None

    def as_json(self) -> dict[str, Any]:
        """The parts by name, with shares between 0 and 1."""
        found: dict[str, Any] = {}
        if self.qa:
            found["qa"] = {name: part.as_json() for name, part in self.qa.items()}
        if self.guard:
            found["guard"] = {name: score.as_json() for name, score in self.guard.items()}
        if self.failures is not None:
            found["failures"] = self.failures
        return found


def report(knowledge: Knowledge, *, which: str = "all", failures: bool = False) -> Report:
    """Scores the packaged sets that *which* names: ``qa``, ``guard`` or ``all``."""
    found = Report(failures=[] if failures else None)
    if which in ("all", "qa"):
        for name in PARTS:
            found.qa[name] = run_questions(read_questions(name), knowledge)
        if found.failures is not None:
            found.failures += qa_failures(found.qa["tuning"].score.outcomes)
    if which in ("all", "guard"):
        for name in PARTS:
            found.guard[name] = guard.score(read_posts(name), _checker(knowledge))
        if found.failures is not None:
            found.failures += guard_failures(read_posts("tuning"), _checker(knowledge))
    return found


def read_questions(part: Part) -> list[QaCase]:
    """The packaged questions of one part."""
    return load_cases((_SETS / f"qa_{part}.jsonl").read_text(encoding="utf-8"))


def read_posts(part: Part) -> list[guard.GuardCase]:
    """The packaged posts of one part."""
    return guard.load_cases(guard.SETS / f"guard_{part}.jsonl")


def _checker(knowledge: Knowledge) -> Callable[[str], Check]:
    now = datetime.now(UTC)
    return lambda text: knowledge.check(text, now=now)


def run_questions(cases: Sequence[QaCase], knowledge: Knowledge) -> QaPart:
    """Asks every question and scores the answers."""
    part = QaPart(QaScore())
    for case in cases:
        answer = knowledge.answer(case.question, context=case.context)
        part.score.outcomes.append(outcome(case, answer))
        part.not_verbatim += _not_verbatim(answer, knowledge)
    return part


def qa_failures(outcomes: Sequence[QaOutcome]) -> Iterator[dict[str, Any]]:
    """The questions that weren't answered, or refused, as they should have been."""
    for one in outcomes:
        if what := _failure(one):
            case = one.case
            yield {"id": case.id, "kind": case.kind, "what": what, "question": case.question}


def _failure(one: QaOutcome) -> str | None:
    if not one.case.answerable:
        return "该拒却答了" if one.answered else None
    if not one.answered:
        return "该答却拒了"
    if one.rank is None:
        return "没给出对的段落"
    if not one.must_shown:
        return "缺关键事实"
    return "对的段落不在第一位" if one.rank > 1 else None


def guard_failures(
    cases: Iterable[guard.GuardCase], check: Callable[[str], Check]
) -> Iterator[dict[str, Any]]:
    """The posts whose verdict isn't the labelled one."""
    for case in cases:
        got = check(case.text).verdict
        if got != case.verdict and guard.DEBATABLE not in case.tags:
            what = f"应为 {case.verdict}，判成 {got}"
            yield {"id": case.id, "kind": case.voice, "what": what, "text": case.text}


def _not_verbatim(answer: Answer, knowledge: Knowledge) -> int:
    articles = knowledge.corpus.articles
    return sum(
        articles[quote.article].text[quote.start : quote.end] != quote.quote
        for quote in (*answer.passages, *answer.nearest)
    )


def _shares(score: QaScore) -> dict[str, Any]:
    return {
        "count": len(score.outcomes),
        "answerable": sum(one.case.answerable for one in score.outcomes),
        "answered": score.answered,
        "refused": score.refused,
        "first": score.first,
        "top3": score.top3,
        "must": score.must,
    }
