"""Who spoke?  Asked first, because some are never acted on."""

from __future__ import annotations

from typing import Final, Literal

from bot.moderation.types import Company, Speaker

# Accounts of Telegram's own that stand in for someone.
ANONYMOUS_ADMIN: Final = 1087968824
CHANNEL_BOT: Final = 136817688
TELEGRAM: Final = 777000

Protected = Literal["automatic", "anonymous", "linked", "via_bot", "bot", "admin", "allowed"]


def protected(speaker: Speaker, company: Company) -> Protected | None:
    """Why *speaker* is never acted on in *company*; None for everybody else.

    An inline result was not written by whoever sent it, whichever bot it came from.
    """
    if speaker.is_automatic_forward or speaker.user_id == TELEGRAM:
        return "automatic"
    if speaker.sender_chat_id is not None:
        return _protected_chat(speaker.sender_chat_id, company, via_bot=speaker.via_bot)
    if speaker.user_id == ANONYMOUS_ADMIN:
        return "anonymous"
    if speaker.via_bot:
        return "via_bot"
    if speaker.is_bot or speaker.user_id is None:
        return "bot"
    if speaker.user_id in company.admins:
        return "admin"
    return "allowed" if speaker.user_id in company.allowed else None


def sender_id(speaker: Speaker) -> int:
    """Who answers for the message: the channel it is sent as, else the person."""
    if speaker.sender_chat_id is not None:
        return speaker.sender_chat_id
    return speaker.user_id or 0


def _protected_chat(sender_chat_id: int, company: Company, *, via_bot: bool) -> Protected | None:
    if sender_chat_id == company.chat_id:
        return "anonymous"
    if sender_chat_id == company.linked_chat_id:
        return "linked"
    if via_bot:
        return "via_bot"
    return "allowed" if sender_chat_id in company.allowed else None
