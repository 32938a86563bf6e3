"""Calls to Telegram as values: what a handler plans and the sender carries out.

Every function here returns an :class:`~bot.store.outbox.Effect`.  Its key has to be the same when
the handler runs again (made from the update's id, the case's id …), and different otherwise.
"""

from __future__ import annotations

from typing import Any

from bot.store.outbox import Effect
from bot.telegram.text import Rendered

Keyboard = list[list[dict[str, Any]]]

# Calls that Telegram paces by chat; all others pass them.
PACED = ("send", "forward", "copy", "edit")

_BY_MEMBER = ("restrictChatMember", "banChatMember", "unbanChatMember")
_BY_SENDER_CHAT = ("banChatSenderChat", "unbanChatSenderChat")


def is_paced(method: str) -> bool:
    """Whether the call counts against a chat's send budget."""
    return method.startswith(PACED) and method != "sendChatAction"


def lane_of(method: str, payload: dict[str, Any]) -> str:
    """Which calls must keep their order: those of one chat, one member, one message."""
    chat = payload.get("chat_id", "")
    if is_paced(method):
        return f"{chat}:s"
    if method in _BY_MEMBER:
        return f"{chat}:u{payload.get('user_id')}"
    if method in _BY_SENDER_CHAT:
        return f"{chat}:c{payload.get('sender_chat_id')}"
    for name in ("callback_query_id", "inline_query_id", "message_id"):
        if name in payload:
            return f"{chat}:{method[:8]}:{payload[name]}"
    return f"{chat}:{method}"


def call(key: str, method: str, payload: dict[str, Any], **options: Any) -> Effect:
    """Any call of the Bot API; *options* are fields of :class:`Effect`."""
    chat_id = payload.get("chat_id")
    options.setdefault("lane", lane_of(method, payload))
    options.setdefault("chat_id", chat_id if isinstance(chat_id, int) else None)
    return Effect(key=key, method=method, payload=payload, **options)


def send(
    key: str,
    chat_id: int,
    message: Rendered,
    keyboard: Keyboard | None = None,
    *,
    thread_id: int | None = None,
    reply: dict[str, Any] | None = None,
    silent: bool = False,
    **options: Any,
) -> Effect:
    """A text message.  In a private chat it is sent once more if a kill hid its outcome.

    *reply* is a ReplyParameters object; with it a fallback without it should be given where the
    message replied to may be gone.
    """
    payload: dict[str, Any] = {"chat_id": chat_id, **message.payload()}
    payload["link_preview_options"] = {"is_disabled": True}
    if keyboard:
        payload["reply_markup"] = {"inline_keyboard": keyboard}
    if thread_id is not None:
        payload["message_thread_id"] = thread_id
    if reply is not None:
        payload["reply_parameters"] = reply
        options.setdefault(
            "fallback", {k: v for k, v in payload.items() if k != "reply_parameters"}
        )
    if silent:
        payload["disable_notification"] = True
    options.setdefault("resend", chat_id > 0)
    return call(key, "sendMessage", payload, **options)


def edit(
    key: str,
    chat_id: int,
    message_id: int,
    message: Rendered,
    keyboard: Keyboard | None = None,
    **options: Any,
) -> Effect:
    """New text and buttons for a message of ours; without *keyboard* its buttons go."""
    payload: dict[str, Any] = {"chat_id": chat_id, "message_id": message_id, **message.payload()}
    payload["link_preview_options"] = {"is_disabled": True}
    payload["reply_markup"] = {"inline_keyboard": keyboard or []}
    return call(key, "editMessageText", payload, **options)


def edit_keyboard(
    key: str, chat_id: int, message_id: int, keyboard: Keyboard | None, **options: Any
) -> Effect:
    """New buttons for a message of ours."""
    payload = {
        "chat_id": chat_id,
        "message_id": message_id,
        "reply_markup": {"inline_keyboard": keyboard or []},
    }
    return call(key, "editMessageReplyMarkup", payload, **options)


def delete(key: str, chat_id: int, message_id: int, **options: Any) -> Effect:
    """Delete one message; that it is gone already is a success."""
    return call(key, "deleteMessage", {"chat_id": chat_id, "message_id": message_id}, **options)


def answer_callback(
    key: str, query_id: str, text: str = "", *, alert: bool = False, **options: Any
) -> Effect:
    """Answer a press; *text* is at most 200 characters."""
    payload: dict[str, Any] = {"callback_query_id": query_id}
    if text:
        payload |= {"text": text[:200], "show_alert": alert}
    options.setdefault("life_s", 60.0)
    return call(key, "answerCallbackQuery", payload, **options)


def answer_inline(key: str, query_id: str, results: list[dict[str, Any]], **extra: Any) -> Effect:
    """Answer an inline query, for its sender alone and for a minute at most."""
    payload = {
        "inline_query_id": query_id,
        "results": results,
        "cache_time": 30,
        "is_personal": True,
        **extra,
    }
    return call(key, "answerInlineQuery", payload, life_s=60.0)


def local(key: str, name: str, chat_id: int, **options: Any) -> Effect:
    """Work of ours between two sends of a chat; *name* is one of the sender's local functions."""
    return Effect(
        key=key, method=f"local:{name}", payload={}, lane=f"{chat_id}:s", chat_id=chat_id, **options
    )
