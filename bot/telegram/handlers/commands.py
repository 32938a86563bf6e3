"""The private chat's commands."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import Final

from bot.receipts import clean_id
from bot.store import Transaction, receipts
from bot.telegram import effects
from bot.telegram.context import Context, command_of
from bot.telegram.handlers import group_buttons, lists, upkeep
from bot.telegram.handlers.results import give_answer, give_check, judge, pages_of
from bot.telegram.keyboards import button, under_result
from bot.telegram.router import Handler
from bot.telegram.text import TextBuilder, plain
from bot.telegram.wording import say, say_all
from bot.why import Why, look_up


async def on_start(ctx: Context) -> None:
    """Who I am, and three questions to try."""
    text = TextBuilder()
    first, _, rest = say("start.text").partition("\n")
    text.line(first, "bold").add(rest)
    examples = say_all("start.examples")
    ctx.send(
        text.build(),
        [[button(example, "try", number)] for number, example in enumerate(examples)],
    )


async def on_help(ctx: Context) -> None:
    """What can be done here."""
    ctx.send(plain(say("help.text", username=ctx.services.api.username)))


async def on_privacy(ctx: Context) -> None:
    """What is kept, and how long."""
    ctx.send(plain(say("privacy.text")))


async def on_forget(ctx: Context) -> None:
    """Delete what is kept of this person, and only then say so."""
    user_id = ctx.user.id
    for forget in upkeep.FORGET:
        ctx.write(partial(_forget, forget, user_id))
    ctx.plan(effects.local(ctx.key("scrub"), "scrub", ctx.chat.id))
    ctx.send(plain(say("forget.done")))


def _forget(erase: upkeep.Forget, user_id: int, tx: Transaction) -> None:
    erase(tx, user_id)


async def on_ask(ctx: Context) -> None:
    """/ask: answer, whatever it looks like."""
    question = _words(ctx)
    if question:
        await give_answer(ctx, question)
    else:
        ctx.send(plain(say("ask.empty")))


async def on_check(ctx: Context) -> None:
    """/check: judge what follows, or the message replied to."""
    text = _words(ctx)
    if not text:
        replied = ctx.message.reply_to_message is not None
        ctx.send(plain(say("check.reply_empty" if replied else "check.empty")))
        return
    check = await judge(ctx, text)
    if check is not None:
        give_check(ctx, text, check)


async def on_figures(ctx: Context) -> None:
    """/figures: the ledger."""
    lists.send_list(ctx, "figures", 0)


async def on_sources(ctx: Context) -> None:
    """/sources: the articles."""
    lists.send_list(ctx, "sources", 0)


async def on_why(ctx: Context) -> None:
    """/why ID: derive an earlier result again."""
    args = _command(ctx)[1]
    if not args:
        ctx.send(plain(say("why.empty")))
        return
    receipt_id = clean_id(args)
    why = await _look_up(ctx, receipt_id) if receipt_id else None
    if why is None:
        ctx.send(plain(say("why.unknown")))
        return
    receipt = why.receipt
    pages = pages_of(ctx, receipt)
    text = TextBuilder().line(_why_head(why, ctx.user.id)).line().extend(pages[0])
    ctx.send(
        text.build(),
        under_result(receipt.id, more=len(pages) > 1, context=bool(receipt.result.get("passages"))),
    )


async def on_unknown(ctx: Context) -> None:
    """A command that there is not."""
    ctx.send(plain(say("other.unknown_command")))


async def _look_up(ctx: Context, receipt_id: str) -> Why | None:
    services = ctx.services
    receipt = receipts.load(ctx.conn, receipt_id, ctx.now.timestamp())
    if receipt is None:
        return None
    mine = receipt.owner == ctx.user.id or group_buttons.was_told(ctx, receipt_id)
    if not mine:  # somebody else's words are nobody's business
        return Why(receipts.without_text(receipt), None)
    receipt = receipts.with_context(ctx.conn, receipt, ctx.now.timestamp())
    blob = receipts.load_version(ctx.conn, receipt.corpus)
    return await ctx.think(look_up, receipt, blob, services.settings.home, services.knowledge)


def _why_head(why: Why, reader: int) -> str:
    given = datetime.fromtimestamp(why.receipt.given_at, UTC)
    head = say(
        "why.head",
        id=why.receipt.id,
        kind=say(f"why.{why.receipt.kind}"),
        date=f"{given:%Y-%m-%d}",
        corpus=why.receipt.corpus[:8],
    )
    outcome = {True: "same", False: "different", None: "stored"}[why.same]
    if why.receipt.owner != reader and why.receipt.owner is not None:
        outcome = "others"
    return f"{head}\n{say(f'why.{outcome}')}"


def _words(ctx: Context) -> str:
    """What follows the command, else the text of the message replied to."""
    args = _command(ctx)[1]
    reply = ctx.message.reply_to_message
    if args or reply is None:
        return args
    return (reply.text or reply.caption or "").strip()


def _command(ctx: Context) -> tuple[str, str]:
    return command_of(ctx.message, ctx.services.api.username) or ("", "")


COMMANDS: Final[dict[str, Handler]] = {
    "start": on_start,
    "help": on_help,
    "ask": on_ask,
    "check": on_check,
    "figures": on_figures,
    "sources": on_sources,
    "why": on_why,
    "privacy": on_privacy,
    "forget": on_forget,
}
