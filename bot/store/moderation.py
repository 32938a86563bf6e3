"""Cases: posts that claimed something, what came of them, and what people made of it since.

A case's id is its receipt's: ``why`` derives it.  A case is one revision of a post; what happens to
it is a change of ``state`` from a known one (compare and set), so that two presses have one effect.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from bot.moderation.exempt import bare_words

SEEN_S: Final = 49 * 3600.0  # a post can be edited for 48 h

State = Literal["open", "appealed", "upheld", "reversed", "corrected"]
_TABLES: Final = ("post_case", "strike", "notice", "labelled")


@dataclass(frozen=True, slots=True)
class Case:
    """One judged post; ``message_ids`` are all of an album's, ``batch`` its later notice."""

    id: str
    chat_id: int
    message_id: int
    message_ids: tuple[int, ...]
    thread_id: int | None
    sender_id: int
    is_channel: bool
    name: str | None
    verdict: str
    figures: tuple[str, ...]
    text: str | None
    at: float
    action: str = "none"
    reason: str = ""
    punish: str = ""
    notice_message: int | None = None
    batch: str | None = None
    state: State = "open"
    settled_by: int | None = None
    settled_name: str | None = None
    settled_at: float | None = None

    @property
    def has_notice(self) -> bool:
        """Whether the post was answered by a notice of its own."""
        return self.notice_message is not None


def moderation_001(conn: sqlite3.Connection) -> None:
    conn.execute(
        """CREATE TABLE post_case (
            id TEXT PRIMARY KEY,
            chat_id INTEGER NOT NULL,
            message_id INTEGER NOT NULL,
            message_ids TEXT NOT NULL,
            thread_id INTEGER,
            sender_id INTEGER NOT NULL,
            is_channel INTEGER NOT NULL DEFAULT 0,
            name TEXT,
            verdict TEXT NOT NULL,
            figures TEXT NOT NULL,
            text TEXT,
            at REAL NOT NULL,
            action TEXT NOT NULL DEFAULT 'none',
            reason TEXT NOT NULL DEFAULT '',
            punish TEXT NOT NULL DEFAULT '',
            notice_message INTEGER,
            batch TEXT,
            state TEXT NOT NULL DEFAULT 'open',
            settled_by INTEGER,
            settled_name TEXT,
            settled_at REAL) WITHOUT ROWID"""
    )
    conn.execute("CREATE INDEX case_chat ON post_case (chat_id, at)")
    conn.execute("CREATE INDEX case_sender ON post_case (sender_id)")
    conn.execute("CREATE INDEX case_batch ON post_case (batch) WHERE batch IS NOT NULL")
    conn.execute(
        "CREATE TABLE post_seen (chat_id INTEGER NOT NULL, message_id INTEGER NOT NULL,"
        " digest TEXT NOT NULL, verdict TEXT NOT NULL, case_id TEXT, at REAL NOT NULL,"
        " PRIMARY KEY (chat_id, message_id)) WITHOUT ROWID"
    )
    conn.execute("CREATE INDEX seen_at ON post_seen (at)")
    conn.execute(
        "CREATE TABLE album (chat_id INTEGER NOT NULL, album TEXT NOT NULL,"
        " message_id INTEGER NOT NULL, at REAL NOT NULL,"
        " PRIMARY KEY (chat_id, album, message_id)) WITHOUT ROWID"
    )


