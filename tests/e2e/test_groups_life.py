"""A group's life: coming in, rights, settings, commands, leaving, changing its id."""

from __future__ import annotations

import csv
import json

import pytest

from tests.e2e.harness import BotProcess
from tests.e2e.test_groups import HYPE, OTHER, Shared, acted_on, command, set_mode
from tests.e2e.test_groups_undo import toast
from tests.fakes import FakeTelegram

RIGHTS = ("can_delete_messages", "can_restrict_members")


@pytest.fixture
def fake(shared: Shared) -> FakeTelegram:
    return shared[0]


@pytest.fixture
def bot(shared: Shared) -> BotProcess:
    return shared[1]


# --- coming in ---


def test_onboarding_says_what_is_missing_and_links_to_the_settings(fake, boss, anna):
    group = fake.group(owner=boss, members=[anna], bot=None)
    fake.add_bot(group)
    hello = fake.wait_sent(group, "清醒")
    for word in ("记录", "90 天", "删除消息", "限制成员", "隐私模式", "观察"):
        assert word in hello.text
    assert hello.buttons == ["打开设置", "改为观察"]
    fake.promote(fake.bot, group, {"can_manage_chat", *RIGHTS})
    fake.wait_for(lambda _: "权限齐了" in hello.text)
    assert fake.sent(group) == [hello]
    menu = fake.follow("打开设置", hello, boss)
    assert "的设置" in fake.wait_sent(boss, after=menu.message_id).text


def test_watching_from_the_onboarding_message(fake, boss, anna):
    group = fake.group(owner=boss, members=[anna], bot=None)
    fake.add_bot(group, rights={"can_manage_chat", *RIGHTS})
    hello = fake.wait_sent(group, "清醒")
    assert toast(fake, "改为观察", hello, anna) == "只有本群管理员能按。"
    assert "观察" in toast(fake, "改为观察", hello, boss)
    post = fake.say(anna, group, HYPE)
    fake.settle(0.15)
    assert not fake.replies_to(post)


def test_lost_rights_are_told_once_and_reminding_goes_on(fake, group, boss, anna):
    set_mode(fake, boss, group, "删除")
    fake.revoke(group, "can_delete_messages")
    told = fake.wait_sent(group, "失去")
    post = fake.say(anna, group, HYPE)
    fake.wait_reply(post)
    fake.settle(0.15)
    assert not post.deleted
    assert [m for m in fake.sent(group) if "失去" in m.text] == [told]
    fake.grant(group, "can_delete_messages")
    fake.wait_gone(fake.say(anna, group, OTHER))


def test_a_right_lost_at_the_last_moment_is_no_loop(fake, group, boss, anna):
    set_mode(fake, boss, group, "删除")
    fake.fail("deleteMessage", 400, "Bad Request: message can't be deleted", chat=group)
    fake.say(anna, group, HYPE)
    fake.wait_sent(group, "删不掉")
    assert len(fake.calls_of("deleteMessage", group)) == 1


def test_somebody_else_deletes_the_post_first(fake, group, boss, anna):
    set_mode(fake, boss, group, "删除")
    posts = []
    fake.before_call("sendMessage", lambda: fake.delete(posts[0]), chat=group)
    posts.append(fake.say(anna, group, HYPE))
    fake.settle(0.2)
    assert not [message for message in fake.sent(group) if "冲突" in message.text]


def test_an_edit_between_verdict_and_notice_leaves_the_quote_out(fake, group, anna):
    posts = []
    edited = "AI视频贡献了10%的GMV，还在涨"
    fake.before_call("sendMessage", lambda: fake.edit(posts[0], edited), chat=group)
    posts.append(fake.say(anna, group, HYPE))
    assert fake.wait_reply(posts[0]).quote is None


def test_put_right_between_verdict_and_notice_leaves_no_notice(fake, group, anna):
    posts = []
    edited = "算了当我没说"
    fake.before_call("sendMessage", lambda: fake.edit(posts[0], edited), chat=group)
    posts.append(fake.say(anna, group, HYPE))
    fake.settle(0.3)
    assert not fake.replies_to(posts[0])


