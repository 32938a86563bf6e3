"""A fake Telegram, and bots on homes of their own."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e.harness import BotProcess
from tests.fakes import FakeTelegram
from tests.fakes.model import Chat, User


@pytest.fixture(scope="session")
def index(warm_home: Path) -> Path:
    """The index of the packaged corpus, built once for all homes of all test processes."""
    return warm_home / "index"


def home_with(index: Path, home: Path) -> Path:
    """A fresh home that doesn't have to build the index first."""
    shutil.copytree(index, home / "index")
    return home


@pytest.fixture
def fake() -> Iterator[FakeTelegram]:
    with FakeTelegram() as server:
        server.loosen_polling()
        yield server


@pytest.fixture
def boss(fake: FakeTelegram) -> User:
    """Who owns the group of the group tests."""
    return fake.user("Boss")


@pytest.fixture
def anna(fake: FakeTelegram) -> User:
    """Who writes in it."""
    return fake.user("Anna")


@pytest.fixture
def group(fake: FakeTelegram, boss: User, anna: User) -> Chat:
    return fake.group(owner=boss, members=[anna])


@pytest.fixture
def make_bot(
    fake: FakeTelegram, tmp_path: Path, index: Path
) -> Iterator[Callable[..., BotProcess]]:
    """Makes bots; afterwards none of their logs may hold the token."""
    made: list[BotProcess] = []

    def make(name: str = "home", **env: str) -> BotProcess:
        made.append(BotProcess(fake, home_with(index, tmp_path / name), **env))
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
def shared(
    tmp_path_factory: pytest.TempPathFactory, index: Path
) -> Iterator[tuple[FakeTelegram, BotProcess]]:
    """A fake and a running bot for the tests of a module that leave both as they were."""
    with FakeTelegram() as server:
        server.loosen_polling()
        home = home_with(index, tmp_path_factory.mktemp("shared") / "home")
        process = BotProcess(server, home).start()
        yield server, process
        assert process.terminate() == 0
        assert server.token.partition(":")[2] not in process.log
        assert not server.uncovered
