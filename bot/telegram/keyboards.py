"""The buttons under answers and checks.

A button's data holds a receipt's id and a number, never text: at most 64 bytes.
"""

from __future__ import annotations

from typing import Any, Final

from bot.telegram.effects import Keyboard
from bot.telegram.router import BUTTON_PREFIX
from bot.telegram.wording import say

_DATA_LIMIT: Final = 64
_MAX_OFFERS: Final = 4


def button(label: str, action: str, *args: object) -> dict[str, Any]:
    """A button that comes back as ``v1:action:args``; ValueError if that is too long."""
    data = BUTTON_PREFIX + ":".join([action, *map(str, args)])
    if len(data.encode()) > _DATA_LIMIT:
        raise ValueError(f"callback data too long: {data!r}")
    return {"text": label, "callback_data": data}


def under_result(
    receipt: str, *, offers: tuple[str, ...] = (), more: bool = False, context: bool = False
) -> Keyboard:
    """更多, the offers a row each, then the thumbs and the way to the original."""
    keyboard: Keyboard = []
    if more:
        keyboard.append([button(say("button.more"), "more", receipt, 1)])
    for number, offer in enumerate(offers[:_MAX_OFFERS]):
        keyboard.append([button(offer, "offer", receipt, number)])
    last = [button(say("button.up"), "up", receipt), button(say("button.down"), "down", receipt)]
    if context:
        last.append(button(say("button.context"), "near", receipt))
    return [*keyboard, last]


def more_pages(receipt: str, page: int) -> Keyboard:
    """更多 under a continuation."""
    return [[button(say("button.more"), "more", receipt, page)]]
