"""The running process: intake, pump, sender and ticker side by side, until a signal or a fault."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import threading
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from telegram import Update
from telegram.error import TelegramError

from bot.config import Settings
from bot.errors import QingxingError
from bot.receipts import save_version
from bot.store import Database, Transaction, inbox
from bot.store.inbox import Row
from bot.telegram import logs, menus, router
from bot.telegram.api import Api, make_api
from bot.telegram.context import Context, Services
from bot.telegram.intake import ALLOWED_UPDATES, POLL_S, Poller, Webhook
from bot.telegram.persist import Persist
from bot.telegram.pump import Pump, Work
from bot.telegram.router import Route
from bot.telegram.sender import Hook, Local, Sender
from bot.telegram.startup import one_per_home, open_database, patiently, warm

if TYPE_CHECKING:
    from bot.knowledge import Knowledge

TICK_S: Final = 30.0
_HANDLERS_END_S: Final = 6.0
_CALLS_END_S: Final = 6.0
_KILL_AFTER_S: Final = 17.0
_STUCK_S: Final = 600.0

_log = logging.getLogger(__name__)

Load = Callable[[Path], "Knowledge"]
Ticker = Callable[[Transaction, Services], None]
Prepare = Callable[[Services, Persist], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Wiring:
    """What the process is to do with what comes; put together in ``app``."""

    routes: Sequence[Route]
    hooks: Mapping[str, Hook]
    local: Mapping[str, Local]
    tickers: Sequence[Ticker]
    migrate_chat: Callable[[Transaction, int, int], None]
    give_up: Callable[[Transaction, Row, Iterable[int]], None]
    prepare: Prepare  # awaited before the first update is worked


class App:
    """One running bot on one home."""

    def __init__(self, settings: Settings, db: Database, load: Load, wiring: Wiring) -> None:
        self._settings = settings
        self._db = db
        self._load = load
        self._wiring = wiring
        self._persist = Persist(db)
        self._stop = asyncio.Event()
        self._ready = False
        self._poller = Poller(self._persist, self._wake, self._say_ready)
        self._poller.poll_s = max(1, min(POLL_S, int(settings.watchdog_s / 3)))
        self._webhook = self._make_webhook()
        self._api: Api = make_api(
            settings.require_token(),
            settings.api_base_url,
            settings.api_base_file_url,
            self._poller.take,
        )
        self._thinker = ThreadPoolExecutor(1, thread_name_prefix="think")
        self._pump = Pump(
            self._persist,
            self._api,
            self._handle,
            on_planned=self._plan_made,
            on_failed=lambda tx, row: wiring.give_up(tx, row, settings.owners),
        )
        self._sender = Sender(
            self._persist,
            self._api,
            hooks=wiring.hooks,
            local=wiring.local,
            migrate=wiring.migrate_chat,
        )

    async def run(self) -> None:
        """Work until a signal; a QingxingError says why it can't."""
        self._listen_to_signals()
        try:
            if not await self._until_stopped(self._sign_in()):
                return
            self._poller.bot_id = self._api.id
            if self._webhook is not None:
                self._webhook.bot_id = self._api.id
            knowledge = await self._until_stopped(self._open_knowledge())
            if knowledge is None:
                return
            self._services = Services(
                self._settings, self._api, self._db.conn, knowledge, self._thinker
            )
            try:
                await self._wiring.prepare(self._services, self._persist)
                await self._work()
            finally:
                self._thinker.submit(knowledge.close)
        finally:
            self._thinker.shutdown(wait=False)
            with contextlib.suppress(Exception):
                await asyncio.wait_for(self._api.shutdown(), 2)

    # --- start ---

    async def _sign_in(self) -> bool:
        await patiently("getMe", self._api.initialize)
        return True

    async def _open_knowledge(self) -> Knowledge:
        loop = asyncio.get_running_loop()
        knowledge = await loop.run_in_executor(self._thinker, self._load_warm)
        await self._persist.write(lambda tx: save_version(tx, knowledge))
        return knowledge

    def _load_warm(self) -> Knowledge:
        # In the thinker's thread, which alone works with it.
        knowledge = self._load(self._settings.home)
        warm(knowledge)
        return knowledge

    def _make_webhook(self) -> Webhook | None:
        secret = self._settings.webhook_secret
        if not self._settings.webhook or secret is None:
            return None
        return Webhook(self._persist, self._wake, secret.get_secret_value())

    async def _start_webhook(self, webhook: Webhook) -> None:
        webhook.listen(*self._settings.listen)
        await patiently(
            "setWebhook",
            lambda: self._api.set_webhook(
                self._settings.webhook_url or "",
                secret_token=webhook.secret,
                allowed_updates=ALLOWED_UPDATES,
                max_connections=10,
            ),
        )
        self._say_ready()
        await asyncio.Event().wait()

    async def _start_polling(self) -> None:
        # Without drop_pending_updates: what waited for the webhook comes by polling.
        await patiently("deleteWebhook", self._api.delete_webhook)
        await self._poller.run(self._api)

    def _say_ready(self) -> None:
        if not self._ready:
            self._ready = True
            _log.info("就绪：@%s", self._api.username)

    # --- work ---

    async def _work(self) -> None:
        self._poller.last_success = time.monotonic()
        self._pump.start()
        intake = self._start_webhook(self._webhook) if self._webhook else self._start_polling()
        tasks = [
            asyncio.create_task(intake, name="intake"),
            asyncio.create_task(self._sender.run(), name="sender"),
            asyncio.create_task(self._tick(), name="ticker"),
            asyncio.create_task(self._watch(), name="watchdog"),
        ]
        menu = asyncio.create_task(self._tell_menus())
        stopped = asyncio.create_task(self._stop.wait())
        try:
            done, _ = await asyncio.wait([*tasks, stopped], return_when=asyncio.FIRST_COMPLETED)
            for task in done - {stopped}:
                task.result()  # raises what ended it
                raise QingxingError(f"{task.get_name()} 意外停下了")
        finally:
            await self._end([*tasks, menu, stopped])

    async def _end(self, tasks: list[asyncio.Task[Any]]) -> None:
        """Stop taking in, finish what is under way, leave the rest to the next start."""
        status = 0 if self._stop.is_set() else 1
        threading.Thread(target=_force_exit, args=(status,), daemon=True).start()
        intake, sender, *others = tasks
        for task in (intake, *others):
            task.cancel()
        await asyncio.gather(intake, *others, return_exceptions=True)
        if self._webhook is not None:
            await self._webhook.close()
        await self._pump.stop(_HANDLERS_END_S)
        await self._sender.stop(_CALLS_END_S)
        sender.cancel()
        await asyncio.gather(sender, return_exceptions=True)

    async def _handle(self, update: Update, row: Row) -> Work:
        ctx = Context(update, row, self._services)
        route = router.find(self._wiring.routes, update)
        if route is not None:
            await route.handle(ctx)
            if update.callback_query is not None:
                ctx.answer()
        return ctx.commit

    def _wake(self, waiting: list[tuple[int, str]]) -> None:
        self._pump.wake(waiting)

    def _plan_made(self, planned: Any) -> None:
        self._sender.wake(planned)

    async def _tick(self) -> None:
        while True:
            for ticker in self._wiring.tickers:
                try:
                    planned = await self._persist.write(partial(self._run_ticker, ticker))
                    self._sender.wake(planned)
                except Exception:
                    _log.exception("regular work failed")
            await asyncio.sleep(TICK_S)

    def _run_ticker(self, ticker: Ticker, tx: Transaction) -> list[int]:
        ticker(tx, self._services)
        return tx.planned

    async def _watch(self) -> None:
        """End the process, loudly, when it has become deaf or stuck."""
        limit = self._settings.watchdog_s
        while True:
            await asyncio.sleep(min(limit / 4, 15.0))
            silent = time.monotonic() - self._poller.last_success
            if self._webhook is None and silent > limit:
                raise QingxingError(f"{silent:.0f} 秒没能从 Telegram 收到回应，退出")
            if self._webhook is None and silent > limit / 2:
                _log.error("%.0f 秒没能从 Telegram 收到回应", silent)
            if self._persist.lost:
                raise QingxingError("数据库一直写不进去，退出；请检查磁盘空间和权限")
            oldest = None if self._persist.failing else inbox.oldest_waiting(self._db.conn)
            if oldest is not None and time.time() - oldest > _STUCK_S and self._pump.idle:
                raise QingxingError("收到的消息没有人处理，退出")

    async def _tell_menus(self) -> None:
        try:
            await menus.tell(self._api, self._persist)
        except TelegramError as err:
            _log.warning("menus: %s", type(err).__name__)

    def _listen_to_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for signum in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(signum, self._stop.set)

    async def _until_stopped(self, coroutine: Any) -> Any:
        """The coroutine's result, or None if a signal came first."""
        task = asyncio.ensure_future(coroutine)
        stop = asyncio.ensure_future(self._stop.wait())
        await asyncio.wait([task, stop], return_when=asyncio.FIRST_COMPLETED)
        stop.cancel()
        if task.done():
            return task.result()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return None


def run(settings: Settings, load: Load, wiring: Wiring) -> None:
    """Run the bot in the foreground until SIGTERM or SIGINT; *load* opens a home's knowledge."""
    token = settings.require_token()
    secret = settings.webhook_secret
    logs.set_up(settings.log, (token, secret.get_secret_value() if secret else ""))
    with one_per_home(settings.home), open_database(settings.home) as db:
        try:
            asyncio.run(App(settings, db, load, wiring).run())
        except QingxingError:
            raise
        except Exception as err:
            # Logged here, where the token is taken out of it.
            _log.critical("stopped by a fault", exc_info=err)
            raise QingxingError(f"出了没料到的错（{type(err).__name__}），详情见日志") from None


def _force_exit(status: int) -> None:
    """The last resort of a stop that hangs: everything that matters is committed."""
    time.sleep(_KILL_AFTER_S)
    os._exit(status)
