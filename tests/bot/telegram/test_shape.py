"""Updates that handlers can rely on, told from those that they can't."""

from __future__ import annotations

import pytest

from bot.telegram.shape import UnusableUpdateError, check_shape

USER = {"id": 5, "is_bot": False, "first_name": "安"}
MESSAGE = {"message_id": 1, "date": 2, "chat": {"id": 5, "type": "private"}, "from": USER}


@pytest.mark.parametrize(
    "update",
    [
        pytest.param({"update_id": 1, "message": MESSAGE | {"text": "好"}}, id="message"),
        pytest.param(
            {"update_id": 1, "message": MESSAGE | {"new_thing": [None, 7]}}, id="new field"
        ),
        pytest.param({"update_id": 1, "brand_new": {"id": "x"}}, id="new kind"),
        pytest.param(
            {"inline_query": {"id": "9", "from": USER, "query": "", "offset": ""}}, id="inline"
        ),
        pytest.param(
            {"callback_query": {"id": "9", "from": USER, "data": "v1:x", "message": MESSAGE}},
            id="press",
        ),
    ],
)
def test_these_will_do(update: dict) -> None:
    check_shape(update)


@pytest.mark.parametrize(
    ("update", "field"),
    [
        pytest.param({"message": None}, "message", id="null"),
        pytest.param({"message": {}}, "message", id="empty"),
        pytest.param({"message": MESSAGE | {"text": None}}, "message.text", id="null text"),
        pytest.param(
            {"message": MESSAGE | {"date": "now"}}, "message.date", id="text for a number"
        ),
        pytest.param({"message": MESSAGE | {"message_id": True}}, "message_id", id="bool"),
        pytest.param({"message": MESSAGE | {"message_id": 2**70}}, "message_id", id="huge"),
        pytest.param({"message": MESSAGE | {"from": USER | {"id": "5"}}}, "from.id", id="id"),
        pytest.param({"message": MESSAGE | {"entities": [None]}}, "entities", id="in a list"),
        pytest.param(
            {"message": MESSAGE | {"new_chat_members": [{}]}}, "user without id", id="member"
        ),
        pytest.param(
            {"callback_query": {"id": "9", "data": "v1:x"}},
            "callback_query without from",
            id="press",
        ),
        pytest.param(
            {"message": MESSAGE | {"reply_to_message": {"text": "x"}}},
            "reply_to_message without",
            id="deeper",
        ),
    ],
)
def test_these_will_not(update: dict, field: str) -> None:
    with pytest.raises(UnusableUpdateError, match=field):
        check_shape(update)
