"""Updates as they came, stored before Telegram is told that they were received.

A row is ``new`` until its handler's effects are committed with it, then ``done``.  What cannot be
parsed is ``poison``; what failed too often is ``failed``.  A body is erased as soon as its row is
done, so that only the key is left, to know duplicates by.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

MAX_FAILURES: Final = 5  # a handler that raises
MAX_ATTEMPTS: Final = 15  # also runs that the process did not survive
KEEP_KEYS_S: Final = 3 * 86400.0  # Telegram redelivers for 24 h
KEEP_BODIES_S: Final = 30 * 60.0  # of poison and failed rows


@dataclass(frozen=True, slots=True)
class Incoming:
    """An update as text; ``chat_key`` groups what must be worked in order."""

    update_id: int
    chat_key: str
    body: str
    poison: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A stored update that is to be worked."""

    seq: int
    update_id: int
    chat_key: str
    body: str
    attempts: int
    failures: int
    received_at: float


def inbox_001(conn: sqlite3.Connection) -> None:
    conn.execute(
        """CREATE TABLE inbox (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            bot_id INTEGER NOT NULL,
            update_id INTEGER NOT NULL,
            chat_key TEXT NOT NULL,
            body TEXT,
            received_at REAL NOT NULL,
            state TEXT NOT NULL DEFAULT 'new'
                CHECK (state IN ('new', 'done', 'failed', 'poison')),
            attempts INTEGER NOT NULL DEFAULT 0,
            failures INTEGER NOT NULL DEFAULT 0,
            settled_at REAL,
            error TEXT,
            UNIQUE (bot_id, update_id))"""
    )
    conn.execute("CREATE INDEX inbox_waiting ON inbox (seq) WHERE state = 'new'")
    conn.execute("CREATE INDEX inbox_settled ON inbox (settled_at) WHERE state != 'new'")
    conn.execute("CREATE INDEX inbox_bodies ON inbox (settled_at) WHERE body IS NOT NULL")


MIGRATIONS: Final = (inbox_001,)


def insert(
    conn: sqlite3.Connection, bot_id: int, updates: Iterable[Incoming], now: float
) -> list[tuple[int, str]]:
    """Store *updates*; (seq, chat_key) of those that are new and to be worked."""
    waiting = []
    for update in updates:
        cursor = conn.execute(
            "INSERT OR IGNORE INTO inbox (bot_id, update_id, chat_key, body, received_at, state,"
            " settled_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                bot_id,
                update.update_id,
                update.chat_key,
                update.body,
                now,
                "poison" if update.poison else "new",
                now if update.poison else None,
            ),
        )
        if cursor.rowcount and not update.poison and cursor.lastrowid is not None:
            waiting.append((cursor.lastrowid, update.chat_key))
    return waiting


def waiting(conn: sqlite3.Connection) -> list[tuple[int, str]]:
    """(seq, chat_key) of all that is not settled, in the order of arrival."""
    rows = conn.execute("SELECT seq, chat_key FROM inbox WHERE state = 'new' ORDER BY seq")
    return [(row["seq"], row["chat_key"]) for row in rows]


def claim(conn: sqlite3.Connection, seq: int) -> Row | None:
    """The row, its attempt counted before it runs; None if it is settled already."""
    row = conn.execute(
        "UPDATE inbox SET attempts = attempts + 1 WHERE seq = ? AND state = 'new'"
        " RETURNING seq, update_id, chat_key, body, attempts, failures, received_at",
        (seq,),
    ).fetchone()
    return Row(**row) if row else None


def settle(conn: sqlite3.Connection, seq: int, state: str, now: float, error: str = "") -> None:
    """End the row; a ``done`` one loses its body."""
    conn.execute(
        "UPDATE inbox SET state = ?, settled_at = ?, error = ?,"
        " body = CASE WHEN ? = 'done' THEN NULL ELSE body END WHERE seq = ?",
        (state, now, error or None, state, seq),
    )


def count_failure(conn: sqlite3.Connection, seq: int, error: str) -> int:
    """How often the row's handler has raised by now."""
    row = conn.execute(
        "UPDATE inbox SET failures = failures + 1, error = ? WHERE seq = ? RETURNING failures",
        (error, seq),
    ).fetchone()
    return int(row["failures"])


def oldest_waiting(conn: sqlite3.Connection) -> float | None:
    """When the longest waiting update was received."""
    row = conn.execute(
        "SELECT received_at FROM inbox WHERE state = 'new' ORDER BY seq LIMIT 1"
    ).fetchone()
    return row["received_at"] if row else None


def newest_inline(conn: sqlite3.Connection, chat_key: str) -> int:
    """The last seq of *chat_key*: an inline query before it was typed over."""
    row = conn.execute(
        "SELECT max(seq) AS seq FROM inbox WHERE state = 'new' AND chat_key = ?", (chat_key,)
    ).fetchone()
    return int(row["seq"] or 0)


def erase(conn: sqlite3.Connection, chat_key: str) -> None:
    """Forget the settled bodies of a chat."""
    conn.execute(
        "UPDATE inbox SET body = NULL, error = NULL WHERE chat_key = ? AND state != 'new'",
        (chat_key,),
    )


def purge(conn: sqlite3.Connection, now: float) -> int:
    """Drop what is older than its purpose; how many rows were touched."""
    bodies = conn.execute(
        "UPDATE inbox SET body = NULL WHERE state != 'new' AND settled_at < ? AND body IS NOT NULL",
        (now - KEEP_BODIES_S,),
    ).rowcount
    keys = conn.execute(
        "DELETE FROM inbox WHERE state != 'new' AND settled_at < ?", (now - KEEP_KEYS_S,)
    ).rowcount
    return bodies + keys
