"""Posts and edits in a group: judged, recorded, and acted on as far as the settings go.

The order is the contract's: who spoke, what they wrote, what it claims, what the group's settings
make of that.  Everything is committed at once, under keys that a second run finds taken.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final
from zoneinfo import ZoneInfo

from telegram import Message
from telegram.error import ChatMigrated, Forbidden

from bot.guard.types import Check, Finding
from bot.moderation.echo import echo_key
from bot.moderation.edits import Change, compare
from bot.moderation.policy import decide
from bot.moderation.post import Post
from bot.moderation.speaker import protected, sender_id
from bot.moderation.types import DAY_S, Action, GroupSettings, PostFacts, Speaker, Standing
from bot.receipts import numbered, receipt_of
from bot.settled import as_settled
from bot.store import Transaction, groups, moderation, moderation_log, receipts
from bot.store.groups import Group
from bot.store.moderation import Case
from bot.store.receipts import Receipt
from bot.telegram.context import Context
from bot.telegram.handlers import (
    group_company,
    group_effects,
    group_pictures,
    group_reading,
    lifecycle,
)
from bot.telegram.handlers.group_notice import Library

_CLOCKS_AGREE_S: Final = 5.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Judged:
    """A post with all that its record needs."""

    message: Message
    post: Post
    speaker: Speaker
    facts: PostFacts
    group: Group
    settings: GroupSettings
    check: Check
    before: Case | None
    now: datetime


async def on_post(ctx: Context) -> None:
    """A new or edited message of a group."""
    message = ctx.message
    group = groups.load(ctx.conn, message.chat.id)
    speaker = group_reading.read_speaker(message)
    if protected(speaker, group_company.company_of(ctx, group)):
        return
    _note_album(ctx, message)
    post = group_reading.read_post(message)
    if post is None:
        _follow_album(ctx, message)
    try:
        await group_pictures.note_picture(ctx, message)
        if post is None:
            return
        await _judge(ctx, message, post, speaker)
    except Forbidden:
        _log.info("group %d can't be asked about any more", message.chat.id)
    except ChatMigrated as err:
        lifecycle.move(ctx, message.chat.id, err.new_chat_id)


async def _judge(ctx: Context, message: Message, post: Post, speaker: Speaker) -> None:
    chat_id = message.chat.id
    seen = moderation.seen(ctx.conn, chat_id, message.message_id)
    if seen is not None and seen["digest"] == post.digest:
        return
    check = await ctx.think(ctx.services.knowledge.check, post.text, now=ctx.now)
    check = as_settled(ctx.conn, chat_id, post.text, check)
    before = moderation.load(ctx.conn, seen["case_id"]) if seen and seen["case_id"] else None
    change = compare(
        seen["verdict"] if seen else None,
        seen["digest"] if seen else None,
        check.verdict,
        post.digest,
    )
    group = groups.load(ctx.conn, chat_id)
    if check.verdict != "no_claim":
        group = await group_company.fresh_group(ctx, chat_id)
    if protected(speaker, group_company.company_of(ctx, group)):
        return
    settings = group_company.settings_of(ctx, chat_id)
    if before is not None and _is_put_right(change, before):
        _clear(ctx, before)
    if check.verdict == "no_claim" or change in ("better", "corrected"):
        _note_quietly(ctx, message, post, check, before)
        return
    now = _note_clock(ctx, message, group)
    facts = group_reading.read_facts(message, now)
    judged = Judged(message, post, speaker, facts, group, settings, check, before, now)
    await _act(ctx, judged)


def _is_put_right(change: Change, before: Case) -> bool:
    """Whether what was said of the post doesn't fit it any more; soft words go sooner."""
    return change == "corrected" or (change == "better" and before.verdict != "conflict")


def _note_clock(ctx: Context, message: Message, group: Group) -> datetime:
    """Now, by Telegram's clock where that runs before ours: limits and times go by it."""
    ahead = group_reading.clock_ahead(message, ctx.row.received_at)
    ahead = ahead if ahead > _CLOCKS_AGREE_S else 0.0
    if ahead != group.clock_ahead:
        chat_id = group.chat_id
        ctx.write(lambda tx: groups.save(tx.conn, chat_id, tx.now, clock_ahead=ahead))
    return ctx.now + timedelta(seconds=ahead)


