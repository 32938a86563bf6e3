"""The state as the Bot API shows it: users, chats, members, messages as JSON objects."""

from __future__ import annotations

from typing import Any

from .model import (
    ADMIN_RIGHTS,
    CHANNEL_ONLY_RIGHTS,
    GROUP_ONLY_RIGHTS,
    PERMISSIONS,
    Chat,
    Member,
    Message,
    StoredFile,
    User,
)
from .world import ANONYMOUS, CHANNEL_BOT, SERVICE, World

Json = dict[str, Any]


def user_json(user: User) -> Json:
    names = ("last_name", "username", "language_code")
    return {
        "id": user.id,
        "is_bot": user.is_bot,
        "first_name": user.first_name,
        **{name: getattr(user, name) for name in names if getattr(user, name)},
    }


def me_json(world: World) -> Json:
    return {
        **user_json(world.bot),
        "can_join_groups": True,
        "can_read_all_group_messages": world.reads_all,
        "supports_inline_queries": True,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


def chat_json(world: World, chat: Chat) -> Json:
    if chat.type == "private":
        user = world.users[chat.id]
        names = ("first_name", "last_name", "username")
        shown = {name: getattr(user, name) for name in names if getattr(user, name)}
        return {"id": chat.id, "type": "private", **shown}
    shown = {"id": chat.id, "type": chat.type, "title": chat.title}
    if chat.username:
        shown["username"] = chat.username
    if chat.is_forum:
        shown["is_forum"] = True
    return shown


def chat_full_json(world: World, chat: Chat) -> Json:
    """getChat's answer."""
    full = {
        **chat_json(world, chat),
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": {
            "unlimited_gifts": False,
            "limited_gifts": False,
            "unique_gifts": False,
            "premium_subscription": False,
            "gifts_from_channels": False,
        },
    }
    if chat.is_group:
        full["permissions"] = {name: chat.permissions.get(name, True) for name in PERMISSIONS}
        full["join_to_send_messages"] = True
    if chat.linked_chat_id:
        full["linked_chat_id"] = chat.linked_chat_id
    if chat.available_reactions is not None:
        full["available_reactions"] = [
            {"type": "emoji", "emoji": emoji} for emoji in chat.available_reactions
        ]
    return full


def member_json(world: World, chat: Chat, member: Member) -> Json:
    shown: Json = {"user": user_json(member.user), "status": member.status}
    if member.is_admin:
        shown["is_anonymous"] = member.is_anonymous
        if member.custom_title:
            shown["custom_title"] = member.custom_title
    if member.status == "administrator":
        hidden = GROUP_ONLY_RIGHTS if chat.type == "channel" else CHANNEL_ONLY_RIGHTS
        shown["can_be_edited"] = False
        shown |= {name: name in member.rights for name in ADMIN_RIGHTS if name not in hidden}
    if member.status == "restricted":
        shown["is_member"] = member.is_member
        shown |= {name: member.permissions.get(name, False) for name in PERMISSIONS}
    if member.status in {"restricted", "kicked"}:
        shown["until_date"] = member.until
    return shown


def _sender(message: Message) -> User | None:
    """Who stands in ``from``: a stand-in where a chat speaks, nobody in channels."""
    if message.chat.type == "channel":
        return None
    if message.extras.get("is_automatic_forward"):
        return SERVICE
    if message.sender_chat is None:
        return message.author
    return ANONYMOUS if message.sender_chat is message.chat else CHANNEL_BOT


def message_json(world: World, message: Message, *, with_reply: bool = True) -> Json:
    """The message with its reply target, which comes without its own."""
    shown: Json = {
        "message_id": message.message_id,
        "date": message.date,
        "chat": chat_json(world, message.chat),
    }
    sender = _sender(message)
    if sender is not None:
        shown["from"] = user_json(sender)
    sender_chat = message.chat if message.chat.type == "channel" else message.sender_chat
    if sender_chat is not None:
        shown["sender_chat"] = chat_json(world, sender_chat)
    if message.thread_id and message.thread_id in message.chat.topics:
        shown |= {"message_thread_id": message.thread_id, "is_topic_message": True}
    elif message.thread_id:
        shown["message_thread_id"] = message.thread_id
    target = message.reply_to
    if with_reply and target is not None and not target.deleted and target.chat is message.chat:
        shown["reply_to_message"] = message_json(world, target, with_reply=False)
    if message.quote:
        shown["quote"] = message.quote
    if message.edit_date:
        shown["edit_date"] = message.edit_date
    extras = {key: value for key, value in message.extras.items() if key != "is_service"}
    shown |= extras
    shown |= {key: value for key, value in message.body.items() if value not in ([], None)}
    if message.markup and "inline_keyboard" in message.markup:
        shown["reply_markup"] = message.markup
    return shown


def gone_json(world: World, message: Message) -> Json:
    """A deleted message under a pressed button."""
    chat = chat_json(world, message.chat)
    return {"chat": chat, "message_id": message.message_id, "date": 0}


def photo_json(file: StoredFile, width: int, height: int) -> list[Json]:
    small = {
        "file_id": file.file_id,
        "file_unique_id": file.unique_id,
        "file_size": file.size,
        "width": width,
        "height": height,
    }
    return [small]


def document_json(file: StoredFile, name: str, mime: str) -> Json:
    return {
        "file_id": file.file_id,
        "file_unique_id": file.unique_id,
        "file_size": file.size,
        "file_name": name,
        "mime_type": mime,
    }
