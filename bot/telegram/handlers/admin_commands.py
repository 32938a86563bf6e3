"""The commands of a group: those of administrators, and the few that everybody may use."""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from telegram import Message

from bot.moderation.post import make_post
from bot.moderation.settings import (
    MODE_LABELS,
    parse_duration,
    parse_mode,
    parse_switch,
    to_row,
)
from bot.moderation.types import DAY_S, GroupSettings
from bot.receipts import numbered, receipt_of
from bot.settled import as_settled
from bot.store import Transaction, examples, groups, moderation, moderation_log, receipts
from bot.telegram.context import Context, command_of
from bot.telegram.effects import Keyboard
from bot.telegram.handlers import (
    group_company,
    group_posts,
    group_reading,
    group_settled,
    lifecycle,
)
from bot.telegram.handlers.group_buttons import library_of
from bot.telegram.handlers.group_notice import render_notice
from bot.telegram.handlers.group_posts import day_of
from bot.telegram.keyboards import button
from bot.telegram.router import Handler
from bot.telegram.text import Rendered, TextBuilder, plain
from bot.telegram.wording import say

_CHECK_EVERY_S: Final = 60.0
_ASKED: Final = 20


def for_admins(handle: Handler) -> Handler:
    """*handle* for administrators; anybody else gets one short line and nothing changes."""

    @functools.wraps(handle)
    async def guarded(ctx: Context) -> None:
        speaker = group_reading.read_speaker(ctx.message)
        if await group_company.speaks_as_admin(ctx, speaker, ctx.chat.id):
            # So that whoever is to be told of something is known.
            await group_company.fresh_group(ctx, ctx.chat.id)
            await handle(ctx)
        else:
            reply(ctx, plain(say("g.command.refused")))
            await judge_words(ctx)

    return guarded


async def judge_words(ctx: Context) -> None:
    """What a member wrote behind a command is a post like any other."""
    if words_of(ctx):
        await group_posts.on_post(ctx)


def reply(ctx: Context, message: Rendered, keyboard: Keyboard | None = None) -> None:
    """Answer a command, in reply to it."""
    to = {"message_id": ctx.message.message_id, "allow_sending_without_reply": True}
    ctx.send(message, keyboard, reply=to, silent=True)


# --- mode, ladder, pause ---


@for_admins
async def on_mode(ctx: Context) -> None:
    """/mode: say it or set it; 删除 asks once more."""
    words = words_of(ctx)
    chat_id = ctx.chat.id
    settings = group_company.settings_of(ctx, chat_id)
    mode = parse_mode(words)
    if not words:
        reply(ctx, plain(say("g.mode.now", mode=MODE_LABELS[settings.mode])))
    elif mode is None:
        reply(ctx, plain(say("g.mode.usage")))
    elif mode == "delete" and settings.mode != "delete":
        since = ctx.now.timestamp() - 30 * DAY_S
        conflicts = moderation.recent(ctx.conn, chat_id, since, verdict="conflict")
        confirm = button(say("g.button.confirm"), "gm", chat_id, "delete")
        reply(ctx, plain(say("g.mode.confirm", n=str(len(conflicts)))), [[confirm]])
    else:
        set_setting(ctx, chat_id, "mode", mode)
        reply(ctx, plain(say("g.mode.changed", mode=MODE_LABELS[mode])))


@for_admins
async def on_ladder(ctx: Context) -> None:
    """/ladder 开 and 关."""
    words = words_of(ctx)
    wanted = parse_switch(words)
    if not words:
        on = group_company.settings_of(ctx, ctx.chat.id).ladder
        reply(ctx, plain(say("g.ladder.now", state=say(f"g.status.{'on' if on else 'off'}"))))
    elif wanted is None:
        reply(ctx, plain(say("g.ladder.usage")))
    else:
        set_setting(ctx, ctx.chat.id, "ladder", wanted)
        reply(ctx, plain(say(f"g.ladder.{'on' if wanted else 'off'}")))


