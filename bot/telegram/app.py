"""The bot: what is wired to what, and how it starts and ends.

An update's way: ``intake`` stores it → ``pump`` takes each chat's in order → ``router`` finds its
handler in :func:`routes` → the handler plans effects on its :class:`~bot.telegram.context.Context`
→ one commit ends the update and puts the effects into the outbox → ``sender`` carries them out.

**To add a handler** write ``async def on_x(ctx: Context) -> None`` in ``handlers/`` and name it in
the tuple of :func:`routes`, whose order decides: the first match wins.  Read with ``ctx.message``,
``ctx.conn`` (SELECT only) and live questions to ``ctx.services.api``; run the core with
``await ctx.think(function, …)``; change rows with ``ctx.write(lambda tx: …)``.  Never send.

**To plan an effect** use ``ctx.send(text, keyboard)``, ``ctx.answer(toast)`` or
``ctx.plan(effects.delete(key, chat, message, after=notice_key))``.  A key must come out the same
when the handler runs again, and is good once for ever (``case:17:delete``).  ``due_at`` delays,
``after`` waits for another effect, ``hook="name"`` has the function of that name in :data:`HOOKS`
called with the result inside the transaction that records it (there ``tx.plan`` plans more).

**Regular work** (digests, retention) is a function in :data:`TICKERS`: it gets a transaction every
half minute and looks at rows with a due time.  What must follow a group to its new id is in
:data:`MIGRATE`; what ``/forget`` must erase, in :data:`FORGET`.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import logging
import os
import signal
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from telegram import Update
from telegram.error import InvalidToken, RetryAfter, TelegramError

from bot.config import Settings
from bot.errors import QingxingError, os_reason
from bot.receipts import save_version
from bot.store import Database, Transaction, inbox, outbox
from bot.store.inbox import Row
from bot.telegram import handlers, logs, menus, router
from bot.telegram.api import Api, make_api, seconds
from bot.telegram.context import Context, Services
from bot.telegram.handlers import group, upkeep
from bot.telegram.intake import ALLOWED_UPDATES, POLL_S, Poller, Webhook
from bot.telegram.persist import Persist
from bot.telegram.pump import Pump, Work
from bot.telegram.router import Route
from bot.telegram.sender import Hook, Local, Sender

if TYPE_CHECKING:
    from bot.knowledge import Knowledge

TICK_S: Final = 30.0
_HANDLERS_END_S: Final = 6.0
_CALLS_END_S: Final = 6.0
_KILL_AFTER_S: Final = 17.0
_STUCK_S: Final = 600.0

_log = logging.getLogger(__name__)

Load = Callable[[Path], "Knowledge"]


def routes() -> tuple[Route, ...]:
    """Every handler, first match first."""
    return (
        *handlers.inline_routes(),
        *handlers.button_routes(),
        *group.group_routes(),
        *group.noting_who_started(handlers.private_routes()),
        # Last: a press that nobody knows is answered all the same.
        Route("unknown button", router.is_button, handlers.on_unknown_button),
    )


# What an effect's ``hook`` may name.
HOOKS: Final[dict[str, Hook]] = {}
# What an effect's method ``local:<name>`` may name.
LOCAL: Final[dict[str, Local]] = {"scrub": Database.scrub}
# Called every half minute, each in a transaction of its own.
TICKERS: Final[list[Callable[[Transaction, Services], None]]] = [upkeep.purge]
# Called with (transaction, old id, new id) when a group becomes a supergroup.
MIGRATE: Final[list[Callable[[Transaction, int, int], None]]] = [
    lambda tx, old, new: outbox.migrate_chat(tx.conn, old, new)
]
# Called with (transaction, user id) by /forget.
FORGET: Final = upkeep.FORGET

group.add_group_handlers(HOOKS, LOCAL, TICKERS, MIGRATE, FORGET)


def migrate_chat(tx: Transaction, old: int, new: int) -> None:
    """Rewrite a group's id everywhere, in one transaction."""
    for migrate in MIGRATE:
        migrate(tx, old, new)


