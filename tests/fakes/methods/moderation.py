"""Deleting, muting, banning: each needs its right, and none touches administrators."""

from __future__ import annotations

from typing import Any

from telegram.constants import BulkRequestLimit

from tests.fakes.errors import (
    DELETE_FORBIDDEN,
    DELETE_NOT_FOUND,
    NO_RIGHT_TO_RESTRICT,
    NOT_FOR_GROUPS,
    OWNER,
    PARTICIPANT_INVALID,
    SELF,
    SUPERGROUPS_ONLY,
    USER_IS_ADMIN,
    bad,
)
from tests.fakes.events import change_member
from tests.fakes.model import PERMISSIONS, Chat, Member, Message, User
from tests.fakes.world import World

from .registry import Params, method, open_chat

DELETABLE_S = 48 * 3600
_MEDIA = (
    "can_send_audios",
    "can_send_documents",
    "can_send_photos",
    "can_send_videos",
    "can_send_video_notes",
    "can_send_voice_notes",
)
_PERMANENT = {"group_chat_created", "supergroup_chat_created", "migrate_from_chat_id"}


def _may_delete(world: World, message: Message) -> bool:
    if message.date <= world.time() - DELETABLE_S or _PERMANENT & message.body.keys():
        return False
    if message.chat.type == "private":
        return True
    me = world.me(message.chat)
    if message.outgoing:
        return message.chat.type != "channel" or me.has("can_post_messages")
    return me.has("can_delete_messages")


@method("deleteMessage")
def delete_message(world: World, params: Params) -> bool:
    chat = open_chat(world, params["chat_id"])
    message = world.message(chat, params["message_id"], DELETE_NOT_FOUND)
    if not _may_delete(world, message):
        raise bad(DELETE_FORBIDDEN)
    world.delete(message, by_bot=True)
    return True


@method("deleteMessages")
def delete_messages(world: World, params: Params) -> bool:
    ids = params["message_ids"]
    if not isinstance(ids, list) or not all(type(number) is int for number in ids):
        raise bad("can't parse message identifiers JSON object")
    if len(ids) < BulkRequestLimit.MIN_LIMIT:
        raise bad("message identifiers are not specified")
    if len(ids) > BulkRequestLimit.MAX_LIMIT:
        raise bad("too many message identifiers specified")
    chat = open_chat(world, params["chat_id"])
    found = [chat.messages[number] for number in ids if number in chat.messages]
    there = [message for message in found if not message.deleted]
    if not all(_may_delete(world, message) for message in there):
        raise bad(DELETE_FORBIDDEN)
    for message in there:
        world.delete(message, by_bot=True)
    return True


def _victim(world: World, chat: Chat, user_id: int, *, punish: bool = True) -> User:
    if not world.me(chat).has("can_restrict_members"):
        raise bad(NO_RIGHT_TO_RESTRICT)
    user = world.user(user_id)
    if user is world.bot:
        raise bad(SELF)
    member = world.member(chat, user)
    if punish and member.status == "creator":
        raise bad(OWNER)
    if punish and member.status == "administrator":
        raise bad(USER_IS_ADMIN)
    return user


def _permissions(params: Params) -> dict[str, bool]:
    """The permissions granted; without independence, some bring others along."""
    given = params["permissions"]
    if not isinstance(given, dict):
        raise bad("object expected as permissions")
    if unknown := set(given) - set(PERMISSIONS) - {"can_send_media_messages"}:
        raise bad(f"can't parse chat permissions: unexpected field {sorted(unknown)[0]!r}")
    for name, value in given.items():
        if value is not None and not isinstance(value, bool):
            raise bad(f'can\'t parse chat permissions: field "{name}" must be of type Boolean')
    full = {name: bool(given.get(name, False)) for name in PERMISSIONS}
    if "can_manage_topics" not in given:
        full["can_manage_topics"] = full["can_pin_messages"]
    if "can_react_to_messages" not in given:
        full["can_react_to_messages"] = full["can_send_messages"]
    if not any(name in given for name in _MEDIA):
        full |= dict.fromkeys(_MEDIA, bool(given.get("can_send_media_messages", False)))
    if not params.get("use_independent_chat_permissions", False):
        if full["can_send_other_messages"] or full["can_add_web_page_previews"]:
            full |= dict.fromkeys((*_MEDIA, "can_send_messages"), True)
        if full["can_send_polls"] or given.get("can_send_media_messages"):
            full["can_send_messages"] = True
    return full


@method("restrictChatMember")
def restrict_chat_member(world: World, params: Params) -> bool:
    permissions = _permissions(params)
    chat = open_chat(world, params["chat_id"])
    if chat.type != "supergroup":
        raise bad(SUPERGROUPS_ONLY)
    user = _victim(world, chat, params["user_id"])
    inside = world.member(chat, user).is_inside
    if all(permissions.values()):
        new = Member(user, "member" if inside else "left", is_member=inside)
    else:
        until = world.until(params.get("until_date"))
        new = Member(user, "restricted", permissions=permissions, until=until, is_member=inside)
    change_member(world, chat, world.bot, new)
    return True


@method("banChatMember")
def ban_chat_member(world: World, params: Params) -> bool:
    chat = open_chat(world, params["chat_id"])
    if chat.type == "private":
        raise bad("can't ban members in private chats")
    user = _victim(world, chat, params["user_id"])
    until = 0 if chat.type == "group" else world.until(params.get("until_date"))
    change_member(world, chat, world.bot, Member(user, "kicked", until=until, is_member=False))
    return True


@method("unbanChatMember")
def unban_chat_member(world: World, params: Params) -> bool:
    """Lifts a ban; without ``only_if_banned`` it throws a present member out."""
    chat = open_chat(world, params["chat_id"])
    if chat.type not in {"supergroup", "channel"}:
        raise bad(NOT_FOR_GROUPS)
    only_if_banned = params.get("only_if_banned", False)
    user = _victim(world, chat, params["user_id"], punish=not only_if_banned)
    if world.member(chat, user).status == "kicked" or not only_if_banned:
        change_member(world, chat, world.bot, Member(user, "left", is_member=False))
    return True


def _sender_chat(world: World, params: Params) -> tuple[Chat, int]:
    chat = open_chat(world, params["chat_id"])
    sender: Any = params["sender_chat_id"]
    if chat.type not in {"supergroup", "channel"}:
        raise bad("can't ban chats in basic groups")
    if not world.me(chat).has("can_restrict_members"):
        raise bad(NO_RIGHT_TO_RESTRICT)
    if sender not in world.chats or sender >= 0 or sender in {chat.id, chat.linked_chat_id}:
        raise bad(PARTICIPANT_INVALID)
    return chat, int(sender)


@method("banChatSenderChat")
def ban_chat_sender_chat(world: World, params: Params) -> bool:
    chat, sender = _sender_chat(world, params)
    chat.banned_senders.add(sender)
    world.touch()
    return True


@method("unbanChatSenderChat")
def unban_chat_sender_chat(world: World, params: Params) -> bool:
    chat, sender = _sender_chat(world, params)
    chat.banned_senders.discard(sender)
    world.touch()
    return True
