"""The Bot API through python-telegram-bot, mended where its defaults lose or leak something.

- Long polls go through :class:`InboxRequest`: updates are stored before the library parses them,
  which then sees bare numbers, so no update can stop the others.
- A refusal under HTTP 200 is a refusal.  What a server says is never logged whole.
- :func:`judge` turns what came of a call into what is to be done about it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx
from telegram import Bot, InputFile
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)
from telegram.request import HTTPXRequest

from bot.store.outbox import is_repeatable

READ_TIMEOUT_S: Final = 25.0  # longer than a server's hiccup: an unknown outcome is worse
_REFUSED = re.compile(rb'^\s*\{\s*"ok"\s*:\s*false\b')

TakeUpdates = Callable[[bytes], list[int] | None]
BeforeSend = Callable[[], None]

_before_send: ContextVar[BeforeSend | None] = ContextVar("before_send", default=None)


class Request(HTTPXRequest):
    """HTTP to the Bot API that takes ``ok: false`` for what it is, whatever the status."""

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        try:
            data = json.loads(payload.decode("utf-8", "replace"))
        except (ValueError, RecursionError) as err:
            raise TelegramError("Invalid server response") from err
        if not isinstance(data, dict) or ("result" not in data and data.get("ok") is not False):
            raise TelegramError("Invalid server response")
        return data

    async def do_request(self, *args: Any, **kwargs: Any) -> tuple[int, bytes]:
        code, payload = await super().do_request(*args, **kwargs)
        if 200 <= code <= 299 and _REFUSED.match(payload):
            code = int(self.parse_json_payload(payload).get("error_code") or 400)
        return code, payload


class InboxRequest(Request):
    """The same for getUpdates alone: stores what comes, passes on no more than the numbers."""

    __slots__ = ("_take",)

    def __init__(self, take: TakeUpdates, **kwargs: Any) -> None:
        super().__init__(connection_pool_size=1, pool_timeout=10.0, **kwargs)
        self._take = take

    async def do_request(self, *args: Any, **kwargs: Any) -> tuple[int, bytes]:
        code, payload = await super().do_request(*args, **kwargs)
        if 200 <= code <= 299:
            numbers = self._take(payload)
            if numbers is not None:
                stubs = [{"update_id": number} for number in numbers]
                payload = json.dumps({"ok": True, "result": stubs}).encode()
        return code, payload


class Api(Bot):
    """A Bot that also makes calls which are at hand as plain JSON."""

    async def call(
        self, method: str, payload: dict[str, Any], before_send: BeforeSend | None = None
    ) -> Any:
        """Call *method*; a value ``{"path": …}`` is a file of ours to upload.

        *before_send* is called when the connection stands and the first byte is about to go out;
        if it raises, none does.
        """
        token = _before_send.set(before_send)
        try:
            data = {name: _upload(value) for name, value in payload.items()}
            return await self._post(method, data)
        finally:
            _before_send.reset(token)


class Transport(httpx.AsyncHTTPTransport):
    """Tells whoever waits for it the moment at which a request begins to leave."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if tell := _before_send.get():

            async def trace(event: str, _: dict[str, Any]) -> None:
                if event == "http11.send_request_headers.started":
                    tell()

            request.extensions = {**request.extensions, "trace": trace}
        return await super().handle_async_request(request)


def _transport(address: str) -> Transport:
    """The transport to *address*, through the proxy that the environment names, if any."""
    parts = urlsplit(address)
    proxies = {} if proxy_bypass(parts.hostname or "") else getproxies()
    proxy = proxies.get(parts.scheme) or proxies.get("all")
    return Transport(
        proxy=httpx.Proxy(proxy) if proxy else None,
        limits=httpx.Limits(max_connections=64, keepalive_expiry=60.0),
    )


def make_api(token: str, base_url: str, base_file_url: str, take: TakeUpdates) -> Api:
    """The Bot, its requests for calls and for long polls kept apart."""
    return Api(
        token,
        base_url=base_url,
        base_file_url=base_file_url,
        request=Request(
            connect_timeout=5.0,
            read_timeout=READ_TIMEOUT_S,
            write_timeout=10.0,
            pool_timeout=10.0,
            httpx_kwargs={"transport": _transport(base_url), "trust_env": False},
        ),
        get_updates_request=InboxRequest(take, connect_timeout=5.0, read_timeout=5.0),
    )


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to do about a call: ``done``, ``retry`` (after ``delay``), ``unknown`` outcome,
    ``failed``, ``gone`` (nothing reaches that chat any more), ``migrated``, or ``fallback``."""

    act: Literal["done", "retry", "wait", "unknown", "failed", "gone", "migrated", "fallback"]
    reason: str = ""
    delay: float | None = None
    new_chat_id: int | None = None


# What a refusal says, in lower case → what it means.  From the Bot API server's own texts.
_DONE: Final = (
    "message to delete not found",
    "message is not modified",
    "query is too old",
    "query id is invalid",
    "user_not_participant",
    "participant_id_invalid",
)
_FALLBACK: Final = (
    "message to be replied not found",
    "replied message not found",
    "message to reply not found",
    "quote_text_invalid",
    "quote not found",
    "message_thread_not_found",
    "message thread not found",
    "topic_closed",
)
_GONE: Final = ("chat not found", "group is deactivated", "group chat was deactivated")


def judge(err: BaseException, method: str) -> Verdict:
    """What came of a call that raised *err*.

    The order matters: BadRequest and TimedOut are NetworkErrors too.
    """
    if isinstance(err, RetryAfter):
        return Verdict("wait", "too many requests", delay=seconds(err.retry_after))
    if isinstance(err, ChatMigrated):
        return Verdict("migrated", "supergroup", new_chat_id=err.new_chat_id)
    if isinstance(err, Forbidden):
        return Verdict("gone", _reason(err))
    if isinstance(err, BadRequest):
        return _judge_refusal(_reason(err))
    if isinstance(err, (InvalidToken, Conflict)):
        return Verdict("retry", type(err).__name__)
    if isinstance(err, (TimedOut, NetworkError)):
        return _judge_transport(err, method)
    if isinstance(err, TelegramError):  # a proxy's page under status 200, an empty body
        return Verdict("retry", _reason(err))
    return Verdict("failed", type(err).__name__)


def _judge_refusal(reason: str) -> Verdict:
    text = reason.casefold()
    if any(known in text for known in _DONE):
        return Verdict("done", reason)
    if any(known in text for known in _FALLBACK):
        return Verdict("fallback", reason)
    if any(known in text for known in _GONE):
        return Verdict("gone", reason)
    return Verdict("failed", reason)


def _judge_transport(err: TelegramError, method: str) -> Verdict:
    cause = err.__cause__
    reason = type(cause or err).__name__
    if isinstance(cause, (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)):
        return Verdict("retry", reason)  # it never left
    if isinstance(cause, httpx.HTTPError) and not is_repeatable(method):
        return Verdict("unknown", reason)
    return Verdict("retry", reason)


def _reason(err: TelegramError) -> str:
    return err.message[:200]


def seconds(delay: Any) -> float:
    """A RetryAfter's delay, which is a number now and a timedelta later."""
    return float(delay.total_seconds() if hasattr(delay, "total_seconds") else delay)


def _upload(value: Any) -> Any:
    if isinstance(value, dict) and set(value) == {"path"}:
        path = Path(value["path"])
        return InputFile(path.read_bytes(), filename=path.name)
    return value
