"""The fake's state: one world of users, chats, messages, files and queries, under one lock.

Server threads and the test work on it in turns: whoever reads or changes it holds ``lock`` and
calls :meth:`World.touch` after a change, which wakes long polls and waiting tests.
"""

from __future__ import annotations

import itertools
import secrets
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from .errors import CHAT_NOT_FOUND, FILE_WRONG, PARTICIPANT_INVALID, bad
from .faults import FaultPlan
from .flood import FloodGate
from .model import PERMISSIONS, Call, Chat, Member, Message, Query, StoredFile, User
from .updates import UpdateQueue

TOKEN = "424242:fake-token-of-the-test-bot-000000000"
ANONYMOUS = User(1087968824, "Group", "GroupAnonymousBot", is_bot=True, language_code=None)
CHANNEL_BOT = User(136817688, "Channel", "Channel_Bot", is_bot=True, language_code=None)
SERVICE = User(777000, "Telegram", language_code=None)
FOREVER_BELOW_S = 30
FOREVER_ABOVE_S = 366 * 86_400


@dataclass
class Polling:
    """Who polls, and the real server's brakes on hasty pollers, which a test may loosen."""

    current: object | None = None
    abort_reason: str = ""
    last_offset: int | None = None
    last_start: float = 0.0
    next_conflict: float = 0.0
    repeat_wait_s: float = 3.0
    hasty_s: float = 0.5
    conflict_wait_s: float = 3.0


@dataclass
class Webhook:
    """Where updates are posted; ``deliveries`` are pairs of update id and what came of it."""

    url: str
    secret: str = ""
    max_connections: int = 40
    last_error_date: int = 0
    last_error: str = ""
    deliveries: list[tuple[int, str]] = field(default_factory=list)


