"""Action → calls, and what becomes of them; the way back included.

Keys are made of the case's id, so that none of it happens twice.  Mutes carry an absolute time.
"""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from bot.guard.types import Check
from bot.moderation.echo import echo_key
from bot.moderation.policy import is_stale, next_room
from bot.moderation.settings import from_rows
from bot.moderation.types import DAY_S, Action, GroupSettings
from bot.store import Transaction, counts, groups, moderation, moderation_log, outbox
from bot.store.groups import Group
from bot.store.moderation import Case
from bot.store.outbox import Effect
from bot.telegram import effects
from bot.telegram.context import Context
from bot.telegram.effects import Keyboard
from bot.telegram.handlers.group_notice import (
    Library,
    card_keyboard,
    notice_keyboard,
    render_card,
    render_notice,
)
from bot.telegram.keyboards import button
from bot.telegram.text import Rendered, plain
from bot.telegram.wording import say

NOTICE_LIFE_S: Final = 900.0
CALL_LIFE_S: Final = 40 * 3600.0
_SALT: Final = "echo_salt"
_REACTION: Final = "🤔"


# --- acting ---


def carry_out(
    ctx: Context,
    case: Case,
    check: Check,
    action: Action,
    settings: GroupSettings,
    library: Library,
    reply: dict[str, Any],
) -> None:
    """Plan what *action* asks for: the notice first, then the deletion, then the ladder."""
    if action.notify:
        effect = _notice(ctx, case, check, settings, library, reply)
        ctx.write(lambda tx: moderation.add_notice(tx.conn, effect.key, case.chat_id, case.at))
        ctx.plan(effect)
    if action.soft == "reaction":
        ctx.plan(_reaction(case))
    if action.kind == "delete":
        ctx.write(lambda tx: plan_deletions(tx, case))
    if action.ban or action.mute_until is not None:
        ctx.plan(_punishment(case, action))
    if action.collect:
        sent = moderation.notices(ctx.conn, case.chat_id, case.at)
        wait_s = next_room(sent, settings, case.at) - case.at
        due_at = ctx.now.timestamp() + wait_s
        ctx.plan(collect_later(case.id, case.chat_id, due_at))


def _notice(
    ctx: Context,
    case: Case,
    check: Check,
    settings: GroupSettings,
    library: Library,
    reply: dict[str, Any],
) -> Effect:
    today, stale_days = ctx.now.date(), ctx.services.settings.stale_days
    said = [finding for finding in check.findings if finding.verdict == check.verdict]
    stale = bool(said[0].published) and is_stale(said[0], today, stale_days)
    # Across groups where this one agreed to count there too.
    scope = None if settings.echo_across else case.chat_id
    key = echo_key(said[0], echo_salt(ctx.conn), scope)
    echo = moderation_log.echoes(ctx.conn, key, ctx.now.timestamp()) + 1
    message = render_notice(
        check.as_json(), library, echo=echo, across=settings.echo_across, stale=stale
    )
    # Without the quote if the post was edited meanwhile; if it is gone, there is nothing to say.
    effect = effects.send(
        notice_key(case),
        case.chat_id,
        message,
        notice_keyboard(case.id, appeal=not case.is_channel),
        thread_id=case.thread_id,
        reply=reply,
        silent=True,
        hook="case_notice",
        hook_args={"case": case.id, "keep": settings.keep_notices},
        life_s=NOTICE_LIFE_S,
        fallback=None,
    )
    bare = effect.payload | {"reply_parameters": {"message_id": case.message_id}}
    return replace(effect, fallback=bare) if "quote" in reply else effect


def _reaction(case: Case) -> Effect:
    payload = {
        "chat_id": case.chat_id,
        "message_id": case.message_id,
        "reaction": [{"type": "emoji", "emoji": _REACTION}],
    }
    return effects.call(_reaction_key(case), "setMessageReaction", payload)


def _reaction_key(case: Case) -> str:
    return f"case:{case.id}:react"


def has_reaction(conn: sqlite3.Connection, case: Case) -> bool:
    """Whether the case's post bears our reaction, or may."""
    return outbox.state_of(conn, _reaction_key(case)) in ("done", "sending", "uncertain")


def take_reaction_back(tx: Transaction, case: Case) -> None:
    """Take our reaction off the case's post, or keep it from being given."""
    if outbox.state_of(tx.conn, _reaction_key(case)) is None:
        return
    outbox.cancel(tx.conn, _reaction_key(case), tx.now)
    if has_reaction(tx.conn, case):
        payload = {"chat_id": case.chat_id, "message_id": case.message_id, "reaction": []}
        tx.plan(effects.call(f"case:{case.id}:unreact", "setMessageReaction", payload))


def _punishment(case: Case, action: Action) -> Effect:
    key = f"case:{case.id}:punish"
    options: dict[str, Any] = {
        "hook": "case_punish",
        "hook_args": {"case": case.id},
        "life_s": CALL_LIFE_S,
    }
    who: dict[str, Any] = {"chat_id": case.chat_id}
    if case.is_channel:
        who["sender_chat_id"] = case.sender_id
        return effects.call(key, "banChatSenderChat", who, **options)
    who["user_id"] = case.sender_id
    if action.ban:
        return effects.call(key, "banChatMember", who, **options)
    assert action.mute_until is not None
    mute = who | {
        "permissions": dict.fromkeys(_PERMISSIONS, False),
        "use_independent_chat_permissions": True,
        "until_date": int(action.mute_until),
    }
    return effects.call(key, "restrictChatMember", mute, **options)


