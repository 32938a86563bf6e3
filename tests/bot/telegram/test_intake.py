"""What comes in is stored whatever it looks like, and worked in the right order."""

from __future__ import annotations

import json

import pytest

from bot.telegram.intake import chat_key, parse_batch, parse_one


def batch(*updates: object) -> bytes:
    return json.dumps({"ok": True, "result": updates}).encode()


def test_a_batch_is_taken_apart() -> None:
    message = {"message_id": 1, "chat": {"id": -5}}
    found = parse_batch(batch({"update_id": 3, "message": message}))
    assert found is not None
    assert [(item.update_id, item.chat_key, item.poison) for item in found] == [(3, "c-5", False)]
    assert json.loads(found[0].body)["message"] == message


@pytest.mark.parametrize("payload", [b"", b"<html>", b'{"ok":true}', b"[]", b'{"result":{}}'])
def test_what_is_no_batch_is_none(payload: bytes) -> None:
    assert parse_batch(payload) is None


@pytest.mark.parametrize("number", [None, "7", 1.5, -1, 2**63, True, {}])
def test_an_update_without_a_usable_number_is_dropped_alone(number: object) -> None:
    found = parse_batch(batch({"update_id": number}, {"update_id": 8}, "not an object"))
    assert found is not None
    assert [item.update_id for item in found if item.update_id != 1] == [8]


def test_one_update_nested_too_deeply_does_not_take_the_others_along() -> None:
    deep = "[" * 100_000 + "]" * 100_000
    payload = (
        '{"ok":true,"result":[{"update_id":1,"message":{"text":"a ] } \\" b"}},'
        f'{{"update_id":2,"message":{deep}}},'
        '{"update_id":3,"message":{"chat":{"id":4}}}]}'
    )
    found = parse_batch(payload.encode())
    assert found is not None
    assert [(item.update_id, item.poison) for item in found] == [(1, False), (2, True), (3, False)]


def test_a_lone_surrogate_can_be_stored() -> None:
    found = parse_one('{"update_id":1,"message":{"text":"\\ud83d"}}')
    assert found is not None
    found.body.encode()


@pytest.mark.parametrize(
    ("update", "key"),
    [
        pytest.param({"message": {"chat": {"id": 5}}}, "c5", id="message"),
        pytest.param({"edited_message": {"chat": {"id": -5}}}, "c-5", id="edit"),
        pytest.param(
            {"callback_query": {"from": {"id": 7}, "message": {"chat": {"id": -5}}}},
            "c-5",
            id="press",
        ),
        pytest.param({"callback_query": {"from": {"id": 7}}}, "u7", id="press inline"),
        pytest.param({"inline_query": {"from": {"id": 7}}}, "i7", id="inline"),
        pytest.param({"my_chat_member": {"chat": {"id": -5}}}, "c-5", id="membership"),
        pytest.param({"poll": {"id": "x"}}, "uNone", id="no chat"),
        pytest.param({"message": None}, "?", id="nothing"),
    ],
)
def test_what_must_keep_its_order(update: dict, key: str) -> None:
    assert chat_key({"update_id": 1} | update) == key
