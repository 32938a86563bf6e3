"""Corners of a group's life: what was answered softly, what fails on the way back, new chat ids."""

from __future__ import annotations

import pytest

from bot.telegram.handlers.group import group_routes
from tests.e2e.harness import BotProcess
from tests.e2e.test_groups import CLEAN, HYPE, OTHER, Shared, command, set_mode
from tests.e2e.test_groups_undo import receipt, start, toast, write
from tests.fakes import FakeTelegram
from tests.fakes.model import Chat, Message

SOFT = "AI视频成本只要实拍的百分之一"


@pytest.fixture
def fake(shared: Shared) -> FakeTelegram:
    return shared[0]


@pytest.fixture
def bot(shared: Shared) -> BotProcess:
    return shared[1]


def choose(bot: BotProcess, group: Chat, key: str, value: str) -> None:
    write(bot, "INSERT OR REPLACE INTO group_setting VALUES (?, ?, ?)", group.id, key, value)


def room(bot: BotProcess, group: Chat) -> None:
    write(bot, "UPDATE notice SET at = at - 61 WHERE chat_id = ?", group.id)


# --- soft words ---


def test_a_soft_reply_gives_way_to_the_notice_of_a_worse_edit(fake, bot, group, anna):
    choose(bot, group, "soft", "reply")
    post = fake.say(anna, group, SOFT)
    soft = fake.wait_reply(post)
    room(bot, group)
    fake.edit(post, HYPE)
    fake.wait_gone(soft)
    notice = fake.wait_reply(post)
    fake.settle(0.15)
    assert [message.text[:2] for message in fake.replies_to(post)] == ["冲突"]
    assert notice.buttons == ["看证据", "我要申诉", "误判"]


def test_a_soft_reply_goes_when_the_post_is_put_right(fake, bot, group, anna):
    choose(bot, group, "soft", "reply")
    post = fake.say(anna, group, SOFT)
    soft = fake.wait_reply(post)
    fake.edit(post, CLEAN)
    fake.wait_gone(soft)


def test_a_reaction_goes_when_the_post_is_put_right(fake, bot, group, anna):
    choose(bot, group, "soft", "reaction")
    post = fake.say(anna, group, SOFT)
    fake.wait_for(lambda _: any(post.reactions.values()))
    fake.edit(post, CLEAN)
    fake.wait_for(lambda _: not any(post.reactions.values()))


def test_a_reaction_can_be_undone_from_the_log(fake, bot, group, boss, anna):
    choose(bot, group, "soft", "reaction")
    post = fake.say(anna, group, SOFT)
    fake.wait_for(lambda _: any(post.reactions.values()))
    fake.settle(0.1)
    log = command(fake, boss, group, "/log")
    assert toast(fake, "误判", log, boss).startswith("已撤销")
    fake.wait_for(lambda _: not any(post.reactions.values()))
    again = fake.say(anna, group, SOFT)
    fake.settle(0.15)
    assert not any(again.reactions.values())


# --- the way back ---


def test_an_appealed_post_put_right_closes_its_card(fake, group, boss, anna):
    start(fake, boss)
    post = fake.say(anna, group, HYPE)
    notice = fake.wait_reply(post)
    toast(fake, "我要申诉", notice, anna)
    card = fake.wait_sent(boss, "申诉")
    query = fake.press("维持", card, boss)
    fake.wait_answer(query)
    other = fake.say(anna, fake.group(owner=boss, members=[anna]), HYPE)
    second = fake.wait_reply(other)
    toast(fake, "我要申诉", second, anna)
    open_card = fake.wait_sent(boss, receipt(second))
    fake.edit(other, CLEAN)
    fake.wait_for(lambda _: "发帖人已更正" in open_card.text)
    assert open_card.buttons == []


def test_an_undo_that_fails_is_told(fake, group, boss, anna):
    set_mode(fake, boss, group, "删除")
    command(fake, boss, group, "/ladder 开")
    for _ in range(2):
        fake.wait_gone(fake.say(anna, group, HYPE))
    fake.wait_for(lambda f: f.is_muted(anna, group))
    fake.settle(0.1)
    log = command(fake, boss, group, "/log")
    fake.fail(
        "restrictChatMember",
        400,
        "Bad Request: not enough rights to restrict/unrestrict chat member",
        chat=group,
    )
    toast(fake, log.buttons[0], log, boss)
    assert "解除" in fake.wait_sent(group, "没有成功").text


