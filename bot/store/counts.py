"""What is left of the questions: how many there were of which kind, a day."""

from __future__ import annotations

import sqlite3
from typing import Final


def counts_001(conn: sqlite3.Connection) -> None:
    conn.execute(
        "CREATE TABLE counts (day TEXT NOT NULL, kind TEXT NOT NULL, n INTEGER NOT NULL,"
        " PRIMARY KEY (day, kind)) WITHOUT ROWID"
    )
    conn.execute("CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID")


MIGRATIONS: Final = (counts_001,)


def add(conn: sqlite3.Connection, day: str, kind: str) -> None:
    """Count one more of *kind* on *day* (``YYYY-MM-DD``)."""
    conn.execute(
        "INSERT INTO counts VALUES (?, ?, 1) ON CONFLICT DO UPDATE SET n = n + 1", (day, kind)
    )


def totals(conn: sqlite3.Connection) -> dict[str, int]:
    """How many of each kind over all days."""
    rows = conn.execute("SELECT kind, sum(n) AS n FROM counts GROUP BY kind ORDER BY kind")
    return {row["kind"]: row["n"] for row in rows}


def get_meta(conn: sqlite3.Connection, key: str) -> str | None:
    """A single remembered value, such as the menu that Telegram was last told."""
    row = conn.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    return row["value"] if row else None


def set_meta(conn: sqlite3.Connection, key: str, value: str) -> None:
    """Remember *value* under *key*."""
    conn.execute(
        "INSERT INTO meta VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value",
        (key, value),
    )
