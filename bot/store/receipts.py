"""Answers and verdicts as they were given, each under a short id.

``text`` and ``context`` are a person's words: they go at ``keep_until``, and with them every part
of the result that repeats them.  The corpus versions that results rest on are kept by digest, so
that any of them can be opened again.
"""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

KEEP_FEEDBACK_S: Final = 90 * 86400.0

Kind = Literal["answer", "check"]

# Of a finding, what repeats the person's words.
_PERSONAL: Final = ("text", "claimed", "explanation", "instead")


@dataclass(frozen=True, slots=True)
class Receipt:
    """One stored result.  ``owner`` is the user it was given to, None for the command line.

    ``after`` names the receipts of the questions that came before it in the conversation, whose
    words have a time of their own; ``context`` holds such words where there are no receipts.
    """

    id: str
    kind: Kind
    given_at: float
    corpus: str
    result: dict[str, Any]
    text: str | None
    context: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    shown: tuple[str, ...] = ()
    owner: int | None = None
    keep_until: float | None = None


def receipts_001(conn: sqlite3.Connection) -> None:
    conn.execute(
        """CREATE TABLE receipt (
            id TEXT PRIMARY KEY,
            kind TEXT NOT NULL CHECK (kind IN ('answer', 'check')),
            given_at REAL NOT NULL,
            corpus TEXT NOT NULL,
            result TEXT NOT NULL,
            text TEXT,
            context TEXT,
            after TEXT,
            shown TEXT,
            owner INTEGER,
            keep_until REAL) WITHOUT ROWID"""
    )
    conn.execute("CREATE INDEX receipt_owner ON receipt (owner) WHERE owner IS NOT NULL")
    conn.execute("CREATE INDEX receipt_until ON receipt (keep_until) WHERE text IS NOT NULL")
    conn.execute(
        "CREATE TABLE feedback (receipt TEXT NOT NULL REFERENCES receipt(id), owner INTEGER"
        " NOT NULL, vote TEXT NOT NULL CHECK (vote IN ('up', 'down')), at REAL NOT NULL,"
        " PRIMARY KEY (receipt, owner)) WITHOUT ROWID"
    )
    conn.execute(
        "CREATE TABLE corpus_version (digest TEXT PRIMARY KEY, first_used_at REAL NOT NULL,"
        " blob BLOB NOT NULL)"
    )


MIGRATIONS: Final = (receipts_001,)


def insert(conn: sqlite3.Connection, receipt: Receipt) -> bool:
    """Keep *receipt*; False if its id is taken."""
    cursor = conn.execute(
        "INSERT OR IGNORE INTO receipt VALUES (?,?,?,?,?,?,?,?,?,?,?)",
        (
            receipt.id,
            receipt.kind,
            receipt.given_at,
            receipt.corpus,
            _dump(receipt.result),
            receipt.text,
            _dump(receipt.context),
            json.dumps(receipt.after),
            _dump(receipt.shown),
            receipt.owner,
            receipt.keep_until,
        ),
    )
    return bool(cursor.rowcount)


def load(conn: sqlite3.Connection, receipt_id: str, now: float) -> Receipt | None:
    """The receipt, already without its text if that is past its time."""
    row = conn.execute("SELECT * FROM receipt WHERE id = ?", (receipt_id,)).fetchone()
    if row is None:
        return None
    receipt = Receipt(
        id=row["id"],
        kind=row["kind"],
        given_at=row["given_at"],
        corpus=row["corpus"],
        result=json.loads(row["result"]),
        text=row["text"],
        context=tuple(json.loads(row["context"] or "[]")),
        after=tuple(json.loads(row["after"] or "[]")),
        shown=tuple(json.loads(row["shown"] or "[]")),
        owner=row["owner"],
        keep_until=row["keep_until"],
    )
    expired = receipt.keep_until is not None and receipt.keep_until <= now
    return without_text(receipt) if expired else receipt


