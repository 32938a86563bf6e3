"""Updates of the right shape with wrong things in them: each ends, and none ends the bot."""

from __future__ import annotations

import copy
import random
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.harness import BotProcess
from tests.fakes import FakeTelegram

Json = dict[str, Any]

JUNK: tuple[Any, ...] = (
    None, True, 0, -1, 2**62, 1.5, "", "文字", "\ud83d", "\u202e\u200b", "a" * 5000, [], {}, [None],
    {"id": "x"}, {"type": "unheard_of"}, ["text"], "v1:more:ZZZZZZZZ:99999999999999999999",
)  # fmt: skip


def shapes(user_id: int, group_id: int) -> list[Json]:
    """An update of each kind that matters, between a person, a group and the bot."""
    user = {"id": user_id, "is_bot": False, "first_name": "Fuzz", "language_code": "zh-hans"}
    private = {"id": user_id, "type": "private", "first_name": "Fuzz"}
    group = {"id": group_id, "type": "supergroup", "title": "群"}
    member = {"user": user, "status": "member"}

    def message(chat: Json, **fields: Any) -> Json:
        base = {"message_id": 9, "date": int(time.time()), "chat": chat, "from": user}
        return base | fields

    text = "AI视频GPM轻松破50"
    entity = {"type": "bold", "offset": 0, "length": 4}
    origin = {"type": "user", "date": 1, "sender_user": user}
    press = {"id": "7", "from": user, "chat_instance": "1", "data": "v1:near:K7Q2M9XA"}
    left = member | {"status": "kicked", "until_date": 0}
    change = {"from": user, "date": 1, "old_chat_member": member, "new_chat_member": left}
    return [
        {"message": message(private, text=text, entities=[entity])},
        {"message": message(private, text="/why K7Q2M9XA")},
        {"message": message(private, text="/check", reply_to_message=message(private, text=text))},
        {"message": message(private, caption=text, photo=[], media_group_id="7")},
        {"message": message(private, text=text, forward_origin=origin)},
        {"message": message(group, text=text, sender_chat=group, message_thread_id=4)},
        {"message": message(group, new_chat_members=[user])},
        {"message": message(group, migrate_to_chat_id=group_id - 1)},
        {"edited_message": message(group, text=text, edit_date=5)},
        {"edited_message": message(private, text=text, edit_date=5)},
        {"callback_query": press | {"message": message(private, text="x")}},
        {"inline_query": {"id": "8", "from": user, "query": text, "offset": ""}},
        {"my_chat_member": change | {"chat": private}},
        {"chat_member": change | {"chat": group}},
    ]


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every container in *value* with a key or index into it."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, item in list(items):
        yield value, key
        if isinstance(item, (dict, list)):
            yield from places(item)


def mutated(chance: random.Random, known: list[Json]) -> Json:
    update = copy.deepcopy(chance.choice(known))
    for _ in range(chance.randint(1, 3)):
        holder, key = chance.choice(list(places(update)) or [(update, "extra")])
        if key in holder and isinstance(holder, dict) and chance.random() < 0.3:
            del holder[key]
        else:
            holder[key] = copy.deepcopy(chance.choice(JUNK))
    return update


def feed(fake: FakeTelegram, bot: BotProcess, count: int, seed: int) -> None:
    chance = random.Random(seed)
    person = fake.user("Fuzz")
    fake.ask(person, "/help")
    known = shapes(person.id, fake.group(members=[person]).id)
    for _ in range(count):
        fake.push_update(mutated(chance, known))
    fake.wait_acked(timeout=60)
    bot.wait_rows("SELECT 1 FROM inbox WHERE state = 'new'", 0, timeout_s=120)
    assert bot.is_running
    # BadRequest: a chat that a mutant speaks of is unknown to Telegram, which was asked.
    failed = bot.rows("SELECT error FROM inbox WHERE state = 'failed' AND error != 'BadRequest'")
    assert [row["error"] for row in failed] == [], bot.log[-3000:]
    anna = fake.user("Anna")
    assert "/forget" in fake.ask(anna, "/help").text


def test_a_few_hundred_mutants(fake: FakeTelegram, bot: BotProcess) -> None:
    feed(fake, bot, 400, seed=1)


@pytest.mark.soak
def test_ten_thousand_mutants(fake: FakeTelegram, bot: BotProcess) -> None:
    feed(fake, bot, 10_000, seed=2)