async def _act(ctx: Context, judged: Judged) -> None:
    """Decide, make sure of who it is, and have everything committed."""
    action = decide(
        judged.check,
        judged.settings,
        _standing(ctx, judged),
        judged.facts,
        judged.now,
        stale_days=ctx.services.settings.stale_days,
    )
    chat_id = judged.group.chat_id
    if action.mute_until is not None:
        behind = group_reading.clock_behind(judged.message, ctx.row.received_at)
        action = replace(action, mute_until=action.mute_until - behind)
    acts = action.kind != "none" or action.soft != "none"
    if acts and await group_company.protected_now(ctx, judged.speaker, chat_id):
        ctx.write(lambda tx: groups.save(tx.conn, chat_id, tx.now, known_at=0))
        return
    check = numbered(judged.check)
    knowledge = ctx.services.knowledge
    keep_s = judged.settings.retention_days * DAY_S
    receipt = receipt_of(check, judged.post.text, knowledge, ctx.now, keep_s=keep_s)
    judged = replace(judged, check=check)
    case = _case(judged, action)
    ctx.write(lambda tx: _record(tx, judged, case, receipt, action))
    _count_echo(ctx, judged, case)
    if action.notify and judged.before is not None and judged.before.verdict != "conflict":
        ctx.write(partial(_take_soft_back, judged.before))
    library = Library(knowledge.ledger, knowledge.corpus.articles)
    group_effects.carry_out(
        ctx, case, judged.check, action, judged.settings, library, _reply(judged)
    )
    if check.verdict == "conflict":
        group_effects.tell_watchers(ctx, case, check.as_json(), judged.group, library)


def _standing(ctx: Context, judged: Judged) -> Standing:
    chat_id = judged.group.chat_id
    rights = judged.group.rights
    before = judged.before
    album = _album_case(ctx, judged.message)
    return Standing(
        notices=moderation.notices(ctx.conn, chat_id, judged.now.timestamp()),
        strikes=moderation.strikes(ctx.conn, chat_id, sender_id(judged.speaker)),
        noticed=any(
            case is not None and case.action != "none" and case.state != "corrected"
            for case in (before, album)
        ),
        can_delete=rights.get("can_delete_messages", True),
        disarmed=judged.group.disarmed,
    )


def _case(judged: Judged, action: Action) -> Case:
    message, check = judged.message, judged.check
    assert check.receipt is not None
    conflicts = [f.figure for f in check.findings if f.verdict == check.verdict and f.figure]
    return Case(
        id=check.receipt,
        chat_id=message.chat.id,
        message_id=message.message_id,
        message_ids=(message.message_id,),
        thread_id=group_reading.thread_of(message),
        sender_id=sender_id(judged.speaker),
        is_channel=judged.speaker.sender_chat_id is not None,
        name=group_reading.name_of(message),
        verdict=check.verdict,
        figures=tuple(dict.fromkeys(conflicts)),
        text=judged.post.text,
        at=judged.now.timestamp(),
        action=action.kind,
        reason=action.reason,
        punish="ban" if action.ban else "mute" if action.mute_until else "",
        batch="" if action.collect else None,
    )


def _record(tx: Transaction, judged: Judged, case: Case, receipt: Receipt, action: Action) -> None:
    """The case with everything that counts it."""
    message = judged.message
    if not receipts.insert(tx.conn, receipt):
        raise ValueError("receipt id is taken")  # the handler runs again and draws another
    ids = [message.message_id]
    if message.media_group_id:
        ids = moderation.album_messages(tx.conn, case.chat_id, message.media_group_id) or ids
    moderation.add(tx.conn, replace(case, message_ids=tuple(ids)))
    digest = judged.post.digest
    moderation.note_seen(
        tx.conn, case.chat_id, message.message_id, digest, case.verdict, case.id, tx.now
    )
    if action.strike:
        moderation.add_strike(tx.conn, case.id, case.chat_id, case.sender_id, case.at)
    day = day_of(case.at, judged.settings)
    for name in ("posts", case.verdict, *([action.kind] if action.kind != "none" else [])):
        groups.count(tx.conn, case.chat_id, day, name)
    if not groups.exists(tx.conn, case.chat_id):
        groups.save(tx.conn, case.chat_id, tx.now, title=message.chat.title or "")
    moderation_log.note(
        tx.conn,
        case.chat_id,
        case.verdict,
        tx.now,
        case_id=case.id,
        action=case.action,
        reason=case.reason,
        punish=case.punish,
        figures=case.figures,
        sender=case.sender_id,
        message=case.message_id,
    )


