"""A group message → values: who spoke, what they wrote, how to quote it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from telegram import Message, MessageEntity

from bot.guard.types import Finding
from bot.moderation.post import Post, link_words, make_post
from bot.moderation.types import PostFacts, Speaker
from bot.telegram.text import cut_hard, from_utf16, utf16_len, utf16_offset

# Clocks differ by an hour sometimes; this is older than that.
LATE_S: Final = 6 * 3600.0
CLOCK_S: Final = 2 * 3600.0
_NAME_LIMIT: Final = 40
_QUOTE_LIMIT: Final = 1024
_IN_QUOTES: Final = (
    "bold",
    "italic",
    "underline",
    "strikethrough",
    "spoiler",
    "custom_emoji",
    "date_time",
)


def read_speaker(message: Message) -> Speaker:
    """Who sent it."""
    user = message.from_user
    return Speaker(
        user_id=user.id if user else None,
        is_bot=bool(user and user.is_bot),
        sender_chat_id=message.sender_chat.id if message.sender_chat else None,
        is_automatic_forward=bool(message.is_automatic_forward),
        via_bot=message.via_bot is not None,
    )


def read_post(message: Message) -> Post | None:
    """What its sender wrote: not what they reply to or quote."""
    text = message.text or message.caption or ""
    entities = message.entities or message.caption_entities
    quoted = [
        _points(text, entity)
        for entity in entities
        if entity.type in ("blockquote", "expandable_blockquote")
    ]
    links = [link_words(entity.url) for entity in entities if entity.url]
    return make_post(text, quoted=quoted, extras=[*_elsewhere(message), *links])


def read_facts(message: Message, now: datetime) -> PostFacts:
    """What weakens or changes what may be done about it."""
    said = message.edit_date or message.date
    return PostFacts(
        is_forward=message.forward_origin is not None,
        is_channel=message.sender_chat is not None,
        is_late=(now - said).total_seconds() > LATE_S,
    )


def clock_ahead(message: Message, received_at: float) -> float:
    """How far Telegram's clock runs before ours, by when a message was sent and came in."""
    said = message.edit_date or message.date
    return max(0.0, said.timestamp() - received_at)


def clock_behind(message: Message, received_at: float) -> float:
    """How far it runs behind ours; what is older than two hours was late instead."""
    said = message.edit_date or message.date
    behind = received_at - said.timestamp()
    return behind if 0 < behind < CLOCK_S else 0.0


def name_of(message: Message) -> str:
    """What the sender is called."""
    if message.sender_chat is not None:
        return cut_hard(message.sender_chat.title or "", _NAME_LIMIT)
    return cut_hard(message.from_user.full_name or "", _NAME_LIMIT) if message.from_user else ""


def thread_of(message: Message) -> int | None:
    """The forum topic that it stands in."""
    return message.message_thread_id if message.is_topic_message else None


def quote_of(message: Message, post: Post, finding: Finding) -> dict[str, Any]:
    """ReplyParameters that quote the finding's exact span, or none of it where it can't be."""
    reply: dict[str, Any] = {"message_id": message.message_id}
    text = message.text or message.caption or ""
    span = text[finding.start : finding.end]
    start = finding.start + len(span) - len(span.lstrip())
    span = span.strip()
    if not span or not post.quotable(finding.start, finding.end):
        return reply
    if utf16_len(span) > _QUOTE_LIMIT:
        span = span[: from_utf16(span, _QUOTE_LIMIT)].rstrip()
    offset, length = utf16_offset(text, start), utf16_len(span)
    reply |= {"quote": span, "quote_position": offset}
    entities = list(_clipped(message, offset, length))
    return reply | ({"quote_entities": entities} if entities else {})


def _clipped(message: Message, offset: int, length: int) -> Iterator[dict[str, Any]]:
    for entity in message.entities or message.caption_entities:
        if entity.type not in _IN_QUOTES:
            continue
        start = max(entity.offset - offset, 0)
        end = min(entity.offset + entity.length - offset, length)
        if start < end:
            yield entity.to_dict() | {"offset": start, "length": end - start}


def _points(text: str, entity: MessageEntity) -> tuple[int, int]:
    return from_utf16(text, entity.offset), from_utf16(text, entity.offset + entity.length)


def _elsewhere(message: Message) -> Iterator[str]:
    """Words outside text and caption: polls, buttons, check lists, and newer kinds of text."""
    if message.poll is not None:
        yield message.poll.question
        yield from (option.text for option in message.poll.options)
    if message.reply_markup is not None:
        for row in message.reply_markup.inline_keyboard:
            for button in row:
                yield button.text
                yield link_words(button.url or "")
    if message.checklist is not None:
        yield message.checklist.title
        yield from (task.text for task in message.checklist.tasks)
    # A kind of message that the library doesn't know yet; its words are in it somewhere.
    yield from _strings(message.api_kwargs.get("rich_message"))


def _strings(value: Any, depth: int = 0) -> Iterator[str]:
    if depth > 20:
        return
    if isinstance(value, dict):
        for name, part in value.items():
            if name == "text" and isinstance(part, str):
                yield part
            else:
                yield from _strings(part, depth + 1)
    elif isinstance(value, list):
        for part in value:
            yield from _strings(part, depth + 1)