def with_context(conn: sqlite3.Connection, receipt: Receipt, now: float) -> Receipt:
    """The receipt with the words of the questions before it; without any if one of them is gone."""
    before = [load(conn, receipt_id, now) for receipt_id in receipt.after]
    words = [earlier.text for earlier in before if earlier is not None and earlier.text]
    if len(words) != len(receipt.after):
        return without_text(receipt)
    return replace(receipt, context=(*words, *receipt.context))


def without_text(receipt: Receipt) -> Receipt:
    """The same result with nothing left of the person's words."""
    result = dict(receipt.result)
    if receipt.kind == "answer":
        result["question"] = None
        if result.get("status") == "no_evidence":  # the sentence may repeat the question
            result["answer"] = None
    else:
        result["findings"] = [
            finding | dict.fromkeys(_PERSONAL) for finding in result.get("findings", [])
        ]
    return replace(
        receipt, result=result, text=None, context=(), after=(), shown=(), keep_until=None
    )


def vote(conn: sqlite3.Connection, receipt_id: str, owner: int, vote: str, now: float) -> bool:
    """Note a thumb; False if it was the same before.  The text now stays longer."""
    cursor = conn.execute(
        "INSERT INTO feedback VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET vote = excluded.vote,"
        " at = excluded.at WHERE vote != excluded.vote",
        (receipt_id, owner, vote, now),
    )
    conn.execute(
        "UPDATE receipt SET keep_until = max(keep_until, ?) WHERE id = ? AND text IS NOT NULL"
        " AND owner = ? AND keep_until > ?",
        (now + KEEP_FEEDBACK_S, receipt_id, owner, now),
    )
    return bool(cursor.rowcount)


def forget(conn: sqlite3.Connection, owner: int) -> int:
    """Take a person's words and votes out of the receipts, and the tie to the person."""
    conn.execute("DELETE FROM feedback WHERE owner = ?", (owner,))
    return _erase(conn, "owner = ?", owner)


def purge(conn: sqlite3.Connection, now: float) -> int:
    """Take out the words that are past their time, and thumbs as old."""
    conn.execute("DELETE FROM feedback WHERE at <= ?", (now - KEEP_FEEDBACK_S,))
    return _erase(conn, "text IS NOT NULL AND keep_until <= ?", now, keep_owner=True)


def save_version(conn: sqlite3.Connection, digest: str, blob: bytes, now: float) -> None:
    """Keep the corpus version *digest*, once."""
    conn.execute("INSERT OR IGNORE INTO corpus_version VALUES (?, ?, ?)", (digest, now, blob))


def has_version(conn: sqlite3.Connection, digest: str) -> bool:
    """Whether the corpus version *digest* is kept."""
    row = conn.execute("SELECT 1 FROM corpus_version WHERE digest = ?", (digest,)).fetchone()
    return row is not None


def load_version(conn: sqlite3.Connection, digest: str) -> bytes | None:
    """The corpus version *digest* as it was saved."""
    row = conn.execute("SELECT blob FROM corpus_version WHERE digest = ?", (digest,)).fetchone()
    return bytes(row["blob"]) if row else None


def _erase(conn: sqlite3.Connection, where: str, value: float, *, keep_owner: bool = False) -> int:
    rows = conn.execute(f"SELECT id FROM receipt WHERE {where}", (value,)).fetchall()
    for row in rows:
        receipt = load(conn, row["id"], now=0.0)
        if receipt is None:
            continue
        bare = without_text(receipt)
        conn.execute(
            "UPDATE receipt SET text = NULL, context = NULL, after = NULL, shown = NULL,"
            " keep_until = NULL, result = ?, owner = ? WHERE id = ?",
            (_dump(bare.result), receipt.owner if keep_owner else None, bare.id),
        )
    return len(rows)


def _dump(value: Any) -> str:
    # Not as ASCII, which doubles Chinese; a lone surrogate could not be stored then.
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace").decode()
