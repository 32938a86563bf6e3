"""Appeals and the way back: every action can be undone from a button, once."""

from __future__ import annotations

import sqlite3
import time

import pytest

from bot.store.database import FILE_NAME
from tests.e2e.harness import BotProcess
from tests.e2e.test_groups import (
    HYPE,
    OTHER,
    Shared,
    command,
    set_mode,
)
from tests.fakes import FakeTelegram
from tests.fakes.model import Message, User


@pytest.fixture
def fake(shared: Shared) -> FakeTelegram:
    return shared[0]


@pytest.fixture
def bot(shared: Shared) -> BotProcess:
    return shared[1]


def start(fake: FakeTelegram, user: User) -> None:
    fake.ask(user, "/help")


def toast(fake: FakeTelegram, label: str, message: Message, user: User) -> str:
    return fake.wait_answer(fake.press(label, message, user))["text"]


def write(bot: BotProcess, sql: str, *values: object) -> None:
    """Change the bot's database behind its back."""
    with sqlite3.connect(bot.home / FILE_NAME, timeout=10) as connection:
        connection.execute(sql, values)
    connection.close()


def receipt(message: Message) -> str:
    return message.text.partition("编号 ")[2][:8]


# --- evidence ---


def test_evidence_is_the_whole_quote_in_private(fake, group, anna):
    notice = fake.wait_reply(fake.say(anna, group, HYPE))
    answer = fake.wait_answer(fake.press("看证据", notice, anna))
    assert answer["show_alert"]
    assert "实际的GMV贡献不足1%,并没有外界传言说的10%的短视频贡献。" in answer["text"]


def test_evidence_in_private_by_its_link(fake, group, anna):
    notice = fake.wait_reply(fake.say(anna, group, HYPE))
    assert fake.ask(anna, f"/start ev_{receipt(notice)}").quotes
    assert "过期" in fake.ask(anna, "/start ev_NOSUCH22").text


# --- appeals ---


def test_only_the_author_can_appeal_and_once(fake, group, boss, anna):
    notice = fake.wait_reply(fake.say(anna, group, HYPE))
    assert toast(fake, "我要申诉", notice, boss) == "只有发帖人能申诉。"
    assert toast(fake, "我要申诉", notice, anna) == "申诉已交给管理员。"
    assert toast(fake, "我要申诉", notice, anna) == "已经申诉过了。"
    fake.settle(0.1)
    cards = [message for message in fake.sent(group) if message.buttons == ["维持", "撤销"]]
    assert len(cards) == 1


def test_an_appeal_goes_to_administrators_who_can_be_written_to(fake, group, boss, anna):
    start(fake, boss)
    notice = fake.wait_reply(fake.say(anna, group, HYPE))
    toast(fake, "我要申诉", notice, anna)
    card = fake.wait_sent(boss, "申诉")
    assert receipt(notice) in card.text
    assert card.quotes
    assert not any("维持" in message.buttons for message in fake.sent(group))


def test_upholding_keeps_the_notice_and_says_who(fake, group, boss, anna):
    start(fake, boss)
    notice = fake.wait_reply(fake.say(anna, group, HYPE))
    toast(fake, "我要申诉", notice, anna)
    card = fake.wait_sent(boss, "申诉")
    assert toast(fake, "维持", card, boss) == "已维持。"
    fake.wait_for(lambda _: "已维持：Boss" in card.text)
    assert card.buttons == ["撤销"]
    assert not notice.deleted
    assert toast(fake, "我要申诉", notice, anna) == "已由 Boss 处理：维持。"


def test_a_log_chat_gets_the_cards(fake, group, boss, anna):
    log = fake.group("记录", owner=boss)
    assert "好了" in command(fake, boss, log, f"/start@{fake.bot.username} log_{group.id}").text
    notice = fake.wait_reply(fake.say(anna, group, HYPE))
    toast(fake, "我要申诉", notice, anna)
    card = fake.wait_sent(log, "申诉　编号")
    assert toast(fake, "撤销", card, boss).startswith("已撤销")
    fake.wait_gone(notice)


def test_nobody_makes_another_group_theirs(fake, group, anna):
    mine = fake.group("我的", owner=anna)
    said = command(fake, anna, mine, f"/start@{fake.bot.username} log_{group.id}")
    assert "不是这个群的管理员" in said.text


# --- 误判 ---


def test_a_member_cannot_call_it_wrong(fake, group, anna):
    notice = fake.wait_reply(fake.say(anna, group, HYPE))
    assert toast(fake, "误判", notice, anna) == "只有本群管理员能按。"
    fake.settle(0.1)
    assert not notice.deleted


def test_two_administrators_and_double_taps_have_one_effect(fake, group, boss, anna, bot):
    second = fake.user("Second")
    fake.place(group, second, "administrator", {"can_delete_messages"})
    notice = fake.wait_reply(fake.say(anna, group, HYPE))
    presses = [fake.press("误判", notice, user) for user in (boss, second, boss)]
    texts = [fake.wait_answer(press)["text"] for press in presses]
    assert texts == ["已撤销，处理都还原了。"] + ["已由 Boss 处理：撤销。"] * 2
    fake.wait_gone(notice)
    bot.wait_rows(f"SELECT 1 FROM audit WHERE chat_id={group.id} AND event='reversed'", 1)