def test_kicked_and_back_with_its_settings(fake, group, boss, anna):
    set_mode(fake, boss, group, "删除")
    fake.kick_bot(group)
    fake.settle(0.1)
    fake.add_bot(group, rights={"can_manage_chat", *RIGHTS})
    fake.wait_sent(group, "清醒")
    assert "删除" in command(fake, boss, group, "/mode").text


def test_a_group_keeps_everything_when_it_becomes_a_supergroup(fake, boss, anna, bot):
    group = fake.group(owner=boss, members=[anna], kind="group")
    set_mode(fake, boss, group, "删除")
    command(fake, boss, group, "/ladder 开")
    fake.wait_gone(fake.say(anna, group, HYPE))
    fake.settle(0.1)
    new = fake.migrate(group)
    assert "删除" in command(fake, boss, new, "/mode").text
    post = fake.say(anna, new, OTHER)
    fake.wait_gone(post)
    fake.wait_for(lambda f: f.is_muted(anna, new))
    assert not bot.rows("SELECT 1 FROM post_case WHERE chat_id = ?", group.id)


# --- commands ---


@pytest.mark.parametrize(
    "text",
    ["/mode 删除", "/ladder 开", "/pause 2h", "/allow", "/log", "/export", "/status", "/settings"],
)
def test_a_member_changes_nothing_and_gets_one_line(fake, group, anna, bot, text):
    said = command(fake, anna, group, text)
    fake.settle(0.1)
    assert said.text == "这个命令只有管理员能用。"
    assert not bot.rows("SELECT 1 FROM group_setting WHERE chat_id = ?", group.id)
    assert fake.sent(group) == [said]


def test_an_anonymous_administrator_commands(fake, group, boss, bot):
    fake.wait_reply(fake.say(boss, group, "/mode 观察", as_chat=group))
    [row] = bot.rows("SELECT value FROM group_setting WHERE chat_id = ?", group.id)
    assert row["value"] == "watch"


def test_a_command_for_another_bot_is_not_ours(fake, group, boss):
    fake.say(boss, group, "/mode@other_bot 观察")
    fake.settle(0.1)
    assert not fake.sent(group)


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("/mode 踢", "用法"),
        ("/mode watch", "观察"),
        ("/ladder", "关"),
        ("/ladder on", "打开"),
        ("/pause 很久", "用法"),
        ("/allow", "回复"),
        ("/log", "还没有"),
        ("/replay", "没有记录"),
        ("/digest", "没有记录"),
    ],
)
def test_words_of_commands(fake, group, boss, said, answer):
    assert answer in command(fake, boss, group, said).text


def test_off_the_allow_list_again(fake, group, boss, anna):
    hello = fake.say(anna, group, "大家好")
    command(fake, boss, group, "/allow", reply_to=hello)
    assert "移出" in command(fake, boss, group, "/disallow", reply_to=hello).text
    fake.wait_reply(fake.say(anna, group, HYPE))


def test_status_says_mode_limits_and_the_day(fake, group, boss, anna):
    fake.wait_reply(fake.say(anna, group, HYPE))
    status = command(fake, boss, group, "/status").text
    for part in ("提醒", "每分钟 1", "每小时 10", "冲突 1", "提醒 1"):
        assert part in status


def test_anyone_may_check_a_post_once_a_minute(fake, group, boss, anna):
    post = fake.say(boss, group, HYPE)
    answer = command(fake, anna, group, "/check", reply_to=post)
    assert answer.text.startswith("冲突")
    assert answer.quotes
    second = fake.say(anna, group, "/check", reply_to=post)
    fake.settle(0.15)
    assert not fake.replies_to(second)
    assert command(fake, boss, group, "/check", reply_to=post).quotes


def test_export_is_a_table_and_lines(fake, group, boss, anna):
    fake.wait_reply(fake.say(anna, group, "=1+1 " + HYPE))
    fake.settle(0.1)
    asked = fake.say(boss, group, "/export")
    fake.wait_for(lambda f: len(f.calls_of("sendDocument", group, ok=True)) == 2)
    table, lines = [m for m in fake.sent(group) if m.message_id > asked.message_id]
    files = {
        message.body["document"]["file_name"].rpartition(".")[2]: fake.world.files[
            message.body["document"]["file_id"]
        ].data.decode("utf-8-sig")
        for message in (table, lines)
    }
    [row] = list(csv.DictReader(files["csv"].splitlines()))
    assert row["text"].startswith("'=")
    [line] = [json.loads(line) for line in files["jsonl"].splitlines()]
    assert (line["event"], line["verdict"], line["action"]) == ("conflict", "conflict", "notice")


