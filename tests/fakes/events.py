"""From what happened to the updates that the bot gets of it, if it gets any."""

from __future__ import annotations

import re
from typing import Any

from .model import Chat, Member, Message, Query, User
from .render import Json, chat_json, gone_json, member_json, message_json, user_json
from .world import World


def _is_for_bot(world: World, message: Message) -> bool:
    """What privacy mode lets through: commands, replies to the bot, mentions, service messages."""
    name = (world.bot.username or "").lower()
    target = message.reply_to
    if message.is_service or message.sender_chat is message.chat:
        return True
    if target is not None and target.outgoing:
        return True
    if message.extras.get("via_bot", {}).get("id") == world.bot.id:
        return True
    command = re.match(r"/\w+(?:@(\w+))?", message.text)
    if command:
        return command.group(1) is None or command.group(1).lower() == name
    return f"@{name}" in message.text.lower()


def reaches_bot(world: World, message: Message) -> bool:
    """Whether the bot under test gets to see *message*."""
    chat = message.chat
    if message.outgoing:
        return False
    if chat.type == "private":
        return True
    me = world.me(chat)
    if chat.type == "channel":
        return me.is_admin
    author = message.author
    if not me.is_inside or (author and author.is_bot and message.sender_chat is None):
        return False
    return me.is_admin or world.reads_all or _is_for_bot(world, message)


def announce(world: World, message: Message, *, edited: bool = False) -> int | None:
    """Queues the update of a new or edited message; None if the bot gets none."""
    if not reaches_bot(world, message):
        return None
    kind = "channel_post" if message.chat.type == "channel" else "message"
    return world.updates.add(
        f"edited_{kind}" if edited else kind,
        message_json(world, message),
        lane=("chat", message.chat.id),
        date=message.edit_date or message.date,
    )


def announce_member(world: World, chat: Chat, actor: User, old: Json, new: Member) -> int | None:
    """Queues my_chat_member or, where the bot is an administrator, chat_member."""
    mine = new.user is world.bot or chat.type == "private"
    if not mine and not world.me(chat).is_admin:
        return None
    return world.updates.add(
        "my_chat_member" if mine else "chat_member",
        {
            "chat": chat_json(world, chat),
            "from": user_json(actor),
            "date": world.now(),
            "old_chat_member": old,
            "new_chat_member": member_json(world, chat, new),
        },
        lane=("my" if mine else "member", chat.id),
    )


def change_member(world: World, chat: Chat, actor: User, new: Member) -> int | None:
    """Puts *new* in force and announces the change, if it is one."""
    old = member_json(world, chat, world.member(chat, new.user))
    chat.members[new.user.id] = new
    world.touch()
    if old == member_json(world, chat, new):
        return None
    return announce_member(world, chat, actor, old, new)


def announce_press(world: World, query: Query, data: str) -> int | None:
    """Queues the callback query of a pressed button."""
    payload: dict[str, Any] = {
        "id": query.id,
        "from": user_json(query.user),
        "chat_instance": str(-4_000_000_000 - (query.message.chat.id if query.message else 0)),
        "data": data,
    }
    message = query.message
    if message is not None and message.inline_message_id:
        payload["inline_message_id"] = message.inline_message_id
    elif message is not None:
        is_gone = message.deleted
        payload["message"] = (gone_json if is_gone else message_json)(world, message)
    return world.updates.add("callback_query", payload, lane=("callback", query.user.id))


def announce_reaction(
    world: World, message: Message, user: User, old: list[str], new: list[str]
) -> int | None:
    """Queues message_reaction, which only administrators that asked for it get."""
    if message.chat.type != "private" and not world.me(message.chat).is_admin:
        return None
    payload = {
        "chat": chat_json(world, message.chat),
        "message_id": message.message_id,
        "user": user_json(user),
        "date": world.now(),
        "old_reaction": [{"type": "emoji", "emoji": emoji} for emoji in old],
        "new_reaction": [{"type": "emoji", "emoji": emoji} for emoji in new],
    }
    return world.updates.add("message_reaction", payload, lane=("reaction", message.chat.id))
