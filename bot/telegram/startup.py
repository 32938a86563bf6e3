"""Before the work begins: the home is ours, Telegram knows us, the knowledge is warm."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import logging
import os
import sqlite3
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from telegram.error import InvalidToken, RetryAfter, TelegramError

from bot.errors import QingxingError, os_reason
from bot.store import Database
from bot.telegram.api import seconds

if TYPE_CHECKING:
    from bot.knowledge import Knowledge

_log = logging.getLogger(__name__)


async def patiently(name: str, call: Callable[[], Awaitable[Any]]) -> None:
    """Make *call* until Telegram takes it, waiting longer each time.

    A token that is refused twice in a row is a QingxingError; once may be a hiccup.
    """
    delay = 0.3
    refused = False
    while True:
        try:
            await call()
            return
        except RetryAfter as err:
            await asyncio.sleep(seconds(err.retry_after))
            continue
        except InvalidToken as err:
            if refused:
                raise QingxingError(
                    "Telegram 不认这个 TELEGRAM_BOT_TOKEN，请向 @BotFather 核对"
                ) from err
            refused = True
        except TelegramError as err:
            _log.warning("%s: %s", name, type(err.__cause__ or err).__name__)
        await asyncio.sleep(delay)
        delay = min(delay * 2, 15.0)


def warm(knowledge: Knowledge) -> None:
    """Load or build all that a first question would otherwise wait for."""
    knowledge.check("AI视频贡献10%的GMV")
    knowledge.answer("AI视频贡献了多少GMV?")


def open_database(home: Path) -> Database:
    """The home's database; a QingxingError if it can't be opened."""
    try:
        return Database.open(home, busy_timeout_ms=250)
    except sqlite3.Error as err:
        raise QingxingError(f"QINGXING_HOME {home} 里的数据库打不开：{err}") from err


@contextlib.contextmanager
def one_per_home(home: Path) -> Iterator[None]:
    """Hold the home's lock; a QingxingError if another bot has it."""
    try:
        home.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(home / "bot.lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as err:
        raise QingxingError(f"QINGXING_HOME {home} 用不了：{os_reason(err)}") from err
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as err:
        os.close(descriptor)
        raise QingxingError(f"另一个机器人正在用 {home}；一个文件夹只能跑一个") from err
    try:
        yield
    finally:
        os.close(descriptor)