class App:
    """One running bot on one home."""

    def __init__(self, settings: Settings, db: Database, load: Load) -> None:
        self._settings = settings
        self._db = db
        self._load = load
        self._persist = Persist(db)
        self._stop = asyncio.Event()
        self._ready = False
        self._routes = routes()
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
            on_failed=lambda tx, row: handlers.give_up(tx, row, settings.owners),
        )
        self._sender = Sender(
            self._persist, self._api, hooks=HOOKS, local=LOCAL, migrate=migrate_chat
        )

    async def run(self) -> None:
        """Work until a signal; a QingxingError says why it can't."""
        self._listen_to_signals()
        try:
            if await self._until_stopped(self._sign_in()) is None:
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
                await self._work()
            finally:
                self._thinker.submit(knowledge.close)
        finally:
            self._thinker.shutdown(wait=False)
            with contextlib.suppress(Exception):
                await asyncio.wait_for(self._api.shutdown(), 2)

    # --- start ---

    async def _sign_in(self) -> bool:
        """getMe until it answers; a refused token ends it, after a second look."""
        refusals = 0
        delay = 0.5
        while True:
            try:
                await self._api.initialize()
                return True
            except InvalidToken as err:
                refusals += 1
                if refusals >= 2:
                    raise QingxingError(
                        "Telegram 不认这个 TELEGRAM_BOT_TOKEN，请向 @BotFather 核对"
                    ) from err
                await asyncio.sleep(0.3)
            except RetryAfter as err:
                await asyncio.sleep(seconds(err.retry_after))
            except TelegramError as err:
                _log.warning("getMe: %s", type(err.__cause__ or err).__name__)
                await asyncio.sleep(delay)
                delay = min(delay * 2, 15.0)

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
        await self._patiently(
            lambda: self._api.set_webhook(
                self._settings.webhook_url or "",
                secret_token=webhook.secret,
                allowed_updates=ALLOWED_UPDATES,
                max_connections=10,
            )
        )
        self._say_ready()
        await asyncio.Event().wait()

    async def _start_polling(self) -> None:
        # Without drop_pending_updates: what waited for the webhook comes by polling.
        await self._patiently(self._api.delete_webhook)
        await self._poller.run(self._api)

    async def _patiently(self, call: Callable[[], Any]) -> None:
        delay = 0.5
        while True:
            try:
                await call()
                return
            except TelegramError as err:
                _log.warning("start: %s", type(err.__cause__ or err).__name__)
                await asyncio.sleep(delay)
                delay = min(delay * 2, 15.0)

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
        threading.Thread(target=_force_exit, daemon=True).start()
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
        route = router.find(self._routes, update)
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
            for ticker in TICKERS:
                try:
                    planned = await self._persist.write(partial(self._run_ticker, ticker))
                    self._sender.wake(planned)
                except Exception:
                    _log.exception("regular work failed")
            await asyncio.sleep(TICK_S)

    def _run_ticker(
        self, ticker: Callable[[Transaction, Services], None], tx: Transaction
    ) -> list[int]:
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


def warm(knowledge: Knowledge) -> None:
    """Load or build all that a first question would otherwise wait for."""
    knowledge.check("AI视频贡献10%的GMV")
    knowledge.answer("AI视频贡献了多少GMV?")


def run(settings: Settings, load: Load) -> None:
    """Run the bot in the foreground until SIGTERM or SIGINT; *load* opens a home's knowledge."""
    token = settings.require_token()
    secret = settings.webhook_secret
    logs.set_up(settings.log, (token, secret.get_secret_value() if secret else ""))
    with _one_per_home(settings.home), _open_database(settings.home) as db:
        try:
            asyncio.run(App(settings, db, load).run())
        except QingxingError:
            raise
        except Exception as err:
            # Logged here, where the token is taken out of it.
            _log.critical("stopped by a fault", exc_info=err)
            raise QingxingError(f"出了没料到的错（{type(err).__name__}），详情见日志") from None


def _open_database(home: Path) -> Database:
    try:
        return Database.open(home, busy_timeout_ms=250)
    except sqlite3.Error as err:
        raise QingxingError(f"QINGXING_HOME {home} 里的数据库打不开：{err}") from err


@contextlib.contextmanager
def _one_per_home(home: Path) -> Iterator[None]:
    """Hold the home's lock; a QingxingError if another bot has it."""
    try:
        home.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(home / "bot.lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as err:
        raise QingxingError(f"QINGXING_HOME {home} 用不了：{os_reason(err)}") from err
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as err:
        os.close(descriptor)
        raise QingxingError(f"另一个机器人正在用 {home}；一个文件夹只能跑一个") from err
    try:
        yield
    finally:
        os.close(descriptor)


def _force_exit() -> None:
    """The last resort of a stop that hangs: everything that matters is committed."""
    time.sleep(_KILL_AFTER_S)
    os._exit(0)
