"""The group side's wiring: its routes, hooks and regular work, and where they are put.

``app`` calls :func:`group_routes` and :func:`add_group_handlers`, and knows no more of groups.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from telegram import Update

from bot.store import Transaction, groups, moderation, moderation_log
from bot.telegram import router
from bot.telegram.context import Context, Services
from bot.telegram.handlers import (
    admin_commands,
    admin_log,
    group_buttons,
    group_files,
    group_hooks,
    group_pictures,
    group_posts,
    group_settled,
    group_work,
    lifecycle,
    settings_menu,
)
from bot.telegram.router import Route

Ticker = Callable[[Transaction, Services], None]

HOOKS: Final = {
    **group_hooks.HOOKS,
    "onboarded": lifecycle.on_onboarded,
    "sent_file": group_files.on_sent_file,
}


def group_routes() -> tuple[Route, ...]:
    """Everything of groups, before the private chat's routes: deep links among them."""
    here = router.is_group_message
    new = router.both(here, _is_new)
    return (
        Route("my member", lifecycle.is_my_member, lifecycle.on_my_member),
        Route("member", lifecycle.is_member, lifecycle.on_member),
        Route("migration", lifecycle.is_migration, lifecycle.on_migration),
        *router.commands(admin_commands.COMMANDS | admin_log.COMMANDS | group_files.COMMANDS, new),
        *router.commands({"start": settings_menu.on_group_start}, new),
        # New and edited posts alike; service messages hold no text of anybody's.
        Route("post", here, group_posts.on_post),
        *router.buttons(group_buttons.BUTTONS | group_settled.BUTTONS | settings_menu.BUTTONS),
        *noting_who_started(
            (
                Route("deep link", settings_menu.is_deep_link, settings_menu.on_deep_link),
                *router.commands(
                    {"settings": settings_menu.on_private_settings}, router.is_private_message
                ),
            )
        ),
    )


def noting_who_started(routes: tuple[Route, ...]) -> tuple[Route, ...]:
    """The private chat's *routes*, which also note that the person can be written to."""
    return tuple(
        Route(route.name, route.matches, partial(_note_and_handle, route.handle))
        for route in routes
    )


prepare = group_work.judge_at_start


def add_group_handlers(
    hooks: dict[str, Any],
    local: dict[str, Any],
    tickers: list[Ticker],
    migrate: list[Callable[[Transaction, int, int], None]],
    forget: list[Callable[[Transaction, int], None]],
) -> None:
    """Put the group side's work where the base looks for it; twice is as good as once."""
    hooks.update(HOOKS)
    local["collect"] = group_work.collect_now
    for ticker in (group_work.upkeep, group_pictures.read_pictures):
        if ticker not in tickers:
            tickers.append(ticker)
    if migrate_chat not in migrate:
        migrate.append(migrate_chat)
    if forget_person not in forget:
        forget.append(forget_person)


def migrate_chat(tx: Transaction, old: int, new: int) -> None:
    """A group's settings, strikes, cases and audit go along to its new id."""
    for store in (groups, moderation, moderation_log):
        store.migrate_chat(tx.conn, old, new)


def forget_person(tx: Transaction, user_id: int) -> None:
    """What groups recorded of a person goes by number from now on."""
    for store in (groups, moderation, moderation_log):
        store.forget(tx.conn, user_id)


async def _note_and_handle(handle: router.Handler, ctx: Context) -> None:
    user_id = ctx.user.id
    ctx.write(lambda tx: groups.note_started(tx.conn, user_id, tx.now))
    await handle(ctx)


def _is_new(update: Update) -> bool:
    return update.message is not None
