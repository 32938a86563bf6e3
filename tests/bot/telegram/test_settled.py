"""Settled cases judged again: what a report changes, and what it leaves to later presses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

import pytest

from bot.eval.cases import CaseReport, CaseResult, accept_case, keep_case
from bot.guard.types import Check, Finding
from bot.store import Database, examples, groups, moderation_log
from bot.store.moderation import Case
from bot.telegram.handlers.group_settled import arm

CHAT, NOW = -1001000, 1_790_000_000.0

CASE = Case("", CHAT, 5, (5,), None, 7, False, "A", "conflict", (), "GPM破50", NOW)
CONFLICT = Check(
    (Finding("conflict", "aigc_gpm", "GPM破50", 0, 6, "> 50", "10–16", "", "q", "a", "2026-01-18"),)
)


@dataclass
class Settings:
    owners: tuple[int, ...] = (1,)


@dataclass
class Services:
    settings: Settings = field(default_factory=Settings)


SERVICES = cast("Any", Services())


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    with Database.open(tmp_path) as database:
        with database.transaction(NOW) as tx:
            groups.save(tx.conn, CHAT, NOW, title="群")
        yield database


def upheld(db: Database, *ids: str) -> None:
    for case_id in ids:
        case = Case(
            case_id, CHAT, 5, (5,), None, 7, False, "A", "conflict", (), f"帖{case_id}", NOW
        )
        with db.transaction(NOW) as tx:
            examples.label(tx.conn, case, wrong=False, keys=(), now=NOW)


def lost(db: Database) -> CaseReport:
    """A report by which every case is lost."""
    return CaseReport(tuple(CaseResult(case, "lost") for case in examples.labelled(db.conn)))


def armed(db: Database, report: CaseReport) -> list[int]:
    """How many messages the report leads to."""
    with db.transaction(NOW) as tx:
        arm(tx, SERVICES, report)
        return tx.planned


def is_disarmed(db: Database) -> bool:
    return groups.load(db.conn, CHAT).disarmed


def test_each_flip_is_asked_about_once(db: Database) -> None:
    upheld(db, "AAAA2222")
    assert len(armed(db, lost(db))) == 2  # the group and the owner
    assert armed(db, lost(db)) == []
    upheld(db, "BBBB2222")
    assert len(armed(db, lost(db))) == 2
    assert is_disarmed(db)


def test_many_flips_are_asked_about_in_turns(db: Database) -> None:
    upheld(db, *(f"CASE22{number:02}" for number in range(25)))
    assert [len(armed(db, lost(db))) for _ in range(3)] == [2, 1, 0]  # owners at once


@pytest.mark.parametrize("kept", [True, False])
def test_what_was_settled_meanwhile_is_not_unsettled(db: Database, kept: bool) -> None:
    upheld(db, "AAAA2222")
    armed(db, lost(db))
    stale = lost(db)
    [case] = examples.labelled(db.conn)
    with db.transaction(NOW) as tx:
        if kept:
            keep_case(tx, case, Check())
        else:
            accept_case(tx, case)
    assert not is_disarmed(db)
    assert armed(db, stale) == []
    assert not is_disarmed(db)


@pytest.mark.parametrize("again", [None, False], ids=["given up", "settled the other way"])
def test_what_is_kept_too_late_leaves_nothing(db: Database, again: bool | None) -> None:
    called_wrong = replace(CASE, id="AAAA2222")
    with db.transaction(NOW) as tx:
        examples.label(tx.conn, called_wrong, wrong=True, keys=(), now=NOW)
    [case] = examples.labelled(db.conn)
    with db.transaction(NOW) as tx:
        examples.unlabel(tx.conn, case.case_id)
        if again is not None:
            examples.label(tx.conn, called_wrong, wrong=again, keys=(), now=NOW)
        keep_case(tx, case, CONFLICT)
    assert examples.exempt_keys(db.conn, CHAT) == frozenset()
    assert moderation_log.entries(db.conn, CHAT) == []


def test_a_group_that_the_bot_left_is_asked_when_it_is_back(db: Database) -> None:
    upheld(db, "AAAA2222")
    with db.transaction(NOW) as tx:
        groups.save(tx.conn, CHAT, NOW, active=0)
    assert len(armed(db, lost(db))) == 1  # the owner
    assert armed(db, lost(db)) == []
    assert is_disarmed(db)
    with db.transaction(NOW) as tx:
        groups.save(tx.conn, CHAT, NOW, active=1)
    assert len(armed(db, lost(db))) == 1


def test_owners_are_told_of_a_flip_that_no_administrator_can_be_asked_about(db: Database) -> None:
    upheld(db, "AAAA2222")
    with db.transaction(NOW) as tx:
        groups.set_setting(tx.conn, CHAT, "mode", "watch")
    assert len(armed(db, lost(db))) == 1
    assert armed(db, lost(db)) == []
