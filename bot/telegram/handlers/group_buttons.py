"""The buttons under notices and cards: 看证据, 我要申诉, 误判, 维持, 撤销.

A button's data is a case's id and proves nothing: whoever presses is asked about in the case's own
chat at that moment, and the case moves on from a state that it is in (compare and set), so that two
presses or two administrators have one effect.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from bot.eval.cases import conflict_keys
from bot.guard.types import Check
from bot.moderation.exempt import claim_key
from bot.receipts import clean_id
from bot.store import Transaction, examples, groups, moderation, moderation_log, receipts
from bot.store.moderation import Case, State
from bot.store.outbox import Effect
from bot.telegram import effects, router
from bot.telegram.context import Context
from bot.telegram.effects import Keyboard
from bot.telegram.handlers import group_company, group_effects, group_undo
from bot.telegram.handlers.group_notice import (
    Library,
    render_alert,
    render_card,
)
from bot.telegram.handlers.group_posts import day_of
from bot.telegram.keyboards import button
from bot.telegram.render import render_check
from bot.telegram.router import Handler
from bot.telegram.text import cut_hard, plain
from bot.telegram.wording import say

_PAGE: Final = 8
_UNSETTLED: Final[tuple[State, ...]] = ("open", "appealed")


# --- 看证据 ---


async def on_evidence(ctx: Context) -> None:
    """The whole quote: in an alert if it fits, else in private."""
    case = _case(ctx)
    check = check_of(ctx, case) if case else None
    if case is None or check is None:
        ctx.answer(say("g.evidence.gone"), alert=True)
        return
    alert = render_alert(check["findings"], case.verdict, library_of(ctx))
    if alert:
        ctx.answer(alert, alert=True)
    elif groups.started(ctx.conn, [ctx.user.id]):
        ctx.plan(_evidence(ctx, check, ctx.user.id))
        ctx.answer(say("g.evidence.sent"))
    else:
        _answer_with_link(ctx, f"ev_{case.id}")


async def send_evidence(ctx: Context, case_id: str) -> None:
    """The same for somebody who followed the link to private."""
    case = moderation.load(ctx.conn, clean_id(case_id) or "")
    check = check_of(ctx, case) if case else None
    if check is None:
        ctx.send(plain(say("g.evidence.gone")))
    else:
        ctx.plan(_evidence(ctx, check, ctx.chat.id))


def _evidence(ctx: Context, check: dict[str, Any], chat_id: int) -> Effect:
    pages = render_check(check, ctx.services.knowledge.corpus.articles)
    return effects.send(ctx.key("evidence"), chat_id, pages[0])


def _answer_with_link(ctx: Context, payload: str) -> None:
    ctx.answered = True
    link = f"https://t.me/{ctx.services.api.username}?start={payload}"
    data = {"callback_query_id": ctx.query.id, "url": link}
    ctx.plan(effects.call(ctx.key("cb"), "answerCallbackQuery", data, life_s=60.0))


# --- 我要申诉 ---


async def on_appeal(ctx: Context) -> None:
    """The author's appeal: a card before the administrators."""
    case = _case(ctx)
    if case is None:
        ctx.answer(say("g.press.gone"))
    elif case.is_channel:
        ctx.answer(say("g.press.no_appeal"))
    elif ctx.user.id != case.sender_id:
        ctx.answer(say("g.press.not_author"))
    else:
        await _appeal(ctx, [case])


async def on_appeal_batch(ctx: Context) -> None:
    """The same under a notice of collected deletions: for the presser's own posts."""
    cases = moderation.of_batch(ctx.conn, _arg(ctx))
    own = [case for case in cases if case.sender_id == ctx.user.id and not case.is_channel]
    if own:
        await _appeal(ctx, own)
    else:
        ctx.answer(say("g.press.not_author"))


