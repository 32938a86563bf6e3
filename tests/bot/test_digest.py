"""The week's picture: phone-sized, in a font that comes along."""

from __future__ import annotations

import struct
import sys
from datetime import date
from importlib.resources import files

import pytest
from matplotlib.ft2font import FT2Font

from bot.digest import FONT_FILE, draw
from bot.moderation.numbers import Tally, week_numbers
from corpus.load import load_corpus

DATA = files("bot").joinpath("data")


@pytest.fixture(scope="module")
def ledger(tmp_path_factory):
    return load_corpus(tmp_path_factory.mktemp("home")).ledger


def test_a_picture_for_a_phone_without_pyplot(ledger):
    tallies = [
        Tally(1795000000.0 + n, "conflict", figure.id, "notice", "open")
        for n, figure in enumerate(ledger)
    ]
    week = week_numbers(tallies, {}, date(2026, 11, 16), "Asia/Shanghai")
    picture = draw(week, lambda name: f"{ledger[name].subject}\n{ledger[name].metric}")
    assert picture.startswith(b"\x89PNG")
    assert struct.unpack(">II", picture[16:24]) == (1080, 1350)
    assert "matplotlib.pyplot" not in sys.modules


def test_an_empty_week_can_be_drawn():
    week = week_numbers([], {}, date(2026, 11, 16), "UTC")
    assert draw(week, str).startswith(b"\x89PNG")


def test_the_font_has_every_character_of_the_ledger_and_is_licensed(ledger):
    known = set(FT2Font(str(DATA.joinpath(FONT_FILE))).get_charmap())
    words = "".join(f"{f.subject}{f.metric}" for f in ledger)
    words += "本群周报核对条有说法的提醒删除撤销按冲突缺背景无依据相符每天的一二三四五六日月■…"
    assert not {char for char in words if ord(char) not in known}
    assert len(DATA.joinpath(FONT_FILE).read_bytes()) <= 300_000
    assert "Apache License" in DATA.joinpath("digest-font.LICENSE.txt").read_text("utf-8")
