"""The first question on a home takes longer, and a person at a terminal is told."""

import io

import pytest

from bot.cli.opening import open_for_questions


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize(
    ("stderr", "told"),
    [
        pytest.param(Terminal(), "第一次提问，先建索引，约十秒……\n", id="terminal"),
        pytest.param(io.StringIO(), "", id="pipe"),
    ],
)
def test_a_fresh_home(bare_home, monkeypatch, stderr, told):
    with monkeypatch.context() as patch:
        patch.setattr("sys.stderr", stderr)
        open_for_questions(bare_home).close()
    assert stderr.getvalue() == told


def test_a_home_with_an_index(home, monkeypatch):
    stderr = Terminal()
    with monkeypatch.context() as patch:
        patch.setattr("sys.stderr", stderr)
        open_for_questions(home).close()
    assert stderr.getvalue() == ""
