"""A group with the bot in it: who is left alone, what each mode does, how often it speaks."""

from __future__ import annotations

import pytest

from tests.e2e.harness import BotProcess
from tests.fakes import FakeTelegram
from tests.fakes.model import Chat, Message, User

HYPE = "AI视频已经贡献了10%的GMV，大家快上车"
SPAN = "AI视频已经贡献了10%的GMV"
OTHER = "AI视频GPM轻松破50"
CLEAN = "今天发了三十个样品，等反馈"
MODERATING = (
    "deleteMessage",
    "deleteMessages",
    "restrictChatMember",
    "banChatMember",
    "banChatSenderChat",
    "setMessageReaction",
    "sendMessage",
)
Shared = tuple[FakeTelegram, BotProcess]


@pytest.fixture
def fake(shared: Shared) -> FakeTelegram:
    return shared[0]


@pytest.fixture
def bot(shared: Shared) -> BotProcess:
    return shared[1]


def command(fake: FakeTelegram, user: User, group: Chat, text: str, **fields) -> Message:
    """Send a command and wait for its answer."""
    return fake.wait_reply(fake.say(user, group, text, **fields))


def set_mode(fake: FakeTelegram, boss: User, group: Chat, mode: str) -> None:
    said = command(fake, boss, group, f"/mode {mode}")
    if mode == "删除":
        fake.wait_answer(fake.press("确认", said, boss))
        fake.wait_for(lambda _: "已改为" in said.text)


def acted_on(fake: FakeTelegram, group: Chat) -> list[str]:
    """The moderating calls in this group."""
    return [call.method for call in fake.calls if call.method in MODERATING and here(call, group)]


def here(call, group: Chat) -> bool:
    return str(call.chat_id) == str(group.id)


# --- who is left alone ---


def in_group(fake: FakeTelegram, group: Chat, boss: User, kind: str) -> Message:
    """A post of hype by somebody who is never acted on."""
    if kind == "administrator":
        admin = fake.user("Admin")
        fake.place(group, admin, "administrator", {"can_delete_messages"})
        return fake.say(admin, group, HYPE)
    if kind == "owner":
        return fake.say(boss, group, HYPE)
    if kind == "anonymous administrator":
        return fake.say(boss, group, HYPE, as_chat=group)
    if kind == "automatic forward":
        channel = fake.channel("官方", linked_to=group)
        return fake.channel_post(channel, HYPE).mirror
    if kind == "linked channel":
        channel = fake.channel("官方", linked_to=group)
        return fake.say(boss, group, HYPE, as_chat=channel)
    if kind == "inline result":
        query = fake.inline(boss, HYPE)
        results = fake.wait_answer(query)["results"]
        member = fake.user("Member")
        fake.place(group, member)
        query.user = member
        return fake.choose(query, results[0]["id"], group)
    assert kind == "allow list"
    member = fake.user("Friend")
    fake.place(group, member)
    greeting = fake.say(member, group, "大家好")
    command(fake, boss, group, "/allow", reply_to=greeting)
    return fake.say(member, group, HYPE)


@pytest.mark.parametrize(
    "kind",
    [
        "administrator",
        "owner",
        "anonymous administrator",
        "automatic forward",
        "linked channel",
        "inline result",
        "allow list",
    ],
)
@pytest.mark.parametrize("mode", ["提醒", "删除"])
def test_some_are_never_acted_on(fake, group, boss, kind, mode):
    set_mode(fake, boss, group, mode)
    fake.settle(0.1)
    before = len(acted_on(fake, group))
    post = in_group(fake, group, boss, kind)
    fake.settle(0.15)
    assert not post.deleted
    assert not fake.replies_to(post)
    # The answer to /allow is the only word between.
    assert len(acted_on(fake, group)) - before == (kind == "allow list")


def test_somebody_made_administrator_a_moment_ago_is_left_alone(fake, group, boss, anna):
    set_mode(fake, boss, group, "删除")
    fake.wait_gone(fake.say(anna, group, HYPE))
    fake.place(group, anna, "administrator", {"can_delete_messages"})  # and no update of it
    post = fake.say(anna, group, OTHER)
    fake.settle(0.15)
    assert not post.deleted


# --- what counts as theirs ---


