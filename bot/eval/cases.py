"""Cases that administrators settled, held against what the checker says today.

A ledger or a lexicon may change a verdict that people have confirmed, or bring back one that they
called wrong.  Such a flip is found here; until the case is changed on purpose, the bot deletes
nothing in that group.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from bot.guard.types import Check
from bot.moderation.exempt import without_exempt
from bot.store import Database, moderation
from bot.store.database import FILE_NAME
from bot.store.moderation import Labelled

Judge = Callable[[str], Check]
# lost: confirmed, and no conflict any more.  Back: called wrong, mended since, and wrong again.
Outcome = Literal["held", "lost", "mended", "covered", "back"]


@dataclass(frozen=True, slots=True)
class CaseResult:
    """A settled case and what the checker makes of it now."""

    case: Labelled
    outcome: Outcome

    @property
    def flipped(self) -> bool:
        """Whether the change of verdict needs somebody's word."""
        return self.outcome in ("lost", "back")

    def as_json(self) -> dict[str, Any]:
        """The result for ``eval --cases --json``."""
        return {
            "id": self.case.case_id,
            "chat": self.case.chat_id,
            "text": self.case.text,
            "figures": list(self.case.figures),
            "label": "wrong" if self.case.wrong else "right",
            "outcome": self.outcome,
        }


@dataclass(frozen=True, slots=True)
class CaseReport:
    """All settled cases, judged again."""

    results: tuple[CaseResult, ...]

    @property
    def flips(self) -> tuple[CaseResult, ...]:
        """Those whose verdict changed without anybody's word."""
        return tuple(result for result in self.results if result.flipped)

    def as_json(self) -> dict[str, Any]:
        """The report for ``eval --cases --json``."""
        return {
            "cases": len(self.results),
            "flips": len(self.flips),
            "results": [result.as_json() for result in self.results],
        }

    def as_text(self) -> str:
        """The report for people."""
        if not self.results:
            return "还没有群管理员标记过的案例。"
        lines = [f"群管理员标记的案例 {len(self.results)} 条，判断变了的 {len(self.flips)} 条"]
        lines += [
            f"  {result.case.case_id}  {_OUTCOMES[result.outcome]}  "
            f"{' '.join(result.case.text.split())[:60]}"
            for result in sorted(self.results, key=lambda r: not r.flipped)
        ]
        return "\n".join(lines)


_OUTCOMES = {
    "held": "维持：仍判冲突",
    "lost": "变了：维持过的冲突不再判冲突",
    "mended": "已修好：误判不再出现",
    "covered": "本群豁免：核对器仍判冲突，本群不再提醒",
    "back": "变了：标过误判的帖子在本群又判冲突",
}


def judge_cases(
    cases: Iterable[Labelled], judge: Judge, exempt: Callable[[int], frozenset[str]]
) -> CaseReport:
    """Judge *cases* again; *exempt* gives a group's exempt keys."""
    results = []
    for case in cases:
        check = judge(case.text)
        in_group = without_exempt(check, exempt(case.chat_id))
        results.append(CaseResult(case, _outcome(case, check, in_group)))
    return CaseReport(tuple(results))


def report_cases(home: Path, check: Callable[..., Check]) -> CaseReport:
    """The cases of *home*'s database, judged by *check* (a Knowledge's)."""
    if not (home / FILE_NAME).exists():
        return CaseReport(())
    now = datetime.now(UTC)
    with Database.open(home) as db:
        return judge_cases(
            moderation.labelled(db.conn),
            lambda text: check(text, now=now),
            lambda chat_id: moderation.exempt_keys(db.conn, chat_id),
        )


def _outcome(case: Labelled, check: Check, in_group: Check) -> Outcome:
    if not case.wrong:
        return "held" if check.verdict == "conflict" else "lost"
    if check.verdict != "conflict":
        return "mended"
    return "back" if in_group.verdict == "conflict" else "covered"
