"""How the bot gets its updates: long polling, or a webhook's settings.

The rules are those of the real server's process_get_updates_query and do_get_updates.
"""

from __future__ import annotations

import re
import time
from urllib.parse import urlsplit

from tests.fakes.errors import ApiError, bad, too_many
from tests.fakes.render import Json
from tests.fakes.updates import ALL_TYPES, DEFAULT_TYPES, Update
from tests.fakes.world import Webhook, World

from .registry import Params, method

LONG_POLL_MAX_S = 50
OTHER_POLLER = (
    "Conflict: terminated by other getUpdates request; "
    "make sure that only one bot instance is running"
)
WEBHOOK_SET = "Conflict: terminated by setWebhook request"
WEBHOOK_ACTIVE = (
    "Conflict: can't use getUpdates method while webhook is active; "
    "use deleteWebhook to delete the webhook first"
)


def _pause(world: World, seconds: float) -> None:
    """Waits without holding the lock."""
    deadline = time.monotonic() + seconds
    while (left := deadline - time.monotonic()) > 0 and not world.stopping.is_set():
        world.changed.wait(left)


def _conflict(world: World, text: str) -> ApiError:
    """409, at once the first time and slowed down when it repeats."""
    polling = world.polling
    if time.monotonic() < polling.next_conflict:
        _pause(world, polling.conflict_wait_s)
    else:
        polling.next_conflict = time.monotonic() + polling.conflict_wait_s
    return ApiError(409, text)


def _abort_poll(world: World, reason: str) -> None:
    if world.polling.current is not None:
        world.polling.current, world.polling.abort_reason = None, reason
        world.touch()


@method("getUpdates")
def get_updates(world: World, params: Params) -> list[Json]:
    if world.webhook is not None:
        raise _conflict(world, WEBHOOK_ACTIVE)
    polling, now = world.polling, time.monotonic()
    offset = params.get("offset", 0)
    limit = min(max(params.get("limit", 100), 1), 100)
    timeout: float = min(max(params.get("timeout", 0), 0), LONG_POLL_MAX_S)
    world.updates.allow(params.get("allowed_updates"))
    since = now - polling.last_start
    if offset == polling.last_offset and since < polling.repeat_wait_s:
        timeout = max(timeout, polling.repeat_wait_s)
    if offset == polling.last_offset and since < polling.hasty_s:
        limit = 1
    polling.last_offset, polling.last_start = offset, now
    batch = world.updates.take(offset, limit)
    if not batch and timeout:
        batch = _wait(world, max(offset, 0), limit, now + timeout)
    return [update.body() for update in batch]


def _wait(world: World, offset: int, limit: int, deadline: float) -> list[Update]:
    """The long poll: until an update, the deadline, or another poller."""
    polling = world.polling
    _abort_poll(world, OTHER_POLLER)
    mine = polling.current = object()
    batch: list[Update] = []
    while not batch and (left := deadline - time.monotonic()) > 0:
        world.changed.wait(left)
        if polling.current is not mine and polling.abort_reason:
            raise _conflict(world, polling.abort_reason)
        if polling.current is not mine or world.stopping.is_set():
            raise ApiError(500, "Internal Server Error: restart")
        batch = world.updates.take(offset, limit)
    polling.current = None
    return batch


@method("setWebhook")
def set_webhook(world: World, params: Params) -> bool:
    url = params["url"]
    if not url:
        return _unset_webhook(world, params)
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise bad("invalid webhook URL specified")
    if parts.scheme == "http" and parts.hostname not in {"127.0.0.1", "localhost", "::1"}:
        raise bad("bad webhook: An HTTPS URL must be provided for webhook")
    secret = params.get("secret_token", "")
    if len(secret) > 256:
        raise bad("secret token is too long")
    if not re.fullmatch(r"[A-Za-z0-9_-]*", secret):
        raise bad("secret token contains unallowed characters")
    new = Webhook(url, secret, min(max(params.get("max_connections", 40), 1), 100))
    old = world.webhook
    if old and (old.url, old.secret, old.max_connections) != (url, secret, new.max_connections):
        old = None
    if old is None or params.get("drop_pending_updates", False):
        if time.monotonic() < world.next_webhook_at:
            raise too_many(1)
        world.next_webhook_at = time.monotonic() + 1
        if params.get("drop_pending_updates", False):
            world.updates.clear()
        _abort_poll(world, WEBHOOK_SET)
        world.webhook = new
    world.updates.allow(params.get("allowed_updates"))
    world.touch()
    return True


@method("deleteWebhook")
def delete_webhook(world: World, params: Params) -> bool:
    return _unset_webhook(world, params)


def _unset_webhook(world: World, params: Params) -> bool:
    if params.get("drop_pending_updates", False):
        world.updates.clear()
    world.webhook = None
    world.touch()
    return True


@method("getWebhookInfo")
def get_webhook_info(world: World, params: Params) -> Json:
    world.updates.expire()
    info: Json = {
        "url": "",
        "has_custom_certificate": False,
        "pending_update_count": len(world.updates.pending),
    }
    hook = world.webhook
    if hook is not None:
        info |= {"url": hook.url, "max_connections": hook.max_connections}
        info["ip_address"] = "127.0.0.1"
        if hook.last_error_date:
            info["last_error_date"] = hook.last_error_date
            info["last_error_message"] = hook.last_error
    if world.updates.allowed != DEFAULT_TYPES:
        info["allowed_updates"] = [kind for kind in ALL_TYPES if kind in world.updates.allowed]
    return info
