"""Groups: what they are, what their administrators chose, whom they allow.

A group's settings are rows of text, read and checked by ``bot.moderation.settings``.  What Telegram
said of a group (administrators, rights, linked channel) is remembered with the time it was said.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

_TABLES_BY_CHAT: Final = ("allowed", "admin_notify", "group_count")


@dataclass(frozen=True, slots=True)
class Group:
    """What is remembered of a group; ``admins`` is None before Telegram was asked.

    ``clock_ahead`` is how far Telegram's clock runs before ours, by its last message.
    """

    chat_id: int
    title: str = ""
    kind: str = "supergroup"
    active: bool = True
    linked_chat_id: int | None = None
    admins: frozenset[int] | None = None
    known_at: float = 0.0
    rights: dict[str, bool] = field(default_factory=dict)
    onboarding_message: int | None = None
    disarmed: bool = False
    clock_ahead: float = 0.0


def groups_001(conn: sqlite3.Connection) -> None:
    conn.execute(
        """CREATE TABLE group_chat (
            chat_id INTEGER PRIMARY KEY,
            title TEXT NOT NULL DEFAULT '',
            kind TEXT NOT NULL DEFAULT 'supergroup',
            active INTEGER NOT NULL DEFAULT 1,
            linked_chat_id INTEGER,
            admins TEXT,
            known_at REAL NOT NULL DEFAULT 0,
            rights TEXT NOT NULL DEFAULT '{}',
            onboarding_message INTEGER,
            disarmed INTEGER NOT NULL DEFAULT 0,
            first_seen_at REAL NOT NULL)"""
    )
    conn.execute(
        "CREATE TABLE group_setting (chat_id INTEGER NOT NULL, key TEXT NOT NULL,"
        " value TEXT NOT NULL, PRIMARY KEY (chat_id, key)) WITHOUT ROWID"
    )
    conn.execute(
        "CREATE TABLE allowed (chat_id INTEGER NOT NULL, member_id INTEGER NOT NULL,"
        " at REAL NOT NULL, PRIMARY KEY (chat_id, member_id)) WITHOUT ROWID"
    )
    conn.execute(
        "CREATE TABLE admin_notify (chat_id INTEGER NOT NULL, user_id INTEGER NOT NULL,"
        " PRIMARY KEY (chat_id, user_id)) WITHOUT ROWID"
    )
    conn.execute(
        "CREATE TABLE started (user_id INTEGER PRIMARY KEY, at REAL NOT NULL) WITHOUT ROWID"
    )
    conn.execute(
        "CREATE TABLE told (chat_id INTEGER NOT NULL, topic TEXT NOT NULL, at REAL NOT NULL,"
        " PRIMARY KEY (chat_id, topic)) WITHOUT ROWID"
    )
    conn.execute(
        "CREATE TABLE group_count (chat_id INTEGER NOT NULL, day TEXT NOT NULL,"
        " name TEXT NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (chat_id, day, name)) WITHOUT ROWID"
    )


def groups_002(conn: sqlite3.Connection) -> None:
    conn.execute("ALTER TABLE group_chat ADD COLUMN clock_ahead REAL NOT NULL DEFAULT 0")


MIGRATIONS: Final = (groups_001, groups_002)


def load(conn: sqlite3.Connection, chat_id: int) -> Group:
    """What is remembered of the group; a fresh one if nothing is."""
    row = conn.execute("SELECT * FROM group_chat WHERE chat_id = ?", (chat_id,)).fetchone()
    if row is None:
        return Group(chat_id)
    return Group(
        chat_id,
        title=row["title"],
        kind=row["kind"],
        active=bool(row["active"]),
        linked_chat_id=row["linked_chat_id"],
        admins=frozenset(json.loads(row["admins"])) if row["admins"] is not None else None,
        known_at=row["known_at"],
        rights=json.loads(row["rights"]),
        onboarding_message=row["onboarding_message"],
        disarmed=bool(row["disarmed"]),
        clock_ahead=row["clock_ahead"],
    )


def exists(conn: sqlite3.Connection, chat_id: int) -> bool:
    """Whether anything is remembered of the group."""
    row = conn.execute("SELECT 1 FROM group_chat WHERE chat_id = ?", (chat_id,)).fetchone()
    return row is not None


def all_active(conn: sqlite3.Connection) -> list[int]:
    """The groups that the bot is in."""
    rows = conn.execute("SELECT chat_id FROM group_chat WHERE active = 1 ORDER BY chat_id")
    return [row["chat_id"] for row in rows]


def all_known(conn: sqlite3.Connection) -> list[int]:
    """All groups that anything is remembered of."""
    rows = conn.execute("SELECT chat_id FROM group_chat ORDER BY chat_id")
    return [row["chat_id"] for row in rows]


def save(conn: sqlite3.Connection, chat_id: int, now: float, **values: Any) -> None:
    """Remember *values*, columns of ``group_chat``; sets and dictionaries are written as JSON."""
    conn.execute(
        "INSERT OR IGNORE INTO group_chat (chat_id, first_seen_at) VALUES (?, ?)", (chat_id, now)
    )
    for name, value in values.items():
        if isinstance(value, (set, frozenset)):
            value = json.dumps(sorted(value))
        elif isinstance(value, dict):
            value = json.dumps(value)
        conn.execute(f"UPDATE group_chat SET {name} = ? WHERE chat_id = ?", (value, chat_id))


def settings_rows(conn: sqlite3.Connection, chat_id: int) -> dict[str, str]:
    """The settings that differ from the defaults."""
    rows = conn.execute("SELECT key, value FROM group_setting WHERE chat_id = ?", (chat_id,))
    return {row["key"]: row["value"] for row in rows}


def set_setting(conn: sqlite3.Connection, chat_id: int, key: str, value: str) -> bool:
    """Choose *value*; False if it was so before."""
    cursor = conn.execute(
        "INSERT INTO group_setting VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET"
        " value = excluded.value WHERE value != excluded.value",
        (chat_id, key, value),
    )
    return bool(cursor.rowcount)


def allowed(conn: sqlite3.Connection, chat_id: int) -> frozenset[int]:
    """The allow list: members and channels."""
    rows = conn.execute("SELECT member_id FROM allowed WHERE chat_id = ?", (chat_id,))
    return frozenset(row["member_id"] for row in rows)


def allow(conn: sqlite3.Connection, chat_id: int, member_id: int, now: float) -> bool:
    """Put on the allow list; False if it was there."""
    cursor = conn.execute(
        "INSERT OR IGNORE INTO allowed VALUES (?, ?, ?)", (chat_id, member_id, now)
    )
    return bool(cursor.rowcount)


def disallow(conn: sqlite3.Connection, chat_id: int, member_id: int) -> bool:
    """Take off the allow list; False if it wasn't there."""
    cursor = conn.execute(
        "DELETE FROM allowed WHERE chat_id = ? AND member_id = ?", (chat_id, member_id)
    )
    return bool(cursor.rowcount)


