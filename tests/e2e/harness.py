"""The bot as a process of its own, to be started, killed and looked into by tests."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path

from bot.store.database import FILE_NAME
from tests.fakes import FakeTelegram

COMMAND = (sys.executable, "-c", "from bot.cli.main import main; main()", "bot")
READY_S = 40.0


class BotProcess:
    """``qingxing bot`` on a home, led to a fake; its log is kept over restarts."""

    def __init__(self, fake: FakeTelegram, home: Path, **env: str) -> None:
        self.fake = fake
        self.home = home
        self.log_path = home.parent / f"{home.name}.log"
        self.env = env
        self.process: subprocess.Popen[bytes] | None = None
        self.starts = 0

    def start(self, *, wait: bool = True) -> BotProcess:
        """Start it, and wait until it says 就绪."""
        self.home.mkdir(exist_ok=True)
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(("QINGXING", "TELEG"))}
        env = inherited | self.fake.env | {"QINGXING_HOME": str(self.home)} | self.env
        with self.log_path.open("ab") as log:
            self.process = subprocess.Popen(COMMAND, env=env, stderr=log, cwd=self.home)
        self.starts += 1
        if wait:
            self.wait_logged("就绪", times=self.starts)
        return self

    def kill(self) -> None:
        """kill -9."""
        assert self.process is not None
        self.process.kill()
        self.process.wait(10)

    def terminate(self, timeout_s: float = 20.0) -> int:
        """SIGTERM; its exit status."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout_s)

    def wait_exit(self, timeout_s: float) -> int:
        """Its exit status, when it ends by itself."""
        assert self.process is not None
        return self.process.wait(timeout_s)

    def close(self) -> None:
        """End it however it is."""
        if self.process is not None and self.process.poll() is None:
            self.kill()

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    @property
    def log(self) -> str:
        return self.log_path.read_text(encoding="utf-8") if self.log_path.exists() else ""

    def wait_logged(self, text: str, *, times: int = 1, timeout_s: float = READY_S) -> None:
        """Until *text* stands in the log so often."""
        deadline = time.monotonic() + timeout_s
        while self.log.count(text) < times:
            if time.monotonic() > deadline or not self.is_running:
                raise AssertionError(f"no {text!r} in the log:\n{self.log[-3000:]}")
            time.sleep(0.02)

    def rows(self, sql: str, *values: object) -> list[sqlite3.Row]:
        """What a SELECT gives from its database."""
        connection = sqlite3.connect(self.home / FILE_NAME, timeout=5)
        try:
            connection.row_factory = sqlite3.Row
            return connection.execute(sql, values).fetchall()
        finally:
            connection.close()

    def wait_rows(self, sql: str, count: int, timeout_s: float = 10.0) -> None:
        """Until the SELECT gives *count* rows."""
        deadline = time.monotonic() + timeout_s
        while len(found := self.rows(sql)) != count:
            if time.monotonic() > deadline:
                raise AssertionError(f"{len(found)} rows instead of {count}: {sql}")
            time.sleep(0.05)

    def bytes_with(self, text: str) -> list[str]:
        """Names of the home's files that hold *text*, in any way that it may be written."""
        return [
            path.name
            for path in sorted(self.home.rglob("*"))
            if path.is_file() and any(form in path.read_bytes() for form in _spellings(text))
        ]


def _spellings(text: str) -> Iterable[bytes]:
    yield text.encode()
    yield text.encode("utf-16-le")
    yield text.encode("unicode_escape")
