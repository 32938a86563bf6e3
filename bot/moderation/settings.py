"""A group's settings as rows of text, and the words that people type for them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from typing import Any, Final, get_args
from zoneinfo import ZoneInfo

from bot.moderation.types import GroupSettings, Mode, Soft

MODE_LABELS: Final[dict[Mode, str]] = {"watch": "观察", "remind": "提醒", "delete": "删除"}
_MODE_WORDS: Final[dict[str, Mode]] = {
    "观察": "watch",
    "觀察": "watch",
    "watch": "watch",
    "提醒": "remind",
    "remind": "remind",
    "删除": "delete",
    "刪除": "delete",
    "delete": "delete",
}
_SWITCH_WORDS: Final = {
    "开": True,
    "開": True,
    "打开": True,
    "on": True,
    "关": False,
    "關": False,
    "关闭": False,
    "off": False,
}
_DURATION = re.compile(
    r"(\d{1,6})\s*(s|m|h|d|秒|分钟|分|小时|时|天|min|hour|hours|day|days)?", re.I
)
_UNIT_S: Final = {
    "s": 1,
    "秒": 1,
    "m": 60,
    "分": 60,
    "h": 3600,
    "小": 3600,
    "时": 3600,
    "d": 86400,
    "天": 86400,
}
MAX_PAUSE_S: Final = 30 * 86400


class SettingError(ValueError):
    """A stored or typed setting can't be used; names the key and the value."""


def parse_mode(word: str) -> Mode | None:
    """观察, 提醒, 删除 or their English words."""
    return _MODE_WORDS.get(word.strip().casefold())


def parse_switch(word: str) -> bool | None:
    """开 and 关 or their English words."""
    return _SWITCH_WORDS.get(word.strip().casefold())


def parse_duration(text: str) -> float | None:
    """Seconds of ``2h``, ``30分钟``, ``1天``; a bare number is minutes.  None if it is none."""
    match = _DURATION.fullmatch(text.strip())
    if match is None:
        return None
    unit = (match[2] or "m")[0].casefold()
    seconds = int(match[1]) * _UNIT_S[unit]
    return float(min(seconds, MAX_PAUSE_S)) if seconds > 0 else None


def from_rows(rows: Mapping[str, str]) -> GroupSettings:
    """The settings that *rows* make of the defaults; unknown keys are left alone.

    Raises SettingError for a value that its key can't have.
    """
    known = {key: parse_value(key, text) for key, text in rows.items() if key in _FIELDS}
    return replace(GroupSettings(), **known)


def to_row(key: str, value: Any) -> str:
    """The text that :func:`parse_value` reads back as *value*."""
    text = "" if value is None else str(int(value) if isinstance(value, bool) else value)
    parse_value(key, text)
    return text


def parse_value(key: str, text: str) -> Any:
    """The value of the row *key*; SettingError if it can't be."""
    try:
        return _FIELDS[key](text)
    except (KeyError, ValueError) as err:
        raise SettingError(f"group setting {key} = {text!r}") from err


def _one_of(choices: tuple[str, ...]) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text not in choices:
            raise ValueError(text)
        return text

    return parse


def _number(low: int, high: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        value = int(text)
        if not low <= value <= high:
            raise ValueError(text)
        return value

    return parse


def _switch(text: str) -> bool:
    return _number(0, 1)(text) == 1


def _zone(text: str) -> str:
    try:
        return ZoneInfo(text).key
    except (KeyError, OSError) as err:
        raise ValueError(text) from err


_FIELDS: Final[dict[str, Callable[[str], Any]]] = {
    "mode": _one_of(get_args(Mode)),
    "ladder": _switch,
    "soft": _one_of(get_args(Soft)),
    "forwards": _one_of(("soft", "same")),
    "keep_notices": _switch,
    "per_minute": _number(1, 20),
    "per_hour": _number(1, 200),
    "retention_days": _number(1, 365),
    "log_chat": lambda text: int(text) if text else None,
    "digest": _switch,
    "digest_day": _number(0, 6),
    "digest_hour": _number(0, 23),
    "timezone": _zone,
    "echo_across": _switch,
    "ocr": _switch,
    "paused_until": float,
}
assert set(_FIELDS) == set(asdict(GroupSettings()))