@pytest.mark.parametrize(
    "say",
    [
        pytest.param(lambda f, u, g: f.say(u, g, HYPE), id="text"),
        pytest.param(lambda f, u, g: f.photo(u, g, caption=HYPE), id="caption"),
        pytest.param(lambda f, u, g: f.poll(u, g, HYPE, ["信", "不信"]), id="poll question"),
        pytest.param(lambda f, u, g: f.poll(u, g, "选一个", [HYPE, "不"]), id="poll option"),
        pytest.param(
            lambda f, u, g: f.forward(u, f.say(u, f.group(members=[u]), HYPE), g), id="forward"
        ),
        pytest.param(
            lambda f, u, g: f.post(
                u,
                g,
                {"text": "看图"},
                reply_markup={"inline_keyboard": [[{"text": HYPE, "url": "https://a.cn/x"}]]},
            ),
            id="button",
        ),
        pytest.param(lambda f, u, g: f.edit(f.say(u, g, CLEAN), HYPE), id="edit"),
        pytest.param(
            lambda f, u, g: f.say(u, g, HYPE, as_chat=f.channel("别的频道", owner=u)),
            id="channel",
        ),
    ],
)
def test_what_somebody_wrote_is_answered(fake, group, anna, say):
    notice = fake.wait_reply(say(fake, anna, group))
    assert notice.text.startswith("冲突")


def test_quoting_hype_is_not_hype(fake, group, boss, anna):
    hype = fake.say(boss, group, HYPE)
    post = fake.say(anna, group, "这是假的吧", reply_to=hype, quote=SPAN)
    length = len(HYPE)
    quote = {"type": "blockquote", "offset": 0, "length": length}
    second = fake.say(anna, group, f"{HYPE}\n谁信谁傻", entities=[quote])
    fake.settle(0.15)
    assert not fake.replies_to(post)
    assert not fake.replies_to(second)


# --- the notice ---


@pytest.mark.parametrize(
    ("before", "post"),
    [
        pytest.param("", HYPE, id="plain"),
        pytest.param("🚀🚀 家人们👨‍👩‍👧 ", HYPE, id="after emoji"),
        pytest.param("", "AI视频已经贡献了１０％的GMV，冲", id="full width"),
        pytest.param("用小红花工具 ", HYPE + "。新手闭眼All in AI就对了" + "啊" * 900, id="long"),
    ],
)
def test_a_notice_is_short_quotes_the_span_and_names_nobody(fake, group, anna, before, post):
    said = fake.say(anna, group, before + post)
    notice = fake.wait_reply(said)
    units = len(notice.text.encode("utf-16-le")) // 2
    assert notice.text.count("\n") <= 5
    assert units <= 600
    assert notice.quote["text"] in said.text
    assert "GMV" in notice.quote["text"]
    assert "2026-01-18" in notice.text
    assert notice.quotes
    assert notice.buttons == ["看证据", "我要申诉", "误判"]
    assert "Anna" not in notice.text
    assert "小红花" not in notice.text


def test_the_quote_keeps_the_posts_own_formatting(fake, group, anna):
    bold = {"type": "bold", "offset": 2, "length": 6}
    notice = fake.wait_reply(fake.say(anna, group, HYPE, entities=[bold]))
    assert notice.quote["entities"]


def test_a_channels_post_has_no_appeal(fake, group, anna):
    channel = fake.channel("别的频道", owner=anna)
    notice = fake.wait_reply(fake.say(anna, group, HYPE, as_chat=channel))
    assert notice.buttons == ["看证据", "误判"]


def test_several_findings_are_one_notice(fake, group, anna):
    post = fake.say(anna, group, f"{SPAN}。{OTHER}。")
    notice = fake.wait_reply(post)
    fake.settle(0.15)
    assert fake.replies_to(post) == [notice]
    assert "另有 1 处" in notice.text


def test_a_forum_topic_is_answered_in_place(fake, boss, anna):
    forum = fake.group(owner=boss, members=[anna], forum=True)
    topic = fake.topic(forum, "选品")
    post = fake.say(anna, forum, HYPE, topic=topic.id, is_topic_message=True)
    assert fake.wait_reply(post).thread_id == topic.id


# --- modes ---


def test_watching_makes_no_moderating_call_at_all(fake, group, boss, anna, bot):
    set_mode(fake, boss, group, "观察")
    fake.settle(0.1)
    before = acted_on(fake, group)
    fake.say(anna, group, HYPE)
    fake.edit(fake.say(anna, group, CLEAN), OTHER)
    fake.album(anna, group, [HYPE, ""])
    fake.settle(0.15)
    assert acted_on(fake, group) == before
    bot.wait_rows(f"SELECT 1 FROM post_case WHERE chat_id = {group.id} AND action = 'none'", 3)


