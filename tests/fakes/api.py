"""One call from its raw parameters to its answer: fault, check, effect, log."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .errors import NOT_FOUND, ApiError, bad
from .faults import Fault
from .methods import HANDLERS
from .model import Call
from .signature import METHODS, Method, decode
from .world import World


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP answer; ``None`` as status drops the connection."""

    status: int | None
    body: bytes = b""
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


DROPPED = Reply(None)


def _ok(result: Any) -> Reply:
    return Reply(200, json.dumps({"ok": True, "result": result}).encode())


def error_reply(error: ApiError) -> Reply:
    after = error.parameters.get("retry_after")
    headers = {"Retry-After": str(after)} if after else {}
    return Reply(error.status, json.dumps(error.body()).encode(), headers=headers)


class Api:
    """The methods over a world."""

    def __init__(self, world: World) -> None:
        self.world = world

    def perform(
        self,
        name: str,
        raw: Mapping[str, Any],
        is_gone: Callable[[], bool] = lambda: False,
    ) -> Reply:
        """Carries out a call by any case of its *name*; every call is logged."""
        world, known = self.world, METHODS.get(name.lower())
        if known is None:
            self._log(Call(world.serial(), name, dict(raw), time.time(), NOT_FOUND, 404))
            return error_reply(ApiError(404, NOT_FOUND))
        call = Call(world.serial(), known.name, dict(raw), time.time())
        self._log(call)
        started = time.monotonic()
        try:
            reply = self._perform(call, known, raw)
            if reply.status == 409 and is_gone():
                call.outcome = "client gone"  # a killed poller, not a second one
            return reply
        finally:
            with world.lock:
                call.took = time.monotonic() - started
                world.touch()

    def _log(self, call: Call) -> None:
        with self.world.lock:
            log = self.world.polls if call.method == "getUpdates" else self.world.calls
            log.append(call)
            self.world.touch()

    def _perform(self, call: Call, method: Method, raw: Mapping[str, Any]) -> Reply:
        world = self.world
        with world.lock:
            fault = world.faults.next(method.name, _chat_of(raw))
        if fault is not None:
            if fault.action is not None:
                fault.action()
            world.stopping.wait(fault.delay_s)
            if fault.drop == "before":
                return self._finish(call, DROPPED, "dropped before the effect")
            if fault.replaces_answer and not fault.applied:
                return self._finish(call, _faulty(fault), f"fault: {fault.description or 'body'}")
        reply = self._effect(call, method, raw)
        if fault is not None:
            world.stopping.wait(fault.delay_after_s)
            if fault.drop == "after":
                return self._finish(call, DROPPED, "dropped after the effect")
            if fault.replaces_answer:
                return self._finish(call, _faulty(fault), f"fault: {fault.description or 'body'}")
        return reply

    def _effect(self, call: Call, method: Method, raw: Mapping[str, Any]) -> Reply:
        with self.world.lock:
            try:
                call.params = decode(method, raw)
                handler = HANDLERS.get(method.name.lower())
                if handler is None:
                    raise bad(f"the fake does not cover {method.name}")
                call.result = handler(self.world, call.params)
            except ApiError as error:
                return self._finish(call, error_reply(error), error.description)
            call.applied = True
            return self._finish(call, _ok(call.result), "ok")

    def _finish(self, call: Call, reply: Reply, outcome: str) -> Reply:
        call.status, call.outcome = reply.status or 0, outcome
        return reply


def _faulty(fault: Fault) -> Reply:
    if fault.body is not None:
        return Reply(fault.status or 200, fault.body, fault.content_type)
    return error_reply(fault.error())


def _chat_of(raw: Mapping[str, Any]) -> Any:
    chat_id = raw.get("chat_id")
    if isinstance(chat_id, str) and chat_id.lstrip("-").isdigit():
        return int(chat_id)
    return chat_id
