"""Where a message goes: chat, topic, reply and quote, and whether the bot may post there."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import Any

import telegram
from telegram import constants

from tests.fakes.errors import (
    CHANNEL_ADMIN,
    QUOTE_INVALID,
    REPLY_NOT_FOUND,
    THREAD_NOT_FOUND,
    TOPIC_CLOSED,
    bad,
    too_many,
)
from tests.fakes.formatting import formatted
from tests.fakes.markup import reply_markup
from tests.fakes.model import Chat, Message
from tests.fakes.render import chat_json, user_json
from tests.fakes.utf16 import cut, units
from tests.fakes.world import World

from .registry import Params, open_chat

_REPLY_FIELDS = set(inspect.signature(telegram.ReplyParameters.__init__).parameters)
_QUOTED_TYPES = {
    "bold", "italic", "underline", "strikethrough", "spoiler", "custom_emoji", "date_time",
}  # fmt: skip
_KINDS = {
    "can_send_messages": "text messages",
    "can_send_photos": "photos",
    "can_send_documents": "documents",
}


@dataclass
class Address:
    """A checked destination."""

    chat: Chat
    thread_id: int | None = None
    reply_to: Message | None = None
    quote: dict[str, Any] | None = None
    external: dict[str, Any] | None = None
    markup: dict[str, Any] | None = None


def pass_flood_gate(world: World, chat: Chat) -> None:
    """Raises 429 where sends and edits come too fast and limits are on."""
    wait = world.flood.wait_s(chat.id, is_group=chat.type != "private")
    if wait:
        raise too_many(wait)


def address(world: World, params: Params, permission: str) -> Address:
    """The destination of a send*; raises ApiError where the real server would refuse it."""
    markup = reply_markup(params.get("reply_markup"))
    reply = _reply_parameters(params)
    chat = open_chat(world, params["chat_id"])
    found = Address(chat, markup=markup)
    if reply:
        _resolve_reply(world, found, reply)
    found.thread_id = _thread(world, chat, params.get("message_thread_id"), found.reply_to)
    _check_permission(world, chat, permission)
    pass_flood_gate(world, chat)
    return found


def _check_permission(world: World, chat: Chat, permission: str) -> None:
    if chat.type == "channel":
        if not world.me(chat).has("can_post_messages"):
            raise bad(CHANNEL_ADMIN)
    elif not world.may(chat, world.bot, permission):
        raise bad(f"not enough rights to send {_KINDS[permission]} to the chat")


def _thread(world: World, chat: Chat, thread_id: int | None, target: Message | None) -> int | None:
    if thread_id is None:
        is_local = target is not None and target.chat is chat
        thread_id = target.thread_id if target is not None and is_local else None
        if thread_id is None:
            return None
    elif chat.is_forum:
        if thread_id not in chat.topics:
            raise bad(THREAD_NOT_FOUND)
    elif chat.type != "supergroup" or thread_id not in chat.messages:
        raise bad(THREAD_NOT_FOUND)
    topic = chat.topics.get(thread_id)
    if topic is not None and topic.closed and not world.me(chat).has("can_manage_topics"):
        raise bad(TOPIC_CLOSED)
    return thread_id


def _reply_parameters(params: Params) -> dict[str, Any]:
    if "reply_parameters" not in params:
        if "reply_to_message_id" not in params:
            return {}
        return {
            "message_id": params["reply_to_message_id"],
            "allow_sending_without_reply": params.get("allow_sending_without_reply", False),
        }
    reply = params["reply_parameters"]
    if not isinstance(reply, dict):
        raise bad("object expected as reply parameters")
    if unknown := set(reply) - _REPLY_FIELDS:
        raise bad(f"unexpected field {sorted(unknown)[0]!r} of reply parameters")
    for name, kind in (("message_id", int), ("quote", str), ("quote_position", int)):
        value = reply.get(name)
        if value is not None and (not isinstance(value, kind) or isinstance(value, bool)):
            raise bad(f'field "{name}" must be of type {"Number" if kind is int else "String"}')
    if "message_id" not in reply:
        raise bad('can\'t find field "message_id"')
    return reply


def _resolve_reply(world: World, found: Address, reply: dict[str, Any]) -> None:
    other = reply.get("chat_id")
    source = found.chat if other is None else open_chat(world, other, write=False)
    target = source.messages.get(reply["message_id"])
    if target is None or target.deleted:
        if reply.get("allow_sending_without_reply"):
            return
        raise bad(REPLY_NOT_FOUND)
    if reply.get("quote"):
        found.quote = _quote(target, reply)
    if source is found.chat:
        found.reply_to = target
    else:
        found.external = {
            "origin": origin_json(world, target),
            "chat": chat_json(world, source),
            "message_id": target.message_id,
        }


def _quote(target: Message, reply: dict[str, Any]) -> dict[str, Any]:
    """The quote as shown in the reply; it must stand in *target* to the letter."""
    raw = formatted(
        reply["quote"], reply.get("quote_parse_mode"), reply.get("quote_entities") or []
    )
    text, length = raw.text, units(raw.text)
    if not text or length > constants.MessageLimit.CAPTION_LENGTH:
        raise bad(QUOTE_INVALID)
    position = reply.get("quote_position")
    if position is None:
        index = target.text.find(text)
        position = units(target.text[:index]) if index >= 0 else -1
    else:
        position += units(reply["quote"]) - units(reply["quote"].lstrip())
    if position < 0 or cut(target.text, position, length) != text:
        raise bad(QUOTE_INVALID)
    mine = _comparable(raw.entities, 0, length)
    if mine != _comparable(target.entities, position, length):
        raise bad(QUOTE_INVALID)
    shown: dict[str, Any] = {"text": text, "position": position, "is_manual": True}
    if mine:
        shown["entities"] = [
            {"type": kind, "offset": start, "length": size} for kind, start, size in sorted(mine)
        ]
    return shown


def _comparable(
    entities: list[dict[str, Any]], position: int, length: int
) -> set[tuple[str, int, int]]:
    """The quotable entities clipped to a window, as comparable values."""
    clipped = set()
    for entity in entities:
        start = max(entity["offset"] - position, 0)
        end = min(entity["offset"] + entity["length"] - position, length)
        if entity["type"] in _QUOTED_TYPES and start < end:
            clipped.add((str(entity["type"]), start, end - start))
    return clipped


def origin_json(world: World, message: Message) -> dict[str, Any]:
    """The forward_origin of a message that is passed on."""
    if "forward_origin" in message.extras:
        return dict(message.extras["forward_origin"])
    date = message.date
    if message.chat.type == "channel":
        chat = chat_json(world, message.chat)
        return {"type": "channel", "date": date, "chat": chat, "message_id": message.message_id}
    if message.sender_chat is not None:
        shown = chat_json(world, message.sender_chat)
        return {"type": "chat", "date": date, "sender_chat": shown}
    author = message.author or world.bot
    return {"type": "user", "date": date, "sender_user": user_json(author)}