def moderation_002(conn: sqlite3.Connection) -> None:
    conn.execute(
        "CREATE TABLE IF NOT EXISTS notice (key TEXT PRIMARY KEY, chat_id INTEGER NOT NULL,"
        " at REAL NOT NULL) WITHOUT ROWID"
    )
    conn.execute("CREATE INDEX IF NOT EXISTS notice_chat ON notice (chat_id, at)")
    conn.execute(
        "CREATE TABLE IF NOT EXISTS strike (case_id TEXT PRIMARY KEY, chat_id INTEGER NOT NULL,"
        " sender_id INTEGER NOT NULL, at REAL NOT NULL) WITHOUT ROWID"
    )
    conn.execute("CREATE INDEX IF NOT EXISTS strike_sender ON strike (chat_id, sender_id)")
    conn.execute(
        "CREATE TABLE IF NOT EXISTS exempt (chat_id INTEGER NOT NULL, key TEXT NOT NULL,"
        " case_id TEXT NOT NULL, PRIMARY KEY (chat_id, key)) WITHOUT ROWID"
    )
    conn.execute(
        "CREATE TABLE IF NOT EXISTS labelled (case_id TEXT PRIMARY KEY, chat_id INTEGER NOT NULL,"
        " text TEXT NOT NULL, figures TEXT NOT NULL, wrong INTEGER NOT NULL, at REAL NOT NULL)"
        " WITHOUT ROWID"
    )
    conn.execute(
        "CREATE TABLE IF NOT EXISTS card (chat_id INTEGER NOT NULL, message_id INTEGER NOT NULL,"
        " case_id TEXT NOT NULL, PRIMARY KEY (chat_id, message_id)) WITHOUT ROWID"
    )
    conn.execute("CREATE INDEX IF NOT EXISTS card_case ON card (case_id)")


def moderation_003(conn: sqlite3.Connection) -> None:
    conn.execute("ALTER TABLE labelled ADD COLUMN words TEXT NOT NULL DEFAULT ''")
    conn.execute("ALTER TABLE labelled ADD COLUMN flipped INTEGER NOT NULL DEFAULT 0")
    conn.execute("ALTER TABLE labelled ADD COLUMN kept INTEGER NOT NULL DEFAULT 0")
    conn.execute("CREATE INDEX labelled_chat ON labelled (chat_id)")
    for row in conn.execute("SELECT case_id, text FROM labelled").fetchall():
        conn.execute(
            "UPDATE labelled SET words = ? WHERE case_id = ?",
            (bare_words(row["text"]), row["case_id"]),
        )


MIGRATIONS: Final = (moderation_001, moderation_002, moderation_003)


def add(conn: sqlite3.Connection, case: Case) -> None:
    """Keep a new case."""
    conn.execute(
        "INSERT INTO post_case (id, chat_id, message_id, message_ids, thread_id, sender_id,"
        " is_channel, name, verdict, figures, text, at, action, reason, punish, batch)"
        " VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
        (
            case.id,
            case.chat_id,
            case.message_id,
            json.dumps(case.message_ids),
            case.thread_id,
            case.sender_id,
            int(case.is_channel),
            case.name,
            case.verdict,
            json.dumps(case.figures),
            case.text,
            case.at,
            case.action,
            case.reason,
            case.punish,
            case.batch,
        ),
    )


def load(conn: sqlite3.Connection, case_id: str) -> Case | None:
    """The case with this id."""
    row = conn.execute("SELECT * FROM post_case WHERE id = ?", (case_id,)).fetchone()
    return _case(row) if row else None


def recent(
    conn: sqlite3.Connection,
    chat_id: int,
    since: float,
    *,
    verdict: str | None = None,
    limit: int = -1,
) -> list[Case]:
    """The group's cases since then, latest first."""
    rows = conn.execute(
        "SELECT * FROM post_case WHERE chat_id = ? AND at >= ? AND verdict = coalesce(?, verdict)"
        " ORDER BY at DESC, id LIMIT ?",
        (chat_id, since, verdict, limit),
    )
    return [_case(row) for row in rows]


def of_sender(conn: sqlite3.Connection, chat_id: int, sender_id: int) -> list[Case]:
    """A sender's cases in the group, oldest first."""
    rows = conn.execute(
        "SELECT * FROM post_case WHERE chat_id = ? AND sender_id = ? ORDER BY at",
        (chat_id, sender_id),
    )
    return [_case(row) for row in rows]


def of_batch(conn: sqlite3.Connection, batch: str) -> list[Case]:
    """The deletions that one later notice tells, oldest first."""
    rows = conn.execute("SELECT * FROM post_case WHERE batch = ? ORDER BY at, id", (batch,))
    return [_case(row) for row in rows]


