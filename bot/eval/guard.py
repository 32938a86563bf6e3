"""Labelled posts × the checks given → the figures that ``qingxing eval`` prints.

Posts tagged ``debatable`` are left out: two readers could judge them differently.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.guard.types import WORST_FIRST, Check, Finding, Verdict

SETS = Path(__file__).with_name("sets")
DEBATABLE = "debatable"
EVASIONS = frozenset({
    "evasion", "spaced", "dotted", "slashed", "dots", "spaces", "linebreak", "zerowidth",
    "zero_width", "lookalike", "homophone", "circled", "emoji_digit", "fullwidth", "cyrillic",
    "mathbold", "pinyin",
})  # fmt: skip
INNOCENT: tuple[Verdict, ...] = ("no_claim", "consistent")


@dataclass(frozen=True, slots=True)
class GuardCase:
    """A post as somebody labelled it; ``findings`` are (verdict, figure, span's text)."""

    id: str
    text: str
    verdict: Verdict
    findings: tuple[tuple[Verdict, str | None, str], ...] = ()
    tags: frozenset[str] = frozenset()
    voice: str = ""

    @property
    def is_evasive(self) -> bool:
        return bool(self.tags & EVASIONS)


@dataclass(slots=True)
class GuardScore:
    """Counts over cases; shares in [0, 1], None over no case at all."""

    confusion: Counter[tuple[Verdict, Verdict]] = field(default_factory=Counter)
    figures: list[bool] = field(default_factory=list)
    spans: list[bool] = field(default_factory=list)
    bad_offsets: int = 0
    evasive: list[bool] = field(default_factory=list)
    clean: list[bool] = field(default_factory=list)

    @property
    def cases(self) -> int:
        return self.confusion.total()

    @property
    def precision(self) -> float | None:
        """Of the posts called a conflict, those that are."""
        called = sum(n for (_, got), n in self.confusion.items() if got == "conflict")
        return self.confusion["conflict", "conflict"] / called if called else None

    @property
    def recall(self) -> float | None:
        """Of the conflicts, those called so."""
        wanted = sum(n for (want, _), n in self.confusion.items() if want == "conflict")
        return self.confusion["conflict", "conflict"] / wanted if wanted else None

    @property
    def accuracy(self) -> float | None:
        """Of all posts, those with the right one of five verdicts."""
        right = sum(n for (want, got), n in self.confusion.items() if want == got)
        return right / self.cases if self.cases else None

    @property
    def alarms(self) -> int:
        """Conflicts called on questions, denials, small talk and consistent posts."""
        return sum(self.confusion[want, "conflict"] for want in INNOCENT)

    @property
    def right_figure(self) -> float | None:
        return _share(self.figures)

    @property
    def right_span(self) -> float | None:
        return _share(self.spans)

    @property
    def evasion_recall(self) -> float | None:
        return _share(self.evasive)

    @property
    def clean_recall(self) -> float | None:
        return _share(self.clean)

    def table(self) -> list[list[int]]:
        """The confusion table: a row for what is, a column for what was said, worst first."""
        return [[self.confusion[want, got] for got in WORST_FIRST] for want in WORST_FIRST]

    def as_json(self) -> dict[str, Any]:
        return {
            "cases": self.cases,
            "precision": self.precision,
            "recall": self.recall,
            "accuracy": self.accuracy,
            "alarms": self.alarms,
            "right_figure": self.right_figure,
            "right_span": self.right_span,
            "bad_offsets": self.bad_offsets,
            "evasion_recall": self.evasion_recall,
            "clean_recall": self.clean_recall,
            "verdicts": list(WORST_FIRST),
            "confusion": self.table(),
        }


def score(cases: Iterable[GuardCase], check: Callable[[str], Check]) -> GuardScore:
    """How *check* does on *cases*."""
    result = GuardScore()
    for case in cases:
        if DEBATABLE not in case.tags:
            _add(result, case, check(case.text))
    return result


def _add(result: GuardScore, case: GuardCase, given: Check) -> None:
    result.confusion[case.verdict, given.verdict] += 1
    result.bad_offsets += sum(not _is_verbatim(case.text, f) for f in given.findings)
    if case.verdict == "conflict":
        caught = result.evasive if case.is_evasive else result.clean
        caught.append(given.verdict == "conflict")
    if case.verdict != given.verdict or case.verdict == "no_claim":
        return
    wanted = [(figure, text) for verdict, figure, text in case.findings if verdict == case.verdict]
    found = [finding for finding in given.findings if finding.verdict == case.verdict]
    result.figures.append(bool({f.figure for f in found} & {figure for figure, _ in wanted}))
    result.spans.append(
        any(_overlaps(case.text, text, finding) for _, text in wanted for finding in found)
    )


def _is_verbatim(text: str, finding: Finding) -> bool:
    return finding.start < finding.end and text[finding.start : finding.end] == finding.text


def _overlaps(text: str, span: str, finding: Finding) -> bool:
    start = text.find(span)
    return start >= 0 and finding.start < start + len(span) and start < finding.end


def _share(flags: list[bool]) -> float | None:
    return sum(flags) / len(flags) if flags else None


def load_cases(path: Path) -> list[GuardCase]:
    """The cases of a JSON lines file in the shape of the labelled examples."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [_case(json.loads(line)) for line in lines if line.strip()]


def _case(row: Mapping[str, Any]) -> GuardCase:
    return GuardCase(
        id=row["id"],
        text=row["text"],
        verdict=row["verdict"],
        findings=tuple((f["verdict"], f["figure"], f["text"]) for f in row["findings"]),
        tags=frozenset(row["tags"]),
        voice=row["voice"],
    )
