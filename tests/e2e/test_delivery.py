"""Nothing is lost and nothing said twice, whatever happens to process, network or disk."""

from __future__ import annotations

import random
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Callable

import pytest

from bot.store.database import FILE_NAME
from tests.e2e.harness import BotProcess
from tests.fakes import FakeTelegram


def claim(number: int) -> str:
    """A post that no other is like, and that its verdict quotes."""
    return f"AI视频已经贡献了30.{number:04d}%的GMV"


def verdicts(fake: FakeTelegram, users: list) -> Counter[str]:
    """How often each post's verdict was sent."""
    said = Counter()
    for user in users:
        for message in fake.sent(user):
            for line in message.text.splitlines():
                if line.startswith("AI视频已经贡献了30."):
                    said[line] += 1
    return said


def run_with_kills(
    fake: FakeTelegram, bot: BotProcess, *, posts: int, kills: int, seed: int
) -> tuple[Counter[str], int]:
    """Posts come in all the time while the bot is killed at random; (verdicts, unknown sends)."""
    chance = random.Random(seed)
    users = [fake.user(f"U{number}") for number in range(25)]
    finished = threading.Event()
    pause = kills * 1.0 / posts

    def talk() -> None:
        for number in range(posts):
            fake.tell(users[number % len(users)], claim(number))
            time.sleep(pause * chance.random() * 2)
        finished.set()

    talker = threading.Thread(target=talk)
    talker.start()
    for _ in range(kills):
        bot.start()
        time.sleep(chance.uniform(0.0, 0.6))
        bot.kill()
    talker.join()
    assert finished.is_set()
    bot.start()
    fake.wait_for(lambda _: len(verdicts(fake, users)) == posts, 60, "a post without its verdict")
    fake.settle()
    unknown = bot.rows("SELECT 1 FROM outbox WHERE resent = 1")
    return verdicts(fake, users), len(unknown)


def check_kills(said: Counter[str], posts: int, unknown: int) -> None:
    assert len(said) == posts
    assert max(said.values()) <= 2
    assert sum(said.values()) - posts <= unknown


def test_ten_kills_lose_nothing(fake: FakeTelegram, make_bot: Callable[..., BotProcess]) -> None:
    said, unknown = run_with_kills(fake, make_bot(), posts=250, kills=10, seed=7)
    check_kills(said, 250, unknown)


@pytest.mark.soak
def test_a_hundred_kills_lose_nothing(
    fake: FakeTelegram, make_bot: Callable[..., BotProcess]
) -> None:
    said, unknown = run_with_kills(fake, make_bot(), posts=3000, kills=100, seed=11)
    check_kills(said, 3000, unknown)


def test_a_kill_in_mid_send_repeats_a_private_answer_once_at_most(
    fake: FakeTelegram, make_bot: Callable[..., BotProcess]
) -> None:
    bot = make_bot().start()
    anna = fake.user("Anna")
    fake.delay("sendMessage", 3.0, after=True)
    fake.tell(anna, claim(1))
    fake.wait_for(lambda _: fake.sent(anna), what="the send's effect")
    bot.kill()
    bot.start()
    fake.settle()
    assert verdicts(fake, [anna])[claim(1)] == 2
    bot.kill()
    bot.start()
    fake.settle()
    assert verdicts(fake, [anna])[claim(1)] == 2


def test_sigterm_keeps_what_is_queued(
    fake: FakeTelegram, make_bot: Callable[..., BotProcess]
) -> None:
    bot = make_bot().start()
    users = [fake.user(f"U{number}") for number in range(50)]
    fake.delay("sendMessage", 0.4, times=60)
    for number, user in enumerate(users):
        fake.tell(user, claim(number))
    fake.wait_for(lambda _: fake.calls_of("sendMessage"), what="a first send")
    started = time.monotonic()
    assert bot.terminate(20) == 0
    assert time.monotonic() - started < 20
    bot.start()
    fake.wait_for(lambda _: len(verdicts(fake, users)) == 50, 20, "a verdict for each")
    fake.settle()
    assert set(verdicts(fake, users).values()) == {1}


def test_sigterm_does_not_wait_for_a_hanging_server(
    fake: FakeTelegram, make_bot: Callable[..., BotProcess]
) -> None:
    bot = make_bot().start()
    anna = fake.user("Anna")
    fake.delay("sendMessage", 30.0)
    fake.tell(anna, claim(1))
    fake.wait_for(lambda _: fake.calls_of("sendMessage"), what="the send")
    assert bot.terminate(20) == 0


