"""The buttons under answers and checks.

What a button's data says is looked up, never believed: the receipt must be this person's.
"""

from __future__ import annotations

from typing import Final

from bot.store import Transaction, conversation, counts, receipts
from bot.store.receipts import Receipt
from bot.telegram import router
from bot.telegram.context import Context
from bot.telegram.handlers import lists
from bot.telegram.handlers.results import give_answer, pages_of
from bot.telegram.keyboards import more_pages
from bot.telegram.render import render_neighbours, source_line
from bot.telegram.router import Handler
from bot.telegram.wording import say, say_all


async def on_more(ctx: Context) -> None:
    """更多: the next page of a result."""
    receipt = _own_receipt(ctx)
    page = _number(ctx, 1)
    if receipt is None or page is None:
        return
    pages = pages_of(ctx, receipt)
    if 0 < page < len(pages):
        more = more_pages(receipt.id, page + 1) if page + 1 < len(pages) else None
        ctx.send(pages[page], more, key=f"more:{receipt.id}:{page}:{ctx.query.id}")


async def on_offer(ctx: Context) -> None:
    """An offer: answer it as if it had been asked."""
    receipt = _own_receipt(ctx)
    number = _number(ctx, 1)
    if receipt is None or number is None:
        return
    offers = receipt.result.get("suggestions", [])
    if not 0 <= number < len(offers):
        ctx.answer(say("button.offer_gone"))
        return
    ctx.answer()
    await give_answer(ctx, offers[number], intro=offers[number])


async def on_try(ctx: Context) -> None:
    """An example under /start."""
    examples = say_all("start.examples")
    number = _number(ctx, 0)
    if number is None or router.chat_of_button(ctx.query.message) != ctx.user.id:
        ctx.answer(say("button.unknown"))
        return
    ctx.answer()
    if 0 <= number < len(examples):
        await give_answer(ctx, examples[number], intro=examples[number])


async def on_near(ctx: Context) -> None:
    """看原文上下文: the paragraphs around a quote that were not shown yet."""
    receipt = _own_receipt(ctx)
    if receipt is None:
        return
    knowledge = ctx.services.knowledge
    now = ctx.now.timestamp()
    shown = conversation.shown(ctx.conn, ctx.chat.id, now)
    for passage in receipt.result.get("passages", []):
        if passage["id"] not in knowledge.corpus.by_id:
            continue
        around = knowledge.neighbours(passage["id"])
        fresh = [near if near and near.id not in shown else None for near in around]
        ids = [near.id for near in fresh if near is not None]
        if ids:
            texts = [near.text if near is not None else None for near in fresh]
            ctx.send(render_neighbours(texts[0], texts[1], source_line(passage)))
            _remember(ctx, ids)
            return
    ctx.answer(say("button.no_more_context"))


def _remember(ctx: Context, passage_ids: list[str]) -> None:
    chat_id = ctx.chat.id
    ctx.write(lambda tx: conversation.add_shown(tx.conn, chat_id, passage_ids, tx.now))


async def on_up(ctx: Context) -> None:
    """👍"""
    _vote(ctx, "up")


async def on_down(ctx: Context) -> None:
    """👎"""
    _vote(ctx, "down")


async def on_list(ctx: Context) -> None:
    """更多 under /figures and /sources."""
    name = ctx.button_args[0] if ctx.button_args else ""
    page = _number(ctx, 1)
    if page is not None and router.chat_of_button(ctx.query.message) == ctx.user.id:
        lists.send_list(ctx, name, page)


def _vote(ctx: Context, vote: str) -> None:
    receipt = _own_receipt(ctx)
    if receipt is None:
        return
    user_id = ctx.user.id
    day = ctx.now.date().isoformat()

    def note(tx: Transaction) -> None:
        if receipts.vote(tx.conn, receipt.id, user_id, vote, tx.now):
            counts.add(tx.conn, day, f"feedback:{vote}")

    ctx.write(note)
    ctx.answer(say("button.voted"))


def _own_receipt(ctx: Context) -> Receipt | None:
    """The receipt in the button's data if it was given to the presser; else they are told."""
    args = ctx.button_args
    receipt = receipts.load(ctx.conn, args[0], ctx.now.timestamp()) if args else None
    if receipt is None:
        ctx.answer(say("button.unknown"))
        return None
    in_private = router.chat_of_button(ctx.query.message) == ctx.user.id
    if receipt.owner != ctx.user.id or not in_private:
        ctx.answer(say("button.not_yours" if receipt.owner else "button.unknown"))
        return None
    return receipt


def _number(ctx: Context, position: int) -> int | None:
    """A number in the button's data; None, and a word to the presser, if there is none."""
    args = ctx.button_args
    if len(args) > position and args[position].isascii() and args[position].isdigit():
        return int(args[position][:6])
    ctx.answer(say("button.unknown"))
    return None


BUTTONS: Final[dict[str, Handler]] = {
    "more": on_more,
    "offer": on_offer,
    "try": on_try,
    "near": on_near,
    "up": on_up,
    "down": on_down,
    "list": on_list,
}
