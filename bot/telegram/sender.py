"""The outbox carried out: lane by lane, each call once.

A lane is a task that lives while it has calls: within it order holds, side by side lanes don't
wait for one another.  What becomes of a call is committed before the next of its lane starts.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from functools import partial
from typing import Any, Final, Protocol

from bot.store import Database, Transaction, outbox
from bot.store.outbox import Effect, Planned
from bot.telegram.api import Verdict, judge
from bot.telegram.effects import is_paced
from bot.telegram.limiter import Limiter
from bot.telegram.persist import Persist

MAX_TRIES: Final = 10
AFTER_GRACE_S: Final = 1.0  # a deletion waits so long for its notice
SCAN_EVERY_S: Final = 0.5
# Few sends are out at a time, so that a kill leaves few in doubt; a slow one gives its place up.
_SENDS_AT_ONCE: Final = 4
_OTHERS_AT_ONCE: Final = 24
_SLOW_S: Final = 0.5

_log = logging.getLogger(__name__)

# Told of a settled call within the transaction that settles it.
Hook = Callable[[Transaction, Effect, "Outcome"], None]
Local = Callable[[Database], None]


class CancelledSendError(Exception):
    """A send was called off while it waited for its connection."""


class Outcome:
    """How a call ended: ``state`` as in the outbox, ``result`` as the Bot API gave it."""

    __slots__ = ("reason", "result", "state")

    def __init__(self, state: str, result: Any = None, reason: str = "") -> None:
        self.state = state
        self.result = result
        self.reason = reason

    @property
    def message_id(self) -> int | None:
        """The id of the message that was sent, if one was."""
        return self.result.get("message_id") if isinstance(self.result, dict) else None


class Caller(Protocol):
    """What carries out a call of the Bot API."""

    async def call(
        self, method: str, payload: dict[str, Any], before_send: Callable[[], None] | None
    ) -> Any: ...


class Sender:
    """Carries out what is in the outbox until it is stopped."""

    def __init__(
        self,
        persist: Persist,
        api: Caller,
        *,
        hooks: Mapping[str, Hook],
        local: Mapping[str, Local],
        migrate: Callable[[Transaction, int, int], None],
        limiter: Limiter | None = None,
    ) -> None:
        self._persist = persist
        self._db = persist.db
        self._api = api
        self._hooks = hooks
        self._local = local
        self._migrate = migrate
        self._limiter = limiter or Limiter()
        self._lanes: dict[str, deque[int]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._queued: set[int] = set()
        self._send_slots = asyncio.Semaphore(_SENDS_AT_ONCE)
        self._other_slots = asyncio.Semaphore(_OTHERS_AT_ONCE)
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Take up what an earlier run left, then watch for what falls due."""
        again, given_up = await self._persist.write(lambda tx: outbox.recover(tx.conn, tx.now))
        if again or given_up:
            _log.warning(
                "outbox after a kill: %d sent again, %d of unknown outcome", again, given_up
            )
        while not self._stopping.is_set():
            self._scan()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), SCAN_EVERY_S)

    def wake(self, planned: Iterable[int]) -> None:
        """Start on effects just planned, where their time has come."""
        now = time.time()
        for effect_id in planned:
            lane = outbox.lane_if_due(self._db.conn, effect_id, now)
            if lane is not None:
                self._enqueue(effect_id, lane)

    async def stop(self, timeout_s: float) -> None:
        """Let calls that are out come back, for *timeout_s* at most; the rest stays pending."""
        self._stopping.set()
        if self._tasks:
            _, left = await asyncio.wait(self._tasks, timeout=timeout_s)
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)

    @property
    def idle(self) -> bool:
        """Whether nothing is under way or due."""
        return not self._lanes

    def _scan(self) -> None:
        if self._persist.failing:
            return
        for effect_id, lane in outbox.due(self._db.conn, time.time()):
            self._enqueue(effect_id, lane)

    def _enqueue(self, effect_id: int, lane: str) -> None:
        if effect_id in self._queued or self._stopping.is_set():
            return
        self._queued.add(effect_id)
        if lane in self._lanes:
            self._lanes[lane].append(effect_id)
            return
        self._lanes[lane] = deque([effect_id])
        task = asyncio.create_task(self._run_lane(lane), name=f"lane {lane}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run_lane(self, lane: str) -> None:
        queue = self._lanes[lane]
        try:
            while queue and not self._stopping.is_set():
                await self._carry_out(queue[0])
                self._queued.discard(queue.popleft())
        except Exception:
            # Not what a call came to (that is judged below) but a fault of ours: what is left
            # stays pending and the scan takes it up again.
            _log.exception("lane failed")
            await self._pause(1.0)
        finally:
            self._queued.difference_update(queue)
            del self._lanes[lane]

    async def _carry_out(self, effect_id: int) -> None:
        tries = 0
        planned = outbox.load(self._db.conn, effect_id)
        while planned is not None and not self._stopping.is_set():
            if self._persist.failing:  # nothing may leave that can't be noted first
                await self._persist.write(lambda _: None)
            effect = planned.effect
            now = time.time()
            if now > max(effect.due_at, planned.created_at) + effect.life_s:
                await self._settle(planned, Outcome("failed", reason="too late"))
                return
            wait = self._must_wait(planned, now)
            if wait <= 0:
                tries += 1
                retry_in = await self._try(planned, tries)
                if retry_in is None:
                    return
                wait = retry_in
            await self._pause(wait)
            planned = outbox.load(self._db.conn, effect_id)

    def _must_wait(self, planned: Planned, now: float) -> float:
        effect = planned.effect
        if effect.after and now < planned.created_at + AFTER_GRACE_S:
            state = outbox.state_of(self._db.conn, effect.after)
            if state in ("pending", "sending"):
                return 0.02
        return self._limiter.delay(effect.chat_id, paced=is_paced(effect.method))

    async def _try(self, planned: Planned, tries: int) -> float | None:
        """Make the call once; seconds to wait before the next try, None when it is settled."""
        effect = planned.effect
        if effect.method.startswith("local:"):
            return await self._run_local(planned, tries)
        paced = is_paced(effect.method)
        mark = None if outbox.is_repeatable(effect.method) else partial(self._mark, planned.id)
        async with _slot(self._send_slots if paced else self._other_slots):
            self._limiter.spend(effect.chat_id, paced=paced)
            try:
                result = await self._api.call(effect.method, dict(effect.payload), mark)
            except Exception as err:
                verdict = judge(err, effect.method)
            else:
                await self._settle(planned, Outcome("done", result))
                return None
        return await self._recover(planned, verdict, tries)

    def _mark(self, effect_id: int) -> None:
        """Note, just before the first byte leaves, that the outcome is open from now on."""
        if not self._persist.write_now(lambda tx: outbox.mark_sending(tx.conn, effect_id)):
            raise CancelledSendError

    async def _recover(self, planned: Planned, verdict: Verdict, tries: int) -> float | None:
        effect = planned.effect
        if verdict.act == "wait":
            delay = verdict.delay or 1.0
            paced = is_paced(effect.method)
            self._limiter.refused(effect.chat_id, paced=paced, retry_after=delay)
            await self._put_back(planned)
            return 0.0
        if verdict.act == "retry" and tries < MAX_TRIES:
            await self._put_back(planned)
            return float(min(0.5 * 2 ** (tries - 1), 30.0))
        if verdict.act == "migrated" and verdict.new_chat_id and effect.chat_id:
            old, new = effect.chat_id, verdict.new_chat_id
            await self._persist.write(lambda tx: self._migrate(tx, old, new))
            await self._put_back(planned)
            return 0.0
        if verdict.act == "fallback" and effect.fallback is not None:
            fallback = effect.fallback
            await self._persist.write(
                lambda tx: outbox.put_back(tx.conn, planned.id, payload=fallback)
            )
            return 0.0
        if verdict.act == "unknown" and self._may_resend(planned, verdict):
            await self._persist.write(lambda tx: outbox.put_back(tx.conn, planned.id, resent=True))
            return 0.5
        if verdict.act == "done" and tries > 1:  # an earlier try did it, and its answer was lost
            verdict = Verdict("done")
        await self._give_up(planned, verdict)
        return None

    @staticmethod
    def _may_resend(planned: Planned, verdict: Verdict) -> bool:
        # After a timeout the server most likely has it; a connection cut short says less.
        cut_short = verdict.reason != "ReadTimeout"
        return planned.effect.resend and not planned.resent and cut_short

    async def _give_up(self, planned: Planned, verdict: Verdict) -> None:
        state = {"done": "done", "unknown": "uncertain"}.get(verdict.act, "failed")
        level = logging.DEBUG if state == "done" else logging.WARNING
        _log.log(
            level,
            "%s %s: %s (%s)",
            planned.effect.method,
            state,
            verdict.reason,
            planned.effect.key,
        )
        await self._settle(planned, Outcome(state, reason=verdict.reason))
        chat_id = planned.effect.chat_id
        if verdict.act == "gone" and chat_id is not None:
            await self._persist.write(lambda tx: outbox.cancel_chat(tx.conn, chat_id, tx.now))

    async def _run_local(self, planned: Planned, tries: int) -> float | None:
        name = planned.effect.method.removeprefix("local:")
        try:
            self._local[name](self._db)
        except Exception as err:
            if tries < MAX_TRIES:
                return 0.2 * tries
            _log.error("%s failed: %s", name, type(err).__name__)
            await self._settle(planned, Outcome("failed", reason=type(err).__name__))
            return None
        await self._settle(planned, Outcome("done"))
        return None

    async def _put_back(self, planned: Planned) -> None:
        if not outbox.is_repeatable(planned.effect.method):
            await self._persist.write(lambda tx: outbox.put_back(tx.conn, planned.id))

    async def _settle(self, planned: Planned, outcome: Outcome) -> None:
        effect = planned.effect
        hook = self._hooks.get(effect.hook) if effect.hook else None

        def settle(tx: Transaction, *, tell: bool) -> list[int]:
            outbox.settle(
                tx.conn,
                planned.id,
                outcome.state,
                tx.now,
                message_id=outcome.message_id,
                error=outcome.reason,
            )
            if tell and hook is not None:
                hook(tx, effect, outcome)
            return tx.planned

        try:
            self.wake(await self._persist.write(partial(settle, tell=True)))
        except Exception:
            # A hook's fault must not have the call made once more.
            _log.exception("hook %s failed (%s)", effect.hook, effect.key)
            await self._persist.write(partial(settle, tell=False))

    async def _pause(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)


@contextlib.asynccontextmanager
async def _slot(slots: asyncio.Semaphore) -> AsyncIterator[None]:
    """One of *slots*, given up early when its call turns out to be slow."""
    await slots.acquire()
    held = [True]

    def release() -> None:
        if held and held.pop():
            slots.release()

    timer = asyncio.get_running_loop().call_later(_SLOW_S, release)
    try:
        yield
    finally:
        timer.cancel()
        release()
