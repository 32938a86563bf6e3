"""What Telegram shows by itself: command menus for each scope and language, and the profile.

Told once: a digest of it all is remembered, so that a restart says nothing again.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from importlib.resources import files
from typing import Any, Final

from telegram import BotCommand, ChatAdministratorRights
from telegram.constants import BotCommandScopeType

from bot.store import counts
from bot.telegram.api import Api
from bot.telegram.persist import Persist
from bot.telegram.wording import say

_DONE_KEY: Final = "menus"
# Chinese for everybody whose language has no menu of its own.
_LANGUAGES: Final = {"": "zh", "zh": "zh", "en": "en"}


async def tell(api: Api, persist: Persist) -> None:
    """Set menus and profile, if they differ from what was told last."""
    table = _table()
    digest = _digest(table, api.id)
    if counts.get_meta(persist.db.conn, _DONE_KEY) == digest:
        return
    for scope, commands in table["scope"].items():
        for code, language in _LANGUAGES.items():
            menu = [BotCommand(name, table["commands"][name][language]) for name in commands]
            await api.call("setMyCommands", _menu(scope, menu, code))
    await api.set_my_description(say("about.description"))
    await api.set_my_short_description(say("about.short_description"))
    await api.set_my_default_administrator_rights(_RIGHTS, for_channels=False)
    await persist.write(lambda tx: counts.set_meta(tx.conn, _DONE_KEY, digest))


def _menu(scope: str, menu: list[BotCommand], code: str) -> dict[str, Any]:
    payload: dict[str, Any] = {
        "commands": [command.to_dict() for command in menu],
        "scope": {"type": BotCommandScopeType(scope).value},
    }
    return payload | ({"language_code": code} if code else {})


def _digest(table: dict[str, Any], bot_id: int) -> str:
    told = [table, bot_id, say("about.description"), say("about.short_description")]
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]


def _table() -> dict[str, Any]:
    path = files("bot.telegram").joinpath("menus.toml")
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    for scope, names in table["scope"].items():
        missing = [name for name in names if set(table["commands"].get(name, ())) != {"zh", "en"}]
        if missing:
            raise ValueError(f"menus.toml: scope.{scope}: no zh and en for {', '.join(missing)}")
    return table


# What the bot asks for when it is made an administrator: to delete and to mute, no more.
_RIGHTS: Final = ChatAdministratorRights(
    is_anonymous=False,
    can_manage_chat=True,
    can_delete_messages=True,
    can_manage_video_chats=False,
    can_restrict_members=True,
    can_promote_members=False,
    can_change_info=False,
    can_invite_users=False,
    can_post_stories=False,
    can_edit_stories=False,
    can_delete_stories=False,
)
