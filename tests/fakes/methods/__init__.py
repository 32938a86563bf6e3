"""The covered methods, each a function of the world and its typed parameters."""

from __future__ import annotations

from . import chats, delivery, editing, moderation, profile, queries, sending
from .registry import HANDLERS

__all__ = [
    "HANDLERS", "chats", "delivery", "editing", "moderation", "profile", "queries", "sending",
]  # fmt: skip