def test_a_pause_acts_on_nothing_and_ends(fake, group, boss, anna):
    command(fake, boss, group, "/pause 2h")
    post = fake.say(anna, group, HYPE)
    fake.settle(0.15)
    assert not fake.replies_to(post)
    command(fake, boss, group, "/resume")
    assert fake.wait_reply(fake.say(anna, group, OTHER)).text.startswith("冲突")


def test_deleting_gives_notice_first(fake, group, boss, anna):
    set_mode(fake, boss, group, "删除")
    post = fake.say(anna, group, HYPE)
    fake.wait_gone(post)
    fake.settle(0.1)
    calls = [call.method for call in fake.calls if here(call, group)][-2:]
    assert calls == ["sendMessage", "deleteMessage"]


def test_deleting_needs_a_second_yes(fake, group, boss, anna):
    asked = command(fake, boss, group, "/mode delete")
    fake.wait_answer(fake.press("确认", asked, anna))
    post = fake.say(anna, group, HYPE)
    fake.wait_reply(post)
    fake.settle(0.1)
    assert not post.deleted
    assert "提醒" in command(fake, boss, group, "/mode").text


@pytest.mark.parametrize("mode", ["提醒", "删除"])
@pytest.mark.parametrize("text", [CLEAN, "AI视频成本只要实拍的百分之一", "AI封面点击率高一倍"])
def test_only_a_conflict_leads_to_anything(fake, group, boss, anna, mode, text):
    set_mode(fake, boss, group, mode)
    fake.settle(0.1)
    before = acted_on(fake, group)
    fake.say(anna, group, text)
    fake.settle(0.15)
    assert acted_on(fake, group) == before


def test_a_forward_is_reminded_of_and_stays(fake, group, boss, anna):
    set_mode(fake, boss, group, "删除")
    elsewhere = fake.say(anna, fake.group(members=[anna]), HYPE)
    post = fake.forward(anna, elsewhere, group)
    fake.wait_reply(post)
    fake.settle(0.15)
    assert not post.deleted


# --- limits ---


def test_one_notice_a_minute(fake, group, anna):
    fake.wait_reply(fake.say(anna, group, HYPE))
    second = fake.say(anna, group, OTHER)
    fake.settle(0.15)
    assert not fake.replies_to(second)


def test_past_the_limit_deletions_go_on_in_silence(fake, group, boss, anna, bot):
    set_mode(fake, boss, group, "删除")
    posts = [fake.say(anna, group, HYPE) for _ in range(4)]
    for post in posts:
        fake.wait_gone(post)
    fake.settle(0.15)
    assert sum("冲突" in message.text for message in fake.sent(group)) == 1
    waiting = f"SELECT 1 FROM post_case WHERE chat_id = {group.id} AND batch = ''"
    bot.wait_rows(waiting, 3)
    due = f"SELECT 1 FROM outbox WHERE chat_id = {group.id} AND method = 'local:collect'"
    assert bot.rows(f"{due} AND state = 'pending' AND due_at > unixepoch()")


# --- edits and albums ---


def test_an_edit_that_changes_nothing_is_no_new_post(fake, group, anna):
    post = fake.say(anna, group, HYPE)
    fake.wait_reply(post)
    fake.edit(post)
    fake.edit(post, HYPE + "\u200b")
    fake.settle(0.15)
    assert len(fake.replies_to(post)) == 1


def test_a_post_put_right_clears_its_warning(fake, group, anna, bot):
    post = fake.say(anna, group, HYPE)
    notice = fake.wait_reply(post)
    fake.edit(post, "AI视频贡献的GMV不到1%")
    fake.wait_gone(notice)
    bot.wait_rows(f"SELECT 1 FROM post_case WHERE chat_id={group.id} AND state='corrected'", 1)


def test_other_hype_in_an_edit_gets_no_second_notice(fake, group, anna):
    post = fake.say(anna, group, HYPE)
    fake.wait_reply(post)
    fake.edit(post, OTHER)
    fake.settle(0.15)
    assert len(fake.replies_to(post)) == 1


def test_an_album_is_one_post(fake, group, boss, anna):
    set_mode(fake, boss, group, "删除")
    album = fake.album(anna, group, ["", HYPE, "", OTHER])
    for part in album:
        fake.wait_gone(part)
    fake.settle(0.15)
    assert sum("冲突" in message.text for message in fake.sent(group)) == 1
