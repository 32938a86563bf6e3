"""Settled cases when the ledger changes between two runs: refused until somebody decides."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import bot as bot_package
from tests.e2e.harness import BotProcess
from tests.e2e.test_groups import HYPE, OTHER, command, set_mode
from tests.e2e.test_groups_undo import receipt, toast, write
from tests.fakes import FakeTelegram
from tests.fakes.model import Chat, Message, User

ROOT = Path(bot_package.__file__).parents[1]


@pytest.fixture
def boss(fake: FakeTelegram) -> User:
    return fake.user("Boss", started=True)


@pytest.fixture
def bot(make_bot, boss: User) -> BotProcess:
    """A running bot that knows who runs it."""
    return make_bot(QINGXING_OWNERS=str(boss.id)).start()


def install(bot: BotProcess, release: Path | None) -> None:
    """Stop the bot, and start it on the same home from another release, None for this one."""
    assert bot.terminate() == 0
    bot.env.pop("PYTHONPATH", None)
    if release is not None:
        bot.env["PYTHONPATH"] = str(release)
    bot.start()


@pytest.fixture
def blind(tmp_path: Path) -> Path:
    """A release whose lexicon takes HYPE for another trade's words."""
    release = tmp_path / "release"
    for package in ("bot", "index", "corpus"):
        # Other test processes may be writing their byte code just now.
        ignore = shutil.ignore_patterns("*.pyc.*")
        shutil.copytree(ROOT / package, release / package, ignore=ignore)
    cues = release / "bot" / "guard" / "cues.toml"
    text = cues.read_text(encoding="utf-8")
    assert "\nforeign = [" in text
    cues.write_text(text.replace("\nforeign = [", '\nforeign = ["已经贡献", '), encoding="utf-8")
    return release


def settled(fake: FakeTelegram, group: Chat, boss: User, anna: User, label: str) -> str:
    """The id of a case that was upheld or called wrong, in a group that deletes."""
    set_mode(fake, boss, group, "删除")
    fake.wait_gone(fake.say(anna, group, HYPE))
    notice = fake.wait_sent(group, "冲突")
    if label == "误判":
        assert toast(fake, label, notice, boss).startswith("已撤销")
    else:
        toast(fake, "我要申诉", notice, anna)
        card = fake.wait_sent(boss, "申诉")
        assert toast(fake, label, card, boss) == "已维持。"
    fake.settle(0.1)
    return receipt(notice)


def asked(fake: FakeTelegram, boss: User, case: str) -> Message:
    told = fake.wait_sent(boss, "标注过的案例和现在的判断不一致")
    assert case in told.text
    assert told.buttons == [f"按新的算 {case}", f"照旧 {case}"]
    return told


def room(bot: BotProcess) -> None:
    """Let a minute pass for the limit on notices."""
    write(bot, "UPDATE notice SET at = at - 61")


def test_an_upheld_post_stays_a_conflict_and_nothing_is_deleted(
    fake, bot, blind, group, boss, anna
):
    case = settled(fake, group, boss, anna, "维持")
    install(bot, blind)
    told = asked(fake, boss, case)
    assert "--accept" in fake.wait_sent(boss, "qingxing eval --cases").text
    room(bot)
    post = fake.say(anna, group, "ai视频，已经贡献了１０%的GMV！大家快上车")
    notice = fake.wait_reply(post)
    assert notice.text.startswith("冲突")
    assert notice.quotes
    room(bot)
    other = fake.say(anna, group, OTHER)
    fake.wait_reply(other)
    assert command(fake, boss, group, "/status").buttons == told.buttons
    fake.settle(0.1)
    assert not post.deleted
    assert not other.deleted
    assert toast(fake, "照旧", told, boss).startswith("好")
    fake.wait_gone(fake.say(anna, group, OTHER))
    fake.wait_gone(fake.say(anna, group, HYPE))


def another_span(bot: BotProcess) -> None:
    """As if the finding had another span and another row in the release that it was given by."""
    write(bot, "UPDATE exempt SET key = 'of another release'")
    write(bot, "UPDATE receipt SET result = json_set(result, '$.findings', json('[]'))")


def test_words_called_wrong_stay_right_whatever_row_they_are_read_as(fake, bot, group, boss, anna):
    settled(fake, group, boss, anna, "误判")
    write(bot, "UPDATE exempt SET key = 'of another release'")
    install(bot, None)
    room(bot)
    posts = [fake.say(anna, group, text) for text in (HYPE, f"{HYPE}！听说的")]
    fake.settle(0.2)
    assert not any(post.deleted or fake.replies_to(post) for post in posts)
    assert command(fake, boss, group, "/status").buttons == []


def test_a_post_called_wrong_stays_right_in_edits_until_somebody_decides(
    fake, bot, group, boss, anna
):
    fake.ask(boss, "/help")
    case = settled(fake, group, boss, anna, "误判")
    another_span(bot)
    install(bot, None)
    told = asked(fake, boss, case)
    room(bot)
    posts = [fake.say(anna, group, HYPE)]
    posts.append(fake.edit(fake.say(anna, group, "大家好"), HYPE))
    fake.settle(0.2)
    assert not any(post.deleted or fake.replies_to(post) for post in posts)
    assert toast(fake, "按新的算", told, anna) == "只有本群管理员能按。"
    assert toast(fake, "按新的算", told, boss).startswith("好")
    assert "不在了" in toast(fake, "按新的算", told, boss)
    fake.wait_gone(fake.say(anna, group, HYPE))


def test_a_watched_group_hears_nothing_of_a_flip(fake, bot, group, boss, anna):
    case = settled(fake, group, boss, anna, "误判")
    set_mode(fake, boss, group, "观察")
    another_span(bot)
    fake.settle(0.1)
    before = len(fake.sent(group))
    install(bot, None)
    fake.settle(0.2)
    assert len(fake.sent(group)) == before
    buttons = command(fake, boss, group, "/status").buttons
    assert buttons == [f"按新的算 {case}", f"照旧 {case}"]


def test_a_flip_is_told_once_and_is_over_when_the_change_is_taken_back(
    fake, bot, blind, group, boss, anna
):
    settled(fake, group, boss, anna, "维持")
    install(bot, blind)
    fake.wait_sent(boss, "标注过的案例和现在")
    install(bot, blind)
    fake.settle(0.2)
    assert sum("标注过的案例和现在" in message.text for message in fake.sent(boss)) == 1
    install(bot, None)
    fake.wait_gone(fake.say(anna, group, HYPE))
