"""Calls to Telegram that were decided on, each carried out once.

A handler's effects are committed with its update, under keys that a second run would find taken.
A call that can't be repeated (``send…``) is marked ``sending`` before it goes out; one left so by a
kill is ``uncertain``: it is sent once more at most, and only where a silence would be worse than a
double (``resend``).  A payload is erased as soon as its call is settled.
"""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass, field
from typing import Any, Final

KEEP_S: Final = 7 * 86400.0
# A call is worth making so long after it was decided on.
DEFAULT_LIFE_S: Final = 3600.0

_REPEATABLE_EXCEPT: Final = ("send", "forward", "copy", "create", "export")


@dataclass(frozen=True, slots=True)
class Effect:
    """One call of the Bot API (or of a ``local:`` function), with how it may go wrong.

    ``key`` makes it unique for ever; calls of one ``lane`` go out in order, lanes side by side.
    ``due_at`` is a time to wait for, ``life_s`` how long after it the call is still worth making.
    ``after`` names an effect to wait for (a second at most).  ``fallback`` replaces the payload
    when what it replies to or quotes is gone.  ``hook`` names a function that gets the result.
    """

    key: str
    method: str
    payload: dict[str, Any]
    lane: str
    chat_id: int | None = None
    due_at: float = 0.0
    life_s: float = DEFAULT_LIFE_S
    after: str | None = None
    fallback: dict[str, Any] | None = None
    hook: str | None = None
    hook_args: dict[str, Any] = field(default_factory=dict)
    resend: bool = False


@dataclass(frozen=True, slots=True)
class Planned:
    """An effect in the outbox that is still to be carried out."""

    id: int
    effect: Effect
    created_at: float
    attempts: int
    resent: bool


def outbox_001(conn: sqlite3.Connection) -> None:
    conn.execute(
        """CREATE TABLE outbox (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            key TEXT NOT NULL UNIQUE,
            method TEXT NOT NULL,
            payload TEXT,
            lane TEXT NOT NULL,
            chat_id INTEGER,
            due_at REAL NOT NULL,
            life_s REAL NOT NULL,
            after TEXT,
            fallback TEXT,
            hook TEXT,
            hook_args TEXT,
            resend INTEGER NOT NULL DEFAULT 0,
            resent INTEGER NOT NULL DEFAULT 0,
            created_at REAL NOT NULL,
            state TEXT NOT NULL DEFAULT 'pending' CHECK (state IN
                ('pending', 'sending', 'done', 'failed', 'uncertain', 'cancelled')),
            attempts INTEGER NOT NULL DEFAULT 0,
            settled_at REAL,
            message_id INTEGER,
            error TEXT)"""
    )
    conn.execute("CREATE INDEX outbox_due ON outbox (due_at) WHERE state = 'pending'")
    conn.execute("CREATE INDEX outbox_out ON outbox (id) WHERE state = 'sending'")
    conn.execute("CREATE INDEX outbox_open_chat ON outbox (chat_id) WHERE state = 'pending'")
    conn.execute("CREATE INDEX outbox_settled ON outbox (settled_at)")


MIGRATIONS: Final = (outbox_001,)


def is_repeatable(method: str) -> bool:
    """Whether calling twice does what calling once does."""
    return not method.startswith(_REPEATABLE_EXCEPT)


def insert(conn: sqlite3.Connection, effect: Effect, now: float) -> int | None:
    """The effect's id, or None if its key is taken."""
    cursor = conn.execute(
        "INSERT OR IGNORE INTO outbox (key, method, payload, lane, chat_id, due_at, life_s, after,"
        " fallback, hook, hook_args, resend, created_at) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)",
        (
            effect.key,
            effect.method,
            _dump(effect.payload),
            effect.lane,
            effect.chat_id,
            max(effect.due_at, now) if effect.due_at else now,
            effect.life_s,
            effect.after,
            _dump(effect.fallback) if effect.fallback is not None else None,
            effect.hook,
            _dump(effect.hook_args) if effect.hook_args else None,
            int(effect.resend),
            now,
        ),
    )
    return cursor.lastrowid if cursor.rowcount else None


