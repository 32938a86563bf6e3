"""Keyboards: their shape, the limits on buttons and on what a button may carry."""

from __future__ import annotations

import inspect
import re
from typing import Any

import telegram
from telegram import constants

from .errors import BUTTON_DATA, BUTTON_TEXT, BUTTON_URL, MARKUP_LONG, bad


def _fields(kind: type) -> set[str]:
    return set(inspect.signature(kind).parameters) - {"api_kwargs"}


_INLINE = _fields(telegram.InlineKeyboardButton)
_LOOKS = {"text", "style", "icon_custom_emoji_id"}
_OTHERS = {
    "keyboard": _fields(telegram.ReplyKeyboardMarkup),
    "remove_keyboard": _fields(telegram.ReplyKeyboardRemove) | {"remove_keyboard"},
    "force_reply": _fields(telegram.ForceReply) | {"force_reply"},
}


def _inline_button(button: Any) -> dict[str, Any]:
    if not isinstance(button, dict):
        raise bad("can't parse inline keyboard button: InlineKeyboardButton must be an Object")
    text = button.get("text")
    if not isinstance(text, str):
        raise bad("can't parse inline keyboard button: Can't find field \"text\"")
    if not text.strip():
        raise bad(BUTTON_TEXT)
    if unknown := set(button) - _INLINE:
        raise bad(f"can't parse inline keyboard button: unexpected field {sorted(unknown)[0]!r}")
    actions = set(button) - _LOOKS
    if not actions:
        raise bad(
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"
        )
    if len(actions) > 1:
        raise bad("can't parse inline keyboard button: exactly one action is allowed")
    _check_action(button)
    return dict(button)


def _check_action(button: dict[str, Any]) -> None:
    data = button.get("callback_data")
    if "callback_data" in button and not (
        isinstance(data, str)
        and 1 <= len(data.encode()) <= constants.InlineKeyboardButtonLimit.MAX_CALLBACK_DATA
    ):
        raise bad(BUTTON_DATA)
    url = button.get("url")
    if "url" in button and not (
        isinstance(url, str) and re.match(r"(?:https?://[^\s/]+\.[^\s]+|tg://\S+)$", url)
    ):
        raise bad(BUTTON_URL)


def inline_keyboard(markup: Any) -> dict[str, Any] | None:
    """The checked inline keyboard; None where it has no button."""
    if not isinstance(markup, dict):
        raise bad("object expected as reply markup")
    if set(markup) != {"inline_keyboard"}:
        raise bad("inline keyboard expected")
    rows = markup["inline_keyboard"]
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad('field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays')
    checked = [[_inline_button(button) for button in row] for row in rows if row]
    limit = constants.InlineKeyboardMarkupLimit
    if sum(map(len, checked)) > limit.TOTAL_BUTTON_NUMBER or any(
        len(row) > limit.BUTTONS_PER_ROW for row in checked
    ):
        raise bad(MARKUP_LONG)
    return {"inline_keyboard": checked} if checked else None


def reply_markup(markup: Any) -> dict[str, Any] | None:
    """Any keyboard a message may carry, checked; None where there is none."""
    if not markup:
        return None
    if isinstance(markup, dict) and "inline_keyboard" not in markup:
        for key, fields in _OTHERS.items():
            if key in markup and set(markup) <= fields:
                return dict(markup)
        raise bad("can't parse reply keyboard markup JSON object")
    return inline_keyboard(markup)
