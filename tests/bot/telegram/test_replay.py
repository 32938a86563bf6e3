"""/replay: what the group settled is read once, however long its record is."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from bot.guard.types import Check, Finding
from bot.store import Database, moderation
from bot.store.moderation import Case
from bot.telegram.handlers.group_files import on_replay
from corpus.load import load_corpus

CHAT, NOW = -1001000, datetime(2026, 11, 20, tzinfo=UTC)
POSTS = ("GPM破50", "GPM破60", "GPM破70")


def check(text: str, *, now: datetime) -> Check:
    place = (0, len(text))
    found = Finding("conflict", "aigc_gpm", text, *place, "> 50", "10–16", "", "q", "a", "2026-01")
    return Check((found,))


class Asked:
    """A /replay in a group; what it sends is kept."""

    chat = SimpleNamespace(id=CHAT)
    message = SimpleNamespace(message_id=1)
    now = NOW

    def __init__(self, db: Database) -> None:
        corpus = load_corpus()
        knowledge = SimpleNamespace(check=check, corpus=corpus, ledger=corpus.ledger)
        settings = SimpleNamespace(stale_days=180)
        self.conn = db.conn
        self.services = SimpleNamespace(knowledge=knowledge, settings=settings)
        self.sent: list[str] = []

    async def think(self, work: Any, *args: Any) -> Any:
        return await asyncio.to_thread(work, *args)

    def send(self, message: Any, *_: Any, **__: Any) -> None:
        self.sent.append(message.text)


def test_what_was_settled_is_read_once_for_a_whole_month(tmp_path):
    with Database.open(tmp_path) as db:
        with db.transaction(NOW.timestamp()) as tx:
            for number, text in enumerate(POSTS):
                place = (CHAT, number, (number,), None, 7, False, "A", "conflict", ())
                moderation.add(tx.conn, Case(f"CASE222{number}", *place, text, tx.now - number))
        ctx: Any = Asked(db)
        reads: list[str] = []
        db.conn.set_trace_callback(reads.append)
        asyncio.run(on_replay.__wrapped__(ctx))
        db.conn.set_trace_callback(None)
    assert sum("FROM exempt" in statement for statement in reads) == 1
    assert "3" in ctx.sent[0]