def untold(conn: sqlite3.Connection, chat_id: int | None = None) -> list[Case]:
    """Deletions that wait for a later notice, oldest first."""
    rows = conn.execute(
        "SELECT * FROM post_case WHERE batch = '' AND chat_id = coalesce(?, chat_id)"
        " ORDER BY at, id",
        (chat_id,),
    )
    return [_case(row) for row in rows]


def update(conn: sqlite3.Connection, case_id: str, **values: Any) -> None:
    """Set columns of the case."""
    for name, value in values.items():
        if isinstance(value, (tuple, list)):
            value = json.dumps(value)
        conn.execute(f"UPDATE post_case SET {name} = ? WHERE id = ?", (value, case_id))


def move(
    conn: sqlite3.Connection,
    case_id: str,
    state: State,
    since: Sequence[State],
    *,
    by: int | None = None,
    name: str | None = None,
    now: float,
) -> bool:
    """Move the case to *state* if it is in one of *since*; False if somebody was faster."""
    marks = ",".join("?" * len(since))
    cursor = conn.execute(
        f"UPDATE post_case SET state = ?, settled_by = ?, settled_name = ?, settled_at = ?"
        f" WHERE id = ? AND state IN ({marks})",
        (state, by, name, now, case_id, *since),
    )
    return bool(cursor.rowcount)


# --- what was seen: for edits and albums ---


def seen(conn: sqlite3.Connection, chat_id: int, message_id: int) -> sqlite3.Row | None:
    """``digest``, ``verdict`` and ``case_id`` of a post that was judged before."""
    row: sqlite3.Row | None = conn.execute(
        "SELECT digest, verdict, case_id FROM post_seen WHERE chat_id = ? AND message_id = ?",
        (chat_id, message_id),
    ).fetchone()
    return row


def note_seen(
    conn: sqlite3.Connection,
    chat_id: int,
    message_id: int,
    digest: str,
    verdict: str,
    case_id: str | None,
    now: float,
) -> None:
    """Remember how a post was judged, for as long as it can be edited."""
    conn.execute(
        "INSERT OR REPLACE INTO post_seen VALUES (?, ?, ?, ?, ?, ?)",
        (chat_id, message_id, digest, verdict, case_id, now),
    )


def note_album(
    conn: sqlite3.Connection, chat_id: int, album: str, message_id: int, now: float
) -> None:
    """Remember that a message is part of an album."""
    conn.execute(
        "INSERT OR IGNORE INTO album VALUES (?, ?, ?, ?)", (chat_id, album, message_id, now)
    )


def album_messages(conn: sqlite3.Connection, chat_id: int, album: str) -> list[int]:
    """The album's messages that were seen, in order."""
    rows = conn.execute(
        "SELECT message_id FROM album WHERE chat_id = ? AND album = ? ORDER BY message_id",
        (chat_id, album),
    )
    return [row["message_id"] for row in rows]


def album_case(conn: sqlite3.Connection, chat_id: int, album: str) -> Case | None:
    """The latest case of any of the album's messages."""
    row = conn.execute(
        "SELECT c.* FROM album a JOIN post_seen s ON s.chat_id = a.chat_id"
        " AND s.message_id = a.message_id JOIN post_case c ON c.id = s.case_id"
        " WHERE a.chat_id = ? AND a.album = ? ORDER BY c.verdict = 'conflict' DESC, c.at DESC",
        (chat_id, album),
    ).fetchone()
    return _case(row) if row else None


# --- notices and strikes ---


def add_notice(conn: sqlite3.Connection, key: str, chat_id: int, now: float) -> None:
    """Count a notice against the group's limits."""
    conn.execute("INSERT OR IGNORE INTO notice VALUES (?, ?, ?)", (key, chat_id, now))


def drop_notice(conn: sqlite3.Connection, key: str) -> None:
    """The notice was never sent."""
    conn.execute("DELETE FROM notice WHERE key = ?", (key,))


def notices(conn: sqlite3.Connection, chat_id: int, now: float) -> tuple[float, ...]:
    """The times of the group's notices within the last hour."""
    rows = conn.execute(
        "SELECT at FROM notice WHERE chat_id = ? AND at > ? ORDER BY at", (chat_id, now - 3600.0)
    )
    return tuple(row["at"] for row in rows)