def notified(conn: sqlite3.Connection, chat_id: int) -> frozenset[int]:
    """The administrators who asked to be told of every conflict."""
    rows = conn.execute("SELECT user_id FROM admin_notify WHERE chat_id = ?", (chat_id,))
    return frozenset(row["user_id"] for row in rows)


def toggle_notify(conn: sqlite3.Connection, chat_id: int, user_id: int) -> bool:
    """Turn telling an administrator on or off; whether it is on now."""
    gone = conn.execute(
        "DELETE FROM admin_notify WHERE chat_id = ? AND user_id = ?", (chat_id, user_id)
    ).rowcount
    if gone:
        return False
    conn.execute("INSERT INTO admin_notify VALUES (?, ?)", (chat_id, user_id))
    return True


def note_started(conn: sqlite3.Connection, user_id: int, now: float) -> None:
    """The person has a private chat with the bot."""
    conn.execute("INSERT OR IGNORE INTO started VALUES (?, ?)", (user_id, now))


def note_stopped(conn: sqlite3.Connection, user_id: int) -> None:
    """The person blocked the bot, or can't be written to."""
    conn.execute("DELETE FROM started WHERE user_id = ?", (user_id,))


def started(conn: sqlite3.Connection, users: Iterable[int]) -> list[int]:
    """Those of *users* who can be written to in private."""
    found = {row["user_id"] for row in conn.execute("SELECT user_id FROM started")}
    return sorted(found.intersection(users))


