"""A group's settled cases come before the guard's word.

What its administrators called wrong is no conflict there, and a post that they upheld stays one,
whatever a change of ledger or lexicon makes of it.
"""

from __future__ import annotations

import sqlite3

from bot.guard.types import Check
from bot.moderation.exempt import as_upheld, bare_words, without_exempt, without_wrong
from bot.receipts import check_of
from bot.store import examples, receipts
from bot.store.examples import Labelled


def as_settled(conn: sqlite3.Connection, chat_id: int, text: str, check: Check) -> Check:
    """*check* of *text* as the group sees it."""
    settled = examples.settled_like(conn, chat_id, bare_words(text))
    if check.verdict != "conflict" and settled is not None and not settled.wrong:
        return _upheld(conn, settled, text) or check
    check = without_exempt(check, examples.exempt_keys(conn, chat_id))
    return without_wrong(check, lambda words: examples.stands_in_wrong(conn, chat_id, words))


def _upheld(conn: sqlite3.Connection, case: Labelled, text: str) -> Check | None:
    # Its evidence is kept for good, its words as long as the case: no time is past here.
    receipt = receipts.load(conn, case.case_id, 0.0)
    if receipt is None:
        return None
    upheld = as_upheld(text, check_of(receipt.result), case.text)
    return upheld if upheld.findings else None
