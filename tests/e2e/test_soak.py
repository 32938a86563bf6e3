"""Long runs, by `make soak` alone."""

from __future__ import annotations

import statistics
import time
from pathlib import Path

import pytest

from tests.e2e.harness import BotProcess
from tests.fakes import FakeTelegram

pytestmark = pytest.mark.soak

UPDATES = 20_000
TEXTS = ("AI视频GPM轻松破5{n}", "/help", "你好", "AI短视频在美区贡献了多少GMV？", "第{n}个问题")


def resident_kb(bot: BotProcess) -> int:
    assert bot.process is not None
    status = Path(f"/proc/{bot.process.pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0])


def test_memory_is_flat(fake: FakeTelegram, bot: BotProcess) -> None:
    users = [fake.user(f"U{number}") for number in range(200)]
    sizes = []
    for done in range(0, UPDATES, 500):
        for number in range(done, done + 500):
            fake.tell(users[number % 200], TEXTS[number % 5].format(n=number % 97))
        fake.settle(quiet_s=0.5, timeout=180)
        sizes.append(resident_kb(bot))
    first, last = statistics.mean(sizes[4:8]), statistics.mean(sizes[-4:])
    assert last < 1.1 * first


def test_replies_are_prompt(fake: FakeTelegram, bot: BotProcess) -> None:
    users = [fake.user(f"U{number}") for number in range(20)]
    waits = []
    for number in range(600):
        started = time.perf_counter()
        fake.ask(users[number % 20], TEXTS[number % 5].format(n=number))
        waits.append(time.perf_counter() - started)
    assert statistics.quantiles(waits, n=20)[-1] < 0.15
