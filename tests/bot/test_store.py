"""The database: transactions, migrations, and erasing for good."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.store import Database, is_outage
from bot.store.database import MIGRATIONS


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    with Database.open(tmp_path) as database:
        yield database


def test_a_failed_transaction_leaves_nothing(db: Database) -> None:
    def half() -> None:
        with db.transaction() as tx:
            tx.conn.execute("INSERT INTO meta VALUES ('a', '1')")
            raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError):
        half()
    assert db.conn.execute("SELECT count(*) FROM meta").fetchone()[0] == 0


def test_migrations_run_once_and_keep_what_is_there(tmp_path: Path) -> None:
    with Database.open(tmp_path) as first, first.transaction() as tx:
        tx.conn.execute("INSERT INTO meta VALUES ('a', '1')")
    with Database.open(tmp_path) as second:
        assert second.conn.execute("SELECT value FROM meta").fetchone()["value"] == "1"
        names = [row["name"] for row in second.conn.execute("SELECT name FROM migrations")]
    assert sorted(names) == sorted(migration.__name__ for migration in MIGRATIONS)
    assert len(set(names)) == len(MIGRATIONS)


def test_a_lock_held_by_another_is_an_outage(db: Database, tmp_path: Path) -> None:
    with Database.open(tmp_path, busy_timeout_ms=1) as other, db.transaction():
        with pytest.raises(sqlite3.OperationalError) as caught, other.transaction():
            pass
        assert is_outage(caught.value)


def test_a_wrong_statement_is_no_outage(db: Database) -> None:
    with pytest.raises(sqlite3.OperationalError) as caught:
        db.conn.execute("SELECT no_such_column FROM meta")
    assert not is_outage(caught.value)


def test_scrub_leaves_no_deleted_text_in_any_file(db: Database, tmp_path: Path) -> None:
    secrets = [f"机密{number:05d}" * 30 for number in range(300)]
    for secret in secrets:
        with db.transaction() as tx:
            tx.conn.execute("INSERT INTO meta VALUES (?, ?)", (secret[:8], secret))
    for kept in (100, 0):  # pages half emptied, then all of them
        with db.transaction() as tx:
            tx.conn.execute("DELETE FROM meta WHERE key >= ?", (f"机密{kept:05d}"[:8],))
    db.scrub()
    content = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert "机密".encode() not in content
