"""Edits of the bot's own messages, in chats and sent inline."""

from __future__ import annotations

from typing import Any

from tests.fakes.errors import (
    EDIT_FORBIDDEN,
    EDIT_NOT_FOUND,
    MESSAGE_ID_MISSING,
    NO_CAPTION_TO_EDIT,
    NO_TEXT_TO_EDIT,
    NOT_MODIFIED,
    bad,
)
from tests.fakes.formatting import message_text
from tests.fakes.markup import inline_keyboard
from tests.fakes.model import Message
from tests.fakes.render import Json, message_json
from tests.fakes.world import World

from .addressing import pass_flood_gate
from .registry import Params, method, open_chat
from .sending import caption

_MEDIA = ("photo", "document", "video", "audio", "animation", "voice")


def _target(world: World, params: Params) -> Message:
    inline_id = params.get("inline_message_id")
    if inline_id:
        if inline_id not in world.inline_messages:
            raise bad("MESSAGE_ID_INVALID")
        return world.inline_messages[inline_id]
    if "message_id" not in params or "chat_id" not in params:
        raise bad(MESSAGE_ID_MISSING)
    chat = open_chat(world, params["chat_id"])
    message = world.message(chat, params["message_id"], EDIT_NOT_FOUND)
    in_channel = chat.type == "channel" and world.me(chat).has("can_edit_messages")
    if not message.outgoing and not in_channel:
        raise bad(EDIT_FORBIDDEN)
    return message


def _apply(world: World, params: Params, message: Message, body: dict[str, Any]) -> Json | bool:
    markup = params.get("reply_markup")
    keyboard = inline_keyboard(markup) if markup else None
    if message.markup and "inline_keyboard" not in message.markup:
        raise bad(EDIT_FORBIDDEN)
    new = {**message.body, **body}
    if new == message.body and keyboard == message.markup:
        raise bad(NOT_MODIFIED)
    pass_flood_gate(world, message.chat)
    message.past.append({**message.body, "reply_markup": message.markup})
    message.body, message.markup, message.edit_date = new, keyboard, world.now()
    world.touch()
    return True if "inline_message_id" in params else message_json(world, message)


@method("editMessageText")
def edit_message_text(world: World, params: Params) -> Json | bool:
    text = message_text(params["text"], params.get("parse_mode"), params.get("entities"))
    message = _target(world, params)
    if "text" not in message.body:
        raise bad(NO_TEXT_TO_EDIT)
    return _apply(world, params, message, {"text": text.text, "entities": text.entities})


@method("editMessageCaption")
def edit_message_caption(world: World, params: Params) -> Json | bool:
    text = caption(params) or {"caption": None, "caption_entities": []}
    message = _target(world, params)
    if not any(kind in message.body for kind in _MEDIA):
        raise bad(NO_CAPTION_TO_EDIT)
    return _apply(world, params, message, text)


@method("editMessageReplyMarkup")
def edit_message_reply_markup(world: World, params: Params) -> Json | bool:
    return _apply(world, params, _target(world, params), {})
