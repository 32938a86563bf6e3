"""The inbox worked off: each chat in order, chats side by side.

An update's effects and its end are one commit.  An attempt is counted before it runs, so an update
that brings the process down is given up in time; one whose handler raises is tried again, then set
aside with a word to the person who waits.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import time
import traceback
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Final

from telegram import Update
from telegram.error import BadRequest, Forbidden

from bot.store import Database, Transaction, inbox
from bot.store.inbox import MAX_ATTEMPTS, MAX_FAILURES, Row
from bot.telegram.api import Api
from bot.telegram.persist import Persist
from bot.telegram.shape import UnusableUpdateError, check_shape
from bot.telegram.text import scrub_json

_AT_ONCE: Final = 8

_log = logging.getLogger(__name__)

Work = Callable[[Transaction], None]
# Decides on an update: what it returns is committed together with the update's end.
Handle = Callable[[Update, Row], Awaitable[Work]]


class Pump:
    """Works what the intake stored until it is stopped."""

    def __init__(
        self,
        persist: Persist,
        api: Api,
        handle: Handle,
        *,
        on_planned: Callable[[Iterable[int]], None],
        on_failed: Callable[[Transaction, Row], None],
    ) -> None:
        self._persist = persist
        self._db: Database = persist.db
        self._api = api
        self._handle = handle
        self._on_planned = on_planned
        self._on_failed = on_failed
        self._chats: dict[str, deque[int]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._slots = asyncio.Semaphore(_AT_ONCE)
        self._stopping = asyncio.Event()

    def start(self) -> None:
        """Take up what an earlier run left."""
        self.wake(inbox.waiting(self._db.conn))

    def wake(self, waiting: Iterable[tuple[int, str]]) -> None:
        """Work the rows (seq, chat_key) as soon as their chat's turn comes."""
        if self._stopping.is_set():
            return
        for seq, chat in waiting:
            if chat in self._chats:
                self._chats[chat].append(seq)
                continue
            self._chats[chat] = deque([seq])
            task = asyncio.create_task(self._work_chat(chat), name=f"chat {chat}")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def stop(self, timeout_s: float) -> None:
        """End what is being worked, within *timeout_s*; the rest stays in the inbox."""
        self._stopping.set()
        if self._tasks:
            _, left = await asyncio.wait(self._tasks, timeout=timeout_s)
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)

    @property
    def idle(self) -> bool:
        """Whether nothing is waiting or being worked."""
        return not self._chats

    async def _work_chat(self, chat: str) -> None:
        queue = self._chats[chat]
        try:
            while queue and not self._stopping.is_set():
                retry_in = await self._work(queue[0])
                if retry_in is None:
                    queue.popleft()
                    continue
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._stopping.wait(), retry_in)
        finally:
            del self._chats[chat]

    async def _work(self, seq: int) -> float | None:
        """Work one row; seconds to wait before it is tried again, None when it is settled."""
        async with self._slots:
            row = await self._persist.write(lambda tx: inbox.claim(tx.conn, seq))
            if row is None:
                return None
            if row.attempts > MAX_ATTEMPTS:
                await self._give_up(row, "too many attempts")
                return None
            started = time.perf_counter()
            try:
                await self._run(row)
            except UnusableUpdateError as err:
                _log.warning("update %d is poison: %s", row.update_id, err)
                await self._end(row, "poison", str(err))
            except Exception as err:
                return await self._after_failure(row, err)
            _log.debug("update %d: %.1f ms", row.update_id, 1000 * (time.perf_counter() - started))
        return None

    async def _run(self, row: Row) -> None:
        work = await self._handle(self._parse(row.body), row)

        def commit(tx: Transaction) -> list[int]:
            work(tx)
            inbox.settle(tx.conn, row.seq, "done", tx.now)
            return tx.planned

        self._on_planned(await self._persist.write(commit))

    def _parse(self, body: str) -> Update:
        try:
            data: dict[str, Any] = scrub_json(json.loads(body))
            check_shape(data)
            return Update.de_json(data, self._api)
        except UnusableUpdateError:
            raise
        except Exception as err:  # whatever the library trips over
            raise UnusableUpdateError(type(err).__name__) from err

    async def _after_failure(self, row: Row, err: Exception) -> float | None:
        name = type(err).__name__
        failures = await self._persist.write(lambda tx: inbox.count_failure(tx.conn, row.seq, name))
        # Where it went wrong, but not the error's words: they may repeat the person's.
        where = "".join(traceback.format_tb(err.__traceback__))
        _log.error("update %d failed %d times: %s\n%s", row.update_id, failures, name, where)
        # Telegram refused a question that the handler had: it would again.
        if failures >= MAX_FAILURES or isinstance(err, (BadRequest, Forbidden)):
            await self._give_up(row, name)
            return None
        return float(0.1 * 3 ** (failures - 1))

    async def _give_up(self, row: Row, reason: str) -> None:
        def commit(tx: Transaction) -> list[int]:
            inbox.settle(tx.conn, row.seq, "failed", tx.now, reason)
            self._on_failed(tx, row)
            return tx.planned

        self._on_planned(await self._persist.write(commit))

    async def _end(self, row: Row, state: str, reason: str) -> None:
        await self._persist.write(lambda tx: inbox.settle(tx.conn, row.seq, state, tx.now, reason))