_PERMISSIONS: Final = (
    "can_send_messages",
    "can_send_audios",
    "can_send_documents",
    "can_send_photos",
    "can_send_videos",
    "can_send_video_notes",
    "can_send_voice_notes",
    "can_send_polls",
    "can_send_other_messages",
    "can_add_web_page_previews",
    "can_change_info",
    "can_invite_users",
    "can_pin_messages",
    "can_manage_topics",
)


def plan_deletions(tx: Transaction, case: Case, message_ids: Iterable[int] | None = None) -> None:
    """Delete the post, all of an album's messages, after its notice."""
    if message_ids is None:
        stored = moderation.load(tx.conn, case.id)
        message_ids = stored.message_ids if stored else case.message_ids
    for message_id in message_ids:
        tx.plan(
            effects.delete(
                f"case:{case.id}:delete:{message_id}",
                case.chat_id,
                message_id,
                after=notice_key(case),
                hook="case_delete",
                hook_args={"case": case.id},
                life_s=CALL_LIFE_S,
            )
        )


def notice_key(case: Case) -> str:
    """The key of a case's notice."""
    return f"case:{case.id}:notice"


def take_notice_back(tx: Transaction, case: Case) -> None:
    """Delete a case's notice, or keep it from being sent."""
    outbox.cancel(tx.conn, notice_key(case), tx.now)
    stored = moderation.load(tx.conn, case.id)
    if stored is not None and stored.notice_message is not None:
        tx.plan(effects.delete(f"case:{case.id}:unnotice", case.chat_id, stored.notice_message))


def collect_later(name: str, chat_id: int, due_at: float) -> Effect:
    """Look at the deletions that wait for a notice once there is room for one."""
    return effects.local(f"collect:{name}", "collect", chat_id, due_at=due_at, life_s=CALL_LIFE_S)


# --- telling administrators ---


def tell_watchers(
    ctx: Context, case: Case, check: Mapping[str, Any], group: Group, library: Library
) -> None:
    """A card in private to the administrators who asked for every conflict."""
    asked = groups.notified(ctx.conn, case.chat_id) & (group.admins or frozenset())
    card = render_card(case, check, library, title=group.title, kind="conflict")
    for user_id in groups.started(ctx.conn, asked):
        ctx.plan(card_to(user_id, case, card, "watch"))


def card_to(chat_id: int, case: Case, card: Rendered, name: str) -> Effect:
    """A card about the case with its buttons."""
    return effects.send(
        f"case:{case.id}:{name}:{chat_id}",
        chat_id,
        card,
        card_keyboard(case),
        hook="case_card",
        hook_args={"case": case.id},
    )


def edit_cards(
    tx: Transaction, case_id: str, check: Mapping[str, Any] | None, library: Library
) -> None:
    """Have the case's cards show how it ended, and who ended it."""
    case = moderation.load(tx.conn, case_id)
    if case is None:
        return
    title = groups.load(tx.conn, case.chat_id).title
    card = render_card(case, check, library, title=title, kind="settled")
    for chat_id, message_id in moderation.cards(tx.conn, case.id):
        key = f"case:{case.id}:{case.state}:{chat_id}:{message_id}"
        tx.plan(effects.edit(key, chat_id, message_id, card, card_keyboard(case)))


def log_chat_of(conn: sqlite3.Connection, settings: GroupSettings) -> int | None:
    """The group's log chat, if the bot is still in it."""
    chat_id = settings.log_chat
    return chat_id if chat_id is not None and groups.load(conn, chat_id).active else None


def admin_places(conn: sqlite3.Connection, group: Group, settings: GroupSettings) -> list[int]:
    """Where administrators are told something: the log chat, else each who can be, else here."""
    log_chat = log_chat_of(conn, settings)
    if log_chat is not None:
        return [log_chat]
    return groups.started(conn, group.admins or frozenset()) or [group.chat_id]


def tell_admins(
    tx: Transaction, chat_id: int, topic: str, text: str, *, again_s: float = DAY_S
) -> bool:
    """Tell administrators *text*, unless *topic* was told within *again_s*."""
    if not groups.tell_once(tx.conn, chat_id, topic, tx.now, again_s=again_s):
        return False
    group = groups.load(tx.conn, chat_id)
    settings = from_rows(groups.settings_rows(tx.conn, chat_id))
    head = f"{group.title}：" if group.title else ""
    for place in admin_places(tx.conn, group, settings):
        said = text if place == chat_id else head + text
        tx.plan(effects.send(f"told:{chat_id}:{topic}:{int(tx.now)}:{place}", place, plain(said)))
    return True


# --- echo's salt ---


def echo_salt(conn: sqlite3.Connection) -> bytes:
    """The home's own salt, so that hashes of claims say nothing elsewhere."""
    stored = counts.get_meta(conn, _SALT)
    return bytes.fromhex(stored) if stored else secrets.token_bytes(16)


def save_salt(tx: Transaction, salt: bytes) -> None:
    """Remember the salt, if there was none."""
    if counts.get_meta(tx.conn, _SALT) is None:
        counts.set_meta(tx.conn, _SALT, salt.hex())


def wrong_buttons(cases: Iterable[Case]) -> Keyboard:
    """误判 for each of *cases*, two a row, by number."""
    buttons = [button(say("g.button.wrong_one", id=case.id), "gw", case.id) for case in cases]
    return [buttons[index : index + 2] for index in range(0, len(buttons), 2)]