@for_admins
async def on_pause(ctx: Context) -> None:
    """/pause 2h; an hour if nothing is said."""
    length = parse_duration(words_of(ctx) or "1h")
    if length is None:
        reply(ctx, plain(say("g.pause.usage")))
        return
    until = ctx.now + timedelta(seconds=length)
    set_setting(ctx, ctx.chat.id, "paused_until", until.timestamp())
    settings = group_company.settings_of(ctx, ctx.chat.id)
    reply(ctx, plain(say("g.pause.paused", until=_clock(until, settings))))


@for_admins
async def on_resume(ctx: Context) -> None:
    """/resume."""
    set_setting(ctx, ctx.chat.id, "paused_until", 0.0)
    reply(ctx, plain(say("g.pause.resumed")))


def set_setting(ctx: Context, chat_id: int, key: str, value: object) -> None:
    """Write a setting, and who wrote it."""
    text, by = to_row(key, value), ctx.user.id

    def write(tx: Transaction) -> None:
        if groups.set_setting(tx.conn, chat_id, key, text):
            moderation_log.note(
                tx.conn, chat_id, "setting", tx.now, actor=by, setting=key, value=text
            )

    ctx.write(write)


# --- allow list ---


@for_admins
async def on_allow(ctx: Context) -> None:
    """/allow in reply to someone."""
    _change_allowed(ctx, "allow")


@for_admins
async def on_disallow(ctx: Context) -> None:
    """/disallow in reply to someone."""
    _change_allowed(ctx, "disallow")


def _change_allowed(ctx: Context, command: str) -> None:
    target = replied(ctx.message)
    speaker = group_reading.read_speaker(target) if target else None
    member = (speaker.sender_chat_id or speaker.user_id) if speaker else None
    if target is None or member is None:
        reply(ctx, plain(say("g.allow.usage", command=command)))
        return
    chat_id, by, name = ctx.chat.id, ctx.user.id, group_reading.name_of(target)
    there = member in groups.allowed(ctx.conn, chat_id)

    def change(tx: Transaction) -> None:
        if command == "allow":
            changed = groups.allow(tx.conn, chat_id, member, tx.now)
        else:
            changed = groups.disallow(tx.conn, chat_id, member)
        if changed:
            moderation_log.note(tx.conn, chat_id, command, tx.now, actor=by, member=member)

    ctx.write(change)
    outcome = {
        ("allow", False): "added",
        ("allow", True): "there",
        ("disallow", True): "removed",
        ("disallow", False): "not_there",
    }[command, there]
    reply(ctx, plain(say(f"g.allow.{outcome}", name=name)))


# --- what stands and what was done ---


@for_admins
async def on_status(ctx: Context) -> None:
    """/status: mode, limits, what is missing, what was done today."""
    group = await group_company.refresh(ctx, ctx.chat.id)
    settings = group_company.settings_of(ctx, group.chat_id)
    now = ctx.now
    text = TextBuilder().line(say("g.status.head", mode=MODE_LABELS[settings.mode]), "bold")
    if settings.paused_until > now.timestamp():
        until = datetime.fromtimestamp(settings.paused_until, now.tzinfo)
        text.line(say("g.status.paused", until=_clock(until, settings)))
    ladder = say(f"g.status.{'on' if settings.ladder else 'off'}")
    text.line(say("g.status.ladder", state=ladder))
    text.line(say("g.status.limits", minute=str(settings.per_minute), hour=str(settings.per_hour)))
    today = day_of(now.timestamp(), settings)
    counted = groups.counts(ctx.conn, group.chat_id, today)
    names = ("posts", "conflict", "notice", "delete", "reversed")
    done = {name: str(counted.get((today, name), 0)) for name in names}
    text.line(say("g.status.today", **done))
    lacking = lifecycle.missing_rights(group.rights)
    if lacking:
        rights = "、".join(say(f"g.rights.{name}") for name in lacking)
        text.line(say("g.status.missing", rights=rights))
    if "admin" in lacking and not ctx.services.api.bot.can_read_all_group_messages:
        text.line(say("g.status.privacy"))
    if group.kind == "group":
        text.line(say("g.status.basic"))
    flips = [case for case in examples.labelled(ctx.conn, group.chat_id) if case.flipped]
    if group.disarmed:
        text.line(say("g.status.disarmed"))
    reply(ctx, text.build(), group_settled.settle_buttons(flips[:_ASKED]))