def test_wrong_puts_the_text_back_with_its_author(fake, group, boss, anna):
    set_mode(fake, boss, group, "删除")
    post = fake.say(anna, group, HYPE)
    fake.wait_gone(post)
    notice = fake.wait_sent(group, "冲突")
    toast(fake, "误判", notice, boss)
    restored = fake.wait_sent(group, "误删")
    assert "Anna" in restored.text
    assert restored.quotes == [HYPE]
    fake.wait_gone(notice)


def test_wrong_lifts_mute_and_ban_and_strikes(fake, group, boss, anna, bot):
    set_mode(fake, boss, group, "删除")
    command(fake, boss, group, "/ladder 开")
    for _ in range(2):
        fake.wait_gone(fake.say(anna, group, HYPE))
    fake.wait_for(lambda f: f.is_muted(anna, group))
    muted_until = fake.member(anna, group).until
    assert abs(muted_until - fake.world.time() - 86400) < 60
    fake.place(group, anna)
    fake.wait_gone(fake.say(anna, group, OTHER))
    fake.wait_for(lambda f: f.is_banned(anna, group))
    fake.settle(0.1)
    log = command(fake, boss, group, "/log")
    wrong = [label for label in log.buttons if label.startswith("误判")]
    assert len(wrong) == 3
    toast(fake, wrong[0], log, boss)
    fake.wait_for(lambda f: not f.is_banned(anna, group))
    bot.wait_rows(f"SELECT 1 FROM strike WHERE chat_id = {group.id}", 2)
    fake.place(group, anna, "restricted")
    toast(fake, wrong[1], log, boss)
    fake.wait_for(lambda f: not f.is_muted(anna, group))


def test_a_channel_is_banned_as_a_channel(fake, group, boss, anna):
    set_mode(fake, boss, group, "删除")
    command(fake, boss, group, "/ladder on")
    channel = fake.channel("别的频道", owner=anna)
    for _ in range(3):
        fake.wait_gone(fake.say(anna, group, HYPE, as_chat=channel))
    fake.wait_for(lambda _: channel.id in group.banned_senders)
    assert not fake.calls_of("restrictChatMember", group)
    log = command(fake, boss, group, "/log")
    toast(fake, next(label for label in log.buttons if label.startswith("误判")), log, boss)
    fake.wait_for(lambda _: channel.id not in group.banned_senders)


def test_what_was_called_wrong_does_not_come_again(fake, group, boss, anna):
    notice = fake.wait_reply(fake.say(anna, group, HYPE))
    toast(fake, "误判", notice, boss)
    fake.wait_gone(notice)
    again = fake.say(anna, group, HYPE)
    fake.settle(0.15)
    assert not fake.replies_to(again)
    elsewhere = fake.group(owner=boss, members=[anna])
    fake.wait_reply(fake.say(anna, elsewhere, HYPE))


def test_forged_presses_are_refused_and_answered(fake, group, boss, anna):
    notice = fake.wait_reply(fake.say(anna, group, HYPE))
    case = receipt(notice)
    other = fake.group("别的群", owner=anna, members=[boss])
    there = command(fake, anna, other, "/mode")
    for data in (f"v1:gw:{case}", "v1:gw:NOSUCH22", "v1:gw", "v1:gm:x:delete", "v1:gs:1"):
        answer = fake.wait_answer(fake.press("", there, anna, data=data))
        assert answer["text"]
    fake.wait_answer(fake.press("", there, boss, data=f"v1:gw:{case}"))
    fake.settle(0.1)
    assert not notice.deleted


def test_why_derives_a_notice_by_its_id(fake, group, boss, anna):
    notice = fake.wait_reply(fake.say(anna, group, HYPE))
    answer = fake.ask(anna, f"/why {receipt(notice)}")
    assert "结果一样" in answer.text


# --- notices that come later, or go ---


def test_a_notice_goes_after_a_day_and_claims_are_counted(fake, bot, group, boss, anna):
    notice = fake.wait_reply(fake.say(anna, group, HYPE))
    fake.settle(0.1)
    [row] = bot.rows("SELECT due_at FROM outbox WHERE key = ?", f"case:{receipt(notice)}:expire")
    assert abs(row["due_at"] - time.time() - 86400) < 60
    write(bot, "UPDATE notice SET at = at - 61 WHERE chat_id = ?", group.id)
    again = fake.wait_reply(fake.say(anna, group, HYPE))
    assert "本周第2次" in again.text
    assert not bot.rows("SELECT 1 FROM echo WHERE hash LIKE '%GMV%'")


def test_a_deletion_does_not_wait_for_its_notice_which_comes_later(fake, group, boss, anna):
    set_mode(fake, boss, group, "删除")
    fake.fail("sendMessage", 429, retry_after=3, chat=group)
    post = fake.say(anna, group, HYPE)
    fake.wait_gone(post, 2.5)
    told = fake.wait_sent(group, "分钟删除了 1 条", timeout=10)
    assert toast(fake, "误判", told, boss).startswith("已撤销")
    fake.wait_sent(group, "误删")
    fake.wait_gone(told)


def test_an_appeal_finds_administrators_who_started_long_ago(fake, bot, anna):
    boss = fake.user("Boss", started=True)
    group = fake.group(owner=boss, admins=[fake.user("Never")], members=[anna])
    notice = fake.wait_reply(fake.say(anna, group, HYPE))
    toast(fake, "我要申诉", notice, anna)
    assert fake.wait_sent(boss, "申诉").buttons == ["维持", "撤销"]
    assert fake.sent(group) == [notice]
