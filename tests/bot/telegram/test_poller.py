"""When polling is pointless it ends, with a line that says what to do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from telegram.error import Conflict, InvalidToken, NetworkError, RetryAfter, TelegramError

from bot.errors import QingxingError
from bot.store import Database
from bot.telegram import intake
from bot.telegram.intake import Poller
from bot.telegram.persist import Persist


@pytest.fixture
def poller(tmp_path: Path) -> Iterator[Poller]:
    with Database.open(tmp_path) as db:
        yield Poller(Persist(db), lambda _: None, lambda: None)


def test_waits_grow_and_never_run_hot(poller: Poller) -> None:
    waits = [poller._after_failure(NetworkError("x")) for _ in range(8)]
    assert waits == sorted(waits)
    assert waits[0] >= 0.5
    assert waits[-1] == 15


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_retry_after_is_obeyed(poller: Poller) -> None:
    assert 7 <= poller._after_failure(RetryAfter(7)) < 8


def test_one_refusal_is_no_reason_to_end(poller: Poller) -> None:
    for _ in range(intake.REFUSALS - 1):
        poller._after_failure(InvalidToken())
    poller._succeeded()
    assert poller._after_failure(InvalidToken()) > 0


@pytest.mark.parametrize(
    ("error", "says"),
    [(InvalidToken(), "TELEGRAM_BOT_TOKEN"), (Conflict("x"), "另有一个程序在用同一个令牌")],
)
def test_what_does_not_pass_ends_it(
    poller: Poller, monkeypatch: pytest.MonkeyPatch, error: TelegramError, says: str
) -> None:
    monkeypatch.setattr(intake, "CONFLICT_S", -1)

    def fail_on() -> None:
        for _ in range(5):
            poller._after_failure(error)

    with pytest.raises(QingxingError, match=says):
        fail_on()


def test_a_batch_that_can_not_be_stored_is_not_acknowledged(poller: Poller, tmp_path: Path) -> None:
    with Database.open(tmp_path) as other, other.transaction():
        poller._persist.db.conn.execute("PRAGMA busy_timeout=1")
        with pytest.raises(NetworkError):
            poller.take(b'{"ok":true,"result":[{"update_id":1,"message":{"chat":{"id":5}}}]}')
    assert poller.take(b'{"ok":true,"result":[{"update_id":1}]}') == [1]
