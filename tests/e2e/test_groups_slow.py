"""What takes its time: the flood, the weekly picture, posters, settled cases, an old source."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest

from tests.e2e.test_groups import HYPE, command, set_mode
from tests.e2e.test_groups_undo import receipt, toast, write

TICK_S = 35.0
POSTER = """
class Result:
    txts = ("内部消息", "AI视频已经贡献了10%的GMV")

class RapidOCR:
    def __call__(self, data):
        return Result()
"""


def test_an_old_source_reminds_and_never_deletes(fake, make_bot, group, boss, anna):
    bot = make_bot(QINGXING_STALE_DAYS="30").start()
    set_mode(fake, boss, group, "删除")
    command(fake, boss, group, "/ladder 开")
    post = fake.say(anna, group, HYPE)
    assert "超过一年" in fake.wait_reply(post).text
    fake.settle(0.2)
    assert not post.deleted
    assert not bot.rows("SELECT 1 FROM strike")


def test_killed_at_any_time_each_effect_is_there_once(fake, bot, group, boss, anna):
    set_mode(fake, boss, group, "删除")
    command(fake, boss, group, "/ladder 开")
    posts = []
    for _ in range(3):
        posts.append(fake.say(anna, group, HYPE, force=True))
        time.sleep(0.03)
        bot.kill()
        bot.start()
    for post in posts:
        fake.wait_gone(post)
    fake.wait_for(lambda f: f.is_banned(anna, group))
    fake.settle(0.2)
    assert len(bot.rows("SELECT 1 FROM strike")) == 3
    assert sum("冲突" in message.text for message in fake.sent(group)) <= 1


def test_telegrams_clock_counts_where_it_runs_ahead(fake, bot, group, boss, anna):
    fake.wait_reply(fake.say(anna, group, HYPE))
    fake.advance(61)
    fake.wait_reply(fake.say(anna, group, HYPE))
    second = fake.say(anna, group, HYPE)
    set_mode(fake, boss, group, "删除")
    fake.advance(400 * 86400)
    old = fake.say(anna, group, HYPE)
    fake.wait_reply(old)
    fake.settle(0.2)
    assert not fake.replies_to(second)
    assert not old.deleted


@pytest.mark.parametrize("skew", [-3600.0, 3600.0])
def test_a_mute_is_a_day_by_telegrams_clock(fake, bot, group, boss, anna, skew):
    fake.skew(skew)
    set_mode(fake, boss, group, "删除")
    command(fake, boss, group, "/ladder 开")
    for _ in range(2):
        fake.wait_gone(fake.say(anna, group, HYPE))
    fake.wait_for(lambda f: f.is_muted(anna, group))
    assert abs(fake.member(anna, group).until - fake.world.time() - 86400) < 30


@pytest.mark.soak
def test_two_hundred_posts_a_minute(fake, bot, boss):
    fake.limit_floods()
    people = [fake.user(f"U{number}") for number in range(20)]
    group = fake.group(owner=boss, members=people)
    set_mode(fake, boss, group, "删除")
    posts, said = [], {}
    start = time.time()
    for number in range(200):
        time.sleep(max(0.0, start + number * 0.3 - time.time()))
        text = f"AI视频GPM轻松破{50 + number}" if number % 2 else f"今天发货{number}单"
        post = fake.say(people[number % 20], group, text)
        if number % 2:
            posts.append(post)
            said[post.message_id] = time.time()
    for post in posts:
        fake.wait_gone(post, 20)
    deleted = fake.calls_of("deleteMessage", group, ok=True)
    waits = sorted(call.at + call.took - said[call.params["message_id"]] for call in deleted)
    assert waits[int(len(waits) * 0.95)] < 2
    assert sum("冲突" in message.text for message in fake.sent(group)) <= 2
    told = fake.wait_sent(group, "分钟删除了", timeout=70)
    one = next(label for label in told.buttons if label.startswith("误判"))
    toast(fake, one, told, boss)
    fake.wait_sent(group, "误删")
    toast(fake, "更多", told, boss)
    fake.wait_for(lambda _: one not in told.buttons)


@pytest.mark.soak
def test_a_poster_is_for_administrators_alone(fake, make_bot, tmp_path, group, boss, anna):
    (tmp_path / "extra").mkdir()
    (tmp_path / "extra" / "rapidocr.py").write_text(POSTER, encoding="utf-8")
    make_bot(PYTHONPATH=str(tmp_path / "extra")).start()
    fake.ask(boss, "/help")
    set_mode(fake, boss, group, "删除")
    picture = fake.photo(anna, group)
    card = fake.wait_sent(boss, "图片里的文字", timeout=3 * TICK_S)
    assert card.buttons == ["维持", "撤销"]
    assert not picture.deleted
    assert not fake.replies_to(picture)
    assert toast(fake, "撤销", card, boss).startswith("已撤销")


@pytest.mark.soak
def test_a_flipped_case_disarms_deletion_until_somebody_says_so(fake, bot, group, boss, anna):
    fake.ask(boss, "/help")
    set_mode(fake, boss, group, "删除")
    post = fake.say(anna, group, HYPE)
    fake.wait_gone(post)
    case = receipt(fake.wait_sent(group, "冲突"))
    lost = (
        "INSERT INTO labelled (case_id, chat_id, text, figures, wrong, at)"
        " VALUES (?, ?, '今天发货三十单', '[]', 0, unixepoch())"
    )
    write(bot, lost, case, group.id)
    told = fake.wait_sent(boss, "标注过的案例", timeout=3 * TICK_S)
    write(bot, "UPDATE notice SET at = at - 61")
    kept = fake.say(anna, group, "AI视频GPM轻松破50")
    fake.wait_reply(kept)
    assert not kept.deleted
    toast(fake, "按新的算", told, boss)
    bot.wait_rows("SELECT 1 FROM group_chat WHERE disarmed", 0)
    fake.wait_gone(fake.say(anna, group, "AI视频GPM轻松破60"))


@pytest.mark.soak
def test_the_weekly_picture_comes_once(fake, bot, group, boss, anna):
    fake.wait_reply(fake.say(anna, group, HYPE))
    fake.settle(0.1)
    week = timedelta(days=7).total_seconds()
    write(bot, "UPDATE post_case SET at = at - ?", week)
    today = (datetime.now(UTC) + timedelta(hours=8)).weekday()
    for key, value in (("digest_day", today), ("digest_hour", 0)):
        write(bot, "INSERT INTO group_setting VALUES (?, ?, ?)", group.id, key, str(value))
    fake.wait_for(lambda f: f.calls_of("sendPhoto", group, ok=True), 3 * TICK_S)
    bot.kill()
    bot.start()
    time.sleep(TICK_S)
    assert len(fake.calls_of("sendPhoto", group)) == 1
