"""A fake Telegram, and bots on homes of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e.harness import BotProcess
from tests.fakes import FakeTelegram


@pytest.fixture
def fake() -> Iterator[FakeTelegram]:
    with FakeTelegram() as server:
        server.loosen_polling()
        yield server


@pytest.fixture
def make_bot(fake: FakeTelegram, tmp_path: Path) -> Iterator[Callable[..., BotProcess]]:
    """Makes bots; afterwards none of their logs may hold the token."""
    made: list[BotProcess] = []

    def make(name: str = "home", **env: str) -> BotProcess:
        made.append(BotProcess(fake, tmp_path / name, **env))
        return made[-1]

    yield make
    for bot in made:
        bot.close()
        assert fake.token not in bot.log
        assert fake.token.partition(":")[2] not in bot.log


@pytest.fixture
def bot(make_bot: Callable[..., BotProcess]) -> BotProcess:
    """A running bot."""
    return make_bot().start()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[FakeTelegram, BotProcess]]:
    """A fake and a running bot for the tests of a module that leave both as they were."""
    with FakeTelegram() as server:
        server.loosen_polling()
        process = BotProcess(server, tmp_path_factory.mktemp("shared") / "home").start()
        yield server, process
        assert process.terminate() == 0
        assert server.token.partition(":")[2] not in process.log
        assert not server.uncovered