def recover(conn: sqlite3.Connection, now: float) -> tuple[int, int]:
    """After a kill: (how many sends of unknown outcome go out again, how many are given up)."""
    again = conn.execute(
        "UPDATE outbox SET state = 'pending', resent = 1"
        " WHERE state = 'sending' AND resend = 1 AND resent = 0"
    ).rowcount
    given_up = conn.execute(
        "UPDATE outbox SET state = 'uncertain', settled_at = ?, payload = NULL, fallback = NULL,"
        " hook_args = NULL, error = 'killed while sending' WHERE state = 'sending'",
        (now,),
    ).rowcount
    return again, given_up


def due(conn: sqlite3.Connection, now: float) -> list[tuple[int, str]]:
    """(id, lane) of what is pending and due, in the order of planning."""
    rows = conn.execute(
        # By name: to have the order for free, SQLite would rather read the whole table.
        "SELECT id, lane FROM outbox INDEXED BY outbox_due"
        " WHERE state = 'pending' AND due_at <= ? ORDER BY id",
        (now,),
    )
    return [(row["id"], row["lane"]) for row in rows]


def lane_if_due(conn: sqlite3.Connection, effect_id: int, now: float) -> str | None:
    """The lane of a pending effect whose time has come."""
    row = conn.execute(
        "SELECT lane FROM outbox WHERE id = ? AND state = 'pending' AND due_at <= ?",
        (effect_id, now),
    ).fetchone()
    return row["lane"] if row else None


def load(conn: sqlite3.Connection, effect_id: int) -> Planned | None:
    """The effect if it is still pending."""
    row = conn.execute(
        "SELECT * FROM outbox WHERE id = ? AND state = 'pending'", (effect_id,)
    ).fetchone()
    if row is None:
        return None
    effect = Effect(
        key=row["key"],
        method=row["method"],
        payload=json.loads(row["payload"]),
        lane=row["lane"],
        chat_id=row["chat_id"],
        due_at=row["due_at"],
        life_s=row["life_s"],
        after=row["after"],
        fallback=json.loads(row["fallback"]) if row["fallback"] else None,
        hook=row["hook"],
        hook_args=json.loads(row["hook_args"]) if row["hook_args"] else {},
        resend=bool(row["resend"]),
    )
    return Planned(row["id"], effect, row["created_at"], row["attempts"], bool(row["resent"]))


def state_of(conn: sqlite3.Connection, key: str) -> str | None:
    """The state of the effect with *key*, None if there is none."""
    row = conn.execute("SELECT state FROM outbox WHERE key = ?", (key,)).fetchone()
    return row["state"] if row else None


def any_alive(conn: sqlite3.Connection, start: str) -> bool:
    """Whether an effect whose key begins with *start* was carried out, or still may be."""
    row = conn.execute(
        "SELECT 1 FROM outbox WHERE substr(key, 1, ?) = ? AND state NOT IN ('failed', 'cancelled')",
        (len(start), start),
    ).fetchone()
    return row is not None


def found_done(conn: sqlite3.Connection, key: str) -> bool:
    """Whether the call found that somebody else had done what it was to do."""
    row = conn.execute(
        "SELECT 1 FROM outbox WHERE key = ? AND state = 'done' AND error IS NOT NULL", (key,)
    ).fetchone()
    return row is not None


def was_carried_out(conn: sqlite3.Connection, key: str) -> bool:
    """Whether the call did what it was to do, and didn't merely find it done."""
    row = conn.execute(
        "SELECT 1 FROM outbox WHERE key = ? AND state = 'done' AND error IS NULL", (key,)
    ).fetchone()
    return row is not None


def message_id_of(conn: sqlite3.Connection, key: str) -> int | None:
    """The id of the message that the effect with *key* sent, once it has."""
    row = conn.execute("SELECT message_id FROM outbox WHERE key = ?", (key,)).fetchone()
    return row["message_id"] if row else None


def mark_sending(conn: sqlite3.Connection, effect_id: int) -> bool:
    """Note that the call is about to go out; False if it was cancelled meanwhile."""
    cursor = conn.execute(
        "UPDATE outbox SET state = 'sending', attempts = attempts + 1"
        " WHERE id = ? AND state = 'pending'",
        (effect_id,),
    )
    return bool(cursor.rowcount)