def _reply(judged: Judged) -> dict[str, Any]:
    verdict = judged.check.verdict
    finding = next(found for found in judged.check.findings if found.verdict == verdict)
    return group_reading.quote_of(judged.message, judged.post, finding)


def _note_quietly(
    ctx: Context, message: Message, post: Post, check: Check, before: Case | None
) -> None:
    """A post that nothing comes of: only how it was judged is kept, to know its edits by."""
    chat_id, message_id = message.chat.id, message.message_id
    case_id = before.id if before is not None else None
    day = day_of(ctx.now.timestamp(), group_company.settings_of(ctx, chat_id))
    is_new = ctx.update.message is not None

    def note(tx: Transaction) -> None:
        moderation.note_seen(
            tx.conn, chat_id, message_id, post.digest, check.verdict, case_id, tx.now
        )
        if is_new:
            groups.count(tx.conn, chat_id, day, "posts")
            groups.count(tx.conn, chat_id, day, check.verdict)

    ctx.write(note)


def _take_soft_back(case: Case, tx: Transaction) -> None:
    group_effects.take_notice_back(tx, case)
    group_effects.take_reaction_back(tx, case)


def _clear(ctx: Context, case: Case) -> None:
    """The post was put right: its warning goes, and what it counted."""
    receipt = receipts.load(ctx.conn, case.id, ctx.now.timestamp())
    knowledge = ctx.services.knowledge
    library = Library(knowledge.ledger, knowledge.corpus.articles)

    def clear(tx: Transaction) -> None:
        moved = moderation.move(tx.conn, case.id, "corrected", ("open", "appealed"), now=tx.now)
        if moved:
            moderation.drop_strike(tx.conn, case.id)
            moderation_log.note(
                tx.conn, case.chat_id, "corrected", tx.now, actor=case.sender_id, case_id=case.id
            )
            _take_soft_back(case, tx)
            group_effects.edit_cards(tx, case.id, receipt.result if receipt else None, library)

    ctx.write(clear)


def _count_echo(ctx: Context, judged: Judged, case: Case) -> None:
    """Count the claim in this group, and across groups where this one agreed."""
    finding = _leading(judged.check)
    salt = group_effects.echo_salt(ctx.conn)
    keys = [echo_key(finding, salt, case.chat_id)]
    if judged.settings.echo_across:
        keys.append(echo_key(finding, salt))

    def count(tx: Transaction) -> None:
        group_effects.save_salt(tx, salt)
        for key in keys:
            moderation_log.add_echo(tx.conn, key, case.id, tx.now)

    ctx.write(count)


def _leading(check: Check) -> Finding:
    return next(finding for finding in check.findings if finding.verdict == check.verdict)


def day_of(at: float, settings: GroupSettings) -> str:
    """The group's own day at *at*."""
    return datetime.fromtimestamp(at, ZoneInfo(settings.timezone)).date().isoformat()


# --- albums ---


def _note_album(ctx: Context, message: Message) -> None:
    album = message.media_group_id
    if album:
        chat_id, message_id = message.chat.id, message.message_id
        ctx.write(lambda tx: moderation.note_album(tx.conn, chat_id, album, message_id, tx.now))


def _album_case(ctx: Context, message: Message) -> Case | None:
    album = message.media_group_id
    return moderation.album_case(ctx.conn, message.chat.id, album) if album else None


def _follow_album(ctx: Context, message: Message) -> None:
    """A picture of an album that was acted on already goes the same way."""
    case = _album_case(ctx, message)
    if case is None or message.message_id in case.message_ids:
        return
    ids = (*case.message_ids, message.message_id)
    ctx.write(lambda tx: moderation.update(tx.conn, case.id, message_ids=ids))
    if case.action == "delete" and case.state in ("open", "appealed", "upheld"):
        ctx.write(lambda tx: group_effects.plan_deletions(tx, case, [message.message_id]))
