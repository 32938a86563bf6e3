"""How the process starts and ends, and what it says when it can't."""

from __future__ import annotations

import json
import socket
import urllib.error
import urllib.request
from collections.abc import Callable

import pytest

from tests.e2e.harness import BotProcess
from tests.fakes import FakeTelegram

MakeBot = Callable[..., BotProcess]


def last_line(bot: BotProcess) -> str:
    return bot.log.strip().splitlines()[-1]


@pytest.mark.parametrize(
    ("env", "says"),
    [
        pytest.param({"TELEGRAM_BOT_TOKEN": ""}, "没有 TELEGRAM_BOT_TOKEN", id="no token"),
        pytest.param({"TELEGRAM_BOT_TOKEN": "abc"}, "不像一个机器人令牌", id="odd token"),
        pytest.param({"TELEGRAM_BOT_TOKEN": "1:wrong"}, "不认这个", id="refused token"),
        pytest.param({"QINGXING_OWNERS": "me"}, "QINGXING_OWNERS", id="wrong setting"),
        pytest.param({"QINGXING_WEBHOOK_SECRET": "s"}, "三个要么都写", id="half a webhook"),
    ],
)
def test_what_keeps_it_from_starting_is_one_line(
    make_bot: MakeBot, env: dict[str, str], says: str
) -> None:
    bot = make_bot(**env).start(wait=False)
    assert bot.wait_exit(20) == 1
    assert says in last_line(bot)
    assert len(bot.log.strip().splitlines()) == 1
    assert "Traceback" not in bot.log


def test_one_bot_a_home(bot: BotProcess, fake: FakeTelegram, make_bot: MakeBot) -> None:
    second = BotProcess(fake, bot.home)
    second.log_path = bot.home.parent / "second.log"
    second.start(wait=False)
    assert second.wait_exit(20) == 1
    assert "一个文件夹只能跑一个" in last_line(second)
    assert "帮" not in last_line(second)
    assert bot.is_running


def test_sigterm_ends_it_with_0(bot: BotProcess) -> None:
    assert bot.terminate(20) == 0


def test_sigterm_while_telegram_is_away(fake: FakeTelegram, make_bot: MakeBot) -> None:
    fake.down()
    bot = make_bot().start(wait=False)
    bot.wait_logged("getMe")
    assert bot.terminate(20) == 0


def test_json_log_lines(make_bot: MakeBot) -> None:
    bot = make_bot(QINGXING_LOG="json").start()
    assert any("就绪" in json.loads(line)["message"] for line in bot.log.splitlines())


# --- webhook ---


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def webhook_bot(make_bot: MakeBot) -> tuple[BotProcess, str]:
    port = free_port()
    url = f"http://127.0.0.1:{port}/hook"
    bot = make_bot(
        QINGXING_WEBHOOK_URL=url,
        QINGXING_WEBHOOK_LISTEN=f"127.0.0.1:{port}",
        QINGXING_WEBHOOK_SECRET="open-sesame",
    )
    return bot, url


def post(url: str, body: bytes, secret: str = "open-sesame") -> int:
    request = urllib.request.Request(
        url, body, {"X-Telegram-Bot-Api-Secret-Token": secret, "Content-Type": "application/json"}
    )
    try:
        with urllib.request.urlopen(request, timeout=5) as reply:
            return int(reply.status)
    except urllib.error.HTTPError as refusal:
        refusal.close()
        return refusal.code


def test_updates_by_webhook(fake: FakeTelegram, make_bot: MakeBot) -> None:
    bot, url = webhook_bot(make_bot)
    bot.start()
    anna = fake.user("Anna")
    assert "/forget" in fake.ask(anna, "/help").text
    assert post(url, b"{}", secret="wrong") == 403
    assert post(url, b'{"update_id": 77, "message": {"text": 1}}') == 200
    assert post(url, b"not json") == 200
    assert bot.terminate() == 0


def test_the_same_update_by_webhook_and_then_by_polling(
    fake: FakeTelegram, make_bot: MakeBot
) -> None:
    bot, _ = webhook_bot(make_bot)
    bot.start()
    anna = fake.user("Anna")
    said = fake.tell(anna, "/help")
    fake.wait_sent(anna)
    fake.settle()
    assert bot.terminate() == 0
    bot.env = {}
    bot.start()
    fake.repeat_update(said.update_id)
    fake.settle()
    assert len(fake.sent(anna)) == 1
    fake.ask(anna, "/help")