def test_a_long_text_is_put_back_whole(fake, group, boss, anna):
    set_mode(fake, boss, group, "删除")
    text = HYPE + "。" + "今天发货三十单，等反馈。" * 330
    assert len(text) < 4096
    fake.wait_gone(fake.say(anna, group, text))
    toast(fake, "误判", fake.wait_sent(group, "冲突"), boss)
    first = fake.wait_sent(group, "误删")
    fake.settle(0.2)
    parts = [message for message in fake.sent(group) if message.message_id >= first.message_id]
    assert "".join(quote for part in parts for quote in part.quotes) == text


def test_a_poll_is_deleted_and_put_back(fake, group, boss, anna):
    set_mode(fake, boss, group, "删除")
    fake.wait_gone(fake.poll(anna, group, HYPE, ["信", "不信"]))
    toast(fake, "误判", fake.wait_sent(group, "冲突"), boss)
    assert HYPE in fake.wait_sent(group, "误删").text


def test_what_somebody_else_deleted_is_not_put_back(fake, group, boss, anna):
    set_mode(fake, boss, group, "删除")
    posts: list[Message] = []
    fake.before_call("deleteMessage", lambda: fake.delete(posts[0]), chat=group)
    posts.append(fake.say(anna, group, HYPE))
    notice = fake.wait_sent(group, "冲突")
    fake.settle(0.15)
    assert toast(fake, "误判", notice, boss).startswith("已撤销")
    fake.wait_gone(notice)
    fake.settle(0.15)
    assert not [message for message in fake.sent(group) if "误删" in message.text]


def test_what_was_deleted_without_an_answer_is_put_back(fake, group, boss, anna):
    set_mode(fake, boss, group, "删除")
    fake.drop("deleteMessage", "after", chat=group)
    fake.wait_gone(fake.say(anna, group, HYPE))
    notice = fake.wait_sent(group, "冲突")
    fake.wait_for(lambda f: len(f.calls_of("deleteMessage", group)) == 2)
    fake.settle(0.15)
    toast(fake, "误判", notice, boss)
    assert fake.wait_sent(group, "误删").quotes == [HYPE]


def test_an_albums_caption_put_right_clears_its_warning(fake, group, anna):
    album = fake.album(anna, group, ["", HYPE, ""])
    notice = fake.wait_reply(album[1])
    fake.edit(album[1], CLEAN)
    fake.wait_gone(notice)
    fake.settle(0.1)
    assert not any(fake.replies_to(part) for part in album)


def test_an_album_called_wrong_is_left_alone_in_all_its_parts(fake, group, boss, anna):
    album = fake.album(anna, group, [HYPE, ""])
    toast(fake, "误判", fake.wait_reply(album[0]), boss)
    fake.settle(0.15)
    set_mode(fake, boss, group, "删除")
    again = fake.album(anna, group, ["", HYPE])
    fake.settle(0.2)
    assert not any(part.deleted for part in [*album, *again])


def test_a_log_chat_that_becomes_a_supergroup_keeps_getting_cards(fake, group, boss, anna):
    log = fake.group("记录", owner=boss, kind="group")
    said = command(fake, boss, log, f"/start@{fake.bot.username} log_{group.id}")
    assert group.title in said.text
    new = fake.migrate(log)
    fake.settle(0.15)
    notice = fake.wait_reply(fake.say(anna, group, HYPE))
    toast(fake, "我要申诉", notice, anna)
    card = fake.wait_sent(new, "申诉　编号")
    assert toast(fake, "维持", card, boss) == "已维持。"


def test_an_administrator_no_more_can_not_press(fake, group, boss, anna):
    second = fake.user("Second")
    fake.place(group, second, "administrator", {"can_delete_messages"})
    start(fake, second)
    notice = fake.wait_reply(fake.say(anna, group, HYPE))
    toast(fake, "我要申诉", notice, anna)
    card = fake.wait_sent(second, "申诉")
    fake.place(group, second)
    assert toast(fake, "撤销", card, second) == "只有本群管理员能按。"
    assert toast(fake, "误判", notice, second) == "只有本群管理员能按。"
    fake.settle(0.1)
    assert not notice.deleted


