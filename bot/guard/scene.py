"""A claim, and what the readers of one post share: its clauses and what is near each of them."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal, NamedTuple

from bot.guard.clauses import Clause, Post
from bot.guard.knowledge import Knowledge, OrderRule, Row
from bot.guard.lexicon import Token
from bot.guard.quantity import Quantity

Leaning = Literal["hype", "sober", "value"]
REACH = 3
_NEGATION_REACH = 4
_THAN = ("比", "不如", "不及")


class Claim(NamedTuple):
    """A claim in the clause numbered ``clause`` at ``[start, end)`` of the normalised text.

    ``row`` is None for a metric that the ledger has nothing on.  ``leaning`` says whether words
    lean to hype or to the row's own side; a ``value`` is still to be compared.  ``factor`` is
    left : right of a comparison;
    ``is_explicit`` says that both sides and the word between them stand there: 甲比乙好.
    """

    row: Row | None
    leaning: Leaning
    clause: int
    start: int
    end: int
    quantity: Quantity | None = None
    factor: Decimal | None = None
    key: tuple[int, int] = (0, 0)
    is_negated: bool = False
    is_flipped: bool = False
    is_explicit: bool = False


class Scene:
    """One post as the readers see it."""

    def __init__(self, post: Post, knowledge: Knowledge) -> None:
        self.post = post
        self.knowledge = knowledge
        self.bits = knowledge.claim_bits
        self.near = _near_masks(post)
        # (clause, row): where something else is given the row's figure.
        self.elsewhere: set[tuple[int, str]] = set()
        # Only the rows whose words stand somewhere in the post.
        mask = post.mask
        self.order_rows = [
            row
            for row in knowledge.order_rows
            if row.order and mask & row.order.left and mask & row.order.right
        ]
        self.number_rows = [
            row
            for row in knowledge.number_rows
            if row.number
            and mask & (row.about | row.number.rest)
            and not (row.also and not mask & row.also)
        ]

    def _sentence_mask(self, clause: Clause) -> int:
        sentence = self.post.sentences[clause.sentence]
        mask = 0
        for other in self.post.clauses[sentence.first : sentence.last + 1]:
            mask |= other.mask
        return mask

    def _sides(self, clause: Clause, rule: OrderRule) -> tuple[Token, Token] | None:
        """The two sides of 甲比乙…, 甲不如乙…; None without both or the word."""
        if not (clause.mask & rule.left and clause.mask & rule.right):
            return None
        first = next(t for t in clause.tokens if t.mask & (rule.left | rule.right))
        other = rule.right if first.mask & rule.left else rule.left
        for token in clause.tokens:
            if token.start >= first.end and token.mask & other:
                between = self.post.text[first.end : token.start]
                return (first, token) if any(word in between for word in _THAN) else None
        return None

    def _is_negated(self, clause: Clause, token: Token) -> bool:
        bits = self.bits
        for other in clause.tokens:
            if (
                other.mask & bits.neg
                and other.start < token.start
                and token.start - other.end <= self._reach(other, token)
            ):
                return True
            if (
                other.mask & bits.neg_after
                and other.start >= token.end
                and other.start - token.end <= _NEGATION_REACH * 4
            ):
                return True
        return False

    def _reach(self, negation: Token, token: Token) -> int:
        """How many characters may lie between; Latin words are longer."""
        between = self.post.text[negation.end : token.start]
        return _NEGATION_REACH * (3 if between.isascii() else 1)


def _near_masks(post: Post) -> list[int]:
    """For each clause what it, the three before and the next of its sentence speak of."""
    clauses = post.clauses
    if len(clauses) <= 6:
        return [post.mask] * len(clauses)
    masks = []
    for index, clause in enumerate(clauses):
        mask = 0
        for other in clauses[max(0, index - REACH) : index + 1]:
            mask |= other.mask
        if index + 1 < len(clauses) and clauses[index + 1].sentence == clause.sentence:
            mask |= clauses[index + 1].mask
        masks.append(mask)
    return masks
