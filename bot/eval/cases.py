"""Cases that administrators settled, held against what the checker says today.

A ledger or a lexicon may change a verdict that people have confirmed, or bring back one that they
called wrong.  Such a flip is found here, and refused: in that group the case goes on being judged
as it was settled, and the bot deletes nothing, until the case is changed on purpose.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, Literal

from bot.errors import InputError
from bot.guard.types import Check
from bot.moderation.exempt import claim_key
from bot.settled import Settled, settled_in
from bot.store import Database, Transaction, examples, groups, moderation_log
from bot.store.database import FILE_NAME
from bot.store.examples import Labelled

Judge = Callable[[str], Check]
# lost: confirmed, and no conflict any more; kept: so, and somebody said that it stays.
# Back: called wrong, and wrong in a way that nobody called so.  Overruled: the same words were
# settled again since, and it is the later case that counts.
Outcome = Literal["held", "lost", "kept", "mended", "covered", "back", "overruled"]


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
        flips = self.flips
        lines = [f"群管理员标记的案例 {len(self.results)} 条，判断变了的 {len(flips)} 条"]
        if flips:
            lines.append(
                "变了的在群里照旧按标记判，那个群先不删除，直到逐条定下来："
                "--accept 编号 按新的算，--keep 编号 照旧"
            )
        lines += [
            f"  {result.case.case_id}  {_OUTCOMES[result.outcome]}  "
            f"{' '.join(result.case.text.split())[:60]}"
            for result in sorted(self.results, key=lambda r: not r.flipped)
        ]
        return "\n".join(lines)


_OUTCOMES = {
    "held": "维持：仍判冲突",
    "lost": "变了：维持过的冲突不再判冲突",
    "kept": "照旧：不再判冲突，本群仍按维持的判",
    "mended": "已修好：误判不再出现",
    "covered": "本群豁免：核对器仍判冲突，本群不再提醒",
    "back": "变了：标过误判的帖子又有别处判冲突，本群照旧不提醒",
    "overruled": "已改判：同样的话后来又标过，按后一次",
}


def judge_cases(
    cases: Iterable[Labelled], judge: Judge, settled: Callable[[int], Settled]
) -> CaseReport:
    """Judge *cases* again; *settled* gives what a group settled."""
    results = []
    for case in cases:
        outcome = _outcome(case, judge(case.text), settled(case.chat_id))
        results.append(CaseResult(case, outcome))
    return CaseReport(tuple(results))


def report_cases(home: Path, check: Callable[..., Check]) -> CaseReport:
    """The cases of *home*'s database, judged by *check* (a Knowledge's)."""
    if not (home / FILE_NAME).exists():
        return CaseReport(())
    now = datetime.now(UTC)
    with Database.open(home) as db:
        return judge_cases(
            examples.labelled(db.conn),
            lambda text: check(text, now=now),
            cache(lambda chat_id: settled_in(db.conn, chat_id)),
        )


# --- changed on purpose ---


def settle_cases(
    home: Path,
    check: Callable[..., Check],
    *,
    accept: Sequence[str] = (),
    keep: Sequence[str] = (),
) -> None:
    """Changes cases of *home* on purpose: *accept* gives them up, *keep* holds on to them.

    Raises InputError, and changes nothing, where one of them is no case or is to go both ways.
    """
    if both := [case_id for case_id in dict.fromkeys(accept) if case_id in keep]:
        raise InputError(f"{'、'.join(both)} 不能同时放弃又照旧；--accept 和 --keep 只能给一个")
    now = datetime.now(UTC)
    if not (home / FILE_NAME).exists():
        raise InputError("还没有群管理员标记过的案例")
    with Database.open(home) as db, db.transaction() as tx:
        for case_id in dict.fromkeys((*accept, *keep)):
            case = examples.example(tx.conn, case_id)
            if case is None:
                raise InputError(f"没有 {case_id} 这个案例；qingxing eval --cases 列出全部")
            if case_id in keep:
                keep_case(tx, case, check(case.text, now=now))
            else:
                accept_case(tx, case)


def accept_case(tx: Transaction, case: Labelled, *, by: int = moderation_log.BOT) -> None:
    """按新的算: the case is none any more."""
    if examples.unlabel(tx.conn, case.case_id):
        moderation_log.note(
            tx.conn, case.chat_id, "unlabelled", tx.now, actor=by, case_id=case.case_id
        )
    rearm(tx, case.chat_id)


def keep_case(
    tx: Transaction, case: Labelled, check: Check, *, by: int = moderation_log.BOT
) -> None:
    """照旧: the case stays as it was settled, whatever *check* says of it now."""
    if examples.keep_label(tx.conn, case, conflict_keys(check)):
        moderation_log.note(tx.conn, case.chat_id, "kept", tx.now, actor=by, case_id=case.case_id)
    rearm(tx, case.chat_id)


def conflict_keys(check: Check) -> list[str]:
    """The keys by which the conflicts of *check* are exempt."""
    return [
        claim_key(found.figure, found.text)
        for found in check.findings
        if found.verdict == "conflict"
    ]


def rearm(tx: Transaction, chat_id: int) -> None:
    """Deletion works again once no case of the group waits for a decision."""
    waiting = any(case.flipped for case in examples.labelled(tx.conn, chat_id))
    if not waiting and groups.load(tx.conn, chat_id).disarmed:
        groups.save(tx.conn, chat_id, tx.now, disarmed=0)
        moderation_log.note(tx.conn, chat_id, "armed", tx.now)


def _outcome(case: Labelled, check: Check, settled: Settled) -> Outcome:
    latest = settled.like(case.text)
    if latest is not None and latest.case_id != case.case_id:
        return "overruled"
    if not case.wrong:
        unsaid: Outcome = "kept" if case.kept else "lost"
        return "held" if check.verdict == "conflict" else unsaid
    if check.verdict != "conflict":
        return "mended"
    return "back" if settled.uncovered(check).verdict == "conflict" else "covered"
