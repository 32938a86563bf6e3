"""The inbox: every update once, counted before it runs, emptied when it is done."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.store import Database, inbox
from bot.store.inbox import Incoming

NOW = 1_000_000.0


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    with Database.open(tmp_path) as database:
        yield database


def store(db: Database, *updates: Incoming, bot_id: int = 1) -> list[tuple[int, str]]:
    with db.transaction(NOW) as tx:
        return inbox.insert(tx.conn, bot_id, updates, tx.now)


def test_the_same_number_is_stored_once(db: Database) -> None:
    assert len(store(db, Incoming(7, "c1", "{}"), Incoming(7, "c1", "{}"))) == 1
    assert store(db, Incoming(7, "c1", "{}")) == []


def test_another_bot_counts_for_itself(db: Database) -> None:
    store(db, Incoming(7, "c1", "{}"))
    assert len(store(db, Incoming(7, "c1", "{}"), bot_id=2)) == 1


def test_a_lower_number_is_not_a_duplicate(db: Database) -> None:
    store(db, Incoming(900, "c1", "{}"))
    assert len(store(db, Incoming(3, "c1", "{}"))) == 1


def test_what_is_not_settled_comes_again_in_order(db: Database) -> None:
    rows = store(db, Incoming(9, "c1", "a"), Incoming(8, "c2", "b"), Incoming(10, "c1", "c"))
    with db.transaction(NOW) as tx:
        inbox.settle(tx.conn, rows[0][0], "done", NOW)
    assert inbox.waiting(db.conn) == rows[1:]


def test_an_attempt_counts_before_it_runs(db: Database) -> None:
    ((seq, _),) = store(db, Incoming(1, "c1", "{}"))
    with db.transaction() as tx:
        assert inbox.claim(tx.conn, seq).attempts == 1
        assert inbox.claim(tx.conn, seq).attempts == 2
        inbox.settle(tx.conn, seq, "done", NOW)
        assert inbox.claim(tx.conn, seq) is None


def test_poison_is_stored_but_not_worked(db: Database) -> None:
    assert store(db, Incoming(1, "?", "[[[", poison=True)) == []
    assert inbox.waiting(db.conn) == []


@pytest.mark.parametrize(
    ("state", "kept"), [("done", None), ("failed", "text"), ("poison", "text")]
)
def test_only_what_failed_keeps_its_body_and_not_for_long(
    db: Database, state: str, kept: str | None
) -> None:
    ((seq, _),) = store(db, Incoming(1, "c1", "text"))
    with db.transaction(NOW) as tx:
        inbox.settle(tx.conn, seq, state, NOW)
    assert db.conn.execute("SELECT body FROM inbox").fetchone()["body"] == kept
    with db.transaction(NOW) as tx:
        inbox.purge(tx.conn, NOW + 31 * 60)
    assert db.conn.execute("SELECT body FROM inbox").fetchone()["body"] is None
    with db.transaction(NOW) as tx:
        inbox.purge(tx.conn, NOW + 4 * 86400)
    assert db.conn.execute("SELECT count(*) FROM inbox").fetchone()[0] == 0
