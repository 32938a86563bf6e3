"""Faults to order: for a method, in a chat, at the n-th call.

A fault may wait, run an action (revoke a right just before the delete, say), break the
connection before or after the effect, or answer with any status and body in place of the result.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from .errors import ApiError


@dataclass
class Fault:
    """What goes wrong and when; counting starts when the fault is installed.

    ``nth`` is the first call it strikes (from 1), ``times`` how many in a row (None: for ever).
    ``applied`` lets the effect happen although the answer is an error.
    """

    method: str = "*"
    chat: int | None = None
    nth: int = 1
    times: int | None = 1
    status: int | None = None
    description: str = ""
    parameters: dict[str, Any] = field(default_factory=dict)
    body: bytes | None = None
    content_type: str = "text/html"
    drop: Literal["", "before", "after"] = ""
    delay_s: float = 0.0
    delay_after_s: float = 0.0
    applied: bool = False
    action: Callable[[], object] | None = None
    seen: int = 0
    struck: int = 0

    @property
    def is_spent(self) -> bool:
        return self.times is not None and self.struck >= self.times

    @property
    def replaces_answer(self) -> bool:
        return self.status is not None or self.body is not None

    def strikes(self, method: str, chat_id: Any) -> bool:
        """Counts a call and says whether this one is hit."""
        if self.method != "*" and self.method.lower() != method.lower():
            return False
        if self.method == "*" and method == "getUpdates":
            return False  # "any method" means those that do something
        if self.chat is not None and chat_id != self.chat:
            return False
        self.seen += 1
        if self.seen < self.nth or self.is_spent:
            return False
        self.struck += 1
        return True

    def error(self) -> ApiError:
        return ApiError(self.status or 500, self.description, **self.parameters)


class FaultPlan:
    """The faults in force."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def add(self, fault: Fault) -> Fault:
        self.faults.append(fault)
        return fault

    def clear(self) -> None:
        self.faults.clear()

    def next(self, method: str, chat_id: Any) -> Fault | None:
        """The fault that this call meets; all matching ones count it."""
        hits = [fault for fault in self.faults if fault.strikes(method, chat_id)]
        self.faults = [fault for fault in self.faults if not fault.is_spent]
        return hits[0] if hits else None
