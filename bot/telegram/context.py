"""What a handler works with: one update, and the list of what is to come of it.

A handler never sends.  It reads, asks the core, and plans; when it returns, all it planned is
committed together with the update's end, and the sender carries it out.  If it raises, nothing of
it remains and it runs again.
"""

from __future__ import annotations

import asyncio
import re
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from telegram import CallbackQuery, Chat, InlineQuery, Message, Update, User

from bot.config import Settings
from bot.store import Transaction, outbox
from bot.store.inbox import Row
from bot.store.outbox import Effect
from bot.telegram import effects
from bot.telegram.api import Api
from bot.telegram.effects import Keyboard
from bot.telegram.shape import UnusableUpdateError
from bot.telegram.text import Rendered

if TYPE_CHECKING:
    from bot.knowledge import Knowledge

P = ParamSpec("P")
T = TypeVar("T")

THINK_S = 10.0
_COMMAND = re.compile(r"/([A-Za-z0-9_]{1,32})(?:@([A-Za-z0-9_]+))?(?:\s+(.*))?", re.S)


@dataclass(slots=True)
class Services:
    """What all handlers share."""

    settings: Settings
    api: Api
    conn: sqlite3.Connection  # to read from; writes go through Context.write
    knowledge: Knowledge
    thinker: ThreadPoolExecutor  # one thread: the core is not asked to be thread-safe
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)


@dataclass(slots=True)
class Context:
    """One update being handled."""

    update: Update
    row: Row
    services: Services
    _work: list[Callable[[Transaction], Any]] = field(default_factory=list)
    _keys: int = 0
    answered: bool = False

    # --- what came ---

    @property
    def now(self) -> datetime:
        return self.services.clock()

    @property
    def conn(self) -> sqlite3.Connection:
        return self.services.conn

    @property
    def message(self) -> Message:
        """The message, edited message or the one with the button; only where there is one."""
        message = self.update.effective_message
        return _there(message)

    @property
    def query(self) -> CallbackQuery:
        """The press of a button; only in a button's handler."""
        query = self.update.callback_query
        return _there(query)

    @property
    def inline(self) -> InlineQuery:
        """The inline query; only in the inline handler."""
        inline = self.update.inline_query
        return _there(inline)

    @property
    def chat(self) -> Chat:
        chat = self.update.effective_chat
        return _there(chat)

    @property
    def user(self) -> User:
        user = self.update.effective_user
        return _there(user)

    @property
    def button_args(self) -> list[str]:
        """What follows ``v1:action:`` in the button's data."""
        return (self.query.data or "").split(":")[2:]

    # --- what is to come of it ---

    def key(self, name: str = "") -> str:
        """A key for an effect of this update: by *name*, or the next number."""
        if not name:
            self._keys += 1
            name = str(self._keys)
        return f"u{self.row.seq}.{self.row.update_id}:{name}"

    def plan(self, effect: Effect) -> None:
        """Plan an effect."""
        self._work.append(lambda tx: tx.plan(effect))

    def write(self, work: Callable[[Transaction], Any]) -> None:
        """Have *work* done in the closing transaction, in the order of planning.

        It may look at the rows as they are then (compare and set) and plan effects of its own.
        """
        self._work.append(work)

    def cancel(self, key: str) -> None:
        """Call off the effect with *key*, or keep it from ever being planned."""
        self._work.append(lambda tx: outbox.cancel(tx.conn, key, tx.now))

    def send(
        self, message: Rendered, keyboard: Keyboard | None = None, *, key: str = "", **options: Any
    ) -> str:
        """Plan a message to this chat (and this topic of it); its effect's key."""
        key = key or self.key()
        options.setdefault("thread_id", self._thread_id())
        self.plan(effects.send(key, self.chat.id, message, keyboard, **options))
        return key

    def answer(self, text: str = "", *, alert: bool = False) -> None:
        """Plan the answer to the press; the first one counts."""
        if not self.answered:
            self.answered = True
            self.plan(effects.answer_callback(self.key("cb"), self.query.id, text, alert=alert))

    async def think(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run *work* of the core off the loop; TimeoutError when it takes too long."""
        loop = asyncio.get_running_loop()
        future = loop.run_in_executor(self.services.thinker, lambda: work(*args, **kwargs))
        return await asyncio.wait_for(future, THINK_S)

    def commit(self, tx: Transaction) -> None:
        """Everything planned, into the closing transaction."""
        for work in self._work:
            work(tx)

    def _thread_id(self) -> int | None:
        message = self.update.effective_message
        if isinstance(message, Message) and message.is_topic_message:
            return message.message_thread_id
        return None


def _there(value: T | None) -> T:
    """*value*, which a handler can't do without."""
    if value is None:
        raise UnusableUpdateError("a part is missing")
    return value


def command_of(message: Message | None, username: str) -> tuple[str, str] | None:
    """(command, rest) if *message* is a command to us: ``/ask@us 问题`` → ("ask", "问题")."""
    match = _COMMAND.fullmatch(message.text) if message is not None and message.text else None
    if match is None:
        return None
    to = match[2]
    if to and to.casefold() != username.casefold():
        return None
    return match[1].casefold(), (match[3] or "").strip()