def put_back(
    conn: sqlite3.Connection, effect_id: int, *, resent: bool = False, payload: Any = None
) -> None:
    """Make a call pending again: it did not reach Telegram, or it may go out once more."""
    conn.execute(
        "UPDATE outbox SET state = 'pending', resent = max(resent, ?),"
        " payload = coalesce(?, payload), fallback = CASE WHEN ? THEN NULL ELSE fallback END"
        " WHERE id = ? AND state IN ('pending', 'sending')",
        (int(resent), None if payload is None else _dump(payload), payload is not None, effect_id),
    )


def settle(
    conn: sqlite3.Connection,
    effect_id: int,
    state: str,
    now: float,
    *,
    message_id: int | None = None,
    error: str = "",
) -> None:
    """End the call and erase what it said."""
    conn.execute(
        "UPDATE outbox SET state = ?, settled_at = ?, message_id = ?, error = ?, payload = NULL,"
        " fallback = NULL, hook_args = NULL WHERE id = ?",
        (state, now, message_id, error or None, effect_id),
    )


def cancel(conn: sqlite3.Connection, key: str, now: float) -> bool:
    """Call off a pending effect, or keep its key from being planned; False if it is too late."""
    cursor = conn.execute(
        "INSERT INTO outbox (key, method, lane, due_at, life_s, created_at, state, settled_at)"
        " VALUES (?, '', '', 0, 0, ?, 'cancelled', ?) ON CONFLICT (key) DO UPDATE SET"
        " state = 'cancelled', settled_at = excluded.settled_at, payload = NULL, fallback = NULL,"
        " hook_args = NULL WHERE state = 'pending'",
        (key, now, now),
    )
    return bool(cursor.rowcount)


def cancel_chat(conn: sqlite3.Connection, chat_id: int, now: float) -> int:
    """Call off all that is pending for a chat that can't be written to any more."""
    return conn.execute(
        "UPDATE outbox SET state = 'cancelled', settled_at = ?, payload = NULL, fallback = NULL,"
        " hook_args = NULL WHERE chat_id = ? AND state = 'pending'",
        (now, chat_id),
    ).rowcount


def migrate_chat(conn: sqlite3.Connection, old: int, new: int, now: float) -> None:
    """A group became a supergroup: what is pending goes to its new id.

    Messages of the old chat can't be reached any more, and their numbers are those of others in
    the new one: what speaks of them is called off, and they are forgotten.
    """
    rows = conn.execute(
        "SELECT id, payload, fallback FROM outbox"
        " WHERE chat_id = ? AND state IN ('pending', 'sending')",
        (old,),
    ).fetchall()
    for row in rows:
        payload, fallback = json.loads(row["payload"]), json.loads(row["fallback"] or "null")
        if _names_message(payload):
            payload, fallback = fallback, None
        if payload is None or _names_message(payload):
            settle(conn, row["id"], "cancelled", now, error="migrated")
            continue
        conn.execute(
            "UPDATE outbox SET chat_id = ?, payload = ?, fallback = ? WHERE id = ?",
            (new, *(_moved(part, old, new) for part in (payload, fallback)), row["id"]),
        )
    conn.execute("UPDATE outbox SET message_id = NULL WHERE chat_id = ?", (old,))


def _names_message(payload: dict[str, Any]) -> bool:
    return "message_id" in payload or "reply_parameters" in payload


def _moved(payload: dict[str, Any] | None, old: int, new: int) -> str | None:
    if payload is None:
        return None
    return _dump(payload | {"chat_id": new} if payload.get("chat_id") == old else payload)


def erase_chat(conn: sqlite3.Connection, chat_id: int, now: float) -> None:
    """Forget a private chat: nothing that was to be said there is said or kept."""
    cancel_chat(conn, chat_id, now)
    conn.execute(
        "UPDATE outbox SET payload = NULL, fallback = NULL, hook_args = NULL, error = NULL"
        " WHERE chat_id = ? AND state NOT IN ('pending', 'sending')",
        (chat_id,),
    )


def purge(conn: sqlite3.Connection, now: float) -> int:
    """Drop the keys of calls settled long ago."""
    return conn.execute("DELETE FROM outbox WHERE settled_at < ?", (now - KEEP_S,)).rowcount


def _dump(value: Any) -> str:
    # ASCII: a lone surrogate that slipped through must not stop a commit.
    return json.dumps(value, separators=(",", ":"))
