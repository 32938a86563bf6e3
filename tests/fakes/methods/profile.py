"""The bot about itself: commands by scope and language, descriptions, default rights."""

from __future__ import annotations

import json
import re
from typing import Any

from telegram import constants

from tests.fakes.errors import bad
from tests.fakes.model import ADMIN_RIGHTS
from tests.fakes.render import Json, me_json
from tests.fakes.world import World

from .registry import Params, method, open_chat

_SCOPES = {str(scope) for scope in constants.BotCommandScopeType}
_TEXTS = {
    "Name": ("name", constants.BotNameLimit.MAX_NAME_LENGTH),
    "Description": ("description", constants.BotDescriptionLimit.MAX_DESCRIPTION_LENGTH),
    "ShortDescription": (
        "short_description",
        constants.BotDescriptionLimit.MAX_SHORT_DESCRIPTION_LENGTH,
    ),
}


@method("getMe")
def get_me(world: World, params: Params) -> Json:
    return me_json(world)


def _scope_key(world: World, params: Params) -> str:
    """Scope and language as one key of the profile."""
    scope: Any = params.get("scope") or {"type": "default"}
    if not isinstance(scope, dict) or scope.get("type") not in _SCOPES:
        raise bad("can't parse BotCommandScope: unsupported type specified")
    if "chat_id" in scope:
        open_chat(world, scope["chat_id"], write=False)
    language = params.get("language_code", "")
    if language and not re.fullmatch(r"[a-z]{2}", language):
        raise bad("LANG_CODE_INVALID")
    return f"commands {json.dumps(scope, sort_keys=True)} {language}"


def _command(command: Any) -> Json:
    limit = constants.BotCommandLimit
    if not isinstance(command, dict) or set(command) != {"command", "description"}:
        raise bad("can't parse BotCommand: object expected")
    if not re.fullmatch(rf"/?[a-z0-9_]{{1,{int(limit.MAX_COMMAND)}}}", str(command["command"])):
        raise bad("BOT_COMMAND_INVALID")
    if not 1 <= len(str(command["description"])) <= limit.MAX_DESCRIPTION:
        raise bad("BOT_COMMAND_DESCRIPTION_INVALID")
    return {**command, "command": command["command"].removeprefix("/")}


@method("setMyCommands")
def set_my_commands(world: World, params: Params) -> bool:
    commands = params["commands"]
    if not isinstance(commands, list):
        raise bad("expected an Array of BotCommand")
    if len(commands) > constants.BotCommandLimit.MAX_COMMAND_NUMBER:
        raise bad("BOT_COMMANDS_TOO_MUCH")
    world.profile[_scope_key(world, params)] = [_command(command) for command in commands]
    return True


@method("getMyCommands")
def get_my_commands(world: World, params: Params) -> list[Json]:
    return list(world.profile.get(_scope_key(world, params), []))


@method("deleteMyCommands")
def delete_my_commands(world: World, params: Params) -> bool:
    world.profile.pop(_scope_key(world, params), None)
    return True


@method("setMyDefaultAdministratorRights")
def set_my_default_administrator_rights(world: World, params: Params) -> bool:
    rights = params.get("rights") or {}
    if not isinstance(rights, dict) or not set(rights) <= {*ADMIN_RIGHTS, "is_anonymous"}:
        raise bad("can't parse chat administrator rights")
    world.profile[f"rights {params.get('for_channels', False)}"] = rights
    return True


@method("getMyDefaultAdministratorRights")
def get_my_default_administrator_rights(world: World, params: Params) -> Json:
    held = world.profile.get(f"rights {params.get('for_channels', False)}", {})
    return {name: held.get(name, False) for name in (*ADMIN_RIGHTS, "is_anonymous")}


def _register_text(what: str, field: str, limit: int) -> None:
    @method(f"setMy{what}")
    def set_text(world: World, params: Params) -> bool:
        text = params.get(field, "")
        if len(text) > limit:
            raise bad(f"{field.replace('_', ' ')} is too long")
        world.profile[f"{field} {params.get('language_code', '')}"] = text
        return True

    @method(f"getMy{what}")
    def get_text(world: World, params: Params) -> Json:
        return {field: world.profile.get(f"{field} {params.get('language_code', '')}", "")}


for _what, (_field, _limit) in _TEXTS.items():
    _register_text(_what, _field, int(_limit))
