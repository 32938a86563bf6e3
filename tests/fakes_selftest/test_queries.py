"""Keyboards, presses, edits, inline results."""

from __future__ import annotations

from typing import Any

import pytest
from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQueryResultArticle,
    InputTextMessageContent,
)
from telegram.error import BadRequest

from tests.fakes_selftest.driving import drive, refuse


def keyboard(*rows: list[str]) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup(
        [[InlineKeyboardButton(data, callback_data=data) for data in row] for row in rows]
    )


@pytest.mark.parametrize(
    ("markup", "why"),
    [
        pytest.param(keyboard(["证" * 22]), "button_data_invalid", id="66 bytes"),
        pytest.param(keyboard(["a"] * 9), "reply markup is too long", id="nine in a row"),
        pytest.param(keyboard(*[["a"] * 8] * 13), "reply markup is too long", id="104 in all"),
    ],
)
def test_bad_keyboards(fake, markup, why):
    user = fake.user(started=True)
    refuse(fake, lambda bot: bot.send_message(user.id, "好", reply_markup=markup), why)


def test_press_is_answered_once_and_not_too_late(fake):
    user = fake.user(started=True)

    async def exercise(bot: Bot) -> None:
        sent = await bot.send_message(user.id, "好", reply_markup=keyboard(["看证据", "误判"]))
        query = fake.press("看", fake.last(user), user)
        (update,) = await bot.get_updates()
        assert update.callback_query.data == "看证据"
        assert update.callback_query.message.message_id == sent.message_id
        await bot.answer_callback_query(query.id, "好", show_alert=True)
        assert query.answer == {"text": "好", "show_alert": True, "url": ""}
        with pytest.raises(BadRequest, match="Query is too old"):
            await bot.answer_callback_query(query.id)
        late = fake.press("误判", fake.last(user), user)
        fake.advance(60)
        with pytest.raises(BadRequest, match="Query is too old"):
            await bot.answer_callback_query(late.id)

    drive(fake, exercise)


def test_press_under_a_deleted_message_is_inaccessible(fake):
    user = fake.user(started=True)

    async def exercise(bot: Bot) -> Any:
        await bot.send_message(user.id, "好", reply_markup=keyboard(["a"]))
        card = fake.last(user)
        fake.delete(card)
        fake.press("a", card, user)
        return (await bot.get_updates())[0].callback_query.message

    assert not drive(fake, exercise).is_accessible


def test_edits(fake):
    user = fake.user(started=True)
    post = fake.tell(user, "好")

    async def exercise(bot: Bot) -> None:
        sent = await bot.send_message(user.id, "一", reply_markup=keyboard(["a"]))
        same = {"chat_id": user.id, "message_id": sent.message_id}
        with pytest.raises(BadRequest, match="is not modified"):
            await bot.edit_message_text("一", reply_markup=keyboard(["a"]), **same)
        edited = await bot.edit_message_text("二", **same)
        assert (edited.text, edited.reply_markup) == ("二", None)
        with pytest.raises(BadRequest, match="can't be edited"):
            await bot.edit_message_text("x", user.id, post.message_id)
        with pytest.raises(BadRequest, match="to edit not found"):
            await bot.edit_message_text("x", user.id, 10_000)

    drive(fake, exercise)
    assert fake.last(user).past[0]["text"] == "一"


def test_inline_results_are_checked_and_chosen(fake):
    user = fake.user()
    group = fake.group(members=[user])

    def article(name: str) -> InlineQueryResultArticle:
        content = InputTextMessageContent("答案")
        return InlineQueryResultArticle(name, "标题", content, reply_markup=keyboard(["更多"]))

    async def exercise(bot: Bot) -> None:
        query = fake.inline(user, "GMV")
        (update,) = await bot.get_updates()
        for results, why in [
            ([article("长" * 22)], "RESULT_ID_INVALID"),
            ([article("a"), article("a")], "RESULT_ID_DUPLICATE"),
            ([article(str(i)) for i in range(51)], "RESULTS_TOO_MUCH"),
        ]:
            with pytest.raises(BadRequest, match=f"(?i){why}"):
                await bot._post(
                    "answerInlineQuery",
                    {"inline_query_id": query.id, "results": [r.to_dict() for r in results]},
                )
        await update.inline_query.answer([article("a:1")], is_personal=True, cache_time=60)
        message = fake.choose(query, "a:1", group)
        assert message.text == "答案"
        await bot.edit_message_text("新", inline_message_id=message.inline_message_id)
        assert message.text == "新"
        via, chosen = await bot.get_updates(offset=update.update_id + 1)
        assert via.message.via_bot.id == fake.bot.id
        assert chosen.chosen_inline_result.result_id == "a:1"

    drive(fake, exercise)
