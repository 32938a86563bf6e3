"""Which handler gets an update: the first route that matches, in the order of the table."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

from telegram import MaybeInaccessibleMessage, Message, Update
from telegram.constants import ChatType

from bot.telegram.context import Context, command_of

Handler = Callable[[Context], Awaitable[None]]
Matches = Callable[[Update], bool]

BUTTON_PREFIX: Final = "v1:"


@dataclass(frozen=True, slots=True)
class Route:
    """*handle* gets the updates that *matches* says yes to; *name* is for the log."""

    name: str
    matches: Matches
    handle: Handler


def find(routes: Sequence[Route], update: Update) -> Route | None:
    """The first route for *update*; None if nobody wants it."""
    return next((route for route in routes if route.matches(update)), None)


def commands(names: dict[str, Handler], where: Matches) -> list[Route]:
    """A route for each command, where *where* holds: ``{"ask": on_ask}``."""
    return [
        Route(f"/{name}", both(where, _command(name)), handle) for name, handle in names.items()
    ]


def buttons(actions: dict[str, Handler]) -> list[Route]:
    """A route for each button, by the action in its data: ``v1:<action>:…``."""
    return [Route(f"button {name}", _button(name), handle) for name, handle in actions.items()]


def both(*conditions: Matches) -> Matches:
    """All of *conditions*."""
    return lambda update: all(condition(update) for condition in conditions)


def is_private_message(update: Update) -> bool:
    """A new message in a private chat."""
    message = update.message
    return message is not None and message.chat.type == ChatType.PRIVATE


def is_group_message(update: Update) -> bool:
    """A new or edited message in a group."""
    message = update.message or update.edited_message
    return message is not None and message.chat.type in (ChatType.GROUP, ChatType.SUPERGROUP)


def is_command(update: Update) -> bool:
    """A message that begins with any command to us."""
    return _read_command(update) is not None


def is_text(update: Update) -> bool:
    """A new message that has a text or a caption."""
    message = update.message
    return message is not None and bool((message.text or message.caption or "").strip())


def is_button(update: Update) -> bool:
    """A press on any button."""
    return update.callback_query is not None


def is_inline(update: Update) -> bool:
    """An inline query."""
    return update.inline_query is not None


def chat_of_button(message: MaybeInaccessibleMessage | None) -> int | None:
    """The chat that a pressed button stands in; None under an inline message."""
    return message.chat.id if message is not None else None


def _command(name: str) -> Matches:
    def matches(update: Update) -> bool:
        found = _read_command(update)
        return found is not None and found[0] == name

    return matches


def _button(action: str) -> Matches:
    prefix = f"{BUTTON_PREFIX}{action}"

    def matches(update: Update) -> bool:
        data = update.callback_query.data if update.callback_query is not None else None
        return data is not None and (data == prefix or data.startswith(prefix + ":"))

    return matches


def _read_command(update: Update) -> tuple[str, str] | None:
    message: Message | None = update.message
    return command_of(message, message.get_bot().username) if message is not None else None
