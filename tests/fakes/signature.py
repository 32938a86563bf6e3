"""Which methods there are and what each takes, read off python-telegram-bot's signatures.

Raw parameters arrive as text (forms), JSON values or uploads; :func:`decode` makes typed values
of them or refuses. The real server ignores unknown parameters and reads wrong numbers as 0;
here both are errors, since they are always a bug of the caller.
"""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import telegram

from .errors import BAD_UTF8, CHAT_EMPTY, MESSAGE_ID_MISSING, TEXT_EMPTY, USER_ID_INVALID, bad
from .utf16 import has_lone_surrogate

_OWN = {  # python-telegram-bot's conveniences, never sent
    "self", "read_timeout", "write_timeout", "connect_timeout", "pool_timeout", "api_kwargs",
    "filename", "current_offset", "venue", "contact",
}  # fmt: skip
_NOT_METHODS = {"do_api_request", "get_bot", "set_bot", "to_dict", "to_json"}
_CHATS = {"chat_id", "from_chat_id", "sender_chat_id"}
_MISSING = {
    "chat_id": CHAT_EMPTY,
    "text": TEXT_EMPTY,
    "user_id": USER_ID_INVALID,
    "message_id": MESSAGE_ID_MISSING,
}


@dataclass(frozen=True, slots=True)
class Upload:
    """A file of a multipart request."""

    filename: str
    data: bytes
    mime: str

    def __repr__(self) -> str:
        return f"Upload({self.filename!r}, {len(self.data)} bytes)"


@dataclass(frozen=True, slots=True)
class Method:
    """A method's name, its parameters' kinds and the required ones."""

    name: str
    kinds: Mapping[str, str]
    required: frozenset[str]


def _kind(name: str, annotation: object) -> str:
    text = str(annotation).replace("telegram._utils.defaultvalue.", "")
    if name in _CHATS:
        return "chat"
    if "FileInput" in text or "InputFile" in text:
        return "file"
    if name == "file_id":
        return "str"
    if "timedelta" in text or "datetime" in text:
        return "int"
    if re.search(r"Sequence|ReactionType|Literal|Scope|Markup|Parameters|Options", text):
        return "json"
    words = set(re.findall(r"\b(?:int|str|bool|float)\b", text))
    if re.search(
        r"'[A-Z]|telegram\.|\b(?!DefaultValue|NoneType|Union|Optional|None)[A-Z]\w+", text
    ):
        return "str" if words == {"str"} else "json"
    for kind in ("str", "bool", "float", "int"):
        if kind in words:
            return "chat" if words == {"int", "str"} else kind
    return "json"


def _methods() -> dict[str, Method]:
    found = {}
    for name, function in inspect.getmembers(telegram.Bot, inspect.isfunction):
        if name.startswith("_") or name in _NOT_METHODS or ("_" not in name and name != "close"):
            continue
        parameters = [
            p for p in inspect.signature(function).parameters.values() if p.name not in _OWN
        ]
        head, *rest = name.split("_")
        camel = head + "".join(part.capitalize() for part in rest)
        found[camel.lower()] = Method(
            camel,
            {p.name: _kind(p.name, p.annotation) for p in parameters},
            frozenset(p.name for p in parameters if p.default is p.empty),
        )
    return found


METHODS = _methods()


def _wrong(name: str, kind: str) -> Exception:
    return bad(f'Field "{name}" must be of type {kind}')


def _to_int(name: str, value: Any) -> int:
    if value is None or isinstance(value, (bool, float)):
        raise _wrong(name, "Number")
    if isinstance(value, str) and not re.fullmatch(r"-?\d{1,19}", value.strip()):
        raise bad(USER_ID_INVALID) if name == "user_id" else _wrong(name, "Number")
    if not isinstance(value, (int, str)):
        raise _wrong(name, "Number")
    return int(value)


def _to_chat(name: str, value: Any) -> int | str:
    if isinstance(value, str) and value.startswith("@") and len(value) > 1:
        return value
    if value == "":
        raise bad(f"{name} is empty")
    if isinstance(value, str) and not re.fullmatch(r"-?\d{1,19}", value.strip()):
        raise bad("chat not found")
    return _to_int(name, value)


def _to_json(name: str, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError as err:
        raise bad(f"can't parse {name.replace('_', ' ')} JSON object") from err


def _convert(name: str, kind: str, value: Any) -> Any:
    if isinstance(value, Upload) and kind != "file":
        raise _wrong(name, "String")
    if kind == "int":
        return _to_int(name, value)
    if kind == "chat":
        return _to_chat(name, value)
    if kind == "json":
        return _to_json(name, value)
    if kind == "bool":
        text = str(value).strip().lower()
        if text not in {"true", "false", "1", "0", "yes", "no"}:
            raise _wrong(name, "Boolean")
        return text in {"true", "1", "yes"}
    if kind == "float":
        try:
            return float(value)
        except (TypeError, ValueError) as err:
            raise _wrong(name, "Number") from err
    if kind == "file":
        return value
    if isinstance(value, (dict, list, bool)) or value is None:
        raise _wrong(name, "String")
    return str(value)


def decode(method: Method, raw: Mapping[str, Any]) -> dict[str, Any]:
    """Typed parameters of a call; raises ApiError on anything unknown, wrong or missing.

    Uploads that an ``attach://`` refers to are returned under ``attachments``.
    """
    typed: dict[str, Any] = {}
    attachments: dict[str, Upload] = {}
    for name, value in raw.items():
        if name in method.kinds:
            if has_lone_surrogate(value):
                raise bad(BAD_UTF8)
            typed[name] = _convert(name, method.kinds[name], value)
            if has_lone_surrogate(typed[name]):
                raise bad(BAD_UTF8)
        elif isinstance(value, Upload):
            attachments[name] = value
        else:
            raise bad(f'unexpected parameter "{name}" of {method.name}')
    for name in sorted(method.required - typed.keys()):
        raise bad(_MISSING.get(name, f'parameter "{name}" is required'))
    if attachments:
        typed["attachments"] = attachments
    return typed
