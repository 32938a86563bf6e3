"""A running fake."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.fakes import FakeTelegram


@pytest.fixture
def fake() -> Iterator[FakeTelegram]:
    with FakeTelegram() as running:
        running.loosen_polling()
        yield running
