"""Settings as rows, and the words for them."""

import pytest

from bot.moderation.settings import (
    SettingError,
    from_rows,
    parse_duration,
    parse_mode,
    parse_switch,
    to_row,
)
from bot.moderation.types import GroupSettings


@pytest.mark.parametrize(
    ("word", "mode"),
    [
        ("观察", "watch"),
        (" 提醒 ", "remind"),
        ("DELETE", "delete"),
        ("刪除", "delete"),
        ("开", None),
    ],
)
def test_mode_words(word, mode):
    assert parse_mode(word) == mode


@pytest.mark.parametrize(("word", "on"), [("开", True), ("关", False), ("off", False), ("2", None)])
def test_switch_words(word, on):
    assert parse_switch(word) is on


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2h", 7200),
        ("30", 1800),
        ("30分钟", 1800),
        ("1天", 86400),
        ("2小时", 7200),
        ("45s", 45),
        ("999d", 30 * 86400),
        ("0h", None),
        ("很久", None),
    ],
)
def test_durations(text, seconds):
    assert parse_duration(text) == seconds


def test_rows_override_the_defaults_and_unknown_ones_are_left_alone():
    found = from_rows({"mode": "watch", "log_chat": "-100", "someday": "x"})
    assert (found.mode, found.log_chat, found.ladder) == ("watch", -100, False)


@pytest.mark.parametrize(
    ("key", "value"),
    [("mode", "delete"), ("ladder", True), ("log_chat", None), ("paused_until", 12.5)],
)
def test_what_is_written_is_read_back(key, value):
    assert getattr(from_rows({key: to_row(key, value)}), key) == value


@pytest.mark.parametrize(
    ("key", "text"), [("mode", "kill"), ("digest_hour", "24"), ("timezone", "Mars/Base")]
)
def test_a_wrong_row_is_named(key, text):
    with pytest.raises(SettingError, match=f"{key} = '{text}'"):
        from_rows({key: text})


def test_a_fresh_group_reminds():
    assert from_rows({}) == GroupSettings(mode="remind")
