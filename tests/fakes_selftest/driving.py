"""Driving the fake with python-telegram-bot's own Bot, or with plain HTTP."""

from __future__ import annotations

import asyncio
import json
import urllib.request
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from telegram import Bot
from telegram.error import BadRequest
from telegram.request import HTTPXRequest

from tests.fakes import FakeTelegram

QUICK = {"verify": False}  # loading certificates takes longer than a test


def drive(fake: FakeTelegram, act: Callable[[Bot], Awaitable[Any]], **kwargs: Any) -> Any:
    """What *act* returns when given a Bot that talks to the fake."""

    async def run() -> Any:
        bot = Bot(
            kwargs.pop("token", fake.token),
            base_url=fake.base_url,
            base_file_url=fake.base_file_url,
            request=HTTPXRequest(**kwargs, httpx_kwargs=QUICK),
            get_updates_request=HTTPXRequest(connection_pool_size=4, httpx_kwargs=QUICK),
        )
        async with bot:
            return await act(bot)

    return asyncio.run(run())


def refuse(fake: FakeTelegram, act: Callable[[Bot], Awaitable[Any]], match: str) -> None:
    with pytest.raises(BadRequest, match=f"(?i){match}"):
        drive(fake, act)


def raw_call(fake: FakeTelegram, path: str, data: bytes = b"", kind: str = "") -> tuple[int, Any]:
    """Status and JSON of a plain HTTP request."""
    headers = {"Content-Type": kind or "application/x-www-form-urlencoded"}
    request = urllib.request.Request(fake.base_url + path, data or None, headers)
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)
