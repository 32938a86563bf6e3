"""What tests all over share: a home with its index built, and the command run in this process."""

from __future__ import annotations

import fcntl
import io
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from bot.cli.main import run
from bot.knowledge import load_knowledge


@dataclass(frozen=True, slots=True)
class Ran:
    """How a call came out."""

    status: int
    out: str
    err: str


Qingxing = Callable[..., Ran]


@pytest.fixture(scope="session")
def warm_home(tmp_path_factory):
    """A home whose index is built, once for all test processes; only to be read."""
    base = tmp_path_factory.getbasetemp()
    home = (base.parent if base.name.startswith("popen-") else base) / "warm"
    home.mkdir(exist_ok=True)
    with home.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with load_knowledge(home) as knowledge:
            knowledge.answer("AI短视频在美区贡献了多少GMV？")
    return home


@pytest.fixture
def home(warm_home, tmp_path, monkeypatch):
    """A home of the test's own, with the index built and nothing else configured."""
    mine = tmp_path / "home"
    shutil.copytree(warm_home, mine)
    monkeypatch.setenv("QINGXING_HOME", str(mine))
    for name in ("TELEGRAM_BOT_TOKEN", "QINGXING_INDEX", "QINGXING_WEBHOOK_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return mine


@pytest.fixture
def qingxing(home, capsys, monkeypatch) -> Qingxing:
    """The command, as a function of its words; *stdin* is what is piped in."""

    def call(*words: str, stdin: str | bytes = b"") -> Ran:
        raw = stdin.encode() if isinstance(stdin, str) else stdin
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw), encoding="utf-8"))
        status = run(words)
        captured = capsys.readouterr()
        return Ran(status, captured.out, captured.err)

    return call