class World:
    """Everything the server knows; see the module's note on locking."""

    def __init__(self, token: str = TOKEN, *, reads_all: bool = False) -> None:
        self.lock = threading.RLock()
        self.changed = threading.Condition(self.lock)
        self.stopping = threading.Event()
        self.clock_offset_s = 0.0
        self.token = token
        self.reads_all = reads_all
        self.bot = User(
            int(token.split(":")[0]), "清醒", "qingxing_test_bot", is_bot=True, language_code=None
        )
        self.users: dict[int, User] = {u.id: u for u in (ANONYMOUS, CHANNEL_BOT, SERVICE, self.bot)}
        self.chats: dict[int, Chat] = {}
        self.files: dict[str, StoredFile] = {}
        self.callbacks: dict[str, Query] = {}
        self.inline_queries: dict[str, Query] = {}
        self.inline_messages: dict[str, Message] = {}
        self.profile: dict[str, Any] = {}
        self.drafts: list[tuple[int, int, str]] = []
        self.actions: list[tuple[int, str]] = []
        self.calls: deque[Call] = deque(maxlen=200_000)
        self.polls: deque[Call] = deque(maxlen=20_000)
        self.polling = Polling()
        self.webhook: Webhook | None = None
        self.next_webhook_at = 0.0
        self.webhook_first_delay_s = 1.0
        self.webhook_timeout_s = 10.0
        self.updates = UpdateQueue(self.time, self.touch)
        self.faults = FaultPlan()
        self.flood = FloodGate(time.monotonic)
        self.callback_ttl_s = 15.0
        self.inline_ttl_s = 10.0
        self._box = itertools.count(1)
        self._serial = itertools.count(1)

    # the clock

    def time(self) -> float:
        """The server's clock, which a test may set apart from the machine's."""
        return time.time() + self.clock_offset_s

    def now(self) -> int:
        return int(self.time())

    def until(self, date: int | None) -> int:
        """An ``until_date`` as the server takes it: 0 (for ever) when too near or too far."""
        left = (date or 0) - self.time()
        return 0 if left < FOREVER_BELOW_S or left > FOREVER_ABOVE_S else int(date or 0)

    def touch(self) -> None:
        """Wakes whoever waits for a change."""
        with self.lock:
            self.changed.notify_all()

    # looking up

    def chat(self, chat_id: int | str) -> Chat:
        """The chat, also by @username; raises ApiError if unknown."""
        if isinstance(chat_id, str):
            name = chat_id.removeprefix("@").lower()
            for chat in self.chats.values():
                if chat.type != "private" and (chat.username or "").lower() == name:
                    return chat
            raise bad(CHAT_NOT_FOUND)
        if chat_id in self.chats:
            return self.chats[chat_id]
        raise bad(CHAT_NOT_FOUND)

    def user(self, user_id: int, text: str = PARTICIPANT_INVALID) -> User:
        if user_id in self.users:
            return self.users[user_id]
        raise bad(text)

    def message(self, chat: Chat, message_id: int, text: str) -> Message:
        """A message that is still there; raises ApiError with *text* otherwise."""
        found = chat.messages.get(message_id)
        if found is None or found.deleted:
            raise bad(text)
        return found

    def file(self, file_id: str) -> StoredFile:
        if file_id in self.files:
            return self.files[file_id]
        raise bad(FILE_WRONG)

    def member(self, chat: Chat, user: User) -> Member:
        """The standing of *user* now: restrictions and bans that have run out are lifted."""
        found = chat.members.get(user.id)
        if found is None:
            return Member(user, "left", is_member=False)
        if found.until and found.until <= self.time() and found.status in {"restricted", "kicked"}:
            inside = found.status == "restricted" and found.is_member
            found = Member(user, "member" if inside else "left", is_member=inside)
            chat.members[user.id] = found
        return found

    def me(self, chat: Chat) -> Member:
        """The bot under test in *chat*."""
        return self.member(chat, self.bot)

    def may(self, chat: Chat, user: User, permission: str) -> bool:
        """Whether *user* may do what every member may unless it is taken away."""
        if chat.type == "private":
            return True
        member = self.member(chat, user)
        if member.is_admin:
            return True
        if not member.is_inside:
            return False
        if member.status == "restricted" and not member.permissions.get(permission, False):
            return False
        return chat.permissions.get(permission, True)

    # making

    def serial(self) -> int:
        return next(self._serial)

    def token_hex(self, size: int = 8) -> str:
        return secrets.token_hex(size)

    def next_message_id(self, chat: Chat) -> int:
        """Supergroups and channels count by themselves, all other chats together."""
        if chat.type in {"supergroup", "channel"}:
            chat.last_message_id += 1
        else:
            chat.last_message_id = next(self._box)
        return chat.last_message_id

    def store_file(self, data: bytes, name: str, *, size: int | None = None) -> StoredFile:
        number = self.serial()
        file = StoredFile(
            file_id=f"AgACAgUAAx{number:06d}{self.token_hex(12)}",
            unique_id=f"AQAD{number:06d}{self.token_hex(4)}",
            path=f"files/file_{number}{name[name.rfind('.') :] if '.' in name else ''}",
            data=data,
            size=len(data) if size is None else size,
        )
        self.files[file.file_id] = file
        return file

    def post(self, chat: Chat, author: User | None, body: dict[str, Any], **more: Any) -> Message:
        """Puts a message into *chat*; no rights are checked and no update is made."""
        message = Message(
            chat=chat,
            message_id=self.next_message_id(chat),
            date=int(more.pop("date", None) or self.now()),
            author=author,
            body=body,
            **more,
        )
        chat.messages[message.message_id] = message
        self.touch()
        return message

    def delete(self, message: Message, *, by_bot: bool) -> None:
        message.deleted, message.deleted_by_bot = True, by_bot
        self.touch()


def default_permissions() -> dict[str, bool]:
    """What members of a fresh group may do."""
    closed = {"can_change_info", "can_pin_messages", "can_manage_topics"}
    return {name: name not in closed for name in PERMISSIONS}
