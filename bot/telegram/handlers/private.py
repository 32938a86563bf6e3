"""What people write in private that is no command: a question, a post, or something else."""

from __future__ import annotations

from telegram import Message, Update
from telegram.constants import ChatMemberStatus, ChatType

from bot.routing import route
from bot.store import outbox
from bot.telegram.context import Context
from bot.telegram.handlers.results import give_answer, give_check, judge
from bot.telegram.text import plain
from bot.telegram.wording import say

# An album comes item by item; a caption on a later item calls the polite line off.
_ALBUM_WAIT_S = 1.5

_SERVICE = (
    "new_chat_members",
    "left_chat_member",
    "pinned_message",
    "message_auto_delete_timer_changed",
    "write_access_allowed",
    "chat_background_set",
    "users_shared",
    "chat_shared",
)


async def on_text(ctx: Context) -> None:
    """A text or a caption: answered if it asks, checked if it asserts."""
    message = ctx.message
    text = message.text or message.caption or ""
    if message.media_group_id:
        ctx.cancel(_album_key(message))
    check = await judge(ctx, text)
    if check is None:
        return
    if route(text, check, forwarded=message.forward_origin is not None) == "check":
        give_check(ctx, text, check)
    else:
        await give_answer(ctx, text)


async def on_media(ctx: Context) -> None:
    """A sticker, a voice message, a picture without words: a line on what works."""
    message = ctx.message
    if message.media_group_id:
        due_at = ctx.now.timestamp() + _ALBUM_WAIT_S
        ctx.send(plain(say("other.media")), key=_album_key(message), due_at=due_at)
    else:
        ctx.send(plain(say("other.media")))


async def on_membership(ctx: Context) -> None:
    """Someone stopped or restarted the bot: a stopped chat gets nothing that was still to come."""
    member = ctx.update.my_chat_member
    if member is not None and member.new_chat_member.status == ChatMemberStatus.BANNED:
        chat_id = ctx.chat.id
        ctx.write(lambda tx: outbox.cancel_chat(tx.conn, chat_id, tx.now))


async def on_service(_: Context) -> None:
    """Telegram's own notes in a private chat: nothing to say."""


def is_membership(update: Update) -> bool:
    """Whether someone stopped or restarted the bot in private."""
    member = update.my_chat_member
    return member is not None and member.chat.type == ChatType.PRIVATE


def is_service(update: Update) -> bool:
    """Whether the message is one of Telegram's own notes."""
    message = update.message
    return message is not None and any(getattr(message, name, None) for name in _SERVICE)


def _album_key(message: Message) -> str:
    return f"album:{message.chat.id}:{message.media_group_id}"
