"""When a call may go out.

Telegram's limits are unofficial and vary, so its own word counts first: a ``retry_after`` stops
that chat's calls of the same kind, and no others.  Groups are also kept at twenty messages a
minute.  Only when several chats are refused at once is everything slowed down for a while.
"""

from __future__ import annotations

import time
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

GROUP_BURST: Final = 20
GROUP_PER_S: Final = 20 / 60
PRIVATE_BURST: Final = 100
PRIVATE_PER_S: Final = 20.0
SOBER_PER_S: Final = 25.0
SOBER_FOR_S: Final = 60.0
_MAX_CHATS: Final = 5000


@dataclass(slots=True)
class _Bucket:
    """Tokens that refill with time."""

    burst: float
    per_s: float
    tokens: float
    at: float

    def wait(self, now: float) -> float:
        self.tokens = min(self.burst, self.tokens + (now - self.at) * self.per_s)
        self.at = now
        return 0.0 if self.tokens >= 1 else (1 - self.tokens) / self.per_s


@dataclass(slots=True)
class Limiter:
    """Asks before each call: :meth:`delay` is how long it has to wait, then :meth:`spend`."""

    clock: Callable[[], float] = time.monotonic
    _buckets: OrderedDict[int, _Bucket] = field(default_factory=OrderedDict)
    _not_before: dict[tuple[int, bool], float] = field(default_factory=dict)
    _refused: deque[tuple[float, int]] = field(default_factory=deque)
    _sober: _Bucket | None = None
    _sober_until: float = 0.0

    def delay(self, chat_id: int | None, *, paced: bool) -> float:
        """Seconds until a call to *chat_id* may go out; 0 now."""
        now = self.clock()
        waits = [0.0]
        if chat_id is not None:
            waits.append(self._not_before.get((chat_id, paced), now) - now)
            if paced:
                waits.append(self._bucket(chat_id, now).wait(now))
        if paced and self._sober is not None and now < self._sober_until:
            waits.append(self._sober.wait(now))
        return max(waits)

    def spend(self, chat_id: int | None, *, paced: bool) -> None:
        """Count a call that goes out now."""
        now = self.clock()
        if paced and chat_id is not None:
            self._bucket(chat_id, now).tokens -= 1
        if paced and self._sober is not None and now < self._sober_until:
            self._sober.tokens -= 1

    def refused(self, chat_id: int | None, *, paced: bool, retry_after: float) -> None:
        """Telegram asked to wait: this chat does, for this kind of call."""
        now = self.clock()
        key = chat_id if chat_id is not None else 0
        self._not_before = {k: at for k, at in self._not_before.items() if at > now}
        self._not_before[key, paced] = now + retry_after + 0.05
        self._refused.append((now, key))
        while self._refused and self._refused[0][0] < now - 10:
            self._refused.popleft()
        if len({chat for _, chat in self._refused}) >= 3:
            self._sober = _Bucket(SOBER_PER_S, SOBER_PER_S, SOBER_PER_S, now)
            self._sober_until = now + SOBER_FOR_S

    def _bucket(self, chat_id: int, now: float) -> _Bucket:
        bucket = self._buckets.get(chat_id)
        if bucket is None:
            burst, per_s = (
                (PRIVATE_BURST, PRIVATE_PER_S) if chat_id > 0 else (GROUP_BURST, GROUP_PER_S)
            )
            bucket = self._buckets[chat_id] = _Bucket(burst, per_s, burst, now)
            if len(self._buckets) > _MAX_CHATS:
                self._buckets.popitem(last=False)
        else:
            self._buckets.move_to_end(chat_id)
        return bucket
