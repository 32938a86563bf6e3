"""Which updates come, how they look, until when they stay."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
from telegram import Bot
from telegram.error import Conflict

from tests.fakes.updates import LIFETIME_S
from tests.fakes_selftest.driving import drive, raw_call


def test_senders_look_real(fake):
    user, admin = fake.user(), fake.user()
    group = fake.group(members=[user], admins=[admin])
    channel = fake.channel(bot=[], linked_to=group)
    foreign = fake.channel("别的频道")
    fake.say(admin, group, "匿名", as_chat=group)
    fake.say(user, group, "频道身份", as_chat=foreign)
    fake.channel_post(channel, "帖子")
    fake.forward(user, fake.say(user, group, "原文"), group, hidden_name="某人")
    fake.poll(user, group, "AI占比?", ["1%", "10%"])
    fake.photo(user, group, caption="AI")
    seen = drive(fake, lambda bot: bot.get_updates())
    anonymous, as_channel, post, mirror, _, forward, poll, photo = [
        update.effective_message for update in seen
    ]
    assert (anonymous.from_user.id, anonymous.sender_chat.id) == (1087968824, group.id)
    assert (as_channel.from_user.id, as_channel.sender_chat.id) == (136817688, foreign.id)
    assert post.from_user is None
    assert (mirror.is_automatic_forward, mirror.from_user.id) == (True, 777000)
    assert mirror.forward_origin.message_id == post.message_id
    assert forward.forward_origin.sender_user_name == "某人"
    assert poll.poll.options[1].text == "10%"
    assert (photo.caption, len(photo.photo)) == ("AI", 2)


def test_privacy_mode_lets_only_the_bots_own_through(fake):
    user, robot = fake.user(), fake.user(is_bot=True)
    group = fake.group(members=[user, robot], bot="member")
    name = fake.bot.username
    assert fake.say(user, group, "闲聊").update_id is None
    assert fake.say(user, group, "/ask@other_bot 好").update_id is None
    assert fake.say(user, group, f"@{name} 好").update_id
    assert fake.say(user, group, "/ask 好").entities[0]["type"] == "bot_command"
    fake.promote(fake.bot, group)
    assert fake.say(user, group, "闲聊").update_id
    assert fake.say(robot, group, "广告").update_id is None


def test_member_updates_are_asked_for(fake):
    user = fake.user()
    group = fake.group()
    fake.join(user, group)

    async def exercise(bot: Bot) -> list[Any]:
        first = await bot.get_updates(allowed_updates=["chat_member", "message"])
        fake.leave(user, group)
        second = await bot.get_updates(first[-1].update_id + 1)
        return [*first, *second]

    seen = drive(fake, exercise)
    assert seen[0].message.new_chat_members[0].id == user.id
    assert [bool(update.chat_member) for update in seen] == [False, False, True]


def test_updates_stay_until_acknowledged(fake):
    user = fake.user()
    ids = [fake.tell(user, str(i)).update_id for i in range(5)]

    async def exercise(bot: Bot) -> None:
        def numbers(updates: Any) -> list[int]:
            return [update.update_id for update in updates]

        assert numbers(await bot.get_updates()) == ids
        assert numbers(await bot.get_updates(limit=2)) == ids[:2]
        assert numbers(await bot.get_updates(offset=ids[1])) == ids[1:]
        assert fake.pending == ids[1:]
        assert numbers(await bot.get_updates(offset=-2)) == ids[3:]
        assert fake.pending == ids[3:]
        fake.repeat_update(ids[0])
        assert numbers(await bot.get_updates(offset=ids[4])) == [ids[0], ids[4]]
        fake.tell(user, "旧", date=fake.world.time() - LIFETIME_S)
        assert fake.pending == ids[4:]
        fake.advance(LIFETIME_S)
        assert fake.pending == []

    drive(fake, exercise)


def test_long_poll_wakes_and_second_poller_wins(fake):
    user = fake.user()

    async def exercise(bot: Bot) -> None:
        first = asyncio.create_task(bot.get_updates(timeout=20))
        await asyncio.sleep(0.05)
        second = asyncio.create_task(bot.get_updates(timeout=20))
        with pytest.raises(Conflict, match="terminated by other getUpdates"):
            await first
        fake.tell(user, "好")
        assert len(await asyncio.wait_for(second, 2)) == 1

    drive(fake, exercise)


def test_hasty_polls_of_the_same_offset_are_slowed(fake):
    fake.world.polling.repeat_wait_s, fake.world.polling.hasty_s = 0.3, 0.5
    user = fake.user()

    async def exercise(bot: Bot) -> tuple[float, int]:
        await bot.get_updates(offset=0)
        started = time.monotonic()
        await bot.get_updates(offset=0)
        waited = time.monotonic() - started
        fake.tell(user, "一")
        fake.tell(user, "二")
        return waited, len(await bot.get_updates(offset=0))

    waited, count = drive(fake, exercise)
    assert waited > 0.25
    assert count == 1


def test_updates_may_be_held_reordered_and_malformed(fake):
    user, other = fake.user(), fake.user()
    fake.hold_updates()
    fake.tell(user, "一")
    fake.tell(other, "二")
    fake.release_updates(lambda held: held[::-1])
    fake.push_update({"message": {"message_id": 1, "text": "\ud83d"}})
    _, answer = raw_call(fake, f"{fake.token}/getUpdates")
    texts = [update["message"]["text"] for update in answer["result"]]
    assert texts == ["二", "一", "\ud83d"]
