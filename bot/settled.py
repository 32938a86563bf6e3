"""A group's settled cases come before the guard's word.

What its administrators called wrong is no conflict there, and a post that they upheld stays one,
whatever a change of ledger or lexicon makes of it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.guard.types import Check
from bot.moderation.exempt import as_upheld, bare_words, without_exempt, without_wrong
from bot.receipts import check_of
from bot.store import examples, receipts
from bot.store.examples import Labelled


@dataclass(frozen=True, slots=True)
class Settled:
    """What a group's administrators settled, read once; its methods read nothing more.

    ``latest``: by bare words of the post; ``upheld``: by case, what was found of it; ``spans``:
    bare words of what was wrongly found; ``exempt``: the keys of findings that are none.
    """

    latest: Mapping[str, Labelled] = field(default_factory=dict)
    upheld: Mapping[str, Check] = field(default_factory=dict)
    spans: frozenset[str] = frozenset()
    exempt: frozenset[str] = frozenset()

    def like(self, text: str) -> Labelled | None:
        """The latest case of a post with the same words as *text*."""
        return self.latest.get(bare_words(text))

    def judge(self, text: str, check: Check) -> Check:
        """*check* of *text* as the group sees it."""
        case = self.like(text)
        if case is not None and not case.wrong:
            return check if check.verdict == "conflict" else self._upheld(case, text) or check
        left = self.uncovered(check)
        # The very post that was called wrong stays right, till somebody decides on what is new.
        return left if case is None else without_wrong(left, lambda _: True)

    def uncovered(self, check: Check) -> Check:
        """*check* less the findings that were called wrong, in whatever post."""
        return without_wrong(without_exempt(check, self.exempt), lambda words: words in self.spans)

    def _upheld(self, case: Labelled, text: str) -> Check | None:
        found = self.upheld.get(case.case_id)
        upheld = as_upheld(text, found, case.text) if found is not None else Check()
        return upheld if upheld.findings else None


def settled_in(conn: sqlite3.Connection, chat_id: int) -> Settled:
    """What the group's administrators settled."""
    latest = {bare_words(case.text): case for case in examples.labelled(conn, chat_id)}
    upheld: dict[str, Check] = {}
    spans: set[str] = set()
    for case in latest.values():
        # Its evidence is kept for good, its words as long as the case: no time is past here.
        receipt = receipts.load(conn, case.case_id, 0.0)
        if receipt is None:
            continue
        found = check_of(receipt.result)
        if case.wrong:
            # Placed in its own text, each conflict has its words.
            placed = as_upheld(case.text, found, case.text)
            spans |= {bare_words(finding.text) for finding in placed.findings}
        else:
            upheld[case.case_id] = found
    return Settled(latest, upheld, frozenset(spans - {""}), examples.exempt_keys(conn, chat_id))


def as_settled(conn: sqlite3.Connection, chat_id: int, text: str, check: Check) -> Check:
    """*check* of *text* as the group sees it."""
    # Most posts claim nothing and are like no case: nothing more is read for them.
    if not check.findings and not examples.has_like(conn, chat_id, bare_words(text)):
        return check
    return settled_in(conn, chat_id).judge(text, check)
