"""Giving an answer or a verdict: think, keep a receipt, send its first page."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from bot.answer.types import Answer
from bot.guard.types import Check
from bot.receipts import numbered, receipt_of
from bot.store import Transaction, conversation, counts, receipts
from bot.store.receipts import Receipt
from bot.telegram.context import Context
from bot.telegram.keyboards import under_result
from bot.telegram.render import render_answer, render_check
from bot.telegram.text import Rendered, TextBuilder, plain
from bot.telegram.wording import say

# Telegram's own limit is 4096; a server that lets more through must not keep us busy.
MAX_CHARS: Final = 8192
# Telegram keeps updates for a day: an older date is a wrong clock, not a wait.
_LATE: Final = timedelta(hours=1)
_TOO_LATE: Final = timedelta(hours=25)


async def give_answer(ctx: Context, question: str, *, intro: str = "") -> None:
    """Answer *question* in this conversation; *intro* repeats an offer that was pressed."""
    question = question[:MAX_CHARS]
    now = ctx.now
    chat_id = ctx.chat.id
    earlier = conversation.context(ctx.conn, chat_id, now.timestamp())
    context = tuple(asked.text for asked in earlier)
    shown = conversation.shown(ctx.conn, chat_id, now.timestamp())
    knowledge = ctx.services.knowledge
    try:
        answer: Answer = await ctx.think(
            knowledge.answer, question, context=context, shown=shown, now=now
        )
    except TimeoutError:
        ctx.send(plain(say("other.slow")))
        return
    answer = numbered(answer)
    keep = receipt_of(
        answer,
        question,
        knowledge,
        now,
        after=tuple(asked.receipt for asked in earlier),
        shown=tuple(shown),
        owner=ctx.user.id,
    )
    asked = conversation.Question(question, keep.id)
    ctx.write(lambda tx: _keep(tx, keep, answer.status))
    ctx.write(lambda tx: conversation.add_question(tx.conn, chat_id, asked, tx.now))
    seen = [passage.id for passage in answer.passages] + list(answer.suggestions)
    ctx.write(lambda tx: conversation.add_shown(tx.conn, chat_id, seen, tx.now))
    pages = render_answer(answer.as_json(), note=late_note(ctx))
    first = TextBuilder().line(intro, "bold").line().extend(pages[0]).build() if intro else pages[0]
    ctx.send(
        first,
        under_result(
            keep.id,
            offers=answer.suggestions,
            more=len(pages) > 1,
            context=bool(answer.passages),
        ),
    )


async def judge(ctx: Context, text: str) -> Check | None:
    """The check of *text*; None, and a word to the person, when it takes too long."""
    try:
        return await ctx.think(ctx.services.knowledge.check, text[:MAX_CHARS], now=ctx.now)
    except TimeoutError:
        ctx.send(plain(say("other.slow")))
        return None


def give_check(ctx: Context, text: str, check: Check) -> None:
    """Send the verdict on *text*."""
    text = text[:MAX_CHARS]
    knowledge = ctx.services.knowledge
    check = numbered(check)
    keep = receipt_of(check, text, knowledge, ctx.now, owner=ctx.user.id)
    ctx.write(lambda tx: _keep(tx, keep, f"check:{check.verdict}"))
    pages = render_check(check.as_json(), knowledge.corpus.articles, note=late_note(ctx))
    ctx.send(pages[0], under_result(keep.id, more=len(pages) > 1))


def pages_of(ctx: Context, receipt: Receipt) -> list[Rendered]:
    """The pages of a stored result, as they were."""
    if receipt.kind == "answer":
        return render_answer(receipt.result)
    return render_check(receipt.result, ctx.services.knowledge.corpus.articles)


def late_note(ctx: Context) -> str:
    """A word of apology when the message had to wait long."""
    message = ctx.update.message
    waited = ctx.now - message.date if message is not None else timedelta()
    return say("other.late") if _LATE < waited < _TOO_LATE else ""


def _keep(tx: Transaction, receipt: Receipt, kind: str) -> None:
    if not receipts.insert(tx.conn, receipt):
        raise ValueError("receipt id is taken")  # the handler runs again and draws another
    counts.add(tx.conn, _day(receipt), kind)


def _day(receipt: Receipt) -> str:
    return datetime.fromtimestamp(receipt.given_at, UTC).date().isoformat()
