"""Commits that wait out a sick disk.

A database that is locked, full or read-only heals with time: whoever has something to commit waits
here, and nothing is acknowledged meanwhile.  When it stays sick for too long the process ends,
loudly.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import time
from collections.abc import Callable
from typing import Final, TypeVar

from bot.store import Database, Transaction, is_outage

MAX_OUTAGE_S: Final = 300.0

T = TypeVar("T")
_log = logging.getLogger(__name__)


class Persist:
    """Writes to one database from one event loop."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self._failing_since: float | None = None

    @property
    def failing(self) -> bool:
        """Whether the last commit did not go through."""
        return self._failing_since is not None

    @property
    def lost(self) -> bool:
        """Whether it has been failing for so long that waiting is pointless."""
        since = self._failing_since
        return since is not None and time.monotonic() - since > MAX_OUTAGE_S

    def write_now(self, work: Callable[[Transaction], T]) -> T:
        """Commit *work*, or raise: nothing is kept then."""
        try:
            with self.db.transaction() as tx:
                result = work(tx)
        except sqlite3.OperationalError as err:
            if is_outage(err) and self._failing_since is None:
                self._failing_since = time.monotonic()
                _log.error("数据库暂时写不进去（%s），等它恢复", err.sqlite_errorname)
            raise
        if self._failing_since is not None:
            _log.warning("数据库恢复了，停了 %.0f 秒", time.monotonic() - self._failing_since)
            self._failing_since = None
        return result

    async def write(self, work: Callable[[Transaction], T]) -> T:
        """Commit *work*, however long the disk needs; *work* may run several times."""
        while True:
            try:
                return self.write_now(work)
            except sqlite3.OperationalError as err:
                if not is_outage(err):
                    raise
            await asyncio.sleep(0.3)
