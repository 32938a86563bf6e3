"""Forgotten means gone: from the database, its journal, and every other file of the home."""

from __future__ import annotations

import json
import re

from tests.e2e.harness import BotProcess
from tests.fakes import FakeTelegram

SECRET = "暗号紫水晶七号门牌"


def test_forget_leaves_no_text_anywhere(fake: FakeTelegram, bot: BotProcess) -> None:
    anna, bert = fake.user("Anna"), fake.user("Bert")
    other = "别人的暗号绿松石"
    fake.ask(bert, f"{other}，AI视频GPM是多少？")
    for text in (
        f"{SECRET}，AI短视频在美区贡献了多少GMV？",
        f"{SECRET}，AI视频已经贡献了10%的GMV",
        f"/ask {SECRET}在火星上的房价是多少",
        f"/check {SECRET}，AI视频GPM轻松破50",
    ):
        answer = fake.ask(anna, text)
    fake.wait_answer(fake.press("👍", answer, anna))
    fake.wait_answer(fake.inline(anna, f"{SECRET}，AI视频GPM是多少"))
    fake.settle()
    assert bot.bytes_with(SECRET)

    done = fake.ask(anna, "/forget")
    assert done.text.startswith("删好了")
    fake.settle()
    assert bot.bytes_with(SECRET) == []
    assert bot.bytes_with("紫水晶七号") == []
    assert bot.bytes_with(other)
    assert bot.rows("SELECT 1 FROM receipt WHERE owner = ?", anna.id) == []
    assert SECRET not in bot.log

    bot.kill()
    bot.start()
    assert bot.bytes_with(SECRET) == []
    assert re.search("已按期删除|只显示", fake.ask(anna, f"/why {_id(answer.text)}").text)


def test_a_handled_update_keeps_no_text_in_the_inbox(fake: FakeTelegram, bot: BotProcess) -> None:
    anna = fake.user("Anna")
    fake.ask(anna, f"{SECRET}，AI视频GPM是多少？")
    fake.settle()
    assert {row["body"] for row in bot.rows("SELECT body FROM inbox")} == {None}
    assert {row["payload"] for row in bot.rows("SELECT payload FROM outbox")} == {None}


def test_the_log_holds_no_private_text(fake: FakeTelegram, bot: BotProcess) -> None:
    anna = fake.user("Anna")
    fake.fail("sendMessage", 400, "Bad Request: something new")
    fake.tell(anna, f"{SECRET}，AI视频GPM是多少？")
    fake.settle()
    assert "Something new" in bot.log
    assert SECRET not in bot.log


def test_answers_are_no_longer_tied_to_whom_they_were_given(
    fake: FakeTelegram, bot: BotProcess
) -> None:
    anna = fake.user("Anna")
    check = fake.ask(anna, f"{SECRET}。AI视频已经贡献了10%的GMV")
    fake.ask(anna, "/forget")
    (row,) = bot.rows("SELECT result, text FROM receipt WHERE id = ?", _id(check.text))
    assert row["text"] is None
    assert json.loads(row["result"])["verdict"] == "conflict"


def _id(text: str) -> str:
    return text.partition("编号 ")[2][:8]
