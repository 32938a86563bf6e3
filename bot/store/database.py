"""The database of a home: opened, migrated, written in short transactions.

Journal in WAL with ``synchronous=FULL``: what a commit returned from outlives a kill and a power
cut.  ``secure_delete`` overwrites what is deleted, and :meth:`Database.scrub` also empties the
journal and rewrites the file, so that forgotten text is nowhere on the disk.
"""

from __future__ import annotations

import contextlib
import logging
import sqlite3
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from bot.store import (
    conversation,
    counts,
    groups,
    inbox,
    moderation,
    moderation_log,
    outbox,
    receipts,
)
from bot.store.outbox import Effect

FILE_NAME: Final = "bot.sqlite"

Migration = Callable[[sqlite3.Connection], None]

# In this order, for ever: a name that has run once is never run again, nor renamed.
MIGRATIONS: Final[tuple[Migration, ...]] = (
    *inbox.MIGRATIONS,
    *outbox.MIGRATIONS,
    *conversation.MIGRATIONS,
    *receipts.MIGRATIONS,
    *counts.MIGRATIONS,
    *groups.MIGRATIONS,
    *moderation.MIGRATIONS,
    *moderation_log.MIGRATIONS,
)

# Faults of the disk or of another process, not of a statement: waiting mends them.
_OUTAGES: Final = ("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_READONLY", "SQLITE_IOERR", "SQLITE_FULL")

_log = logging.getLogger(__name__)


def is_outage(err: BaseException) -> bool:
    """Whether *err* says that the database can't be written just now (locked, full, read-only)."""
    name = getattr(err, "sqlite_errorname", None) or ""
    return isinstance(err, sqlite3.OperationalError) and name.startswith(
        (*_OUTAGES, "SQLITE_CANTOPEN")
    )


@dataclass(slots=True)
class Transaction:
    """One open transaction: rows through ``conn``, effects through :meth:`plan`."""

    conn: sqlite3.Connection
    now: float
    planned: list[int] = field(default_factory=list)

    def plan(self, effect: Effect) -> bool:
        """Put *effect* into the outbox; False if its key is there already."""
        effect_id = outbox.insert(self.conn, effect, self.now)
        if effect_id is None:
            return False
        self.planned.append(effect_id)
        return True


class Database:
    """A connection to the home's database, for one thread at a time."""

    def __init__(self, path: Path, *, busy_timeout_ms: int = 5000) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self.conn = sqlite3.connect(
            path, isolation_level=None, check_same_thread=False, timeout=busy_timeout_ms / 1000
        )
        try:
            self.conn.row_factory = sqlite3.Row
            self.conn.execute("PRAGMA journal_mode=WAL")
            self.conn.execute("PRAGMA synchronous=FULL")
            self.conn.execute("PRAGMA secure_delete=ON")
            self.conn.execute("PRAGMA temp_store=MEMORY")
            self.conn.execute("PRAGMA foreign_keys=ON")
            self._migrate()
        except BaseException:
            self.conn.close()
            raise

    @classmethod
    def open(cls, home: Path, *, busy_timeout_ms: int = 5000) -> Database:
        """The database of *home*, made and migrated where needed."""
        return cls(home / FILE_NAME, busy_timeout_ms=busy_timeout_ms)

    def __enter__(self) -> Database:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self.conn.close()

    @contextlib.contextmanager
    def transaction(self, now: float | None = None) -> Iterator[Transaction]:
        """All or nothing; raises what the body raised, after rolling back."""
        self.conn.execute("BEGIN IMMEDIATE")
        try:
            yield Transaction(self.conn, time.time() if now is None else now)
            self.conn.execute("COMMIT")
        except BaseException:
            if self.conn.in_transaction:
                self.conn.execute("ROLLBACK")
            raise

    def scrub(self) -> None:
        """Leave no deleted text in file or journal.

        ``secure_delete`` zeroes freed cells, but rebuilt pages may hold copies in their gaps, and
        the journal keeps old pages until it is cut: hence both VACUUM and truncation.
        """
        self.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self.conn.execute("VACUUM")
        self.cut_journal()

    def cut_journal(self) -> None:
        """Move the journal into the file and cut it to nothing, if nobody reads just now."""
        busy, *_ = self.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            raise sqlite3.OperationalError("journal is in use")

    def _migrate(self) -> None:
        self.conn.execute("CREATE TABLE IF NOT EXISTS migrations (name TEXT PRIMARY KEY, at REAL)")
        done = {row["name"] for row in self.conn.execute("SELECT name FROM migrations")}
        for migration in MIGRATIONS:
            if migration.__name__ in done:
                continue
            with self.transaction() as tx:
                # Another process may have been faster between the look and the lock.
                cursor = tx.conn.execute(
                    "INSERT OR IGNORE INTO migrations VALUES (?, ?)", (migration.__name__, tx.now)
                )
                if cursor.rowcount:
                    migration(tx.conn)
