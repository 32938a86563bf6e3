"""The table of covered methods, and the access check that most of them begin with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.fakes.errors import CHAT_NOT_FOUND, UPGRADED, bad, forbidden
from tests.fakes.model import Chat
from tests.fakes.world import World

Params = dict[str, Any]
Handler = Callable[[World, Params], Any]
HANDLERS: dict[str, Handler] = {}
_NAMES = {"group": "group chat", "supergroup": "supergroup chat", "channel": "channel chat"}


def method(name: str) -> Callable[[Handler], Handler]:
    """Registers a function as the Bot API method *name*."""

    def register(handler: Handler) -> Handler:
        HANDLERS[name.lower()] = handler
        return handler

    return register


def open_chat(world: World, chat_id: int | str, *, write: bool = True) -> Chat:
    """The chat if the bot may read (or write in) it; raises ApiError otherwise."""
    chat = world.chat(chat_id)
    if chat.type == "private":
        user = world.users[chat.id]
        if write and user.deactivated:
            raise forbidden("user is deactivated")
        if write and user.blocked:
            raise forbidden("bot was blocked by the user")
        if not user.started:
            # The real server does not know a stranger at all, unless they share a group.
            shares = any(user.id in other.members for other in world.chats.values())
            if write and shares:
                raise forbidden("bot can't initiate conversation with a user")
            if not shares:
                raise bad(CHAT_NOT_FOUND)
        return chat
    if chat.migrated_to and write:
        raise bad(UPGRADED, migrate_to_chat_id=chat.migrated_to)
    if chat.deleted:
        raise forbidden("the group chat was deleted")
    me = world.me(chat)
    kind = _NAMES[chat.type]
    if me.status == "kicked":
        raise forbidden(f"bot was kicked from the {kind}")
    if not me.is_inside:
        raise forbidden(f"bot is not a member of the {kind}")
    return chat
