"""What a bot may learn of a chat, and small acts in it."""

from __future__ import annotations

from telegram import constants

from tests.fakes.errors import MEMBERS_HIDDEN, NO_PRIVATE_ADMINS, bad
from tests.fakes.events import change_member
from tests.fakes.model import Member
from tests.fakes.render import Json, chat_full_json, member_json
from tests.fakes.world import World

from .registry import Params, method, open_chat

_EMOJI = {str(emoji) for emoji in constants.ReactionEmoji}
_ACTIONS = {str(action) for action in constants.ChatAction}


@method("getChat")
def get_chat(world: World, params: Params) -> Json:
    chat = open_chat(world, params["chat_id"], write=False)
    return chat_full_json(world, chat)


@method("getChatMember")
def get_chat_member(world: World, params: Params) -> Json:
    chat = open_chat(world, params["chat_id"], write=False)
    user = world.user(params["user_id"], "user not found")
    if chat.hidden_members and user is not world.bot and not world.me(chat).is_admin:
        raise bad(MEMBERS_HIDDEN)
    if chat.type == "private":
        return member_json(world, chat, Member(user))
    return member_json(world, chat, world.member(chat, user))


@method("getChatAdministrators")
def get_chat_administrators(world: World, params: Params) -> list[Json]:
    """All administrators but other bots, unless those are asked for."""
    chat = open_chat(world, params["chat_id"], write=False)
    if chat.type == "private":
        raise bad(NO_PRIVATE_ADMINS)
    with_bots = params.get("return_bots", False)
    return [
        member_json(world, chat, member)
        for member in list(chat.members.values())
        if member.is_admin and (with_bots or not member.user.is_bot or member.user is world.bot)
    ]


@method("getChatMemberCount")
def get_chat_member_count(world: World, params: Params) -> int:
    chat = open_chat(world, params["chat_id"], write=False)
    if chat.type == "private":
        return 2
    return sum(world.member(chat, m.user).is_inside for m in list(chat.members.values()))


@method("leaveChat")
def leave_chat(world: World, params: Params) -> bool:
    chat = open_chat(world, params["chat_id"], write=False)
    if chat.type == "private":
        raise bad("chat member status can't be changed in private chats")
    change_member(world, chat, world.bot, Member(world.bot, "left", is_member=False))
    return True


@method("setMessageReaction")
def set_message_reaction(world: World, params: Params) -> bool:
    wanted = params.get("reaction") or []
    if not isinstance(wanted, list) or not all(isinstance(kind, dict) for kind in wanted):
        raise bad("can't parse reaction types JSON object")
    chat = open_chat(world, params["chat_id"])
    message = world.message(chat, params["message_id"], "message to react not found")
    emoji = [str(kind.get("emoji")) for kind in wanted]
    if len(emoji) > 1:
        raise bad("REACTIONS_TOO_MANY")
    allowed = _EMOJI if chat.available_reactions is None else set(chat.available_reactions)
    if any(kind.get("type") != "emoji" for kind in wanted) or not set(emoji) <= allowed:
        raise bad("REACTION_INVALID")
    message.reactions[world.bot.id] = emoji
    world.touch()
    return True


@method("sendChatAction")
def send_chat_action(world: World, params: Params) -> bool:
    if params["action"] not in _ACTIONS:
        raise bad("wrong parameter action in request")
    chat = open_chat(world, params["chat_id"])
    world.actions.append((chat.id, params["action"]))
    return True
