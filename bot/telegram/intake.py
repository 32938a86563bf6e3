"""Where updates come in: stored first, then acknowledged.

By long polling the offset moves only after the batch is committed; by webhook the 200 is given only
then.  What can't be parsed is stored as poison and acknowledged like the rest.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import json
import logging
import re
import sqlite3
import time
from collections.abc import Callable, Iterator
from typing import Any, Final

from telegram.error import Conflict, InvalidToken, NetworkError, RetryAfter, TelegramError
from tornado.httpserver import HTTPServer
from tornado.web import Application, RequestHandler

from bot.errors import QingxingError
from bot.store import inbox
from bot.store.inbox import Incoming
from bot.telegram.api import Api, seconds
from bot.telegram.persist import Persist

POLL_S: Final = 10
ALLOWED_UPDATES: Final = [
    "message",
    "edited_message",
    "callback_query",
    "inline_query",
    "my_chat_member",
    "chat_member",
]
CONFLICT_S: Final = 45.0
REFUSALS: Final = 3
RESET_OFFSET_S: Final = 86400.0  # after a week's silence Telegram may number anew

_TOKENS = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]', re.S)
_UPDATE_ID = re.compile(r'"update_id"\s*:\s*(\d{1,18})\b')
_MAX_ID: Final = 2**63 - 2

_log = logging.getLogger(__name__)

Wake = Callable[[list[tuple[int, str]]], None]


def parse_batch(payload: bytes) -> list[Incoming] | None:
    """The updates of a getUpdates reply; None if it isn't one.

    A batch that the JSON parser gives up on (nested too deeply) is cut into its elements, so that
    one of them can't stop the others.
    """
    text = payload.decode("utf-8", "replace")
    try:
        data = json.loads(text)
        result = data.get("result") if isinstance(data, dict) else None
        if not isinstance(result, list):
            return None
        return [item for update in result if (item := incoming(update)) is not None]
    except RecursionError:
        pieces = (parse_one(piece) for piece in _elements(text))
        return [piece for piece in pieces if piece is not None]
    except ValueError:
        return None


def parse_one(text: str) -> Incoming | None:
    """One update as text; poison if it has a number and nothing else can be read."""
    try:
        return incoming(json.loads(text))
    except (ValueError, RecursionError):
        match = _UPDATE_ID.search(text)
        return Incoming(int(match[1]), "?", text[:100_000], poison=True) if match else None


def incoming(update: Any) -> Incoming | None:
    """A parsed update as it is stored; None, logged, if it has no number to go by."""
    update_id = update.get("update_id") if isinstance(update, dict) else None
    if not isinstance(update_id, int) or not 0 <= update_id <= _MAX_ID:
        _log.warning("an update without a usable number was dropped")
        return None
    # ASCII keeps lone surrogates apart until they are scrubbed.
    return Incoming(update_id, chat_key(update), json.dumps(update, separators=(",", ":")))


def chat_key(update: dict[str, Any]) -> str:
    """What must be worked in order with this update: its chat, or an inline user."""
    for kind, content in update.items():
        if not isinstance(content, dict):
            continue
        if kind == "inline_query":
            return f"i{_id_in(content.get('from'))}"
        message = content.get("message")
        holder = message if kind == "callback_query" and isinstance(message, dict) else content
        chat = _id_in(holder.get("chat"))
        return f"c{chat}" if chat is not None else f"u{_id_in(content.get('from'))}"
    return "?"


class Poller:
    """Long polling that neither dies in silence nor runs hot."""

    def __init__(self, persist: Persist, wake: Wake, on_ready: Callable[[], None]) -> None:
        self._persist = persist
        self._wake = wake
        self._on_ready = on_ready
        self._failures = 0
        self._refusals = 0
        self._conflict_since: float | None = None
        self._offset: int | None = None
        self._last_update = time.monotonic()
        self._hold_s = 0  # the first poll only looks, so that readiness shows at once
        self.bot_id = 0
        self.poll_s = POLL_S
        self.last_success = time.monotonic()

    def take(self, payload: bytes) -> list[int] | None:
        """Store a batch; its numbers, or NetworkError so that the offset stays."""
        batch = parse_batch(payload)
        if batch is None:
            return None
        try:
            waiting = self._persist.write_now(
                lambda tx: inbox.insert(tx.conn, self.bot_id, batch, tx.now)
            )
        except sqlite3.Error as err:
            raise NetworkError(f"inbox: {type(err).__name__}") from err
        self._wake(waiting)
        return [item.update_id for item in batch]

    async def run(self, api: Api) -> None:
        """Poll for ever; a QingxingError when it is pointless."""
        quick = 0
        while True:
            started = time.monotonic()
            try:
                updates = await api.get_updates(
                    offset=self._offset,
                    limit=100,
                    timeout=self._hold_s,
                    allowed_updates=ALLOWED_UPDATES,
                )
            except TelegramError as err:
                await asyncio.sleep(self._after_failure(err))
                continue
            self._succeeded()
            if updates:
                self._offset = max(update.update_id for update in updates) + 1
                self._last_update = time.monotonic()
            elif time.monotonic() - self._last_update > RESET_OFFSET_S:
                self._offset = None
            # A server that doesn't hold the line must not be asked without end.
            hasty = self._hold_s > 0 and time.monotonic() - started < 0.05
            quick = quick + 1 if not updates and hasty else 0
            self._hold_s = self.poll_s
            if quick:
                await asyncio.sleep(min(0.05 * quick, 0.5))

    def _succeeded(self) -> None:
        first = self._failures == 0 and self._refusals == 0 and self._conflict_since is None
        if not first:
            _log.info("polling again")
        self._failures = self._refusals = 0
        self._conflict_since = None
        self.last_success = time.monotonic()
        self._on_ready()

    def _after_failure(self, err: TelegramError) -> float:
        self._failures += 1
        _log.warning("getUpdates: %s", type(err.__cause__ or err).__name__)
        if isinstance(err, RetryAfter):
            return seconds(err.retry_after) + 0.05
        if isinstance(err, InvalidToken):
            self._refusals += 1
            if self._refusals >= REFUSALS:
                raise QingxingError("Telegram 不认这个 TELEGRAM_BOT_TOKEN，请向 @BotFather 核对")
        if isinstance(err, Conflict):
            since = self._conflict_since = self._conflict_since or time.monotonic()
            if time.monotonic() - since > CONFLICT_S:
                raise QingxingError("另有一个程序在用同一个令牌收消息；先停掉它，再启动这个")
            return 5.0
        return float(min(0.6 * 2 ** (self._failures - 1), 15.0))


class Webhook:
    """An endpoint that stores what it gets and then says 200; 503 when it can't store."""

    def __init__(self, persist: Persist, wake: Wake, secret: str) -> None:
        self._persist = persist
        self._wake = wake
        self.secret = secret
        self._server: HTTPServer | None = None
        self.bot_id = 0

    def listen(self, host: str, port: int) -> None:
        """Start to listen; a QingxingError if the address can't be had."""
        routes = [(r"/.*", _WebhookHandler, {"webhook": self})]
        self._server = HTTPServer(Application(routes, log_function=lambda _: None))
        try:
            self._server.listen(port, address=host)
        except OSError as err:
            reason = err.strerror or type(err).__name__
            raise QingxingError(f"QINGXING_WEBHOOK_LISTEN {host}:{port} 听不了：{reason}") from err

    async def close(self) -> None:
        """Stop listening, after what is being stored."""
        if self._server is not None:
            self._server.stop()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._server.close_all_connections(), 2)

    def authorised(self, secret: str) -> bool:
        """Whether the header holds our secret."""
        return hmac.compare_digest(secret.encode(), self.secret.encode())

    def store(self, body: bytes) -> int:
        """Store one update; the HTTP status that says so.

        Never a 4xx for what is in it: Telegram would send it again for a day.
        """
        item = parse_one(body.decode("utf-8", "replace"))
        if item is None:
            return 200
        try:
            waiting = self._persist.write_now(
                lambda tx: inbox.insert(tx.conn, self.bot_id, [item], tx.now)
            )
        except sqlite3.Error:
            return 503
        self._wake(waiting)
        return 200


class _WebhookHandler(RequestHandler):
    SUPPORTED_METHODS = ("POST",)

    def initialize(self, webhook: Webhook) -> None:
        self.webhook = webhook

    async def post(self) -> None:
        secret = self.request.headers.get("X-Telegram-Bot-Api-Secret-Token", "")
        if not self.webhook.authorised(secret):
            self.set_status(403)
        else:
            self.set_status(self.webhook.store(self.request.body))


def _id_in(value: Any) -> int | None:
    found = value.get("id") if isinstance(value, dict) else None
    return found if isinstance(found, int) else None


def _elements(text: str) -> Iterator[str]:
    """The elements of the array under ``result``, cut by brackets alone."""
    depth = 0
    start = 0
    for match in _TOKENS.finditer(text):
        token = match[0]
        if token in "[{":
            depth += 1
            if depth == 3:
                start = match.start()
        elif token in "]}":
            if depth == 3:
                yield text[start : match.end()]
            depth -= 1
