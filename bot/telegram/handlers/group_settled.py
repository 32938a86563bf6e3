"""Settled cases, judged again: who is asked when one flips, and what they may answer.

A change of ledger or lexicon that turns a settled case is refused in the case's group: the case
goes on being judged as it was settled, and nothing is deleted until somebody decides.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterable
from concurrent.futures import Future
from itertools import chain
from typing import Final

from bot.eval.cases import (
    CaseReport,
    accept_case,
    judge_cases,
    keep_case,
)
from bot.moderation.settings import from_rows
from bot.settled import settled_in
from bot.store import Transaction, examples, groups, moderation_log
from bot.store.examples import Labelled
from bot.telegram import effects, router
from bot.telegram.context import Context, Services
from bot.telegram.effects import Keyboard
from bot.telegram.handlers import group_company, group_effects
from bot.telegram.keyboards import button
from bot.telegram.router import Handler
from bot.telegram.text import TextBuilder, cut_hard, plain
from bot.telegram.wording import say

_AT_ONCE: Final = 20
# What a flip was told as: to administrators, to owners.
_ASKED: Final = "flip"
_OWNERS_TOLD: Final = "flip_owners"
_NEVER_AGAIN_S: Final = 1e12

_log = logging.getLogger(__name__)


# --- judged again ---


def judge_settled(conn: sqlite3.Connection, services: Services) -> Future[CaseReport]:
    """All settled cases, judged again in the thinker's thread."""
    labelled = examples.labelled(conn)
    settled = {chat_id: settled_in(conn, chat_id) for chat_id in {c.chat_id for c in labelled}}
    now = services.clock()
    check = services.knowledge.check
    return services.thinker.submit(
        judge_cases,
        labelled,
        lambda text: check(text, now=now),
        settled.__getitem__,
    )


def arm(tx: Transaction, services: Services, report: CaseReport) -> None:
    """Stop deletion in groups with a flipped case, and ask about each flip once."""
    judged = {result.case: result.flipped for result in report.results}
    flips: dict[int, list[Labelled]] = {}
    for case in examples.labelled(tx.conn):
        # What was settled while the others were judged stands as it is, till the next time.
        flipped = judged.get(case, case.flipped)
        if flipped != case.flipped:
            examples.set_flipped(tx.conn, case.case_id, flipped)
        if flipped:
            flips.setdefault(case.chat_id, []).append(case)
        else:
            for topic in (_ASKED, _OWNERS_TOLD):
                groups.untell(tx.conn, case.chat_id, f"{topic}:{case.case_id}")
    for chat_id in {*groups.all_known(tx.conn), *flips}:
        _arm_group(tx, chat_id, flips.get(chat_id, []))
    # They may be the only ones who can be told.
    if new := _new(tx, chain.from_iterable(flips.values()), _OWNERS_TOLD):
        _tell_owners(tx, services, new)
        _note_told(tx, new, _OWNERS_TOLD)


def _arm_group(tx: Transaction, chat_id: int, flips: list[Labelled]) -> None:
    """Note whether the group may delete, and ask its administrators about new flips."""
    group = groups.load(tx.conn, chat_id)
    if bool(flips) != group.disarmed:
        groups.save(tx.conn, chat_id, tx.now, disarmed=int(bool(flips)))
        event = "disarmed" if flips else "armed"
        ids = [case.case_id for case in flips]
        moderation_log.note(tx.conn, chat_id, event, tx.now, cases=ids)
    asked = _new(tx, flips, _ASKED)[:_AT_ONCE] if group.active else []
    if asked and _ask(tx, group, asked):
        _note_told(tx, asked, _ASKED)


def _new(tx: Transaction, flips: Iterable[Labelled], topic: str) -> list[Labelled]:
    """Those of *flips* that have not been told under *topic*."""
    return [
        case
        for case in flips
        if groups.may_tell(
            tx.conn, case.chat_id, f"{topic}:{case.case_id}", tx.now, again_s=_NEVER_AGAIN_S
        )
    ]


def _note_told(tx: Transaction, flips: Iterable[Labelled], topic: str) -> None:
    for case in flips:
        groups.tell_once(
            tx.conn, case.chat_id, f"{topic}:{case.case_id}", tx.now, again_s=_NEVER_AGAIN_S
        )


def _ask(tx: Transaction, group: groups.Group, flips: list[Labelled]) -> bool:
    """Put *flips* to the group's administrators; False where nobody can be asked."""
    text = TextBuilder().line(say("g.told.flips"))
    for case in flips:
        said = cut_hard(" ".join(case.text.split()), 60)
        label = say(f"g.settled.{'wrong' if case.wrong else 'upheld'}")
        text.line(f"{case.case_id}　{label}　{said}")
    settings = from_rows(groups.settings_rows(tx.conn, group.chat_id))
    # A group that is only watched hears nothing.
    silent = {group.chat_id} if settings.mode == "watch" else set()
    places = set(group_effects.admin_places(tx.conn, group, settings)) - silent
    for place in sorted(places):
        key = f"flips:{group.chat_id}:{flips[0].case_id}:{int(tx.now)}:{place}"
        tx.plan(effects.send(key, place, text.build(), settle_buttons(flips)))
    return bool(places)


def settle_buttons(flips: Iterable[Labelled]) -> Keyboard:
    """按新的算 and 照旧 for each flipped case."""
    return [
        [
            button(f"{say('g.button.accept')} {case.case_id}", "gx", case.case_id),
            button(f"{say('g.button.keep')} {case.case_id}", "gk", case.case_id),
        ]
        for case in flips
    ]


def _tell_owners(tx: Transaction, services: Services, flips: list[Labelled]) -> None:
    """Who runs the bot made the change: they are told as well, and so is the log."""
    ids = "、".join(case.case_id for case in flips)
    _log.warning("settled cases flipped: %s", ids)
    for owner in services.settings.owners:
        key = f"flips:owner:{owner}:{flips[0].case_id}:{int(tx.now)}"
        tx.plan(effects.send(key, owner, plain(say("g.told.flips_owner", ids=cut_hard(ids, 400)))))


# --- changed on purpose ---


async def on_accept(ctx: Context) -> None:
    """按新的算: the case is given up."""
    case = await _example_of_admin(ctx)
    if case is not None:
        by = ctx.user.id
        ctx.write(lambda tx: accept_case(tx, case, by=by))
        ctx.answer(say("g.press.accepted"))


async def on_keep(ctx: Context) -> None:
    """照旧: the case stays as it was settled."""
    case = await _example_of_admin(ctx)
    if case is not None:
        by = ctx.user.id
        check = await ctx.think(ctx.services.knowledge.check, case.text, now=ctx.now)
        ctx.write(lambda tx: keep_case(tx, case, check, by=by))
        ctx.answer(say("g.press.kept"))


async def _example_of_admin(ctx: Context) -> Labelled | None:
    """The pressed example, if the presser is an administrator of its group; else they are told."""
    case_id = ctx.button_args[0] if ctx.button_args else ""
    case = examples.example(ctx.conn, case_id)
    if case is None:
        ctx.answer(say("g.press.no_case"))
        return None
    if not await group_company.is_admin(ctx, case.chat_id, ctx.user.id):
        ctx.answer(say("g.press.not_admin"))
        return None
    log_chat = group_company.settings_of(ctx, case.chat_id).log_chat
    here = router.chat_of_button(ctx.query.message)
    if here not in (case.chat_id, log_chat, ctx.user.id):
        ctx.answer(say("g.press.unknown"))
        return None
    return case


BUTTONS: Final[dict[str, Handler]] = {"gx": on_accept, "gk": on_keep}