def test_one_upholds_while_another_reverses(fake, group, boss, anna):
    second = fake.user("Second")
    fake.place(group, second, "administrator", {"can_delete_messages"})
    start(fake, boss)
    start(fake, second)
    notice = fake.wait_reply(fake.say(anna, group, HYPE))
    toast(fake, "我要申诉", notice, anna)
    cards = [fake.wait_sent(user, "申诉") for user in (boss, second)]
    presses = [
        fake.press("维持", cards[0], boss),
        fake.press("维持", cards[1], second),
        fake.press("撤销", cards[1], second),
    ]
    texts = [fake.wait_answer(press)["text"] for press in presses]
    assert texts[2].startswith("已撤销")
    fake.wait_for(lambda _: all("已撤销：Second" in card.text for card in cards))
    fake.wait_gone(notice)


def test_why_derives_what_the_group_was_told(fake, bot, group, boss, anna):
    wrong = fake.wait_reply(fake.say(anna, group, OTHER))
    toast(fake, "误判", wrong, boss)
    fake.wait_gone(wrong)
    room(bot, group)
    notice = fake.wait_reply(fake.say(anna, group, f"{HYPE}。{OTHER}。"))
    assert "另有" not in notice.text
    for _ in range(2):
        assert "结果一样" in fake.ask(anna, f"/why {receipt(notice)}").text
        toast(fake, "误判", notice, boss)


def test_an_appeal_that_no_administrator_can_get_comes_to_the_group(fake, group, boss, anna):
    start(fake, boss)
    notice = fake.wait_reply(fake.say(anna, group, HYPE))
    fake.fail("sendMessage", 403, "Forbidden: bot was blocked by the user", chat=boss)
    toast(fake, "我要申诉", notice, anna)
    assert fake.wait_sent(group, "申诉　编号").buttons == ["维持", "撤销"]


def test_an_appeal_goes_round_a_log_chat_that_the_bot_has_left(fake, group, boss, anna):
    start(fake, boss)
    log = fake.group("记录", owner=boss)
    command(fake, boss, log, f"/start@{fake.bot.username} log_{group.id}")
    fake.kick_bot(log)
    notice = fake.wait_reply(fake.say(anna, group, HYPE))
    toast(fake, "我要申诉", notice, anna)
    assert fake.wait_sent(boss, "申诉　编号").buttons == ["维持", "撤销"]


# --- behind a command ---


GROUP_COMMANDS = [route.name for route in group_routes() if route.name.startswith("/")]


@pytest.mark.parametrize("word", [*dict.fromkeys(GROUP_COMMANDS), "/start log_1"])
def test_hype_behind_a_members_command_is_a_post_all_the_same(fake, group, anna, word):
    post = fake.say(anna, group, f"{word} {HYPE}")
    fake.wait_for(lambda f: any("冲突" in message.text for message in f.replies_to(post)))


def test_check_with_words_checks_them_and_deletes_nothing(fake, group, boss, anna):
    set_mode(fake, boss, group, "删除")
    asked = fake.say(anna, group, f"/check {HYPE}")
    assert fake.wait_reply(asked).text.startswith("冲突")
    fake.settle(0.15)
    assert not asked.deleted
    assert len(fake.replies_to(asked)) == 1


# --- another chat's messages ---


def test_after_a_migration_no_old_number_is_used_in_the_new_chat(fake, bot, boss, anna):
    group = fake.group(owner=boss, members=[anna], kind="group")
    notice = fake.wait_reply(fake.say(anna, group, HYPE))
    case = receipt(notice)
    fake.settle(0.1)
    new = fake.migrate(group)
    log = command(fake, boss, new, "/log")
    others: list[Message] = []
    while not others or others[-1].message_id < notice.message_id + 3:
        others.append(fake.say(boss, new, CLEAN))
    write(bot, "UPDATE outbox SET due_at = 1 WHERE key = ?", f"case:{case}:expire")
    toast(fake, "误判", log, boss)
    fake.settle(1.2)
    assert not fake.calls_of("deleteMessage", new)


