"""Telegram's send limits: about one a second a chat, twenty a minute a group, thirty in all.

The real numbers are unpublished and move; these are telegram.constants.FloodLimit, with a
burst of three in a chat. A call before ``retry_after`` is over is refused and counted.
"""

from __future__ import annotations

import math
from collections import defaultdict, deque
from collections.abc import Callable

from telegram.constants import FloodLimit

BURST = 3


class FloodGate:
    """Off until ``enabled``; counts sends and edits."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.enabled = False
        self.early_calls = 0
        self._clock = clock
        self._sent: dict[int, deque[float]] = defaultdict(deque)
        self._all: deque[float] = deque()
        self._closed_until: dict[int, float] = {}

    def wait_s(self, chat_id: int, *, is_group: bool) -> int:
        """Seconds to wait, 0 if the call may pass (which is then counted)."""
        if not self.enabled:
            return 0
        now = self._clock()
        closed = self._closed_until.get(chat_id, 0.0)
        if now < closed:
            self.early_calls += 1
            return math.ceil(closed - now)
        sent, everything = self._sent[chat_id], self._all
        while sent and sent[0] <= now - 60:
            sent.popleft()
        while everything and everything[0] <= now - 1:
            everything.popleft()
        wait = 0.0
        recent = [at for at in sent if at > now - BURST]
        if len(recent) >= BURST * FloodLimit.MESSAGES_PER_SECOND_PER_CHAT:
            wait = recent[0] + BURST - now
        if is_group and len(sent) >= FloodLimit.MESSAGES_PER_MINUTE_PER_GROUP:
            wait = max(wait, sent[0] + 60 - now)
        if len(everything) >= FloodLimit.MESSAGES_PER_SECOND:
            wait = max(wait, everything[0] + 1 - now)
        if wait > 0:
            self._closed_until[chat_id] = now + math.ceil(wait)
            return math.ceil(wait)
        sent.append(now)
        everything.append(now)
        return 0
