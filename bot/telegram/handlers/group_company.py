"""Whom a group protects, asked of Telegram and remembered for ten minutes.

Before anybody is acted on, and at every press of a button, the one person in question is asked
about anew.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Final, TypeVar

from telegram import ChatMember, ChatMemberAdministrator, ChatMemberOwner
from telegram.error import BadRequest, ChatMigrated, Forbidden, RetryAfter, TelegramError

from bot.moderation.settings import from_rows
from bot.moderation.speaker import ANONYMOUS_ADMIN
from bot.moderation.types import Company, GroupSettings, Speaker
from bot.store import Transaction, groups
from bot.store.groups import Group
from bot.telegram.api import seconds
from bot.telegram.context import Context

FRESH_S: Final = 600.0
RIGHTS: Final = ("can_delete_messages", "can_restrict_members")
_ADMIN: Final = (ChatMember.OWNER, ChatMember.ADMINISTRATOR)
_TRIES: Final = 3
_MAX_WAIT_S: Final = 3.0

T = TypeVar("T")


def settings_of(ctx: Context, chat_id: int) -> GroupSettings:
    """The group's settings as they stand."""
    return from_rows(groups.settings_rows(ctx.conn, chat_id))


def company_of(ctx: Context, group: Group) -> Company:
    """Whom the group protects, as far as is remembered."""
    return Company(
        group.chat_id,
        group.linked_chat_id,
        group.admins or frozenset(),
        groups.allowed(ctx.conn, group.chat_id),
    )


async def fresh_group(ctx: Context, chat_id: int) -> Group:
    """What Telegram says of the group, at most ten minutes old."""
    group = groups.load(ctx.conn, chat_id)
    if group.admins is not None and 0 <= ctx.now.timestamp() - group.known_at < FRESH_S:
        return group
    return await refresh(ctx, chat_id)


async def refresh(ctx: Context, chat_id: int) -> Group:
    """Ask Telegram about the group, and remember it."""
    api = ctx.services.api
    chat = await patiently(lambda: api.get_chat(chat_id))
    admins = await patiently(lambda: api.get_chat_administrators(chat_id))
    ids = frozenset(admin.user.id for admin in admins)
    me = next((admin for admin in admins if admin.user.id == api.id), None)
    now = ctx.now.timestamp()
    values = {
        "title": chat.title or "",
        "kind": str(chat.type),
        "linked_chat_id": chat.linked_chat_id,
        "admins": ids,
        "known_at": now,
        "rights": rights_of(me),
    }
    ctx.write(lambda tx: groups.save(tx.conn, chat_id, now, **values))
    old = groups.load(ctx.conn, chat_id)
    return Group(
        chat_id,
        title=chat.title or "",
        kind=str(chat.type),
        linked_chat_id=chat.linked_chat_id,
        admins=ids,
        known_at=now,
        rights=rights_of(me),
        onboarding_message=old.onboarding_message,
        disarmed=old.disarmed,
        clock_ahead=old.clock_ahead,
    )


def rights_of(me: ChatMember | None) -> dict[str, bool]:
    """Which of the rights that moderation needs the bot has."""
    if isinstance(me, ChatMemberOwner):
        return {"admin": True} | dict.fromkeys(RIGHTS, True)
    if isinstance(me, ChatMemberAdministrator):
        return {"admin": True} | {name: bool(getattr(me, name)) for name in RIGHTS}
    return {"admin": False} | dict.fromkeys(RIGHTS, False)


async def is_admin(ctx: Context, chat_id: int, user_id: int) -> bool:
    """Whether the person is an administrator of that chat at this moment."""
    api = ctx.services.api
    try:
        member = await patiently(lambda: api.get_chat_member(chat_id, user_id))
    except (BadRequest, Forbidden, ChatMigrated):
        return False
    return member.status in _ADMIN


async def speaks_as_admin(ctx: Context, speaker: Speaker, chat_id: int) -> bool:
    """Whether a command's sender is an administrator, anonymous ones included."""
    if speaker.sender_chat_id is not None:
        return speaker.sender_chat_id == chat_id and speaker.user_id == ANONYMOUS_ADMIN
    return speaker.user_id is not None and await is_admin(ctx, chat_id, speaker.user_id)


async def protected_now(ctx: Context, speaker: Speaker, chat_id: int) -> bool:
    """Whether the sender became somebody who is not acted on: asked just before acting.

    A refusal that names no member (they left) is a no; any other failure is raised.
    """
    if speaker.sender_chat_id is not None:
        chat = await patiently(lambda: ctx.services.api.get_chat(chat_id))
        return speaker.sender_chat_id in (chat_id, chat.linked_chat_id)
    user_id = speaker.user_id or 0
    try:
        member = await patiently(lambda: ctx.services.api.get_chat_member(chat_id, user_id))
    except BadRequest as err:
        return "participant" not in err.message.casefold() and "user" not in err.message.casefold()
    return member.status in _ADMIN or member.user.is_bot


async def reachable_admins(ctx: Context, group: Group) -> None:
    """Find out which administrators can be written to, before something is put to them.

    Who started the bot before this home was there is not in its record: an action that nobody sees
    tells.
    """
    api = ctx.services.api
    admins = group.admins or frozenset()
    unknown = admins - {api.id} - set(groups.started(ctx.conn, admins))
    for user_id in sorted(unknown):
        try:
            await patiently(partial(api.send_chat_action, user_id, "typing"))
        except (BadRequest, Forbidden):
            continue
        ctx.write(partial(_note_started, user_id))


def _note_started(user_id: int, tx: Transaction) -> None:
    groups.note_started(tx.conn, user_id, tx.now)


async def permissions_of(ctx: Context, chat_id: int) -> dict[str, Any]:
    """What every member of the group may do: what an undone mute goes back to."""
    chat = await patiently(lambda: ctx.services.api.get_chat(chat_id))
    if chat.permissions is None:
        raise TelegramError("a group without permissions")
    return chat.permissions.to_dict()


async def patiently(call: Callable[[], Awaitable[T]]) -> T:
    """The call's result; a hiccup of Telegram's is waited out for a few seconds."""
    for attempt in range(1, _TRIES + 1):
        try:
            return await call()
        except (BadRequest, Forbidden, ChatMigrated):
            raise
        except TelegramError as err:
            if attempt == _TRIES:
                raise
            wait = seconds(err.retry_after) if isinstance(err, RetryAfter) else 0.3 * attempt
            await asyncio.sleep(min(wait, _MAX_WAIT_S))
    raise AssertionError("unreachable")
