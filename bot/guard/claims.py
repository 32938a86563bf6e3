"""What a post claims: (row, value or leaning, place), found by words and read by arithmetic.

Three readers look at each clause: numbers (a quantity near a metric's words), order (two things
compared) and words (what is said of a subject without a number).  Which rows exist, and by which
words they are recognised, is the ledger's business; nothing here knows one of them by name.
"""

from __future__ import annotations

from bot.guard.clauses import Post
from bot.guard.numbers import NumberReader
from bot.guard.order import OrderReader
from bot.guard.scene import Claim
from bot.guard.words import WordReader


class Reader(NumberReader, OrderReader, WordReader):
    """Finds the claims of one post."""

    def claims(self) -> list[Claim]:
        """All claims in the order of the post, one row's overlapping ones merged."""
        found: list[Claim] = []
        for index, clause in enumerate(self.post.clauses):
            ordered = list(self.order_claims(index, clause))
            found += ordered
            taken = any(claim.factor is not None for claim in ordered)
            if clause.quantities and not taken:
                found += self.number_claims(index, clause)
            found += self.word_claims(index, clause)
        return _settled(found, self.post)


def _settled(found: list[Claim], post: Post) -> list[Claim]:
    """Without the claims that a more special row of the same sentence speaks over."""
    over: dict[int, set[str]] = {}
    for claim in found:
        if claim.row is not None and claim.row.over:
            sentence = post.clauses[claim.clause].sentence
            over.setdefault(sentence, set()).update(claim.row.over)
    kept = [
        claim
        for claim in found
        if claim.row is None
        or claim.row.figure.id not in over.get(post.clauses[claim.clause].sentence, ())
    ]
    return _last_word(kept, post)


def _last_word(found: list[Claim], post: Post) -> list[Claim]:
    """Of words for and against in one sentence the last clause's hold; within it the sober ones."""
    last: dict[tuple[str, int], Claim] = {}
    for claim in found:
        if claim.row is None or claim.leaning == "value" or claim.is_negated:
            continue
        key = (claim.row.figure.id, post.clauses[claim.clause].sentence)
        held = last.get(key)
        if held is None or claim.clause > held.clause or claim.leaning == "sober":
            last[key] = claim
    kept = []
    for claim in found:
        if claim.row is not None and claim.leaning != "value":
            holder = last.get((claim.row.figure.id, post.clauses[claim.clause].sentence))
            if holder is not None and holder.leaning != claim.leaning:
                continue
        kept.append(claim)
    return kept