def test_the_same_update_thrice_has_one_effect(fake: FakeTelegram, bot: BotProcess) -> None:
    anna = fake.user("Anna")
    first = fake.ask(anna, claim(1))
    said = fake.visible(anna)[-2]
    for _ in range(2):
        fake.repeat_update(said.update_id)
    fake.settle()
    bot.kill()
    fake.repeat_update(said.update_id)
    bot.start()
    fake.settle()
    assert fake.last(anna) is first
    assert verdicts(fake, [anna])[claim(1)] == 1


def nested(depth: int) -> object:
    value: object = 1
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"message": {"text": "坏了"}}, id="missing fields"),
        pytest.param({"message": None}, id="null message"),
        pytest.param({"brand_new_kind": {"x": 1}}, id="unknown type"),
        pytest.param({"message": "not an object"}, id="wrong type"),
        pytest.param({}, id="nothing but a number"),
        pytest.param(
            {
                "message": {
                    "message_id": 5,
                    "date": "yesterday",
                    "chat": {"id": "x", "type": "private"},
                    "text": None,
                }
            },
            id="nonsense in fields",
        ),
        pytest.param({"callback_query": {"id": 7, "from": {}, "data": 9}}, id="broken press"),
        pytest.param({"message": nested(400)}, id="deep nesting"),
    ],
)
def test_a_malformed_update_stops_nobody(
    shared: tuple[FakeTelegram, BotProcess], body: dict
) -> None:
    fake, bot = shared
    anna = fake.user("Anna")
    number = fake.push_update(body)
    assert "冲突" in fake.ask(anna, claim(1)).text
    fake.wait_acked()
    bot.wait_rows("SELECT 1 FROM inbox WHERE state = 'new'", 0)
    (row,) = bot.rows("SELECT state FROM inbox WHERE update_id = ?", number)
    assert row["state"] in ("done", "poison")
    assert bot.is_running


def private_message(anna: object, **fields: object) -> dict:
    user = {"id": anna.id, "is_bot": False, "first_name": "Anna"}
    chat = {"id": anna.id, "type": "private", "first_name": "Anna"}
    base = {"message_id": 900_001, "date": int(time.time()), "chat": chat, "from": user}
    return {"message": base | fields}


def test_odd_texts_are_answered(shared: tuple[FakeTelegram, BotProcess]) -> None:
    fake, bot = shared
    anna = fake.user("Anna")
    fake.ask(anna, "/help")
    for text in ("\ud83d坏的半个字符", "a" * 1_000_000, "\u202e反着写\u200b", "👨‍👩‍👧‍👦" * 372):
        before = len(fake.sent(anna))
        fake.push_update(private_message(anna, text=text))
        fake.wait_for(lambda _, before=before: len(fake.sent(anna)) == before + 1)
    fake.settle()
    assert not [call for call in fake.calls if call.method == "sendMessage" and not call.ok]
    assert bot.is_running


# --- the network ---


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(lambda f: f.fail("getUpdates", 500, "Internal", times=2), id="500"),
        pytest.param(lambda f: f.garble("getUpdates", 502, times=2), id="502 page"),
        pytest.param(lambda f: f.garble("getUpdates", 200, times=2), id="200 page"),
        pytest.param(lambda f: f.garble("getUpdates", 200, b"", times=2), id="empty"),
        pytest.param(
            lambda f: f.garble("getUpdates", 200, b'{"ok":false,"error_code":500}', times=2),
            id="ok false",
        ),
        pytest.param(lambda f: f.drop("getUpdates", times=2), id="drop"),
        pytest.param(lambda f: f.drop("getUpdates", "after", times=1), id="drop after"),
        pytest.param(lambda f: f.fail("getUpdates", 429, retry_after=1), id="429"),
        pytest.param(lambda f: f.fail("getUpdates", 401, "Unauthorized"), id="one stray 401"),
        pytest.param(lambda f: f.fail("getUpdates", 404, "Not Found"), id="one stray 404"),
    ],
)
def test_polling_recovers(
    shared: tuple[FakeTelegram, BotProcess], fault: Callable[[FakeTelegram], object]
) -> None:
    fake, bot = shared
    anna = fake.user("Anna")
    polls = len(fake.polls)
    started = time.monotonic()
    fault(fake)
    fake.ask(anna, claim(0))  # ends the poll under way
    assert "冲突" in fake.ask(anna, claim(1), timeout=15).text
    assert len(fake.polls) - polls <= 6 + 2 * (time.monotonic() - started)
    assert bot.is_running


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(lambda f: f.fail("sendMessage", 500, "Internal"), id="500"),
        pytest.param(lambda f: f.garble("sendMessage", 502), id="502 page"),
        pytest.param(lambda f: f.garble("sendMessage", 200), id="200 page"),
        pytest.param(lambda f: f.garble("sendMessage", 200, b""), id="empty"),
        pytest.param(
            lambda f: f.garble("sendMessage", 200, b'{"ok":false,"error_code":500}'), id="ok false"
        ),
        pytest.param(lambda f: f.drop("sendMessage"), id="drop before"),
        pytest.param(lambda f: f.fail("sendMessage", 429, retry_after=1), id="429"),
    ],
)
def test_a_send_recovers(
    shared: tuple[FakeTelegram, BotProcess], fault: Callable[[FakeTelegram], object]
) -> None:
    fake, _ = shared
    anna = fake.user("Anna")
    fault(fake)
    assert "冲突" in fake.ask(anna, claim(1), timeout=15).text
    fake.settle()
    assert verdicts(fake, [anna])[claim(1)] == 1


