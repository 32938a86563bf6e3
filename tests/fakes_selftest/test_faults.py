"""Webhooks, faults to order, flood limits."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from telegram import Bot
from telegram.error import (
    Conflict,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from tests.fakes.flood import FloodGate
from tests.fakes_selftest.driving import drive


class Hook(BaseHTTPRequestHandler):
    """Answers with the queued statuses, then 200, and remembers what came."""

    statuses: list[int]
    seen: list[tuple[str, Any]]
    reply: bytes

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.seen.append((self.headers.get("X-Telegram-Bot-Api-Secret-Token", ""), body))
        self.send_response(self.statuses.pop(0) if self.statuses else 200)
        self.send_header("Content-Length", str(len(self.reply)))
        self.end_headers()
        self.wfile.write(self.reply)

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def hook() -> Iterator[tuple[str, type[Hook]]]:
    handler = type("Fresh", (Hook,), {"statuses": [], "seen": [], "reply": b""})
    server = HTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/hook", handler
    server.shutdown()
    server.server_close()
    thread.join()


def test_webhook_redelivers_in_order_and_takes_a_call(fake, hook):
    url, handler = hook
    user = fake.user()
    fake.world.webhook_first_delay_s = 0.02
    handler.statuses[:] = [500, 503, 500]
    handler.reply = json.dumps(
        {"method": "sendMessage", "chat_id": user.id, "text": "收到"}
    ).encode()
    drive(fake, lambda bot: bot.set_webhook(url, secret_token="geheim"))
    first, second = fake.tell(user, "一"), fake.tell(user, "二")
    fake.wait_acked()
    assert [body["update_id"] for _, body in handler.seen] == [first.update_id] * 4 + [
        second.update_id
    ]
    assert {secret for secret, _ in handler.seen} == {"geheim"}
    fake.wait_for(lambda f: len(f.sent(user)) == 2)


def test_webhook_and_polling_exclude_each_other(fake, hook):
    user = fake.user()

    async def exercise(bot: Bot) -> None:
        await bot.set_webhook(hook[0])
        with pytest.raises(Conflict, match="webhook is active"):
            await bot.get_updates()
        assert (await bot.get_webhook_info()).url == hook[0]
        await bot.delete_webhook()
        fake.tell(user, "好")
        assert len(await bot.get_updates()) == 1

    drive(fake, exercise)


def test_faults_strike_where_and_when_told(fake):
    user, other = fake.user(started=True), fake.user(started=True)
    fake.fail("sendMessage", 429, retry_after=7, chat=user, nth=2)

    async def exercise(bot: Bot) -> None:
        await bot.send_message(other.id, "一")
        await bot.send_message(user.id, "一")
        with pytest.raises(RetryAfter):
            await bot.send_message(user.id, "二")
        await bot.send_message(user.id, "三")

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PTB_TIMEDELTA", "1")
        drive(fake, exercise)
    assert [message.text for message in fake.sent(user)] == ["一", "三"]
    assert [call.status for call in fake.calls_of("sendMessage", user)] == [200, 429, 200]


@pytest.mark.parametrize(
    ("install", "error", "delivered"),
    [
        pytest.param(lambda f: f.drop("sendMessage"), NetworkError, 0, id="drop before"),
        pytest.param(lambda f: f.drop("sendMessage", "after"), NetworkError, 1, id="drop after"),
        pytest.param(lambda f: f.garble("sendMessage"), NetworkError, 0, id="502 HTML"),
        pytest.param(lambda f: f.garble("sendMessage", 200), TelegramError, 0, id="200 HTML"),
        pytest.param(
            lambda f: f.garble("sendMessage", 502, applied=True), NetworkError, 1, id="502, done"
        ),
        pytest.param(
            lambda f: f.delay("sendMessage", 0.4, after=True), TimedOut, 1, id="late answer"
        ),
        pytest.param(lambda f: f.down(), NetworkError, 0, id="refused"),
    ],
)
def test_broken_answers(fake, install, error, delivered):
    user = fake.user(started=True)

    async def exercise(bot: Bot) -> None:
        install(fake)
        with pytest.raises(error):
            await bot.send_message(user.id, "好")

    drive(fake, exercise, read_timeout=0.2)
    assert len(fake.sent(user)) == delivered


def test_the_api_comes_back_on_its_port(fake):
    fake.down()
    fake.up()
    assert drive(fake, lambda bot: bot.get_me()).is_bot


def test_flood_gate_counts_sends_a_chat():
    now = [0.0]
    gate = FloodGate(lambda: now[0])
    gate.enabled = True
    waits = []
    for _ in range(30):
        waits.append(gate.wait_s(-1, is_group=True))
        now[0] += 1
    assert waits[:20] == [0] * 20
    assert waits[20] == 40
    assert gate.early_calls == 9
    assert gate.wait_s(5, is_group=False) == 0


def test_floods_are_refused_only_when_asked(fake):
    user = fake.user(started=True)

    async def exercise(bot: Bot) -> None:
        for number in range(5):
            await bot.send_message(user.id, str(number))
        fake.limit_floods()
        for number in range(3):
            await bot.send_message(user.id, str(number))
        with pytest.raises(RetryAfter):
            await bot.send_message(user.id, "3")

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PTB_TIMEDELTA", "1")
        drive(fake, exercise)
    assert len(fake.sent(user)) == 8
