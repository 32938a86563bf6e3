"""The bot's sentences in Telegram, from ``wording.toml`` and ``wording_groups.toml``."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


class WordingError(ValueError):
    """A sentence is missing from the file, or isn't text."""


def say(key: str, **names: str) -> str:
    """The sentence *key* (``"forget.done"``), its ``{names}`` filled in."""
    value = _find(key)
    if not isinstance(value, str):
        raise WordingError(f"wording.toml: {key} = {value!r}: must be a text")
    text = value.strip("\n")
    for name, filled in names.items():
        text = text.replace("{" + name + "}", filled)
    return text


def say_all(key: str) -> list[str]:
    """The list of sentences *key*."""
    value = _find(key)
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise WordingError(f"wording.toml: {key} = {value!r}: must be a list of texts")
    return list(value)


def _find(key: str) -> Any:
    value: Any = _table()
    for part in key.split("."):
        if not isinstance(value, dict) or part not in value:
            raise WordingError(f"wording.toml: {key}: missing")
        value = value[part]
    return value


@cache
def _table() -> dict[str, Any]:
    table: dict[str, Any] = {}
    for name in ("wording.toml", "wording_groups.toml"):
        table |= tomllib.loads(files("bot.telegram").joinpath(name).read_text(encoding="utf-8"))
    return table