def test_a_slow_reply_to_a_send_is_waited_for(shared: tuple[FakeTelegram, BotProcess]) -> None:
    fake, _ = shared
    anna = fake.user("Anna")
    fake.delay("sendMessage", 6.0, after=True)
    fake.tell(anna, claim(1))
    fake.settle(timeout=20)
    assert verdicts(fake, [anna])[claim(1)] == 1


def test_a_flooded_chat_delays_no_other(shared: tuple[FakeTelegram, BotProcess]) -> None:
    fake, _ = shared
    anna, bert = fake.user("Anna"), fake.user("Bert")
    fake.fail("sendMessage", 429, chat=anna, retry_after=2)
    fake.tell(anna, claim(1))
    fake.wait_for(lambda _: fake.calls_of("sendMessage", anna), what="the refused call")
    refused = time.monotonic()
    fake.ask(bert, claim(2), timeout=1.5)
    fake.wait_sent(anna, claim(1), timeout=8)
    assert time.monotonic() - refused >= 1.9
    first, second = fake.calls_of("sendMessage", anna)
    assert not first.ok
    assert second.ok


def test_telegram_may_be_away_at_the_start(
    fake: FakeTelegram, make_bot: Callable[..., BotProcess]
) -> None:
    fake.down()
    bot = make_bot().start(wait=False)
    bot.wait_logged("getMe")
    fake.up()
    bot.wait_logged("就绪")
    anna = fake.user("Anna")
    assert "冲突" in fake.ask(anna, claim(1)).text


def test_refused_connections_are_tried_again(fake: FakeTelegram, bot: BotProcess) -> None:
    anna = fake.user("Anna")
    went_down = threading.Event()

    def go_down() -> None:
        fake.down()
        went_down.set()

    fake.before_call("sendMessage", lambda: threading.Thread(target=go_down).start(), drop="before")
    fake.tell(anna, claim(1))
    assert went_down.wait(5)
    time.sleep(0.6)
    fake.up()
    fake.wait_sent(anna, claim(1), timeout=10)


def test_a_deaf_bot_ends_itself(fake: FakeTelegram, make_bot: Callable[..., BotProcess]) -> None:
    bot = make_bot(QINGXING_WATCHDOG_S="2").start()
    fake.fail("getUpdates", 500, "Internal", times=None)
    anna = fake.user("Anna")
    fake.tell(anna, claim(1))  # ends the poll under way
    assert bot.wait_exit(15) == 1
    assert "没能从 Telegram 收到回应" in bot.log.splitlines()[-1]


def test_a_token_that_is_refused_for_good_ends_it(fake: FakeTelegram, bot: BotProcess) -> None:
    fake.fail("getUpdates", 401, "Unauthorized", times=None)
    fake.tell(fake.user("Anna"), claim(1))
    assert bot.wait_exit(15) == 1
    assert "TELEGRAM_BOT_TOKEN" in bot.log.splitlines()[-1]


# --- the disk ---


def test_nothing_is_acknowledged_while_the_database_is_locked(
    fake: FakeTelegram, bot: BotProcess
) -> None:
    anna = fake.user("Anna")
    fake.ask(anna, claim(0))
    other = sqlite3.connect(bot.home / FILE_NAME, isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
        said = fake.tell(anna, claim(1))
        time.sleep(2.0)
        assert said.update_id in fake.pending
        assert not verdicts(fake, [anna])[claim(1)]
        other.execute("ROLLBACK")
    finally:
        other.close()
    fake.wait_sent(anna, claim(1), timeout=10)
    fake.settle()
    assert verdicts(fake, [anna])[claim(1)] == 1
    assert "数据库恢复了" in bot.log
