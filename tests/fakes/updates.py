"""The queue of updates: who gets what, when it is acknowledged, when it is lost.

As the real server's: an update stays until a later ``offset`` confirms it or a day has gone by
since its message's date; the wanted types are remembered and applied when an update is born.
Everything here runs under the world's lock.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from telegram import constants

LIFETIME_S = 86_400
ALL_TYPES = tuple(str(kind) for kind in constants.UpdateType)
DEFAULT_TYPES = tuple(
    kind
    for kind in ALL_TYPES
    if kind not in {"chat_member", "message_reaction", "message_reaction_count"}
)


@dataclass(frozen=True, slots=True)
class Update:
    """An update on its way. ``lane``: what it must keep its order with."""

    id: int
    kind: str
    payload: dict[str, Any]
    lane: tuple[str, int]
    expires: float

    def body(self) -> dict[str, Any]:
        return {"update_id": self.id, **self.payload}


class UpdateQueue:
    """Pending updates of the bot under test."""

    def __init__(self, clock: Callable[[], float], changed: Callable[[], None]) -> None:
        self._clock = clock
        self._changed = changed
        self.next_id = random.randrange(10**8, 5 * 10**8)
        self.pending: list[Update] = []
        self.repeats: list[Update] = []
        self.past: dict[int, Update] = {}
        self.allowed: tuple[str, ...] = DEFAULT_TYPES
        self._held: list[Update] | None = None

    def allow(self, kinds: Any) -> None:
        """Remembers the wanted types; nothing known among them means the default."""
        if not isinstance(kinds, list):
            return
        known = tuple(kind for kind in ALL_TYPES if kind in kinds)
        self.allowed = known or DEFAULT_TYPES

    def add(
        self,
        kind: str,
        payload: dict[str, Any],
        *,
        lane: tuple[str, int],
        date: float | None = None,
    ) -> int | None:
        """Queues an update; None if its type is not wanted or its day is over."""
        now = self._clock()
        expires = (now if date is None else date) + LIFETIME_S
        if kind not in self.allowed or expires <= now:
            return None
        return self._put(Update(0, kind, {kind: payload}, lane, expires))

    def add_raw(self, update: dict[str, Any]) -> int:
        """Queues *update* as it is, whatever is in it; an ``update_id`` is kept."""
        payload = {key: value for key, value in update.items() if key != "update_id"}
        kind = next(iter(payload), "none")
        body = payload.get(kind)
        chat = body.get("chat") if isinstance(body, dict) else None
        number = chat.get("id") if isinstance(chat, dict) else 0
        lane = (kind, number if isinstance(number, int) else 0)
        given = update.get("update_id", 0)
        return self._put(Update(given, kind, payload, lane, self._clock() + LIFETIME_S))

    def _put(self, update: Update) -> int:
        if self._held is not None and not update.id:
            self._held.append(update)
            return 0
        if not update.id:
            update = Update(self.next_id, update.kind, update.payload, update.lane, update.expires)
        self.next_id = max(self.next_id, update.id) + 1
        self.pending.append(update)
        self.pending.sort(key=lambda u: u.id)
        self.past[update.id] = update
        if len(self.past) > 20_000:
            self.past.pop(next(iter(self.past)))
        self._changed()
        return update.id

    def hold(self) -> None:
        """From now on updates wait outside the queue, without an id."""
        self._held = self._held or []

    def release(self, order: Callable[[list[Update]], list[Update]] | None = None) -> list[int]:
        """Lets the held ones in, in another *order* if one is given."""
        held, self._held = self._held or [], None
        return [self._put(update) for update in (order(held) if order else held)]

    def repeat(self, update_id: int) -> None:
        """Delivers an update once more, acknowledged or not, under the same id."""
        self.repeats.append(self.past[update_id])
        self._changed()

    def expire(self) -> None:
        now = self._clock()
        self.pending = [update for update in self.pending if update.expires > now]

    def take(self, offset: int, limit: int) -> list[Update]:
        """What getUpdates returns: confirms everything below *offset* first.

        A negative offset keeps only the last of that number; one beyond the queue is ignored.
        """
        self.expire()
        if offset < 0:
            self.pending = self.pending[offset:]
        elif 0 < offset <= self.next_id:
            self.pending = [update for update in self.pending if update.id >= offset]
        repeats, self.repeats = self.repeats[:limit], self.repeats[limit:]
        return repeats + self.pending[: limit - len(repeats)]

    def drop(self, update_id: int) -> None:
        """Forgets one that a webhook took."""
        self.pending = [update for update in self.pending if update.id != update_id]
        self._changed()

    def clear(self) -> None:
        self.pending, self.repeats = [], []
        self._changed()
