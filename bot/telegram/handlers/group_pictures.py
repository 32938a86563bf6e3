"""Posters: pictures read off the update loop, for the administrators' eyes alone.

A picture waits in the database until the ticker has it read in a process of its own.  What is read
leads to a card before the administrators and to nothing else.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime
from typing import Final

from telegram import Message
from telegram.error import TelegramError

from bot import ocr
from bot.moderation.settings import from_rows
from bot.moderation.types import DAY_S
from bot.receipts import numbered, receipt_of
from bot.settled import as_settled
from bot.store import Transaction, groups, moderation, moderation_log, receipts
from bot.store.moderation import Case
from bot.store.moderation_log import Picture
from bot.telegram.context import Context, Services
from bot.telegram.handlers import (
    group_company,
    group_effects,
    group_reading,
)
from bot.telegram.handlers.group_notice import Library, render_card

_MAX_BYTES: Final = 10 << 20
_AT_A_TIME: Final = 4

_log = logging.getLogger(__name__)


class Reader:
    """The reading that goes on, and what it has come to."""

    def __init__(self) -> None:
        self.task: asyncio.Task[None] | None = None
        self.done: list[tuple[Picture, str]] = []

    @property
    def busy(self) -> bool:
        return self.task is not None and not self.task.done()


_reader = Reader()


async def note_picture(ctx: Context, message: Message) -> None:
    """Have the message's picture read later, if the group wants it and it can be done."""
    file = _file_of(message)
    if file is None or ctx.update.message is None or not ocr.available():
        return
    if not group_company.settings_of(ctx, message.chat.id).ocr:
        return
    picture = Picture(
        message.chat.id,
        message.message_id,
        file,
        message.sender_chat.id if message.sender_chat else ctx.user.id,
        group_reading.name_of(message),
        group_reading.thread_of(message),
    )
    # The administrators have to be known: it is for them alone.
    group = await group_company.fresh_group(ctx, message.chat.id)
    if picture.sender_id not in (group.admins or ()):
        ctx.write(lambda tx: moderation_log.add_picture(tx.conn, picture, tx.now))


def _file_of(message: Message) -> str | None:
    """The largest size of a photo, or an image sent as a file, that is small enough."""
    sizes = [size for size in message.photo if (size.file_size or 0) <= _MAX_BYTES]
    if sizes:
        return max(sizes, key=lambda size: size.width * size.height).file_id
    document = message.document
    if document is None or not (document.mime_type or "").startswith("image/"):
        return None
    return document.file_id if (document.file_size or 0) <= _MAX_BYTES else None


def read_pictures(tx: Transaction, services: Services) -> None:
    """The ticker: judge what was read, and have more read."""
    done, _reader.done = _reader.done, []
    for picture, text in done:
        moderation_log.drop_picture(tx.conn, picture)
        if text.strip():
            _judge(tx, services, picture, text)
    waiting = moderation_log.pictures(tx.conn, _AT_A_TIME)
    if waiting and not _reader.busy:
        _reader.task = asyncio.get_running_loop().create_task(_read(services, waiting))


async def _read(services: Services, pictures: list[Picture]) -> None:
    for picture in pictures:
        text = ""
        try:
            file = await services.api.get_file(picture.file_id)
            if (file.file_size or 0) <= _MAX_BYTES:
                text = await ocr.read(bytes(await file.download_as_bytearray()))
        except (TelegramError, ocr.UnreadableError) as err:
            # Not the error's words: a file's address holds the token.
            _log.info("picture %d not read: %s", picture.message_id, type(err).__name__)
        _reader.done.append((picture, text))


def _judge(tx: Transaction, services: Services, picture: Picture, text: str) -> None:
    """A conflict in a picture: recorded, and shown to administrators in private."""
    group = groups.load(tx.conn, picture.chat_id)
    if picture.sender_id in (group.admins or frozenset()):
        return
    now = datetime.fromtimestamp(tx.now, UTC)
    knowledge = services.knowledge
    check = knowledge.check(text, now=now)
    check = as_settled(tx.conn, picture.chat_id, text, check)
    if check.verdict != "conflict":
        return
    settings = from_rows(groups.settings_rows(tx.conn, picture.chat_id))
    check = numbered(check)
    assert check.receipt is not None
    keep_s = settings.retention_days * DAY_S
    receipts.insert(tx.conn, receipt_of(check, text, knowledge, now, keep_s=keep_s))
    case = Case(
        id=check.receipt,
        chat_id=picture.chat_id,
        message_id=picture.message_id,
        message_ids=(picture.message_id,),
        thread_id=picture.thread_id,
        sender_id=picture.sender_id,
        is_channel=picture.sender_id < 0,
        name=picture.name,
        verdict=check.verdict,
        figures=tuple(f.figure for f in check.findings if f.verdict == "conflict" and f.figure),
        text=text,
        at=tx.now,
        reason="picture",
    )
    moderation.add(tx.conn, case)
    moderation_log.note(tx.conn, case.chat_id, "picture", tx.now, case_id=case.id)
    library = Library(knowledge.ledger, knowledge.corpus.articles)
    card = render_card(case, check.as_json(), library, title=group.title, kind="picture")
    places = group_effects.admin_places(tx.conn, group, settings)
    for place in places:
        if place != case.chat_id:  # never before the group
            tx.plan(group_effects.card_to(place, case, card, "picture"))