async def _appeal(ctx: Context, cases: Sequence[Case]) -> None:
    group = await group_company.fresh_group(ctx, cases[0].chat_id)
    settings = group_company.settings_of(ctx, group.chat_id)
    if group_effects.log_chat_of(ctx.conn, settings) is None:
        await group_company.reachable_admins(ctx, group)
    library = library_of(ctx)
    ctx.answered = True

    def appeal(tx: Transaction) -> None:
        moved = [
            case
            for case in cases
            if moderation.move(tx.conn, case.id, "appealed", ("open",), by=ctx.user.id, now=tx.now)
        ]
        said = say("g.press.appealed") if moved else _state_told(tx, cases[0])
        tx.plan(effects.answer_callback(ctx.key("cb"), ctx.query.id, said))
        for case in moved:
            moderation_log.note(
                tx.conn, case.chat_id, "appeal", tx.now, actor=case.sender_id, case_id=case.id
            )
            card = render_card(case, check_of(ctx, case), library, title=group.title, kind="appeal")
            for place in group_effects.admin_places(tx.conn, group, settings):
                tx.plan(group_effects.card_to(place, case, card, "appeal"))

    ctx.write(appeal)


# --- 误判, 撤销, 维持 ---


async def on_wrong(ctx: Context) -> None:
    """误判 and 撤销: everything that the case caused is undone."""
    case = await _case_of_admin(ctx)
    if case is None:
        return
    permissions = None
    if any(
        other.punish == "mute"
        for other in moderation.of_sender(ctx.conn, case.chat_id, case.sender_id)
    ):
        permissions = await group_company.permissions_of(ctx, case.chat_id)
    keys = _keys(check_of(ctx, case), case.verdict)
    # It is wrong by the ledger of today as well as by that of its day.
    keys += conflict_keys(await _check_today(ctx, case))
    _settle(
        ctx,
        case,
        "reversed",
        (*_UNSETTLED, "upheld"),
        lambda tx: reverse(tx, case, keys, permissions),
    )


def reverse(
    tx: Transaction, case: Case, keys: Sequence[str], permissions: dict[str, Any] | None
) -> None:
    """What 误判 does besides saying so; *keys* are those of the findings that are wrong."""
    group_undo.undo(tx, case, permissions)
    examples.label(tx.conn, case, wrong=True, keys=keys, now=tx.now)


async def on_uphold(ctx: Context) -> None:
    """维持: the verdict stands, and is an example of a right one."""
    case = await _case_of_admin(ctx)
    if case is not None:
        kept = (await _check_today(ctx, case)).verdict != "conflict"
        _settle(ctx, case, "upheld", _UNSETTLED, lambda tx: _uphold(tx, case, kept=kept))


def _uphold(tx: Transaction, case: Case, *, kept: bool) -> None:
    if case.verdict == "conflict":
        examples.label(tx.conn, case, wrong=False, keys=(), now=tx.now, kept=kept)


async def _check_today(ctx: Context, case: Case) -> Check:
    """What the guard says of the case's words now, which may be newer than the case."""
    return await ctx.think(ctx.services.knowledge.check, case.text or "", now=ctx.now)


def _settle(
    ctx: Context,
    case: Case,
    state: State,
    since: Sequence[State],
    work: Callable[[Transaction], None],
) -> None:
    """Move the case once; whoever comes second learns who was first."""
    by, name = ctx.user.id, cut_hard(ctx.user.full_name, 40)
    library = library_of(ctx)
    check = check_of(ctx, case)
    settings = group_company.settings_of(ctx, case.chat_id)
    ctx.answered = True

    def settle(tx: Transaction) -> None:
        moved = moderation.move(tx.conn, case.id, state, since, by=by, name=name, now=tx.now)
        said = say(f"g.press.{state}") if moved else _state_told(tx, case)
        tx.plan(effects.answer_callback(ctx.key("cb"), ctx.query.id, said))
        if not moved:
            return
        work(tx)
        moderation_log.note(tx.conn, case.chat_id, state, tx.now, actor=by, case_id=case.id)
        groups.count(tx.conn, case.chat_id, day_of(tx.now, settings), state)
        group_effects.edit_cards(tx, case.id, check, library)

    ctx.write(settle)


