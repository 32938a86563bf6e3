"""The sender against a Telegram that answers as told: what is repeated, and what is not."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    NetworkError,
    TelegramError,
    TimedOut,
)

from bot.store import Database, Transaction, outbox
from bot.store.outbox import Effect
from bot.telegram import effects
from bot.telegram.api import judge
from bot.telegram.persist import Persist
from bot.telegram.sender import Outcome, Sender
from bot.telegram.text import plain


class Telegram:
    """Raises or returns what it was told to, call by call, then succeeds."""

    def __init__(self, *replies: Any) -> None:
        self.replies = list(replies)
        self.calls: list[tuple[str, dict[str, Any]]] = []

    async def call(
        self, method: str, payload: dict[str, Any], before_send: Callable[[], None] | None
    ) -> Any:
        self.calls.append((method, payload))
        reply = self.replies.pop(0) if self.replies else {"message_id": len(self.calls)}
        if before_send is not None and reply is not NOT_SENT:
            before_send()
        if isinstance(reply, BaseException):
            raise reply
        return reply


def because(error: TelegramError, cause: Exception) -> TelegramError:
    error.__cause__ = cause
    return error


READ_TIMEOUT = because(TimedOut(), httpx.ReadTimeout("x"))
CUT_SHORT = because(NetworkError("x"), httpx.RemoteProtocolError("x"))
NOT_SENT = because(NetworkError("x"), httpx.ConnectError("x"))


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    with Database.open(tmp_path) as database:
        yield database


def run(
    db: Database,
    telegram: Telegram,
    *planned: Effect,
    hooks: dict[str, Callable[[Transaction, Effect, Outcome], None]] | None = None,
) -> None:
    """Plan the effects and let a sender carry them out to the end."""
    with db.transaction() as tx:
        for effect in planned:
            tx.plan(effect)

    async def work() -> None:
        sender = Sender(
            Persist(db),
            telegram,
            hooks=hooks or {},
            local={"scrub": Database.scrub},
            migrate=lambda tx, old, new: outbox.migrate_chat(tx.conn, old, new, tx.now),
        )
        sender.wake(tx.planned)
        async with asyncio.timeout(10):
            while not sender.idle:
                await asyncio.sleep(0.01)
        await sender.stop(1)

    asyncio.run(work())


def private(key: str = "k", text: str = "好") -> Effect:
    return effects.send(key, 5, plain(text))


def group(key: str = "k", **options: Any) -> Effect:
    return effects.send(key, -5, plain("好"), **options)


@pytest.mark.parametrize(
    ("effect", "error", "calls", "state"),
    [
        pytest.param(private(), NOT_SENT, 2, "done", id="never left: again"),
        pytest.param(group(), NOT_SENT, 2, "done", id="never left, group: again"),
        pytest.param(private(), CUT_SHORT, 2, "done", id="cut short, private: once more"),
        pytest.param(group(), CUT_SHORT, 1, "uncertain", id="cut short, group: not again"),
        pytest.param(private(), READ_TIMEOUT, 1, "uncertain", id="most likely there: not again"),
        pytest.param(private(), NetworkError("Bad Gateway"), 2, "done", id="502"),
        pytest.param(private(), TelegramError("Invalid server response"), 2, "done", id="html"),
        pytest.param(private(), BadRequest("message is too long"), 1, "failed", id="our fault"),
        pytest.param(private(), BadRequest("what is this"), 1, "failed", id="unknown refusal"),
        pytest.param(
            private(), Forbidden("bot was blocked by the user"), 1, "failed", id="blocked"
        ),
    ],
)
def test_a_send(db: Database, effect: Effect, error: Exception, calls: int, state: str) -> None:
    telegram = Telegram(error)
    run(db, telegram, effect)
    assert len(telegram.calls) == calls
    assert outbox.state_of(db.conn, "k") == state


def test_a_send_of_unknown_outcome_is_repeated_once_at_most(db: Database) -> None:
    telegram = Telegram(CUT_SHORT, CUT_SHORT)
    run(db, telegram, private())
    assert len(telegram.calls) == 2
    assert outbox.state_of(db.conn, "k") == "uncertain"


@pytest.mark.parametrize(
    ("effect", "error", "state"),
    [
        pytest.param(
            effects.delete("k", -5, 7), BadRequest("message to delete not found"), "done", id="gone"
        ),
        pytest.param(
            effects.edit("k", -5, 7, plain("x")),
            BadRequest("Message is not modified: specified new message content"),
            "done",
            id="same text",
        ),
        pytest.param(
            effects.answer_callback("k", "1"),
            BadRequest("Query is too old and response timeout expired or query ID is invalid"),
            "done",
            id="late press",
        ),
        pytest.param(
            effects.delete("k", -5, 7),
            BadRequest("message can't be deleted"),
            "failed",
            id="rights",
        ),
    ],
)
def test_refusals_that_mean_it_is_done(
    db: Database, effect: Effect, error: Exception, state: str
) -> None:
    run(db, Telegram(error), effect)
    assert outbox.state_of(db.conn, "k") == state


def test_a_repeatable_call_is_repeated_whatever_happened(db: Database) -> None:
    telegram = Telegram(READ_TIMEOUT, CUT_SHORT, NOT_SENT)
    run(db, telegram, effects.delete("k", -5, 7))
    assert len(telegram.calls) == 4
    assert outbox.state_of(db.conn, "k") == "done"


def test_a_reply_whose_target_is_gone_goes_out_without_it(db: Database) -> None:
    telegram = Telegram(BadRequest("Message to be replied not found"))
    run(db, telegram, group(reply={"message_id": 9}))
    assert "reply_parameters" in telegram.calls[0][1]
    assert "reply_parameters" not in telegram.calls[1][1]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_supergroup_gets_what_its_group_was_to_get(db: Database) -> None:
    telegram = Telegram(ChatMigrated(-1005))
    run(db, telegram, group("k"), group("later"))
    assert [payload["chat_id"] for _, payload in telegram.calls] == [-5, -1005, -1005]


def test_a_chat_that_is_gone_gets_nothing_more(db: Database) -> None:
    telegram = Telegram(Forbidden("bot was kicked from the group chat"))
    run(db, telegram, group("k"), group("next"))
    assert len(telegram.calls) == 1
    assert outbox.state_of(db.conn, "next") == "cancelled"


def test_a_chats_sends_keep_their_order(db: Database) -> None:
    telegram = Telegram(NOT_SENT)
    run(db, telegram, *(private(f"k{number}", str(number)) for number in range(5)))
    assert [payload["text"] for _, payload in telegram.calls] == ["0", "0", "1", "2", "3", "4"]


def test_a_deletion_waits_for_its_notice(db: Database) -> None:
    telegram = Telegram()
    deletion = effects.delete("del", -5, 7, after="notice")
    run(db, telegram, deletion, group("notice"))
    assert [method for method, _ in telegram.calls] == ["sendMessage", "deleteMessage"]


def test_a_hook_gets_the_result_and_plans_more(db: Database) -> None:
    def later(tx: Transaction, effect: Effect, outcome: Outcome) -> None:
        assert effect.hook_args == {"case": 3}
        assert outcome.message_id is not None
        tx.plan(effects.delete("tidy", -5, outcome.message_id))

    telegram = Telegram({"message_id": 77})
    run(db, telegram, group(hook="later", hook_args={"case": 3}), hooks={"later": later})
    assert telegram.calls[1] == ("deleteMessage", {"chat_id": -5, "message_id": 77})


def test_a_hooks_fault_does_not_repeat_the_call(
    db: Database, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    telegram = Telegram()
    run(db, telegram, group(hook="broken"), hooks={"broken": broken})
    assert len(telegram.calls) == 1
    assert outbox.state_of(db.conn, "k") == "done"
    assert "hook broken failed" in caplog.text


def test_what_waited_too_long_is_not_said(db: Database) -> None:
    telegram = Telegram()
    run(db, telegram, group(life_s=-1.0))
    assert telegram.calls == []
    assert outbox.state_of(db.conn, "k") == "failed"


def test_an_error_of_ours_is_final() -> None:
    assert judge(TypeError("x"), "sendMessage").act == "failed"
