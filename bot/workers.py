"""A line of a batch → its result: what each process of ``run_batch`` is told to make.

Both take the home folder as their config.  Batches keep nothing, so receipts are null.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bot.batch import Record, Worker
from bot.errors import InputError
from bot.knowledge import load_knowledge

MAX_CHARS = 100_000


def ask_worker(home: str) -> Worker:
    """``{"id", "question", "context"}`` → the answer under the same id."""
    knowledge = load_knowledge(Path(home))
    knowledge.ready()  # a home that can't hold an index is told once, not line by line

    def work(record: Record) -> Mapping[str, Any]:
        question = _text(record, "question")
        answer = knowledge.answer(question, context=_context(record))
        return {"id": record.get("id"), **answer.as_json()}

    return work


def check_worker(home: str) -> Worker:
    """``{"id", "text"}`` → the check under the same id."""
    knowledge = load_knowledge(Path(home))

    def work(record: Record) -> Mapping[str, Any]:
        return {"id": record.get("id"), **knowledge.check(_text(record, "text")).as_json()}

    return work


def _text(record: Record, key: str) -> str:
    text = record.get(key)
    if key not in record:
        raise InputError(f"这一行没有 {key}")
    if not isinstance(text, str):
        raise InputError(f"{key} 要是一段文字")
    if not text.strip():
        raise InputError(f"{key} 是空的")
    if len(text) > MAX_CHARS:
        raise InputError(f"{key} 超过 {MAX_CHARS} 个字")
    return text


def _context(record: Record) -> tuple[str, ...]:
    context = record.get("context")
    if context is None:
        return ()
    if not isinstance(context, list) or not all(isinstance(text, str) for text in context):
        raise InputError("context 要是一列文字")
    return tuple(text[:MAX_CHARS] for text in context)
