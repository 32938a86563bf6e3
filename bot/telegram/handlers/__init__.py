"""Handlers: each reads one update and plans what comes of it.

The functions here list the routes of each kind in their order; ``app.routes`` puts them together.
"""

from __future__ import annotations

from collections.abc import Iterable

from bot.store import Transaction
from bot.store.inbox import Row
from bot.telegram import effects, router
from bot.telegram.context import Context
from bot.telegram.handlers import buttons, commands, inline, private
from bot.telegram.router import Route
from bot.telegram.text import plain
from bot.telegram.wording import say


def private_routes() -> tuple[Route, ...]:
    """The private chat: commands first, then what is asked or pasted, then everything else."""
    here = router.is_private_message
    return (
        Route("stopped", private.is_membership, private.on_membership),
        *router.commands(commands.COMMANDS, here),
        Route("unknown command", router.both(here, router.is_command), commands.on_unknown),
        Route("text", router.both(here, router.is_text), private.on_text),
        Route("service", router.both(here, private.is_service), private.on_service),
        Route("media", here, private.on_media),
    )


def button_routes() -> tuple[Route, ...]:
    """The buttons under answers and checks."""
    return tuple(router.buttons(buttons.BUTTONS))


def inline_routes() -> tuple[Route, ...]:
    """Inline mode."""
    return (Route("inline", router.is_inline, inline.on_inline),)


async def on_unknown_button(ctx: Context) -> None:
    """A press that nobody knows: answered, so that it stops spinning."""
    ctx.answer(say("button.unknown"))


def give_up(tx: Transaction, row: Row, owners: Iterable[int]) -> None:
    """An update could not be handled: whoever waits for it in private is told, and the owners."""
    kind, number = row.chat_key[:1], row.chat_key[1:]
    if kind == "c" and number.isdigit():
        tx.plan(effects.send(f"sorry:{row.seq}", int(number), plain(say("other.failed"))))
    hour = int(tx.now // 3600)
    for owner in owners:
        alert = plain(say("other.alert", update=str(row.update_id)))
        tx.plan(effects.send(f"alert:{owner}:{hour}", owner, alert))
