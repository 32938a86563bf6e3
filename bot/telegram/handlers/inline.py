"""Inline mode: ``@bot 文字`` in any chat gives an answer card and a verdict card."""

from __future__ import annotations

from typing import Any, Final

from bot.receipts import numbered, receipt_of
from bot.store import Transaction, counts, inbox, receipts
from bot.telegram import effects
from bot.telegram.context import Context
from bot.telegram.render import render_answer, render_check
from bot.telegram.text import Rendered, cut_hard, plain
from bot.telegram.wording import say

# In somebody's group a card should not fill the screen.
_CARD_LIMIT: Final = 1600
_TITLE_LIMIT: Final = 60
_LINE_LIMIT: Final = 120


async def on_inline(ctx: Context) -> None:
    """Answer the query; one that was typed over meanwhile is let go."""
    if inbox.newest_inline(ctx.conn, ctx.row.chat_key) > ctx.row.seq:
        return
    text = ctx.inline.query.strip()
    results = [_help_card(ctx)]
    if text:
        try:
            results = await _cards(ctx, text)
        except TimeoutError:
            results = []
    button = {"text": say("inline.private"), "start_parameter": "inline"}
    ctx.plan(effects.answer_inline(ctx.key("inline"), ctx.inline.id, results, button=button))


async def _cards(ctx: Context, text: str) -> list[dict[str, Any]]:
    knowledge = ctx.services.knowledge
    now = ctx.now
    owner = ctx.user.id
    answer = numbered(await ctx.think(knowledge.answer, text, now=now))
    kept = [receipt_of(answer, text, knowledge, now, owner=owner)]
    pages = render_answer(answer.as_json(), limit=_CARD_LIMIT)
    title = say("inline.answer_title", text=text)
    cards = [_card(f"a:{answer.receipt}", title, answer.answer, pages[0])]
    check = await ctx.think(knowledge.check, text, now=now)
    if check.verdict != "no_claim":
        check = numbered(check)
        kept.append(receipt_of(check, text, knowledge, now, owner=owner))
        pages = render_check(check.as_json(), knowledge.corpus.articles, limit=_CARD_LIMIT)
        line = say(f"verdict_line.{check.verdict}")
        title = say("inline.check_title", text=text)
        cards.append(_card(f"c:{check.receipt}", title, line, pages[0]))

    def keep(tx: Transaction) -> None:
        for receipt in kept:
            receipts.insert(tx.conn, receipt)
        counts.add(tx.conn, now.date().isoformat(), "inline")

    ctx.write(keep)
    return cards


def _help_card(ctx: Context) -> dict[str, Any]:
    message = plain(say("inline.help_text", username=ctx.services.api.username))
    return _card("h:help", say("inline.help_title"), say("inline.help_line"), message)


def _card(card_id: str, title: str, line: str, message: Rendered) -> dict[str, Any]:
    content: dict[str, Any] = {
        "message_text": message.text,
        "link_preview_options": {"is_disabled": True},
    }
    if message.entities:
        content["entities"] = list(message.entities)
    return {
        "type": "article",
        "id": card_id,
        "title": cut_hard(" ".join(title.split()), _TITLE_LIMIT),
        "description": cut_hard(" ".join(line.split()), _LINE_LIMIT),
        "input_message_content": content,
    }
