"""Every sentence that the code asks for is there; every menu fits Telegram's limits."""

from __future__ import annotations

import ast
import re
import tomllib
from importlib.resources import files
from pathlib import Path

import pytest

from bot.telegram.wording import WordingError, say, say_all

ROOT = Path(str(files("bot.telegram")))


def asked_for() -> list[str]:
    keys = []
    for path in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "say" and node.args:
                arg = node.args[0]
                if isinstance(arg, ast.Constant):
                    keys.append(str(arg.value))
    return sorted(set(keys))


@pytest.mark.parametrize("key", asked_for())
def test_the_sentence_is_there(key: str) -> None:
    assert say(key)


@pytest.mark.parametrize("key", ["nothing.here", "start", "start.examples"])
def test_a_missing_sentence_is_named(key: str) -> None:
    with pytest.raises(WordingError, match=re.escape(key)):
        say(key)


def test_lists() -> None:
    assert len(say_all("start.examples")) == 3


def test_menus_fit() -> None:
    table = tomllib.loads((ROOT / "menus.toml").read_text(encoding="utf-8"))
    for name, words in table["commands"].items():
        assert re.fullmatch(r"[a-z0-9_]{1,32}", name)
        assert 1 <= len(words["zh"]) <= 256
        assert 1 <= len(words["en"]) <= 256
    assert len(say("about.description")) <= 512
    assert len(say("about.short_description")) <= 120
