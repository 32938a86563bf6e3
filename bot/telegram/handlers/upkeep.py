"""Regular work of the base, and what /forget erases."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from bot.store import Transaction, conversation, inbox, outbox, receipts
from bot.store.outbox import Effect
from bot.telegram.context import Services

_TIDY_EVERY_S: Final = 300.0

Forget = Callable[[Transaction, int], None]


def purge(tx: Transaction, _: Services) -> None:
    """Take out what is past its time, and soon after also out of the database's journal."""
    inbox.purge(tx.conn, tx.now)
    outbox.purge(tx.conn, tx.now)
    texts = conversation.purge(tx.conn, tx.now) + receipts.purge(tx.conn, tx.now)
    if texts:
        turn = int(tx.now // _TIDY_EVERY_S) + 1
        due_at = turn * _TIDY_EVERY_S
        tx.plan(Effect(f"tidy:{turn}", "local:tidy", {}, lane="tidy", due_at=due_at))


def forget_private(tx: Transaction, user_id: int) -> None:
    """Erase a person's words everywhere in the base; their private chat has their id."""
    conversation.forget(tx.conn, user_id)
    receipts.forget(tx.conn, user_id)
    outbox.erase_chat(tx.conn, user_id, tx.now)
    for kind in "cui":
        inbox.erase(tx.conn, f"{kind}{user_id}")


# Each is called by /forget with (transaction, user id).
FORGET: Final[list[Forget]] = [forget_private]