def _state_told(tx: Transaction, case: Case) -> str:
    stored = moderation.load(tx.conn, case.id)
    if stored is None:
        return say("g.press.gone")
    if stored.state == "appealed":
        return say("g.press.appealed_before")
    if stored.state == "corrected":
        return say("g.press.corrected")
    name = stored.settled_name or str(stored.settled_by or "")
    return say("g.press.settled", name=name, state=say(f"g.state.{stored.state}"))


# --- the notice of collected deletions ---


async def on_batch(ctx: Context) -> None:
    """更多: the next cases of a collected notice, for their 误判 buttons."""
    batch, _, page = _arg(ctx).partition("-")
    cases = moderation.of_batch(ctx.conn, batch)
    message = ctx.query.message
    if not cases or message is None or not page.isdigit():
        ctx.answer(say("button.unknown"))
        return
    if not await group_company.is_admin(ctx, cases[0].chat_id, ctx.user.id):
        ctx.answer(say("g.press.not_admin"))
        return
    keyboard = batch_keyboard(batch, cases, int(page[:4]))
    ctx.plan(effects.edit_keyboard(ctx.key("page"), message.chat.id, message.message_id, keyboard))


def batch_keyboard(batch: str, cases: Sequence[Case], page: int = 0) -> Keyboard:
    """我要申诉, then 误判 for each case, a page at a time."""
    start = page * _PAGE if page * _PAGE < len(cases) else 0
    shown = cases[start : start + _PAGE]
    keyboard = [[button(say("g.button.appeal"), "gb", batch)]]
    keyboard += group_effects.wrong_buttons(shown)
    if len(cases) > _PAGE:
        following = (start // _PAGE + 1) if start + _PAGE < len(cases) else 0
        keyboard.append([button(say("g.button.more"), "gp", f"{batch}-{following}")])
    return keyboard


# --- looking up ---


def library_of(ctx: Context) -> Library:
    """What messages about a case look up."""
    knowledge = ctx.services.knowledge
    return Library(knowledge.ledger, knowledge.corpus.articles)


def check_of(ctx: Context, case: Case) -> dict[str, Any] | None:
    """The check that the case rests on, as it was given."""
    receipt = receipts.load(ctx.conn, case.id, ctx.now.timestamp())
    if receipt is None or not receipt.result.get("findings"):
        return None
    return receipt.result


def was_told(ctx: Context, case_id: str) -> bool:
    """Whether the reader may see a case's words: they are theirs, or the group was told of them."""
    case = moderation.load(ctx.conn, case_id)
    if case is None:
        return False
    admins = groups.load(ctx.conn, case.chat_id).admins or frozenset()
    return case.has_notice or ctx.user.id in admins or ctx.user.id == case.sender_id


def _keys(check: dict[str, Any] | None, verdict: str) -> list[str]:
    findings = check["findings"] if check else []
    return [
        claim_key(found["figure"], found["text"])
        for found in findings
        if found["verdict"] == verdict and found["text"]
    ]


def _case(ctx: Context) -> Case | None:
    return moderation.load(ctx.conn, _arg(ctx))


async def _case_of_admin(ctx: Context) -> Case | None:
    """The case, if the presser is an administrator of its chat; else they are told."""
    case = _case(ctx)
    if case is None:
        ctx.answer(say("g.press.gone"))
        return None
    if not await group_company.is_admin(ctx, case.chat_id, ctx.user.id):
        ctx.answer(say("g.press.not_admin"))
        return None
    here = router.chat_of_button(ctx.query.message)
    log_chat = group_company.settings_of(ctx, case.chat_id).log_chat
    # A card can be forwarded or its data forged: it counts where we put it.
    if here not in (case.chat_id, log_chat, ctx.user.id):
        ctx.answer(say("g.press.unknown"))
        return None
    return case


def _arg(ctx: Context) -> str:
    return ctx.button_args[0] if ctx.button_args else ""


BUTTONS: Final[dict[str, Handler]] = {
    "ge": on_evidence,
    "ga": on_appeal,
    "gb": on_appeal_batch,
    "gw": on_wrong,
    "gr": on_wrong,
    "gu": on_uphold,
    "gp": on_batch,
}
