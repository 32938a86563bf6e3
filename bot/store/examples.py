"""Settled examples: what administrators called wrong or right, and what is exempt for it.

``moderation`` makes their tables, and lets them go with the cases that they were.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from bot.moderation.exempt import bare_words
from bot.store.moderation import Case


@dataclass(frozen=True, slots=True)
class Labelled:
    """A case that administrators settled: what the guard must (not) say of its text.

    ``flipped``: it says otherwise by now, and nobody has decided yet; ``kept``: somebody has, and
    the case stays as it was upheld.
    """

    case_id: str
    chat_id: int
    text: str
    figures: tuple[str, ...]
    wrong: bool
    at: float
    flipped: bool = False
    kept: bool = False


def label(
    conn: sqlite3.Connection,
    case: Case,
    *,
    wrong: bool,
    keys: Iterable[str],
    now: float,
    kept: bool = False,
) -> None:
    """Remember the case as an example; *keys* of its findings are exempt where it was wrong.

    *kept*: it was upheld although the guard says otherwise by now.
    """
    if case.text is not None:
        conn.execute(
            "INSERT OR REPLACE INTO labelled"
            " (case_id, chat_id, text, figures, wrong, at, words, kept)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                case.id,
                case.chat_id,
                case.text,
                json.dumps(case.figures),
                int(wrong),
                now,
                bare_words(case.text),
                int(kept),
            ),
        )
    conn.execute("DELETE FROM exempt WHERE case_id = ?", (case.id,))
    for key in keys if wrong else ():
        conn.execute("INSERT OR REPLACE INTO exempt VALUES (?, ?, ?)", (case.chat_id, key, case.id))


def unlabel(conn: sqlite3.Connection, case_id: str) -> bool:
    """Take an example back, on purpose."""
    conn.execute("DELETE FROM exempt WHERE case_id = ?", (case_id,))
    return bool(conn.execute("DELETE FROM labelled WHERE case_id = ?", (case_id,)).rowcount)


def labelled(conn: sqlite3.Connection, chat_id: int | None = None) -> list[Labelled]:
    """The examples, of one group or of all, oldest first."""
    rows = conn.execute(
        "SELECT * FROM labelled WHERE chat_id = coalesce(?, chat_id) ORDER BY at, case_id",
        (chat_id,),
    )
    return [_labelled(row) for row in rows]


def example(conn: sqlite3.Connection, case_id: str) -> Labelled | None:
    """The example that the case is, which may outlive the case."""
    row = conn.execute("SELECT * FROM labelled WHERE case_id = ?", (case_id,)).fetchone()
    return _labelled(row) if row else None


def has_like(conn: sqlite3.Connection, chat_id: int, words: str) -> bool:
    """Whether the group has an example of a post with the same bare *words*."""
    row = conn.execute(
        "SELECT 1 FROM labelled WHERE chat_id = ? AND words = ?", (chat_id, words)
    ).fetchone()
    return row is not None


def set_flipped(conn: sqlite3.Connection, case_id: str, flipped: bool) -> None:
    """Note whether the guard judges the example otherwise by now."""
    conn.execute("UPDATE labelled SET flipped = ? WHERE case_id = ?", (int(flipped), case_id))


def keep_label(conn: sqlite3.Connection, case: Labelled, keys: Iterable[str]) -> bool:
    """The example stays, whatever the guard says; *keys* of what it says are exempt if wrong.

    False, and nothing is exempt, if it was given up or settled the other way since it was read.
    """
    cursor = conn.execute(
        "UPDATE labelled SET flipped = 0, kept = 1 WHERE case_id = ? AND wrong = ?",
        (case.case_id, int(case.wrong)),
    )
    if not cursor.rowcount:
        return False
    for key in keys if case.wrong else ():
        conn.execute(
            "INSERT OR REPLACE INTO exempt VALUES (?, ?, ?)", (case.chat_id, key, case.case_id)
        )
    return True


def exempt_keys(conn: sqlite3.Connection, chat_id: int) -> frozenset[str]:
    """Keys of findings that are none in this group."""
    rows = conn.execute("SELECT key FROM exempt WHERE chat_id = ?", (chat_id,))
    return frozenset(row["key"] for row in rows)


def _labelled(row: sqlite3.Row) -> Labelled:
    return Labelled(
        row["case_id"],
        row["chat_id"],
        row["text"],
        tuple(json.loads(row["figures"])),
        bool(row["wrong"]),
        row["at"],
        bool(row["flipped"]),
        bool(row["kept"]),
    )
