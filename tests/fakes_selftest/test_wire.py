"""Requests: bodies, names, types, files, profile, control."""

from __future__ import annotations

import json
import urllib.request
from typing import Any

import pytest
import telegram
from telegram import Bot
from telegram.error import (
    BadRequest,
    InvalidToken,
)

from tests.fakes import tiny_png
from tests.fakes_selftest.driving import drive, raw_call


def test_get_me_parses(fake):
    me = drive(fake, lambda bot: bot.get_me())
    assert (me.is_bot, me.id, me.can_read_all_group_messages) == (True, fake.bot.id, False)


def test_wrong_token_is_refused(fake):
    with pytest.raises(InvalidToken):
        drive(fake, lambda bot: bot.get_me(), token="1:wrong")


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        pytest.param(b"chat_id=%d&text=%%E5%%A5%%BD", "", id="urlencoded"),
        pytest.param(b'{"chat_id": %d, "text": "\\u597d"}', "application/json", id="json"),
        pytest.param(
            b'--B\r\nContent-Disposition: form-data; name="chat_id"\r\n\r\n%d\r\n'
            b'--B\r\nContent-Disposition: form-data; name="text"\r\n\r\n\xe5\xa5\xbd\r\n--B--\r\n',
            "multipart/form-data; boundary=B",
            id="multipart",
        ),
    ],
)
def test_bodies_and_any_case_of_the_name(fake, data, kind):
    user = fake.user(started=True)
    status, answer = raw_call(fake, f"{fake.token}/SENDmessage", data % user.id, kind)
    assert (status, answer["result"]["text"]) == (200, "好")


@pytest.mark.parametrize(
    ("path", "status", "text"),
    [
        pytest.param("sendMesage?chat_id=1&text=a", 404, "Not Found", id="unknown method"),
        pytest.param("sendMessage?chat_id=1&txt=a", 400, "unexpected parameter", id="unknown name"),
        pytest.param("sendMessage?chat_id=1", 400, "message text is empty", id="missing text"),
        pytest.param("sendMessage?text=a", 400, "chat_id is empty", id="missing chat"),
        pytest.param("sendMessage?chat_id=x&text=a", 400, "chat not found", id="chat no number"),
        pytest.param("getUpdates?limit=many", 400, "must be of type Number", id="limit no number"),
        pytest.param("sendMessage?chat_id=1&text=%ED%A0%BD", 400, "UTF-8", id="bad UTF-8"),
        pytest.param("sendDice?chat_id=1", 400, "does not cover", id="known, not covered"),
    ],
)
def test_bad_calls(fake, path, status, text):
    if "%ED" in path:
        path, _, query = path.partition("?")
        got, answer = raw_call(fake, f"{fake.token}/{path}", query.encode())
    else:
        got, answer = raw_call(fake, f"{fake.token}/{path}")
    assert got == status
    assert text in answer["description"]


def test_escaped_lone_surrogate_is_refused(fake):
    body = b'{"chat_id": 1, "text": "a\\ud83d"}'
    _, answer = raw_call(fake, f"{fake.token}/sendMessage", body, "application/json")
    assert "strings must be encoded in UTF-8" in answer["description"]


def test_files_up_and_down(fake):
    user = fake.user(started=True)
    picture = tiny_png(30, 20)
    post = fake.photo(user, user, picture)

    async def exercise(bot: Bot) -> None:
        file = await bot.get_file(post.body["photo"][-1]["file_id"])
        assert bytes(await file.download_as_bytearray()) == picture
        sent = await bot.send_photo(user.id, picture, caption="图")
        assert (sent.photo[-1].width, sent.photo[-1].height) == (30, 20)
        document = await bot.send_document(user.id, b"a,b\r\n", filename="记录.csv")
        assert document.document.file_name == "记录.csv"
        with pytest.raises(BadRequest, match=r"(?i)image_process_failed"):
            await bot.send_photo(user.id, b"no picture")
        big = fake.photo(user, user, size=21 << 20)
        with pytest.raises(BadRequest, match="File is too big"):
            await bot.get_file(big.body["photo"][-1]["file_id"])

    drive(fake, exercise)


def test_profile_reactions_drafts(fake):
    user = fake.user(started=True)
    post = fake.tell(user, "好")

    async def exercise(bot: Bot) -> None:
        await bot.set_my_commands([("ask", "问")], telegram.BotCommandScopeAllPrivateChats())
        got = await bot.get_my_commands(telegram.BotCommandScopeAllPrivateChats())
        assert got[0].description == "问"
        with pytest.raises(BadRequest, match=r"(?i)bot_command_invalid"):
            await bot.set_my_commands([("问", "x")])
        await bot.set_my_short_description("清醒")
        await bot.set_message_reaction(user.id, post.message_id, "👀")
        with pytest.raises(BadRequest, match=r"(?i)reaction_invalid"):
            await bot.set_message_reaction(user.id, post.message_id, "🪿")
        await bot.send_message_draft(user.id, 1, "正在")
        await bot.send_chat_action(user.id, "typing")

    drive(fake, exercise)
    assert post.reactions[fake.bot.id] == ["👀"]
    assert fake.world.drafts == [(user.id, 1, "正在")]


def test_control_over_http(fake):
    root = f"http://127.0.0.1:{fake.server.port}/__"

    def get(what: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(root + what, data, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    user = get("act", {"do": "user", "args": {"first_name": "Anna"}})
    post = get("act", {"do": "tell", "args": {"user": user["id"], "text": "好"}})
    assert get("state")["pending"] == [post["update_id"]]
    drive(fake, lambda bot: bot.send_message(user["id"], "答"))
    assert [call["outcome"] for call in get("calls?method=sendMessage")] == ["ok"]


def test_waiting_says_what_it_saw(fake):
    with pytest.raises(TimeoutError, match="no reply"):
        fake.wait_for(lambda _: False, timeout=0.01, what="no reply")
