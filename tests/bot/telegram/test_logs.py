"""No log line holds a secret, wherever in the record it hides."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator

import pytest

from bot.telegram import logs

TOKEN = "123456:AAbbCCddEEffGG"


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


def log_all_ways() -> None:
    logger = logging.getLogger("bot.test")
    logger.warning("at https://api.telegram.org/bot%s/getMe", TOKEN)
    logger.warning("the second half: AAbbCCddEEffGG")
    try:
        raise ValueError(f"The token `{TOKEN}` was rejected")
    except ValueError:
        logger.exception("failed with %s", {"url": TOKEN})


@pytest.mark.parametrize("style", ["text", "json"])
def test_the_token_is_taken_out(style, capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up(style, (TOKEN, ""))
    logging.getLogger().handlers[0].setStream(sys.stderr)
    log_all_ways()
    told = capsys.readouterr().err
    assert "AAbbCCddEEffGG" not in told
    assert told.count("***") >= 4
    assert "was rejected" in told


def test_json_lines_can_be_read(capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up("json", (TOKEN,))
    logging.getLogger().handlers[0].setStream(sys.stderr)
    log_all_ways()
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [line["level"] for line in lines] == ["WARNING", "WARNING", "ERROR"]
    assert "Traceback" in lines[2]["exception"]


def test_the_http_client_is_quiet() -> None:
    logs.set_up("text", (TOKEN,))
    assert not logging.getLogger("httpx").isEnabledFor(logging.INFO)
