"""What a private conversation needs to remember, and for no longer than that.

Questions give a follow-up its context; what was shown is not shown again.  Both end after half an
hour.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

CONTEXT_S: Final = 30 * 60.0


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked, and the receipt of its answer."""

    text: str
    receipt: str


def conversation_001(conn: sqlite3.Connection) -> None:
    conn.execute(
        "CREATE TABLE question (id INTEGER PRIMARY KEY, chat_id INTEGER NOT NULL,"
        " at REAL NOT NULL, text TEXT NOT NULL, receipt TEXT NOT NULL)"
    )
    conn.execute("CREATE INDEX question_chat ON question (chat_id, at)")
    conn.execute(
        "CREATE TABLE shown (chat_id INTEGER NOT NULL, item TEXT NOT NULL, at REAL NOT NULL,"
        " PRIMARY KEY (chat_id, item)) WITHOUT ROWID"
    )
    conn.execute("CREATE INDEX question_at ON question (at)")
    conn.execute("CREATE INDEX shown_at ON shown (at)")


MIGRATIONS: Final = (conversation_001,)


def context(conn: sqlite3.Connection, chat_id: int, now: float) -> tuple[Question, ...]:
    """The questions of the last half hour, oldest first."""
    rows = conn.execute(
        "SELECT text, receipt FROM question WHERE chat_id = ? AND at > ? ORDER BY id",
        (chat_id, now - CONTEXT_S),
    )
    return tuple(Question(**row) for row in rows)


def shown(conn: sqlite3.Connection, chat_id: int, now: float) -> frozenset[str]:
    """Passage ids and offers that this conversation has seen."""
    rows = conn.execute(
        "SELECT item FROM shown WHERE chat_id = ? AND at > ?", (chat_id, now - CONTEXT_S)
    )
    return frozenset(row["item"] for row in rows)


def add_question(conn: sqlite3.Connection, chat_id: int, question: Question, now: float) -> None:
    """Remember what was asked."""
    conn.execute(
        "INSERT INTO question (chat_id, at, text, receipt) VALUES (?, ?, ?, ?)",
        (chat_id, now, question.text, question.receipt),
    )


def add_shown(conn: sqlite3.Connection, chat_id: int, items: Iterable[str], now: float) -> None:
    """Remember what was shown."""
    conn.executemany(
        "INSERT INTO shown VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET at = excluded.at",
        [(chat_id, item, now) for item in items],
    )


def forget(conn: sqlite3.Connection, chat_id: int) -> int:
    """Drop a chat's questions and what it was shown; how many questions there were."""
    conn.execute("DELETE FROM shown WHERE chat_id = ?", (chat_id,))
    return conn.execute("DELETE FROM question WHERE chat_id = ?", (chat_id,)).rowcount


def purge(conn: sqlite3.Connection, now: float) -> int:
    """Drop what is older than half an hour."""
    old = now - CONTEXT_S
    shown_rows = conn.execute("DELETE FROM shown WHERE at <= ?", (old,)).rowcount
    return shown_rows + conn.execute("DELETE FROM question WHERE at <= ?", (old,)).rowcount