def test_a_notice_that_waits_does_not_follow_into_the_new_chat(fake, bot, boss, anna):
    group = fake.group(owner=boss, members=[anna], kind="group")
    command(fake, boss, group, "/status")
    fake.fail("sendMessage", 429, retry_after=2, chat=group)
    fake.say(anna, group, HYPE)
    fake.settle(0.2)
    new = fake.migrate(group)
    for _ in range(12):
        fake.say(boss, new, CLEAN)
    fake.settle(2.5)
    calls = [call for call in fake.calls_of("sendMessage") if "冲突" in call.params["text"]]
    assert [call for call in calls if str(call.chat_id) == str(new.id)] == []
    assert len([call for call in calls if str(call.chat_id) == str(group.id)]) <= 2


# --- Telegram's faults ---


@pytest.mark.parametrize("status", [500, 502, 429])
def test_a_fault_of_telegrams_delays_and_loses_nothing(fake, group, boss, anna, status):
    set_mode(fake, boss, group, "删除")
    options = {"retry_after": 1} if status == 429 else {}
    for method in ("getChatMember", "deleteMessage"):
        fake.fail(method, status, "" if status == 429 else "Internal", chat=group, **options)
    post = fake.say(anna, group, HYPE)
    fake.wait_gone(post, 8)
    notice = fake.wait_sent(group, "冲突")
    fake.fail("getChatMember", status, "" if status == 429 else "Internal", chat=group, **options)
    assert toast(fake, "误判", notice, boss).startswith("已撤销")


def test_kicked_in_the_middle_ends_quietly(fake, bot, group, boss, anna):
    set_mode(fake, boss, group, "删除")
    fake.before_call("sendMessage", lambda: fake.kick_bot(group), chat=group)
    fake.say(anna, group, HYPE)
    fake.settle(0.4)
    assert not fake.calls_of("deleteMessage", group, ok=True)
    assert bot.is_running
    pending = "SELECT 1 FROM outbox WHERE chat_id = ? AND state = 'pending'"
    assert not bot.rows(pending, group.id)


def test_a_mute_in_a_basic_group_fails_and_is_told_once(fake, bot, boss, anna):
    group = fake.group(owner=boss, members=[anna], kind="group")
    set_mode(fake, boss, group, "删除")
    command(fake, boss, group, "/ladder 开")
    for _ in range(2):
        fake.wait_gone(fake.say(anna, group, HYPE))
    fake.wait_sent(group, "升级为超级群")
    assert not fake.is_muted(anna, group)


# --- other members' doings ---


def test_a_reply_in_a_forum_topic_to_hype_is_not_hype(fake, boss, anna):
    forum = fake.group(owner=boss, members=[anna], forum=True)
    topic = fake.topic(forum, "选品")
    hype = fake.say(boss, forum, HYPE, topic=topic.id, is_topic_message=True)
    post = fake.say(
        anna, forum, "这话谁信", reply_to=hype, quote="AI视频已经贡献了10%的GMV",
        topic=topic.id, is_topic_message=True,
    )  # fmt: skip
    fake.settle(0.15)
    assert not fake.replies_to(post)


def test_a_text_quoted_from_another_chat_is_not_the_posters(fake, group, anna):
    said = {"text": "你们怎么看", "quote": {"text": HYPE, "position": 0}}
    post = fake.post(
        anna,
        group,
        said,
        external_reply={
            "origin": {"type": "hidden_user", "date": 1_700_000_000, "sender_user_name": "某人"}
        },
    )
    fake.settle(0.15)
    assert not fake.replies_to(post)


def test_watching_is_silent_whatever_else_is_on(fake, bot, group, boss, anna):
    set_mode(fake, boss, group, "观察")
    choose(bot, group, "soft", "reply")
    choose(bot, group, "ladder", "1")
    fake.settle(0.1)
    before = len(fake.calls_of("sendMessage", group)) + len(fake.calls_of("deleteMessage", group))
    for text in (HYPE, OTHER, SOFT):
        fake.edit(fake.say(anna, group, text), HYPE + text)
    fake.poll(anna, group, HYPE, ["信", "不信"])
    fake.forward(anna, fake.say(anna, fake.group(members=[anna]), HYPE), group)
    fake.settle(0.3)
    after = len(fake.calls_of("sendMessage", group)) + len(fake.calls_of("deleteMessage", group))
    assert after == before
    for method in ("restrictChatMember", "banChatMember", "setMessageReaction"):
        assert not fake.calls_of(method, group)