# --- for everybody ---


async def on_check(ctx: Context) -> None:
    """/check in reply to a post, or with words: their verdict, with evidence."""
    target, words = replied(ctx.message), words_of(ctx)
    post = group_reading.read_post(target) if target else make_post(words)
    chat_id = ctx.chat.id
    topic = f"check:{ctx.user.id}"
    if post is None:
        if _may_speak(ctx, chat_id, topic):
            reply(ctx, plain(say("g.check.usage")))
        return
    if not _may_speak(ctx, chat_id, topic):
        return
    check = await ctx.think(ctx.services.knowledge.check, post.text, now=ctx.now)
    check = as_settled(ctx.conn, chat_id, post.text, check)
    if check.verdict == "no_claim":
        reply(ctx, plain(say("g.check.no_claim")))
        return
    check = numbered(check)
    settings = group_company.settings_of(ctx, chat_id)
    keep_s = settings.retention_days * DAY_S
    receipt = receipt_of(check, post.text, ctx.services.knowledge, ctx.now, keep_s=keep_s)
    ctx.write(lambda tx: receipts.insert(tx.conn, receipt))
    reply(ctx, render_notice(check.as_json(), library_of(ctx)))


def _may_speak(ctx: Context, chat_id: int, topic: str) -> bool:
    """Whether the person's minute is over; counted from now on if so."""
    now = ctx.now.timestamp()
    if not groups.may_tell(ctx.conn, chat_id, topic, now, again_s=_CHECK_EVERY_S):
        return False
    ctx.write(lambda tx: groups.tell_once(tx.conn, chat_id, topic, now, again_s=_CHECK_EVERY_S))
    return True


async def on_help(ctx: Context) -> None:
    """/help in a group: one line."""
    reply(ctx, plain(say("g.command.help", username=ctx.services.api.username)))
    await judge_words(ctx)


async def on_privacy(ctx: Context) -> None:
    """/privacy in a group: one line."""
    days = str(group_company.settings_of(ctx, ctx.chat.id).retention_days)
    reply(ctx, plain(say("g.command.privacy", days=days)))
    await judge_words(ctx)


@for_admins
async def on_settings(ctx: Context) -> None:
    """/settings: the way to the settings in private."""
    link = lifecycle.settings_button(ctx.services.api.username, ctx.chat.id)
    reply(ctx, plain(say("g.command.settings")), [[link]])


# --- reading a command ---


def words_of(ctx: Context) -> str:
    """What follows the command."""
    found = command_of(ctx.message, ctx.services.api.username)
    return found[1] if found else ""


def replied(message: Message) -> Message | None:
    """The message that a command replies to; in a topic, its first message is no reply."""
    target = message.reply_to_message
    if target is None or target.forum_topic_created is not None:
        return None
    return target


def _clock(at: datetime, settings: GroupSettings) -> str:
    return f"{at.astimezone(ZoneInfo(settings.timezone)):%m-%d %H:%M}"


COMMANDS: Final[dict[str, Callable[[Context], Awaitable[None]]]] = {
    "mode": on_mode,
    "ladder": on_ladder,
    "pause": on_pause,
    "resume": on_resume,
    "allow": on_allow,
    "disallow": on_disallow,
    "status": on_status,
    "check": on_check,
    "help": on_help,
    "privacy": on_privacy,
    "settings": on_settings,
}
