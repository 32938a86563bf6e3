"""The bot: what is wired to what, and how it starts and ends.

An update's way: ``intake`` stores it → ``pump`` takes each chat's in order → ``router`` finds its
handler in :func:`routes` → the handler plans effects on its :class:`~bot.telegram.context.Context`
→ one commit ends the update and puts the effects into the outbox → ``sender`` carries them out.

**To add a handler** write ``async def on_x(ctx: Context) -> None`` in ``handlers/`` and name it in
the tuple of :func:`routes`, whose order decides: the first match wins.  Read with ``ctx.message``,
``ctx.conn`` (SELECT only) and live questions to ``ctx.services.api``; run the core with
``await ctx.think(function, …)``; change rows with ``ctx.write(lambda tx: …)``.  Never send.

**To plan an effect** use ``ctx.send(text, keyboard)``, ``ctx.answer(toast)`` or
``ctx.plan(effects.delete(key, chat, message, after=notice_key))``.  A key must come out the same
when the handler runs again, and is good once for ever (``case:17:delete``).  ``due_at`` delays,
``after`` waits for another effect, ``hook="name"`` has the function of that name in :data:`HOOKS`
called with the result inside the transaction that records it (there ``tx.plan`` plans more).

**Regular work** (digests, retention) is a function in :data:`TICKERS`: it gets a transaction every
half minute and looks at rows with a due time.  What must follow a group to its new id is in
:data:`MIGRATE`; what ``/forget`` must erase, in :data:`FORGET`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from bot.config import Settings
from bot.store import Database, Transaction, outbox
from bot.telegram import handlers, process, router
from bot.telegram.handlers import group, upkeep
from bot.telegram.process import Load, Ticker, Wiring
from bot.telegram.router import Route
from bot.telegram.sender import Hook, Local


def routes() -> tuple[Route, ...]:
    """Every handler, first match first."""
    return (
        *handlers.inline_routes(),
        *handlers.button_routes(),
        *group.group_routes(),
        *group.noting_who_started(handlers.private_routes()),
        # Last: a press that nobody knows is answered all the same.
        Route("unknown button", router.is_button, handlers.on_unknown_button),
    )


# What an effect's ``hook`` may name.
HOOKS: Final[dict[str, Hook]] = {}
# What an effect's method ``local:<name>`` may name.
LOCAL: Final[dict[str, Local]] = {"scrub": Database.scrub, "tidy": Database.cut_journal}
# Called every half minute, each in a transaction of its own.
TICKERS: Final[list[Ticker]] = [upkeep.purge]
# Called with (transaction, old id, new id) when a group becomes a supergroup.
MIGRATE: Final[list[Callable[[Transaction, int, int], None]]] = [
    lambda tx, old, new: outbox.migrate_chat(tx.conn, old, new, tx.now)
]
# Called with (transaction, user id) by /forget.
FORGET: Final = upkeep.FORGET

group.add_group_handlers(HOOKS, LOCAL, TICKERS, MIGRATE, FORGET)


def migrate_chat(tx: Transaction, old: int, new: int) -> None:
    """Rewrite a group's id everywhere, in one transaction."""
    for migrate in MIGRATE:
        migrate(tx, old, new)


def run(settings: Settings, load: Load) -> None:
    """Run the bot in the foreground until SIGTERM or SIGINT; *load* opens a home's knowledge."""
    wiring = Wiring(routes(), HOOKS, LOCAL, TICKERS, migrate_chat, handlers.give_up, group.prepare)
    process.run(settings, load, wiring)