def tell_once(
    conn: sqlite3.Connection, chat_id: int, topic: str, now: float, *, again_s: float = 86400.0
) -> bool:
    """Whether *topic* is to be told now: not if it was within *again_s*."""
    cursor = conn.execute(
        "INSERT INTO told VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET at = excluded.at"
        " WHERE at <= excluded.at - ?",
        (chat_id, topic, now, again_s),
    )
    return bool(cursor.rowcount)


def may_tell(
    conn: sqlite3.Connection, chat_id: int, topic: str, now: float, *, again_s: float
) -> bool:
    """Whether :func:`tell_once` would say yes."""
    row = conn.execute(
        "SELECT at FROM told WHERE chat_id = ? AND topic = ?", (chat_id, topic)
    ).fetchone()
    return row is None or row["at"] <= now - again_s


def untell(conn: sqlite3.Connection, chat_id: int, topic: str) -> None:
    """What *topic* was about is over: it may be told anew."""
    conn.execute("DELETE FROM told WHERE chat_id = ? AND topic = ?", (chat_id, topic))


def count(conn: sqlite3.Connection, chat_id: int, day: str, name: str) -> None:
    """Count one more *name* on *day* (``YYYY-MM-DD``)."""
    conn.execute(
        "INSERT INTO group_count VALUES (?, ?, ?, 1) ON CONFLICT DO UPDATE SET n = n + 1",
        (chat_id, day, name),
    )


def counts(conn: sqlite3.Connection, chat_id: int, from_day: str) -> dict[tuple[str, str], int]:
    """What was counted from *from_day* on: (day, name) → number."""
    rows = conn.execute(
        "SELECT day, name, n FROM group_count WHERE chat_id = ? AND day >= ?", (chat_id, from_day)
    )
    return {(row["day"], row["name"]): row["n"] for row in rows}


def migrate_chat(conn: sqlite3.Connection, old: int, new: int) -> None:
    """The group became a supergroup: everything goes with it.  Twice is as good as once."""
    if exists(conn, old):
        conn.execute("DELETE FROM group_chat WHERE chat_id = ?", (new,))
        conn.execute(
            "UPDATE group_chat SET chat_id = ?, kind = 'supergroup', active = 1, admins = NULL,"
            " onboarding_message = NULL WHERE chat_id = ?",
            (new, old),
        )
    conn.execute("UPDATE OR REPLACE group_setting SET chat_id = ? WHERE chat_id = ?", (new, old))
    conn.execute(
        "UPDATE group_setting SET value = ? WHERE key = 'log_chat' AND value = ?",
        (str(new), str(old)),
    )
    for table in (*_TABLES_BY_CHAT, "told"):
        conn.execute(f"UPDATE OR IGNORE {table} SET chat_id = ? WHERE chat_id = ?", (new, old))
        conn.execute(f"DELETE FROM {table} WHERE chat_id = ?", (old,))


def forget(conn: sqlite3.Connection, user_id: int) -> None:
    """Drop what ties a person to private messages of ours."""
    conn.execute("DELETE FROM started WHERE user_id = ?", (user_id,))
    conn.execute("DELETE FROM admin_notify WHERE user_id = ?", (user_id,))
