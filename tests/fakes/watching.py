"""What a test looks at: calls, messages, standings; and how it waits for them."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypeVar

from .membership import Membership
from .model import Call, Member, Message, Query, User
from .render import member_json, message_json
from .setting import Place

T = TypeVar("T")


class Watching(Membership):
    """Reading the state. All waits raise TimeoutError with the last calls in their message."""

    @property
    def calls(self) -> list[Call]:
        """All calls but getUpdates, oldest first."""
        with self.world.lock:
            return list(self.world.calls)

    @property
    def polls(self) -> list[Call]:
        """The getUpdates calls."""
        with self.world.lock:
            return list(self.world.polls)

    def calls_of(
        self, method: str, chat: Place | None = None, *, ok: bool | None = None
    ) -> list[Call]:
        """Calls of one method, in a chat, successful or not."""
        wanted = None if chat is None else self.chat(chat).id
        return [
            call
            for call in self.calls
            if call.method.lower() == method.lower()
            and (wanted is None or str(call.chat_id) == str(wanted))
            and (ok is None or call.ok is ok)
        ]

    @property
    def uncovered(self) -> list[str]:
        """Methods that the bot called and the fake does not cover."""
        return [call.method for call in self.calls if "fake does not cover" in call.outcome]

    def visible(self, chat: Place) -> list[Message]:
        """The messages that are still there, oldest first."""
        with self.world.lock:
            return [m for m in self.chat(chat).messages.values() if not m.deleted]

    def sent(self, chat: Place) -> list[Message]:
        """Those of them that the bot sent."""
        return [message for message in self.visible(chat) if message.outgoing]

    def last(self, chat: Place) -> Message:
        """The bot's latest message in *chat*."""
        sent = self.sent(chat)
        if not sent:
            raise LookupError(f"nothing from the bot in {self.chat(chat).id}")
        return sent[-1]

    def replies_to(self, message: Message) -> list[Message]:
        return [reply for reply in self.sent(message.chat) if reply.reply_to is message]

    def member(self, user: User, chat: Place) -> Member:
        """His standing now, run-out restrictions lifted."""
        with self.world.lock:
            return self.world.member(self.chat(chat), user)

    def is_muted(self, user: User, chat: Place) -> bool:
        found = self.member(user, chat)
        return found.status == "restricted" and not found.permissions.get("can_send_messages")

    def is_banned(self, user: User, chat: Place) -> bool:
        return self.member(user, chat).status == "kicked"

    @property
    def pending(self) -> list[int]:
        """Ids of the updates that the bot has not acknowledged."""
        with self.world.lock:
            self.world.updates.expire()
            return [update.id for update in self.world.updates.pending]

    def wait_for(self, check: Callable[[Any], T], timeout: float = 5.0, what: str = "") -> T:
        """The first true value of ``check(fake)``, tried at every change."""
        deadline = time.monotonic() + timeout
        with self.world.lock:
            while not (found := check(self)):
                left = deadline - time.monotonic()
                if left <= 0:
                    raise TimeoutError(f"{what or 'no such state'} in {timeout} s\n{self.recent()}")
                self.world.changed.wait(min(left, 0.25))
            return found

    def wait_reply(self, message: Message, timeout: float = 5.0) -> Message:
        """The bot's first reply to *message*."""
        found = self.wait_for(lambda _: self.replies_to(message), timeout, "no reply")
        return found[0]

    def wait_sent(
        self, chat: Place, text: str = "", *, after: int = 0, timeout: float = 5.0
    ) -> Message:
        """The bot's first message in *chat* after the id *after* whose text has *text* in it."""

        def check(_: object) -> list[Message]:
            return [m for m in self.sent(chat) if m.message_id > after and text in m.text]

        return self.wait_for(check, timeout, f"no message with {text!r}")[0]

    def ask(self, user: User, text: str, timeout: float = 5.0, **fields: Any) -> Message:
        """Says it in private and waits for the bot's next message there."""
        said = self.tell(user, text, **fields)
        return self.wait_sent(user, after=said.message_id, timeout=timeout)

    def wait_answer(self, query: Query, timeout: float = 5.0) -> dict[str, Any]:
        """The answer to a callback or inline query."""
        return self.wait_for(lambda _: query.answer, timeout, "query not answered") or {}

    def wait_gone(self, message: Message, timeout: float = 5.0) -> None:
        self.wait_for(lambda _: message.deleted, timeout, "message still there")

    def wait_acked(self, timeout: float = 5.0) -> None:
        """Until the bot has acknowledged all updates."""
        self.wait_for(lambda _: not self.pending, timeout, "unacknowledged updates")

    def settle(self, quiet_s: float = 0.3, timeout: float = 10.0) -> None:
        """Until all is acknowledged and the bot has been silent for a while."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            self.wait_acked(max(deadline - time.monotonic(), 0.01))
            before = len(self.calls)
            time.sleep(quiet_s)
            calls = self.calls
            if len(calls) == before and not self.pending and all(c.status or c.took for c in calls):
                return
        raise TimeoutError(f"the bot does not come to rest\n{self.recent()}")

    def recent(self, count: int = 8) -> str:
        """The last calls, for messages."""
        lines = [f"{c.method} {c.params} -> {c.outcome}" for c in self.calls[-count:]]
        return "last calls:\n" + "\n".join(lines)

    def state(self) -> dict[str, Any]:
        """Everything as JSON values."""
        world = self.world
        with world.lock:
            return {
                "pending": self.pending,
                "allowed_updates": list(world.updates.allowed),
                "webhook": world.webhook.url if world.webhook else "",
                "profile": dict(world.profile),
                "chats": [self._chat_state(chat) for chat in list(world.chats)],
                "uncovered": self.uncovered,
            }

    def _chat_state(self, chat_id: int) -> dict[str, Any]:
        world, chat = self.world, self.world.chats[chat_id]
        return {
            "id": chat.id,
            "type": chat.type,
            "title": chat.title,
            "migrated_to": chat.migrated_to,
            "banned_senders": sorted(chat.banned_senders),
            "members": [
                member_json(world, chat, world.member(chat, member.user))
                for member in list(chat.members.values())
            ],
            "messages": [
                {
                    **message_json(world, message),
                    "deleted": message.deleted,
                    "deleted_by_bot": message.deleted_by_bot,
                    "edits": len(message.past),
                    "reactions": message.reactions,
                }
                for message in chat.messages.values()
            ],
        }
