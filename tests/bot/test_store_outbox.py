"""The outbox: keys taken once, sends of unknown outcome repeated once at most."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.store import Database, outbox
from bot.store.outbox import Effect

Json = dict[str, Any]

NOW = 1_000_000.0
REPLY: Json = {"reply_parameters": {"message_id": 3}}
SEND = Effect("k1", "sendMessage", {"chat_id": 5, "text": "你好"}, "5:s", chat_id=5, resend=True)


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    with Database.open(tmp_path) as database:
        yield database


def plan(db: Database, *effects: Effect) -> list[int]:
    with db.transaction(NOW) as tx:
        for effect in effects:
            tx.plan(effect)
        return tx.planned


def state(db: Database, key: str = "k1") -> str | None:
    return outbox.state_of(db.conn, key)


def test_a_key_is_good_once_for_ever(db: Database) -> None:
    (effect_id,) = plan(db, SEND)
    assert plan(db, SEND) == []
    outbox.settle(db.conn, effect_id, "done", NOW, message_id=9)
    assert plan(db, SEND) == []
    assert outbox.message_id_of(db.conn, "k1") == 9


def test_an_effect_comes_back_as_it_was_planned(db: Database) -> None:
    effect = replace(SEND, hook="h", hook_args={"case": 1}, fallback={"chat_id": 5}, after="k0")
    (effect_id,) = plan(db, effect)
    found = outbox.load(db.conn, effect_id)
    assert found is not None
    assert found.effect == replace(effect, due_at=NOW)


@pytest.mark.parametrize(
    ("resend", "first", "second"),
    [
        pytest.param(True, "pending", "uncertain", id="private: once more, then never"),
        pytest.param(False, "uncertain", "uncertain", id="group: never"),
    ],
)
def test_a_kill_in_mid_send(db: Database, resend: bool, first: str, second: str) -> None:
    (effect_id,) = plan(db, replace(SEND, resend=resend))
    for expected in (first, second):
        outbox.mark_sending(db.conn, effect_id)
        outbox.recover(db.conn, NOW)
        assert state(db) == expected


def test_a_refused_send_is_not_an_unknown_one(db: Database) -> None:
    (effect_id,) = plan(db, SEND)
    outbox.mark_sending(db.conn, effect_id)
    outbox.put_back(db.conn, effect_id)
    outbox.mark_sending(db.conn, effect_id)
    outbox.recover(db.conn, NOW)
    assert state(db) == "pending"


def test_a_settled_effect_says_nothing_any_more(db: Database) -> None:
    (effect_id,) = plan(db, replace(SEND, fallback={"text": "x"}, hook_args={"text": "y"}))
    outbox.settle(db.conn, effect_id, "done", NOW)
    row = db.conn.execute("SELECT payload, fallback, hook_args FROM outbox").fetchone()
    assert tuple(row) == (None, None, None)


def test_later_effects_are_not_due(db: Database) -> None:
    plan(db, replace(SEND, due_at=NOW + 60))
    assert outbox.due(db.conn, NOW + 59) == []
    assert len(outbox.due(db.conn, NOW + 61)) == 1


def test_a_cancelled_key_can_not_be_planned(db: Database) -> None:
    assert outbox.cancel(db.conn, "k1", NOW)
    assert plan(db, SEND) == []
    assert state(db) == "cancelled"


def test_what_is_out_can_not_be_cancelled(db: Database) -> None:
    (effect_id,) = plan(db, SEND)
    outbox.mark_sending(db.conn, effect_id)
    assert not outbox.cancel(db.conn, "k1", NOW)
    assert state(db) == "sending"


def test_a_group_that_moved_takes_its_calls_along(db: Database) -> None:
    (effect_id,) = plan(db, SEND)
    outbox.migrate_chat(db.conn, 5, -100, NOW)
    found = outbox.load(db.conn, effect_id)
    assert found is not None
    assert found.effect.chat_id == found.effect.payload["chat_id"] == -100


@pytest.mark.parametrize(
    ("payload", "fallback", "left"),
    [
        pytest.param({"message_id": 3}, None, None, id="about an old message"),
        pytest.param(REPLY, REPLY, None, id="a reply and nothing else"),
        pytest.param(REPLY, {}, {}, id="a reply that can do without"),
    ],
)
def test_what_speaks_of_an_old_message_stays_behind(
    db: Database, payload: Json, fallback: Json | None, left: Json | None
) -> None:
    chat = {"chat_id": 5}
    other = None if fallback is None else fallback | chat
    plan(db, replace(SEND, payload=payload | chat, fallback=other))
    outbox.migrate_chat(db.conn, 5, -100, NOW)
    found = [outbox.load(db.conn, number) for number, _ in outbox.due(db.conn, NOW)]
    assert [one.effect.payload for one in found if one] == (
        [] if left is None else [left | {"chat_id": -100}]
    )


@pytest.mark.parametrize(
    ("method", "repeatable"),
    [
        ("sendMessage", False),
        ("sendPhoto", False),
        ("forwardMessage", False),
        ("copyMessage", False),
        ("deleteMessage", True),
        ("editMessageText", True),
        ("restrictChatMember", True),
        ("answerCallbackQuery", True),
        ("setMessageReaction", True),
    ],
)
def test_which_calls_may_be_repeated(method: str, repeatable: bool) -> None:
    assert outbox.is_repeatable(method) is repeatable
