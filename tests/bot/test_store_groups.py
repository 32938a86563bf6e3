"""Groups, cases and audit in the database."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import replace

import pytest

from bot.store import Database, examples, groups, moderation, moderation_log
from bot.store.moderation import Case

OLD, NEW, NOW = -100, -1001000, 1_790_000_000.0
CASE = Case("K7Q2M9XA", OLD, 5, (5,), None, 7, False, "Anna", "conflict", ("a",), "text", NOW)


@pytest.fixture
def conn(tmp_path) -> Iterator[sqlite3.Connection]:
    with Database.open(tmp_path) as db:
        yield db.conn


def test_a_case_moves_once(conn):
    moderation.add(conn, CASE)
    first = moderation.move(conn, CASE.id, "reversed", ("open",), by=1, name="Boss", now=NOW)
    second = moderation.move(conn, CASE.id, "reversed", ("open",), by=2, name="Other", now=NOW)
    stored = moderation.load(conn, CASE.id)
    assert (first, second, stored.settled_by, stored.settled_name) == (True, False, 1, "Boss")


def test_the_audit_can_only_grow(conn):
    moderation_log.note(conn, OLD, "joined", NOW, actor=3)
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        conn.execute("UPDATE audit SET event = 'left'")
    assert [entry.event for entry in moderation_log.entries(conn, OLD)] == ["joined"]


def test_a_group_takes_everything_along_and_twice_is_once(conn):
    groups.save(conn, OLD, NOW, title="群", kind="group", rights={"admin": True})
    groups.set_setting(conn, OLD, "mode", "delete")
    groups.allow(conn, OLD, 9, NOW)
    groups.set_setting(conn, -5, "log_chat", str(OLD))
    moderation.add(conn, CASE)
    moderation.add_strike(conn, CASE.id, OLD, 7, NOW)
    examples.label(conn, CASE, wrong=True, keys=["k"], now=NOW)
    moderation_log.note(conn, OLD, "joined", NOW)
    groups.save(conn, NEW, NOW, title="新的")
    for _ in range(2):
        for store in (groups, moderation, moderation_log):
            store.migrate_chat(conn, OLD, NEW)
    assert groups.load(conn, NEW).title == "群"
    assert groups.load(conn, NEW).kind == "supergroup"
    assert groups.settings_rows(conn, NEW) == {"mode": "delete"}
    assert groups.settings_rows(conn, -5) == {"log_chat": str(NEW)}
    assert groups.allowed(conn, NEW) == {9}
    assert moderation.strikes(conn, NEW, 7) == (NOW,)
    assert examples.exempt_keys(conn, NEW) == {"k"}
    assert len(moderation_log.entries(conn, NEW)) == 1
    assert not groups.exists(conn, OLD)


def test_retention_is_the_groups_own(conn):
    for age, case_id in ((89, "NEWCASE2"), (91, "OLDCASE2")):
        at = NOW - age * 86400.0
        moderation.add(conn, replace(CASE, id=case_id, at=at))
        moderation_log.note(conn, OLD, "conflict", at, case_id=case_id)
        labelled = replace(CASE, id=case_id)
        examples.label(conn, labelled, wrong=True, keys=[case_id], now=at)
    moderation.purge(conn, OLD, 90 * 86400.0, NOW)
    moderation_log.purge(conn, OLD, 90 * 86400.0, NOW)
    assert [case.id for case in moderation.recent(conn, OLD, 0.0)] == ["NEWCASE2"]
    assert [entry.case_id for entry in moderation_log.entries(conn, OLD)] == ["NEWCASE2"]
    assert [example.case_id for example in examples.labelled(conn)] == ["NEWCASE2"]
    assert examples.exempt_keys(conn, OLD) == {"NEWCASE2", "OLDCASE2"}


def test_examples_of_an_older_home_are_found_by_their_words():
    conn = sqlite3.connect(":memory:")
    conn.row_factory = sqlite3.Row
    older, newer = moderation.MIGRATIONS[:2], moderation.MIGRATIONS[2:]
    for migrate in older:
        migrate(conn)
    conn.execute(
        "INSERT INTO labelled VALUES ('K7Q2M9XA', ?, 'GPM 破50！', '[]', 1, ?)", (OLD, NOW)
    )
    for migrate in newer:
        migrate(conn)
    [found] = examples.labelled(conn, OLD)
    assert (found.case_id, found.wrong, found.flipped) == ("K7Q2M9XA", True, False)
    assert examples.has_like(conn, OLD, "gpm破50")
    assert not examples.has_like(conn, OLD, "破50")
    assert not examples.has_like(conn, NEW, "gpm破50")
    conn.close()


def test_a_topic_is_told_once_in_its_time(conn):
    told = [
        groups.tell_once(conn, OLD, "rights", NOW + after, again_s=60.0) for after in (0, 59, 61)
    ]
    assert told == [True, False, True]


def test_claims_are_counted_once_a_case_and_forgotten_after_a_week(conn):
    moderation_log.add_echo(conn, "h", "one", NOW)
    moderation_log.add_echo(conn, "h", "one", NOW)
    moderation_log.add_echo(conn, "h", "two", NOW)
    assert moderation_log.echoes(conn, "h", NOW + 1) == 2
    assert moderation_log.echoes(conn, "h", NOW + 8 * 86400.0) == 0


def test_a_digest_is_claimed_once(conn):
    claims = [moderation_log.claim_digest(conn, OLD, "2026-W47", NOW) for _ in range(2)]
    assert claims == [True, False]
    assert moderation_log.digest_done(conn, OLD, "2026-W47")


def test_forgetting_leaves_a_number(conn):
    moderation.add(conn, CASE)
    groups.note_started(conn, 7, NOW)
    for store in (groups, moderation, moderation_log):
        store.forget(conn, 7)
    stored = moderation.load(conn, CASE.id)
    assert (stored.name, stored.sender_id) == (None, 7)
    assert groups.started(conn, [7]) == []