def add_strike(
    conn: sqlite3.Connection, case_id: str, chat_id: int, sender_id: int, now: float
) -> None:
    """Count a strike; one case is one strike."""
    conn.execute(
        "INSERT OR IGNORE INTO strike VALUES (?, ?, ?, ?)", (case_id, chat_id, sender_id, now)
    )


def drop_strike(conn: sqlite3.Connection, case_id: str) -> bool:
    """Take the case's strike back; False if it had none."""
    return bool(conn.execute("DELETE FROM strike WHERE case_id = ?", (case_id,)).rowcount)


def strikes(conn: sqlite3.Connection, chat_id: int, sender_id: int) -> tuple[float, ...]:
    """The times of a sender's strikes."""
    rows = conn.execute(
        "SELECT at FROM strike WHERE chat_id = ? AND sender_id = ? ORDER BY at",
        (chat_id, sender_id),
    )
    return tuple(row["at"] for row in rows)


# --- cards before administrators ---


def add_card(conn: sqlite3.Connection, chat_id: int, message_id: int, case_id: str) -> None:
    """A card about the case was sent there."""
    conn.execute("INSERT OR IGNORE INTO card VALUES (?, ?, ?)", (chat_id, message_id, case_id))


def cards(conn: sqlite3.Connection, case_id: str) -> list[tuple[int, int]]:
    """(chat, message) of the case's cards."""
    rows = conn.execute("SELECT chat_id, message_id FROM card WHERE case_id = ?", (case_id,))
    return [(row["chat_id"], row["message_id"]) for row in rows]


# --- life's end ---


def migrate_chat(conn: sqlite3.Connection, old: int, new: int) -> None:
    """The group became a supergroup.  Its old messages keep to the old chat: they are gone."""
    conn.execute("UPDATE post_case SET notice_message = NULL WHERE chat_id = ?", (old,))
    for table in _TABLES:
        conn.execute(f"UPDATE {table} SET chat_id = ? WHERE chat_id = ?", (new, old))
    conn.execute("UPDATE OR IGNORE exempt SET chat_id = ? WHERE chat_id = ?", (new, old))
    for table in ("post_seen", "album", "card", "exempt"):
        conn.execute(f"DELETE FROM {table} WHERE chat_id = ?", (old,))


def forget(conn: sqlite3.Connection, user_id: int) -> None:
    """A person goes by number from now on."""
    conn.execute("UPDATE post_case SET name = NULL WHERE sender_id = ?", (user_id,))
    conn.execute("UPDATE post_case SET settled_name = NULL WHERE settled_by = ?", (user_id,))


def purge(conn: sqlite3.Connection, chat_id: int, retention_s: float, now: float) -> None:
    """Drop a group's cases and examples that are past its retention; exempt hashes stay."""
    old = now - retention_s
    conn.execute("DELETE FROM labelled WHERE chat_id = ? AND at < ?", (chat_id, old))
    conn.execute(
        "DELETE FROM card WHERE case_id IN (SELECT id FROM post_case WHERE chat_id = ? AND at < ?)",
        (chat_id, old),
    )
    conn.execute("DELETE FROM post_case WHERE chat_id = ? AND at < ?", (chat_id, old))


def purge_short_lived(conn: sqlite3.Connection, now: float) -> None:
    """Drop what only serves edits, albums and limits."""
    conn.execute("DELETE FROM post_seen WHERE at < ?", (now - SEEN_S,))
    conn.execute("DELETE FROM album WHERE at < ?", (now - SEEN_S,))
    conn.execute("DELETE FROM notice WHERE at < ?", (now - 7200.0,))
    conn.execute("DELETE FROM strike WHERE at < ?", (now - 30 * 86400.0,))


def _case(row: sqlite3.Row) -> Case:
    values = dict(row)
    values["message_ids"] = tuple(json.loads(row["message_ids"]))
    values["figures"] = tuple(json.loads(row["figures"]))
    values["is_channel"] = bool(row["is_channel"])
    return Case(**values)
