"""When calls go out: a refusal stops one chat alone, deletes are never paced."""

from __future__ import annotations

from bot.telegram.limiter import GROUP_BURST, Limiter


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def spend(limiter: Limiter, chat: int, count: int) -> None:
    for _ in range(count):
        limiter.spend(chat, paced=True)


def test_a_refusal_stops_that_chat_and_kind_alone() -> None:
    clock = Clock()
    limiter = Limiter(clock)
    limiter.refused(-5, paced=True, retry_after=10)
    assert limiter.delay(-5, paced=True) > 9.9
    assert limiter.delay(-5, paced=False) == 0
    assert limiter.delay(-6, paced=True) == 0
    clock.now += 10.1
    assert limiter.delay(-5, paced=True) == 0


def test_a_group_gets_twenty_messages_at_once_then_one_in_three_seconds() -> None:
    clock = Clock()
    limiter = Limiter(clock)
    limiter.delay(-5, paced=True)
    spend(limiter, -5, GROUP_BURST)
    assert 2.9 < limiter.delay(-5, paced=True) < 3.1
    assert limiter.delay(-5, paced=False) == 0
    clock.now += 3.01
    assert limiter.delay(-5, paced=True) == 0


def test_refusals_of_several_chats_slow_everything_for_a_while() -> None:
    clock = Clock()
    limiter = Limiter(clock)
    for chat in (1, 2, 3):
        limiter.refused(chat, paced=True, retry_after=1)
    spend(limiter, 9, 30)
    assert limiter.delay(8, paced=True) > 0
    assert limiter.delay(8, paced=False) == 0
    clock.now += 61
    assert limiter.delay(8, paced=True) == 0


def test_it_does_not_remember_every_chat_for_ever() -> None:
    limiter = Limiter(Clock())
    for chat in range(1, 12_000):
        limiter.delay(chat, paced=True)
    assert len(limiter._buckets) <= 5000
