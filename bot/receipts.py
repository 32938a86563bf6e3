"""Answers and verdicts get a short id, and are kept under it for as long as that is right.

The result is kept for good.  The words it was given for are kept half an hour for a person in
Telegram (longer once they gave feedback), thirty days for whoever runs the command line.
"""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from bot.store import Database, Transaction, receipts
from bot.store.receipts import Kind, Receipt
from corpus.load import pack

if TYPE_CHECKING:
    from bot.answer.types import Answer
    from bot.guard.types import Check
    from bot.knowledge import Knowledge

# Without those that look like others: 0 O, 1 I L.
ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
ID_LENGTH: Final = 8
PERSON_S: Final = 30 * 60.0
OPERATOR_S: Final = 30 * 86400.0

Given = TypeVar("Given", "Answer", "Check")


def new_id() -> str:
    """A fresh receipt id."""
    return "".join(secrets.choice(ALPHABET) for _ in range(ID_LENGTH))


def clean_id(text: str) -> str | None:
    """The id in what someone typed, or None: ``编号 k7q2m9xa`` → ``K7Q2M9XA``."""
    word = text.strip().removeprefix("编号").strip().upper()
    return word if len(word) == ID_LENGTH and set(word) <= set(ALPHABET) else None


def receipt_of(
    given: Answer | Check,
    text: str,
    knowledge: Knowledge,
    now: datetime,
    *,
    context: tuple[str, ...] = (),
    after: tuple[str, ...] = (),
    shown: tuple[str, ...] = (),
    owner: int | None = None,
    keep_s: float = PERSON_S,
) -> Receipt:
    """What is kept of *given*, whose ``receipt`` is its id.

    The questions before it are told as *after*, their receipts, or as *context*, their words.
    """
    if given.receipt is None:
        raise ValueError("give it an id first: numbered()")
    kind: Kind = "check" if hasattr(given, "findings") else "answer"
    return Receipt(
        id=given.receipt,
        kind=kind,
        given_at=now.timestamp(),
        corpus=knowledge.corpus.digest,
        result=given.as_json(),
        text=text,
        context=context,
        after=after,
        shown=tuple(sorted(shown)),
        owner=owner,
        keep_until=now.timestamp() + keep_s,
    )


def numbered(given: Given) -> Given:
    """The same with a fresh receipt id."""
    return replace(given, receipt=new_id())


def save_version(tx: Transaction, knowledge: Knowledge) -> None:
    """Keep the corpus that *knowledge* answers from, so that it can be opened again."""
    digest = knowledge.corpus.digest
    if not receipts.has_version(tx.conn, digest):
        receipts.save_version(tx.conn, digest, pack(knowledge.corpus), tx.now)


def record(
    home: Path,
    given: Given,
    text: str,
    knowledge: Knowledge,
    now: datetime,
    *,
    context: tuple[str, ...] = (),
    shown: tuple[str, ...] = (),
) -> Given:
    """*given* with its id, kept in the home's database: for the command line."""
    given = numbered(given)
    options: dict[str, Any] = {"context": context, "shown": shown, "keep_s": OPERATOR_S}
    receipt = receipt_of(given, text, knowledge, now, **options)
    with Database.open(home) as db, db.transaction() as tx:
        receipts.purge(tx.conn, tx.now)  # where no bot runs, nobody else does it
        save_version(tx, knowledge)
        receipts.insert(tx.conn, receipt)
    return given


def answer_of(result: dict[str, Any]) -> Answer:
    """The Answer that a stored result was, its erased words empty."""
    from bot.answer.types import Answer
    from bot.types import Caveat, Quote

    return Answer(
        question=result["question"] or "",
        status=result["status"],
        answer=result["answer"] or "",
        passages=tuple(Quote(**quote) for quote in result["passages"]),
        figures=tuple(result["figures"]),
        caveats=tuple(Caveat(**caveat) for caveat in result["caveats"]),
        suggestions=tuple(result["suggestions"]),
        nearest=tuple(Quote(**quote) for quote in result.get("nearest", ())),
        receipt=result["receipt"],
    )


def check_of(result: dict[str, Any]) -> Check:
    """The Check that a stored result was, its erased words empty."""
    from bot.guard.types import Check, Finding
    from bot.types import Caveat

    findings = []
    for stored in result["findings"]:
        caveats = tuple(Caveat(**caveat) for caveat in stored["caveats"])
        words = {name: stored[name] or "" for name in ("text", "explanation")}
        findings.append(Finding(**stored | words | {"caveats": caveats}))
    return Check(tuple(findings), result["receipt"])
