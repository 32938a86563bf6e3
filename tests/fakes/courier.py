"""Delivery to a webhook: in order within a lane, in parallel across lanes, until a 2xx.

As the real server's WebhookActor: the first retry comes at once, the next after 2, 4, 8 …
seconds up to a minute or two, or when ``Retry-After`` says; an update is given up when its day
is over. The answer's body may carry one method call.
"""

from __future__ import annotations

import http.client
import json
import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from .updates import Update
from .world import Webhook, World

MAX_DELAY_S = (60, 120)
MAX_RETRY_AFTER_S = 3600
NOT_IN_ANSWERS = {"setwebhook", "deletewebhook", "close", "logout"}


@dataclass
class _Trial:
    fails: int = 0
    delay_s: float = 0.0
    wake_at: float = 0.0


class Courier:
    """Posts pending updates while a webhook is set."""

    def __init__(self, world: World, perform: Callable[[str, dict[str, Any]], object]) -> None:
        self._world = world
        self._perform = perform
        self._trials: dict[int, _Trial] = {}
        self._busy: set[tuple[str, int]] = set()
        self._pool = ThreadPoolExecutor(max_workers=8, thread_name_prefix="webhook")
        self._thread = threading.Thread(target=self._run, name="courier")

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._thread.join()
        self._pool.shutdown()

    def _run(self) -> None:
        world = self._world
        with world.lock:
            while not world.stopping.is_set():
                wait = 5.0
                if world.webhook is not None:
                    wait = self._dispatch(world.webhook)
                world.changed.wait(wait)

    def _dispatch(self, hook: Webhook) -> float:
        """Starts what is ready; returns the seconds until something else may be."""
        world, now, wait = self._world, time.monotonic(), 5.0
        world.updates.expire()
        for update in world.updates.repeats:
            self._pool.submit(self._repeat, hook, update)
        world.updates.repeats = []
        blocked = set(self._busy)
        for update in world.updates.pending:
            if update.lane in blocked or len(self._busy) >= hook.max_connections:
                continue
            blocked.add(update.lane)
            left = self._trials.setdefault(update.id, _Trial()).wake_at - now
            if left > 0:
                wait = min(wait, left)
                continue
            self._busy.add(update.lane)
            self._pool.submit(self._deliver, hook, update)
        return wait

    def _post(self, hook: Webhook, update: Update) -> tuple[int, float, dict[str, Any]]:
        """Status (0: no answer), seconds of Retry-After, and the answer's method call."""
        parts = urlsplit(hook.url)
        kind = (
            http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        )
        host = parts.hostname or "127.0.0.1"
        connection = kind(host, parts.port, timeout=self._world.webhook_timeout_s)
        headers = {"Content-Type": "application/json"}
        if hook.secret:
            headers["X-Telegram-Bot-Api-Secret-Token"] = hook.secret
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        try:
            connection.request("POST", path, json.dumps(update.body()), headers)
            answer = connection.getresponse()
            body = answer.read()
            after = answer.headers.get("Retry-After", "")
            return answer.status, float(after) if after.isdigit() else 0.0, _call_in(body)
        except (OSError, http.client.HTTPException):
            return 0, 0.0, {}
        finally:
            connection.close()

    def _repeat(self, hook: Webhook, update: Update) -> None:
        status, _, _ = self._post(hook, update)
        with self._world.lock:
            hook.deliveries.append((update.id, str(status or "no answer")))
            self._world.touch()

    def _deliver(self, hook: Webhook, update: Update) -> None:
        status, retry_after, call = self._post(hook, update)
        world = self._world
        with world.lock:
            self._busy.discard(update.lane)
            hook.deliveries.append((update.id, str(status or "no answer")))
            if 200 <= status <= 299:
                self._trials.pop(update.id, None)
                world.updates.drop(update.id)
            else:
                self._failed(hook, update, status, min(retry_after, MAX_RETRY_AFTER_S))
            world.touch()
        if 200 <= status <= 299 and call:
            self._perform(call.pop("method"), call)

    def _failed(self, hook: Webhook, update: Update, status: int, retry_after: float) -> None:
        world = self._world
        trial = self._trials.setdefault(update.id, _Trial())
        first = world.webhook_first_delay_s
        wait = retry_after
        if not retry_after and trial.fails:
            trial.delay_s = min(random.uniform(*MAX_DELAY_S), (trial.delay_s or first) * 2)
            wait = trial.delay_s
        trial.fails += 1
        trial.wake_at = time.monotonic() + wait
        hook.last_error_date = world.now()
        hook.last_error = (
            f"Wrong response from the webhook: {status}" if status else "Webhook connection closed"
        )
        if world.time() + wait > update.expires:
            world.updates.drop(update.id)


def _call_in(body: bytes) -> dict[str, Any]:
    """The method call in a webhook's answer, {} if there is none that counts."""
    try:
        call = json.loads(body or b"{}")
    except ValueError:
        return {}
    name = str(call.get("method", "")).lower() if isinstance(call, dict) else ""
    return call if name and name not in NOT_IN_ANSWERS and not name.startswith("get") else {}
