"""Who may delete, mute, ban and write."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from telegram import (
    Bot,
    ChatPermissions,
)
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
)

from tests.fakes import RefusedError
from tests.fakes_selftest.driving import drive, refuse

MUTE = ChatPermissions.no_permissions()


def test_delete_needs_the_right_and_its_loss_mid_run_shows(fake):
    user = fake.user()
    group = fake.group(members=[user])
    posts = [fake.say(user, group, f"好{i}") for i in range(3)]
    fake.before_call("deleteMessage", lambda: fake.revoke(group, "can_delete_messages"), nth=2)

    async def exercise(bot: Bot) -> None:
        assert await bot.delete_message(group.id, posts[0].message_id)
        with pytest.raises(BadRequest, match="can't be deleted"):
            await bot.delete_message(group.id, posts[1].message_id)
        with pytest.raises(BadRequest, match="to delete not found"):
            await bot.delete_message(group.id, posts[0].message_id)
        changed = [u.my_chat_member for u in await bot.get_updates() if u.my_chat_member]
        assert not changed[0].new_chat_member.can_delete_messages
        fake.grant(group, "can_delete_messages")
        fake.advance(49 * 3600)
        with pytest.raises(BadRequest, match="can't be deleted"):
            await bot.delete_message(group.id, posts[2].message_id)

    drive(fake, exercise)
    assert [post.deleted for post in posts] == [True, False, False]


def test_delete_messages_skips_missing(fake):
    user = fake.user()
    group = fake.group(members=[user])
    album = fake.album(user, group, ["AI视频", ""])
    assert len({post.body["photo"][0]["file_id"] for post in album}) == 2
    ids = [post.message_id for post in album] + [999]
    drive(fake, lambda bot: bot.delete_messages(group.id, ids))
    assert all(post.deleted for post in album)


def test_restrict_mutes_until_its_time(fake):
    user = fake.user()
    group = fake.group(members=[user])
    until = int(time.time()) + 3600
    drive(fake, lambda bot: bot.restrict_chat_member(group.id, user.id, MUTE, until_date=until))
    assert fake.is_muted(user, group)
    assert fake.member(user, group).until == until
    with pytest.raises(RefusedError):
        fake.say(user, group, "好")
    fake.advance(3601)
    assert not fake.is_muted(user, group)
    fake.say(user, group, "好")


@pytest.mark.parametrize("seconds", [20, 367 * 86_400])
def test_until_date_too_near_or_far_is_for_ever(fake, seconds):
    user = fake.user()
    group = fake.group(members=[user])
    until = int(time.time()) + seconds
    drive(fake, lambda bot: bot.ban_chat_member(group.id, user.id, until_date=until))
    fake.advance(400 * 86_400)
    assert fake.is_banned(user, group)


def test_restrict_refusals(fake):
    user, admin, owner = fake.user(), fake.user(), fake.user()
    group = fake.group(members=[user], admins=[admin], owner=owner)
    basic = fake.group(kind="group", members=[user])
    weak = fake.group(members=[user], bot=["can_delete_messages"])

    def mute(chat: Any, who: int) -> Callable[[Bot], Awaitable[Any]]:
        return lambda bot: bot.restrict_chat_member(chat.id, who, MUTE)

    refuse(fake, mute(group, admin.id), "user is an administrator of the chat")
    refuse(fake, mute(group, owner.id), "can't remove chat owner")
    refuse(fake, mute(group, 31337), "participant_id_invalid")
    refuse(fake, mute(basic, user.id), "available only for supergroups")
    refuse(fake, mute(weak, user.id), "not enough rights")
    drive(fake, mute(group, user.id))
    free = ChatPermissions.all_permissions()
    drive(fake, lambda bot: bot.restrict_chat_member(group.id, user.id, free))
    assert fake.member(user, group).status == "member"


def test_ban_unban_and_sender_chats(fake):
    user = fake.user()
    group = fake.group(members=[user])
    linked = fake.channel(linked_to=group)
    other = fake.channel("别的频道")

    async def exercise(bot: Bot) -> None:
        await bot.ban_chat_member(group.id, user.id)
        assert (await bot.get_chat_member(group.id, user.id)).status == "kicked"
        await bot.unban_chat_member(group.id, user.id, only_if_banned=True)
        await bot.ban_chat_sender_chat(group.id, other.id)
        with pytest.raises(BadRequest):
            await bot.ban_chat_sender_chat(group.id, linked.id)
        assert (await bot.get_chat(group.id)).linked_chat_id == linked.id

    drive(fake, exercise)
    assert fake.member(user, group).status == "left"
    with pytest.raises(RefusedError):
        fake.say(user, group, "好", as_chat=other)


def test_administrators_parse(fake):
    admin = fake.user()
    group = fake.group(admins=[admin])
    fake.promote(admin, group, ["can_delete_messages"], anonymous=True)
    found = drive(fake, lambda bot: bot.get_chat_administrators(group.id))
    assert {member.user.id for member in found} >= {admin.id, fake.bot.id}
    assert drive(fake, lambda bot: bot.get_chat_member_count(group.id)) == 3


def test_kicked_blocked_stranger_and_migrated(fake):
    group, basic = fake.group(), fake.group(kind="group")
    stranger, neighbour, blocker = fake.user(), fake.user(), fake.user(started=True)
    fake.place(group, neighbour)
    fake.block(blocker)
    new = fake.migrate(basic)

    def send(chat_id: int) -> Callable[[Bot], Awaitable[Any]]:
        return lambda bot: bot.send_message(chat_id, "好")

    refuse(fake, send(stranger.id), "chat not found")
    for chat_id, why in [(neighbour.id, "initiate"), (blocker.id, "blocked by the user")]:
        with pytest.raises(Forbidden, match=why):
            drive(fake, send(chat_id))
    with pytest.raises(ChatMigrated) as caught:
        drive(fake, send(basic.id))
    assert caught.value.new_chat_id == new.id
    drive(fake, send(new.id))
    fake.kick_bot(group)
    with pytest.raises(Forbidden, match="bot was kicked from the supergroup chat"):
        drive(fake, send(group.id))