def test_the_weeks_picture(fake, group, boss, anna, bot):
    fake.wait_reply(fake.say(anna, group, HYPE))
    fake.say(boss, group, "/digest")
    fake.wait_for(lambda f: f.calls_of("sendPhoto", group, ok=True), 15)
    fake.settle(0.1)
    assert not list((bot.home / "outgoing").glob("digest*"))


def test_replay_of_the_recorded_month(fake, group, boss, anna):
    set_mode(fake, boss, group, "观察")
    fake.say(anna, group, HYPE)
    fake.settle(0.1)
    said = command(fake, boss, group, "/replay").text
    assert "会提醒 1 条" in said
    assert "会删除 1 条" in said


# --- settings in private ---


def test_settings_are_one_message_edited_in_place(fake, group, boss, bot):
    asked = command(fake, boss, group, "/settings")
    start = fake.follow("打开设置", asked, boss)
    menu = fake.wait_sent(boss, "的设置", after=start.message_id)
    fake.wait_answer(fake.press("累计处理", menu, boss))
    fake.wait_for(lambda _: "累计处理：开" in menu.buttons)
    fake.wait_answer(fake.press("缺背景", menu, boss))
    fake.wait_for(lambda _: "缺背景和无依据：加一个表情" in menu.buttons)
    fake.wait_answer(fake.press("提醒限度", menu, boss))
    fake.wait_for(lambda _: "提醒限度：每分钟 2，每小时 20" in menu.buttons)
    fake.wait_answer(fake.press("删除", menu, boss))
    fake.wait_for(lambda _: menu.buttons == ["确认", "返回"])
    fake.wait_answer(fake.press("确认", menu, boss))
    fake.wait_for(lambda _: "✓ 删除" in menu.buttons)
    fake.settle(0.1)
    assert fake.last(boss) is menu
    assert "删除" in command(fake, boss, group, "/mode").text


def test_settings_of_a_group_are_for_its_administrators(fake, group, boss, anna):
    assert "不是这个群的管理员" in fake.ask(anna, f"/start set_{group.id}").text
    menu = fake.ask(boss, f"/start set_{group.id}")
    fake.demote(boss, group)
    assert toast(fake, "累计处理", menu, boss) == "只有本群管理员能按。"


def test_administrators_who_asked_are_told_in_private(fake, group, boss, anna):
    menu = fake.ask(boss, f"/start set_{group.id}")
    fake.wait_answer(fake.press("新冲突私信我", menu, boss))
    fake.wait_for(lambda _: "新冲突私信我：开" in menu.buttons)
    set_mode(fake, boss, group, "观察")
    fake.settle(0.1)
    before = acted_on(fake, group)
    fake.say(anna, group, HYPE)
    card = fake.wait_sent(boss, "新的冲突")
    assert acted_on(fake, group) == before
    assert toast(fake, "撤销", card, boss).startswith("已撤销")


def test_a_soft_word_where_the_group_wants_it(fake, group, boss, anna):
    menu = fake.ask(boss, f"/start set_{group.id}")
    fake.wait_answer(fake.press("缺背景", menu, boss))
    post = fake.say(anna, group, "AI视频成本只要实拍的百分之一")
    fake.wait_for(lambda _: post.reactions)
    fake.wait_answer(fake.press("缺背景", menu, boss))
    notice = fake.wait_reply(fake.say(anna, group, "AI视频成本只要实拍的百分之一啊"))
    assert notice.text.startswith("缺背景")


def test_forget_leaves_a_number(fake, group, anna, bot):
    fake.wait_reply(fake.say(anna, group, HYPE))
    fake.ask(anna, "/forget")
    fake.settle(0.1)
    [row] = bot.rows("SELECT name, text FROM post_case WHERE chat_id = ?", group.id)
    assert (row["name"], row["text"]) == (None, HYPE)
