"""Text, entities, replies and quotes: what is taken and what refused."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram import (
    Bot,
    MessageEntity,
    ReplyParameters,
)

from tests.fakes import RefusedError, tiny_png
from tests.fakes.formatting import formatted, parse_html
from tests.fakes.utf16 import code_point, cut, units
from tests.fakes_selftest.driving import drive, refuse


def test_message_comes_back_with_entities(fake):
    user = fake.user(started=True)
    text = "🚀稳赚 https://t.me/x 好"
    quote = MessageEntity("blockquote", 2, 2)
    sent = drive(fake, lambda bot: bot.send_message(user.id, text, entities=[quote]))
    assert sent.parse_entity(sent.entities[0]) == "稳赚"
    assert [entity.type for entity in sent.entities] == ["blockquote", "url"]
    assert fake.last(user).quotes == ["稳赚"]


@pytest.mark.parametrize(
    ("text", "offset", "length", "why"),
    [
        pytest.param("🚀稳", 1, 2, "begins in a middle", id="starts inside a pair"),
        pytest.param("稳🚀", 0, 2, "ends in a middle", id="ends inside a pair"),
        pytest.param("稳赚", 1, 2, "ends after the end", id="past the end"),
        pytest.param("稳赚", 2, 1, "begins after the end", id="begins at the end"),
        pytest.param("稳赚", -1, 1, "incorrect offset", id="negative"),
    ],
)
def test_entities_off_the_text_are_refused(fake, text, offset, length, why):
    user = fake.user(started=True)
    entity = MessageEntity("bold", offset, length)
    refuse(fake, lambda bot: bot.send_message(user.id, text, entities=[entity]), why)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param("🚀" * 2049, "message is too long", id="4098 units"),
        pytest.param(" \n ", "text must be non-empty", id="blank"),
    ],
)
def test_bad_texts(fake, text, why):
    user = fake.user(started=True)
    refuse(fake, lambda bot: bot.send_message(user.id, text), why)


def test_limits_that_hold_exactly(fake):
    user = fake.user(started=True)
    drive(fake, lambda bot: bot.send_message(user.id, "🚀" * 2048))
    entities = [MessageEntity("bold", i, 1) for i in range(101)]
    refuse(
        fake,
        lambda bot: bot.send_message(user.id, "好" * 101, entities=entities),
        "entities_too_long",
    )
    refuse(
        fake,
        lambda bot: bot.send_photo(user.id, tiny_png(), caption="好" * 1025),
        "caption is too long",
    )


def test_html_is_parsed_and_broken_html_refused(fake):
    assert parse_html("<b>a&lt;</b><blockquote expandable>b</blockquote>") == (
        "a<b",
        [
            {"type": "bold", "offset": 0, "length": 2},
            {"type": "expandable_blockquote", "offset": 2, "length": 1},
        ],
    )
    user = fake.user(started=True)
    for broken in ("1 < 2", "<b>x", "<h1>x</h1>"):
        refuse(
            fake,
            lambda bot, text=broken: bot.send_message(user.id, text, parse_mode="HTML"),
            "can't parse entities",
        )


@given(st.text(alphabet="a好🚀 \n", max_size=30), st.integers(0, 30), st.integers(1, 30))
def test_trimming_keeps_what_entities_cover(text, offset, length):
    covered = cut(text, offset, length)
    if covered is None or not covered.strip():
        return
    entity = {"type": "bold", "offset": offset, "length": length}
    done = formatted(text, entities=[entity])
    kept = done.entities[0]
    assert (cut(done.text, kept["offset"], kept["length"]) or "").strip() == covered.strip()


@given(st.text(alphabet="a好🚀"))
def test_code_points_and_units_agree(text):
    assert [code_point(text, units(text[:i])) for i in range(len(text) + 1)] == [
        *range(len(text) + 1)
    ]


@pytest.mark.parametrize(
    ("quote", "position", "ok"),
    [
        pytest.param("稳赚", 2, True, id="in place"),
        pytest.param("稳赚", None, True, id="no position"),
        pytest.param("稳赚", 1, False, id="code points for units"),
        pytest.param("稳 赚", 2, False, id="not the text"),
    ],
)
def test_quote_must_stand_in_the_target(fake, quote, position, ok):
    user = fake.user(started=True)
    group = fake.group(members=[user])
    post = fake.say(user, group, "🚀稳赚不赔")
    reply = ReplyParameters(post.message_id, quote=quote, quote_position=position)
    if not ok:
        refuse(
            fake,
            lambda bot: bot.send_message(group.id, "不", reply_parameters=reply),
            "quote_text_invalid",
        )
        return
    sent = drive(fake, lambda bot: bot.send_message(group.id, "不", reply_parameters=reply))
    assert (sent.quote.text, sent.quote.position) == ("稳赚", 2)
    assert sent.reply_to_message.message_id == post.message_id
    assert fake.replies_to(post) == [fake.last(group)]


def test_quote_carries_the_targets_formatting(fake):
    user = fake.user(started=True)
    bold = {"type": "bold", "offset": 1, "length": 2}
    post = fake.tell(user, "a稳赚b", entities=[bold])
    plain = ReplyParameters(post.message_id, quote="稳赚b")
    refuse(
        fake,
        lambda bot: bot.send_message(user.id, "不", reply_parameters=plain),
        "quote_text_invalid",
    )
    right = ReplyParameters(
        post.message_id, quote="稳赚b", quote_entities=[MessageEntity("bold", 0, 2)]
    )
    drive(fake, lambda bot: bot.send_message(user.id, "不", reply_parameters=right))


def test_quote_after_an_edit_is_refused_and_reply_to_gone_too(fake):
    user = fake.user(started=True)
    post = fake.tell(user, "稳赚")
    fake.before_call("sendMessage", lambda: fake.edit(post, "不稳"))
    quoting = ReplyParameters(post.message_id, quote="稳赚")
    refuse(
        fake,
        lambda bot: bot.send_message(user.id, "x", reply_parameters=quoting),
        "quote_text_invalid",
    )
    fake.delete(post)
    refuse(
        fake,
        lambda bot: bot.send_message(user.id, "x", reply_to_message_id=post.message_id),
        "message to be replied not found",
    )
    drive(
        fake,
        lambda bot: bot.send_message(
            user.id,
            "x",
            reply_to_message_id=post.message_id,
            allow_sending_without_reply=True,
        ),
    )


def test_forum_topics(fake):
    user = fake.user()
    forum = fake.group(forum=True, members=[user], bot="member")
    topic = fake.topic(forum, "选品")
    post = fake.say(user, forum, "/check 好", topic=topic.id)

    def answer(bot: Bot, **more: Any) -> Any:
        return bot.send_message(forum.id, "好", **more)

    sent = drive(fake, lambda bot: answer(bot, reply_to_message_id=post.message_id))
    assert (sent.message_thread_id, sent.is_topic_message) == (topic.id, True)
    refuse(fake, lambda bot: answer(bot, message_thread_id=99), "message thread not found")
    fake.close_topic(forum, topic.id)
    refuse(fake, lambda bot: answer(bot, message_thread_id=topic.id), "topic_closed")
    with pytest.raises(RefusedError):
        fake.say(user, forum, "好", topic=topic.id)
