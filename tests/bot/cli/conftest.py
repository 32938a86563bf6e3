"""Calls that need no index."""

import io
import sys

import pytest

from bot.cli.main import run
from tests.conftest import Ran


@pytest.fixture
def bare_home(tmp_path, monkeypatch):
    """A home where nothing was ever built."""
    home = tmp_path / "home"
    monkeypatch.setenv("QINGXING_HOME", str(home))
    monkeypatch.delenv("TELEGRAM_BOT_TOKEN", raising=False)
    monkeypatch.chdir(tmp_path)
    return home


@pytest.fixture
def run_cli(bare_home, capsys, monkeypatch):
    """The command, as a function of its words, on a home of its own."""

    def call(*words, stdin=b""):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8"))
        status = run([str(word) for word in words])
        captured = capsys.readouterr()
        return Ran(status, captured.out, captured.err)

    return call
