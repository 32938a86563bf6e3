"""Who is never acted on."""

import pytest

from bot.moderation.speaker import ANONYMOUS_ADMIN, CHANNEL_BOT, TELEGRAM, protected, sender_id
from bot.moderation.types import Company, Speaker

GROUP, LINKED, OTHER = -100500, -100600, -100700
COMPANY = Company(GROUP, LINKED, frozenset({1}), frozenset({2, -100800}))


@pytest.mark.parametrize(
    ("speaker", "why"),
    [
        pytest.param(Speaker(1), "admin", id="administrator"),
        pytest.param(Speaker(2), "allowed", id="allow list"),
        pytest.param(Speaker(3), None, id="member"),
        pytest.param(Speaker(3, via_bot=True), "via_bot", id="inline result"),
        pytest.param(Speaker(4, is_bot=True), "bot", id="another bot"),
        pytest.param(Speaker(), "bot", id="nobody"),
        pytest.param(Speaker(TELEGRAM), "automatic", id="Telegram itself"),
        pytest.param(
            Speaker(ANONYMOUS_ADMIN, is_bot=True, sender_chat_id=GROUP),
            "anonymous",
            id="anonymous administrator",
        ),
        pytest.param(
            Speaker(TELEGRAM, sender_chat_id=LINKED, is_automatic_forward=True),
            "automatic",
            id="automatic forward",
        ),
        pytest.param(
            Speaker(CHANNEL_BOT, is_bot=True, sender_chat_id=LINKED), "linked", id="linked channel"
        ),
        pytest.param(
            Speaker(CHANNEL_BOT, is_bot=True, sender_chat_id=OTHER), None, id="another channel"
        ),
        pytest.param(
            Speaker(CHANNEL_BOT, is_bot=True, sender_chat_id=-100800), "allowed", id="its channel"
        ),
    ],
)
def test_protected(speaker, why):
    assert protected(speaker, COMPANY) == why


def test_a_channel_answers_for_what_is_sent_as_it():
    assert sender_id(Speaker(CHANNEL_BOT, is_bot=True, sender_chat_id=OTHER)) == OTHER
    assert sender_id(Speaker(3)) == 3
