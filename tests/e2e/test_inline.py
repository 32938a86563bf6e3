"""Inline mode: cards for an answer and a verdict in any chat."""

from __future__ import annotations

import time

import pytest

from tests.e2e.harness import BotProcess
from tests.fakes import FakeTelegram

Shared = tuple[FakeTelegram, BotProcess]


@pytest.fixture
def fake(shared: Shared) -> FakeTelegram:
    return shared[0]


def test_a_claim_gets_both_cards(fake: FakeTelegram) -> None:
    anna = fake.user("Anna")
    answer = fake.wait_answer(fake.inline(anna, "AI视频已经贡献了10%的GMV"))
    first, second = answer["results"]
    assert first["id"].startswith("a:")
    assert second["id"].startswith("c:")
    assert "冲突" in second["input_message_content"]["message_text"].splitlines()[0]
    assert answer["is_personal"] is True
    assert answer["cache_time"] <= 60


def test_a_question_gets_the_answer_alone(fake: FakeTelegram) -> None:
    anna = fake.user("Anna")
    answer = fake.wait_answer(fake.inline(anna, "AI短视频在美区贡献了多少GMV？"))
    (card,) = answer["results"]
    assert card["id"].startswith("a:")
    assert "blockquote" in str(card["input_message_content"]["entities"])


def test_an_empty_query_offers_how_to_use_it(fake: FakeTelegram) -> None:
    anna = fake.user("Anna")
    answer = fake.wait_answer(fake.inline(anna, ""))
    assert [card["title"] for card in answer["results"]] == ["怎么用"]


def test_typing_on_lets_go_of_what_was_typed_before(fake: FakeTelegram) -> None:
    anna = fake.user("Anna")
    fake.hold_updates()
    queries = [fake.inline(anna, "AI视频GPM是多少"[:length]) for length in range(3, 9)]
    fake.release_updates()
    fake.wait_answer(queries[-1])
    fake.settle()
    assert sum(query.answer is not None for query in queries) <= 2


def test_answers_come_quickly(fake: FakeTelegram) -> None:
    anna = fake.user("Anna")
    started = time.monotonic()
    for number in range(10):
        fake.wait_answer(fake.inline(anna, f"AI视频GPM第{number}个"))
    assert time.monotonic() - started < 5
