"""A group's settings in private: one message with buttons, edited in place.

Reached by a deep link; every press is made sure of in the group that it is about.
"""

from __future__ import annotations

from typing import Any, Final

from telegram import Message, Update

from bot.moderation.settings import MODE_LABELS, parse_mode
from bot.moderation.types import DAY_S, GroupSettings, Mode
from bot.store import Transaction, groups, moderation
from bot.telegram import effects
from bot.telegram.context import Context, command_of
from bot.telegram.effects import Keyboard
from bot.telegram.handlers import group_buttons, group_company, group_files
from bot.telegram.handlers.admin_commands import judge_words, reply, set_setting
from bot.telegram.handlers.lifecycle import settings_button
from bot.telegram.keyboards import button
from bot.telegram.router import Handler
from bot.telegram.text import Rendered, TextBuilder, cut_hard, plain
from bot.telegram.wording import say, say_all

_CONFIRM_S: Final = 86400.0
_MOST_GROUPS: Final = 20
_CYCLES: Final[dict[str, tuple[Any, ...]]] = {
    "ladder": (False, True),
    "soft": ("none", "reaction", "reply"),
    "forwards": ("soft", "same"),
    "keep_notices": (False, True),
    "retention_days": (30, 90, 180, 365),
    "digest": (True, False),
    "digest_day": (0, 1, 2, 3, 4, 5, 6),
    "echo_across": (False, True),
    "ocr": (True, False),
}
_LIMITS: Final = ((1, 10), (2, 20), (5, 60))


# --- deep links ---


def is_deep_link(update: Update) -> bool:
    """/start with something of ours behind it, in private."""
    message = update.message
    if message is None or message.chat.type != "private":
        return False
    return _payload(message).startswith(("set_", "ev_"))


def _payload(message: Message) -> str:
    found = command_of(message, message.get_bot().username)
    return found[1] if found is not None and found[0] == "start" else ""


async def on_deep_link(ctx: Context) -> None:
    """``set_<chat>``: that group's settings; ``ev_<case>``: a case's evidence."""
    kind, _, rest = _payload(ctx.message).partition("_")
    if kind == "ev":
        await group_buttons.send_evidence(ctx, rest)
        return
    chat_id = _chat_id(rest)
    if chat_id is None or not await group_company.is_admin(ctx, chat_id, ctx.user.id):
        ctx.send(plain(say("g.settings.not_admin")))
        return
    await group_company.fresh_group(ctx, chat_id)
    settings = group_company.settings_of(ctx, chat_id)
    ctx.send(_head(ctx, chat_id), menu(ctx, chat_id, settings))


async def on_private_settings(ctx: Context) -> None:
    """/settings in private: the groups that the person is known to administer."""
    user_id, username = ctx.user.id, ctx.services.api.username
    known = [groups.load(ctx.conn, chat_id) for chat_id in groups.all_active(ctx.conn)]
    mine = [group for group in known if user_id in (group.admins or ())]
    keyboard: Keyboard = [
        [settings_button(username, group.chat_id) | {"text": cut_hard(group.title, 60) or "?"}]
        for group in mine[:_MOST_GROUPS]
    ]
    ctx.send(plain(say(f"g.command.settings_{'private' if mine else 'none'}")), keyboard)


async def on_group_start(ctx: Context) -> None:
    """/start in a group: makes it another group's log chat, if it says so."""
    payload = _payload(ctx.message)
    source = _chat_id(payload.removeprefix("log_")) if payload.startswith("log_") else None
    if source is None or ctx.message.sender_chat is not None:
        await judge_words(ctx)
        return
    here, user_id = ctx.chat.id, ctx.user.id
    for chat_id in (source, here):
        if not await group_company.is_admin(ctx, chat_id, user_id):
            reply(ctx, plain(say("g.settings.not_admin")))
            await judge_words(ctx)
            return
    set_setting(ctx, source, "log_chat", here)
    title = (await group_company.fresh_group(ctx, source)).title
    reply(ctx, plain(say("g.settings.log_done", title=title)))


# --- the menu ---


def menu(ctx: Context, chat_id: int, settings: GroupSettings) -> Keyboard:
    """Everything that can be chosen; a press chooses the next value."""

    def entry(label: str, value: str) -> dict[str, Any]:
        text = say(f"g.settings.{label}", value=value)
        return button(text, "gs", chat_id, label)

    def switch(on: bool) -> str:
        return say(f"g.status.{'on' if on else 'off'}")

    modes = [
        button(("✓ " if settings.mode == mode else "") + text, "gm", chat_id, mode)
        for mode, text in MODE_LABELS.items()
    ]
    limits = say("g.settings.limits", minute=str(settings.per_minute), hour=str(settings.per_hour))
    notify = ctx.user.id in groups.notified(ctx.conn, chat_id)
    day = say_all("g.weekday.names")[settings.digest_day]
    return [
        modes,
        [entry("ladder", switch(settings.ladder))],
        [entry("soft", say(f"g.soft.{settings.soft}"))],
        [entry("forwards", say(f"g.forwards.{settings.forwards}"))],
        [button(limits, "gs", chat_id, "limits")],
        [
            entry("keep_notices", switch(not settings.keep_notices)),
            entry("retention_days", str(settings.retention_days)),
        ],
        [entry("digest", switch(settings.digest)), entry("digest_day", day)],
        [entry("echo_across", switch(settings.echo_across)), entry("ocr", switch(settings.ocr))],
        [entry("notify", switch(notify)), _log_entry(ctx, chat_id, settings)],
        [
            button(say("g.settings.export"), "gs", chat_id, "export"),
            button(say("g.settings.close"), "gs", chat_id, "close"),
        ],
    ]


