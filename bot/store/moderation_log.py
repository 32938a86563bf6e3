"""The audit, the echo of claims, the weekly schedule, and pictures that wait to be read.

The audit is append-only: a trigger refuses changes; what is past its group's retention is dropped.
It holds numbers and ids, no names and no text.
"""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from typing import Any, Final

ECHO_S: Final = 7 * 86400.0
BOT: Final = 0  # the actor of what the bot did by itself


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the audit."""

    id: int
    chat_id: int
    at: float
    actor: int
    event: str
    case_id: str | None
    detail: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that waits to be read."""

    chat_id: int
    message_id: int
    file_id: str
    sender_id: int
    name: str | None
    thread_id: int | None


def moderation_log_001(conn: sqlite3.Connection) -> None:
    conn.execute(
        """CREATE TABLE audit (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            chat_id INTEGER NOT NULL,
            at REAL NOT NULL,
            actor INTEGER NOT NULL,
            event TEXT NOT NULL,
            case_id TEXT,
            detail TEXT NOT NULL DEFAULT '{}')"""
    )
    conn.execute("CREATE INDEX audit_chat ON audit (chat_id, at)")
    # A group may change its id, and nothing else.
    conn.execute(
        "CREATE TRIGGER audit_append_only BEFORE UPDATE OF id, at, actor, event, case_id, detail"
        " ON audit BEGIN SELECT raise(ABORT, 'audit is append-only'); END"
    )
    conn.execute(
        "CREATE TABLE echo (hash TEXT NOT NULL, case_id TEXT NOT NULL, at REAL NOT NULL,"
        " PRIMARY KEY (hash, case_id)) WITHOUT ROWID"
    )
    conn.execute("CREATE INDEX echo_at ON echo (at)")
    conn.execute(
        "CREATE TABLE digest (chat_id INTEGER NOT NULL, week TEXT NOT NULL, at REAL NOT NULL,"
        " PRIMARY KEY (chat_id, week)) WITHOUT ROWID"
    )
    conn.execute(
        "CREATE TABLE picture (chat_id INTEGER NOT NULL, message_id INTEGER NOT NULL,"
        " file_id TEXT NOT NULL, sender_id INTEGER NOT NULL, name TEXT, thread_id INTEGER,"
        " at REAL NOT NULL, PRIMARY KEY (chat_id, message_id)) WITHOUT ROWID"
    )


MIGRATIONS: Final = (moderation_log_001,)


def note(
    conn: sqlite3.Connection,
    chat_id: int,
    event: str,
    now: float,
    *,
    actor: int = BOT,
    case_id: str | None = None,
    **detail: Any,
) -> None:
    """Append to the audit."""
    conn.execute(
        "INSERT INTO audit (chat_id, at, actor, event, case_id, detail) VALUES (?, ?, ?, ?, ?, ?)",
        (chat_id, now, actor, event, case_id, json.dumps(detail, ensure_ascii=False)),
    )


def entries(
    conn: sqlite3.Connection, chat_id: int, *, since: float = 0.0, limit: int = -1
) -> list[Entry]:
    """The group's audit, latest first."""
    rows = conn.execute(
        "SELECT * FROM audit WHERE chat_id = ? AND at >= ? ORDER BY id DESC LIMIT ?",
        (chat_id, since, limit),
    )
    return [Entry(**{**dict(row), "detail": json.loads(row["detail"])}) for row in rows]


def add_echo(conn: sqlite3.Connection, key: str, case_id: str, now: float) -> None:
    """Count a claim once for each case."""
    conn.execute("INSERT OR IGNORE INTO echo VALUES (?, ?, ?)", (key, case_id, now))


def echoes(conn: sqlite3.Connection, key: str, now: float) -> int:
    """How often the claim was told within the last seven days."""
    row = conn.execute(
        "SELECT count(*) AS n FROM echo WHERE hash = ? AND at > ?", (key, now - ECHO_S)
    ).fetchone()
    return int(row["n"])


def claim_digest(conn: sqlite3.Connection, chat_id: int, week: str, now: float) -> bool:
    """Whether the week's digest is still to be sent; it then counts as sent."""
    cursor = conn.execute("INSERT OR IGNORE INTO digest VALUES (?, ?, ?)", (chat_id, week, now))
    return bool(cursor.rowcount)


def digest_done(conn: sqlite3.Connection, chat_id: int, week: str) -> bool:
    """Whether the week's digest was sent, or had nothing to tell."""
    row = conn.execute(
        "SELECT 1 FROM digest WHERE chat_id = ? AND week = ?", (chat_id, week)
    ).fetchone()
    return row is not None


def add_picture(conn: sqlite3.Connection, picture: Picture, now: float) -> None:
    """Have a picture read when there is time."""
    conn.execute(
        "INSERT OR IGNORE INTO picture VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            picture.chat_id,
            picture.message_id,
            picture.file_id,
            picture.sender_id,
            picture.name,
            picture.thread_id,
            now,
        ),
    )


def pictures(conn: sqlite3.Connection, limit: int) -> list[Picture]:
    """Pictures that wait, oldest first."""
    rows = conn.execute(
        "SELECT chat_id, message_id, file_id, sender_id, name, thread_id FROM picture"
        " ORDER BY at LIMIT ?",
        (limit,),
    )
    return [Picture(**dict(row)) for row in rows]


def drop_picture(conn: sqlite3.Connection, picture: Picture) -> None:
    """A picture was read, or can't be."""
    conn.execute(
        "DELETE FROM picture WHERE chat_id = ? AND message_id = ?",
        (picture.chat_id, picture.message_id),
    )


def migrate_chat(conn: sqlite3.Connection, old: int, new: int) -> None:
    """The group became a supergroup."""
    conn.execute("UPDATE audit SET chat_id = ? WHERE chat_id = ?", (new, old))
    conn.execute("UPDATE OR IGNORE digest SET chat_id = ? WHERE chat_id = ?", (new, old))
    conn.execute("DELETE FROM picture WHERE chat_id = ?", (old,))


def forget(conn: sqlite3.Connection, user_id: int) -> None:
    """Drop the pictures of a person that wait."""
    conn.execute("DELETE FROM picture WHERE sender_id = ?", (user_id,))


def purge(conn: sqlite3.Connection, chat_id: int, retention_s: float, now: float) -> None:
    """Drop a group's audit that is past its retention."""
    conn.execute("DELETE FROM audit WHERE chat_id = ? AND at < ?", (chat_id, now - retention_s))


def purge_short_lived(conn: sqlite3.Connection, now: float) -> None:
    """Drop counted claims and waiting pictures that are old."""
    conn.execute("DELETE FROM echo WHERE at <= ?", (now - ECHO_S,))
    conn.execute("DELETE FROM picture WHERE at < ?", (now - 3600.0,))