def _log_entry(ctx: Context, chat_id: int, settings: GroupSettings) -> dict[str, Any]:
    if settings.log_chat is not None:
        return button(say("g.settings.log_off"), "gs", chat_id, "log_off")
    link = f"https://t.me/{ctx.services.api.username}?startgroup=log_{chat_id}"
    return {"text": say("g.settings.log_how"), "url": link}


async def on_press(ctx: Context) -> None:
    """Any button of the menu but the modes."""
    chat_id, what = await _pressed(ctx)
    if chat_id is None:
        return
    settings = group_company.settings_of(ctx, chat_id)
    user_id = ctx.user.id
    if what in _CYCLES:
        values = _CYCLES[what]
        current = getattr(settings, what)
        place = values.index(current) if current in values else -1
        set_setting(ctx, chat_id, what, values[(place + 1) % len(values)])
    elif what == "limits":
        now = (settings.per_minute, settings.per_hour)
        place = _LIMITS.index(now) if now in _LIMITS else -1
        minute, hour = _LIMITS[(place + 1) % len(_LIMITS)]
        set_setting(ctx, chat_id, "per_minute", minute)
        set_setting(ctx, chat_id, "per_hour", hour)
    elif what == "notify":
        ctx.write(lambda tx: groups.toggle_notify(tx.conn, chat_id, user_id))
    elif what == "log_off":
        set_setting(ctx, chat_id, "log_chat", None)
    elif what == "export":
        await group_files.send_export(ctx, chat_id, ctx.chat.id)
    elif what == "close":
        _edit(ctx, plain(say("g.settings.closed")), None)
        return
    _show_again(ctx, chat_id)


async def on_mode_press(ctx: Context) -> None:
    """A mode's button: in the menu, under the onboarding message, or 确认."""
    chat_id, word = await _pressed(ctx)
    mode = parse_mode(word)
    if chat_id is None or mode is None:
        ctx.answer(say("g.press.unknown"))
        return
    is_menu = ctx.chat.id != chat_id
    settings = group_company.settings_of(ctx, chat_id)
    confirmed = len(ctx.button_args) > 2 or not is_menu
    message = ctx.query.message
    if mode == "delete" and settings.mode != "delete":
        if is_menu and not confirmed:
            _ask_again(ctx, chat_id)
            return
        if message is None or (ctx.now - message.date).total_seconds() > _CONFIRM_S:
            ctx.answer(say("g.mode.expired"))
            return
    set_setting(ctx, chat_id, "mode", mode)
    if is_menu:
        _show_again(ctx, chat_id)
    else:
        _say_changed(ctx, mode)


def _say_changed(ctx: Context, mode: Mode) -> None:
    changed = say("g.mode.changed", mode=MODE_LABELS[mode])
    onboarding = groups.load(ctx.conn, ctx.chat.id).onboarding_message
    message = ctx.query.message
    if message is not None and message.message_id == onboarding:
        ctx.answer(changed)
        bare = ctx.key("bare")
        ctx.plan(effects.edit_keyboard(bare, ctx.chat.id, message.message_id, None))
    else:
        _edit(ctx, plain(changed), None)


def _ask_again(ctx: Context, chat_id: int) -> None:
    since = ctx.now.timestamp() - 30 * DAY_S
    conflicts = moderation.recent(ctx.conn, chat_id, since, verdict="conflict")
    keyboard = [
        [button(say("g.button.confirm"), "gm", chat_id, "delete", "yes")],
        [button(say("g.button.back"), "gs", chat_id, "back")],
    ]
    _edit(ctx, plain(say("g.mode.confirm", n=str(len(conflicts)))), keyboard)


async def _pressed(ctx: Context) -> tuple[int | None, str]:
    """The chat and the choice of a press by an administrator of it; else they are told."""
    args = ctx.button_args
    chat_id = _chat_id(args[0]) if len(args) >= 2 else None
    if chat_id is None:
        ctx.answer(say("g.press.unknown"))
        return None, ""
    if not await group_company.is_admin(ctx, chat_id, ctx.user.id):
        ctx.answer(say("g.press.not_admin"))
        return None, ""
    return chat_id, args[1]


def _show_again(ctx: Context, chat_id: int) -> None:
    """Edit the menu to what it will be once all that was planned is written."""
    message = ctx.query.message
    if message is None:
        return
    here, key = ctx.chat.id, ctx.key("menu")

    def show(tx: Transaction) -> None:
        settings = group_company.settings_of(ctx, chat_id)
        keyboard = menu(ctx, chat_id, settings)
        tx.plan(effects.edit(key, here, message.message_id, _head(ctx, chat_id), keyboard))

    ctx.write(show)


def _edit(ctx: Context, text: Rendered, keyboard: Keyboard | None) -> None:
    message = ctx.query.message
    if message is not None:
        ctx.plan(effects.edit(ctx.key("menu"), ctx.chat.id, message.message_id, text, keyboard))


def _head(ctx: Context, chat_id: int) -> Rendered:
    title = groups.load(ctx.conn, chat_id).title or str(chat_id)
    return TextBuilder().line(say("g.settings.head", title=cut_hard(title, 80)), "bold").build()


def _chat_id(text: str) -> int | None:
    digits = text.removeprefix("-")
    return int(text) if text.startswith("-") and digits.isascii() and digits.isdigit() else None


BUTTONS: Final[dict[str, Handler]] = {"gs": on_press, "gm": on_mode_press}
