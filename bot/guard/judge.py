"""A claim against its row: interval against interval, scope first, in the hyped direction only."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from bot.guard.claims import Claim
from bot.guard.clauses import Post
from bot.guard.knowledge import Knowledge, Row
from bot.guard.stance import Stance
from bot.guard.types import Verdict


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict on one claim; ``figure`` is the row that it is held against."""

    verdict: Verdict
    figure: str | None
    claim: Claim


class Judge:
    """Judges the claims of one post."""

    def __init__(self, post: Post, near: list[int], knowledge: Knowledge) -> None:
        self.post = post
        self.near = near
        self.knowledge = knowledge
        self.bits = knowledge.claim_bits

    def of(self, claim: Claim, stance: Stance) -> Judgement | None:
        """The judgement on *claim*, or None where nothing is claimed."""
        row = claim.row
        if stance in ("asked", "wished", "planned"):
            return None
        if row is None:
            return Judgement("unsupported", None, claim) if stance != "denied" else None
        verdict = self._verdict(claim, row)
        if verdict is None:
            return None
        if stance == "denied":
            return Judgement(verdict, row.figure.id, claim) if verdict == "consistent" else None
        if stance == "foretold":
            if verdict == "consistent" and claim.leaning == "sober":
                return Judgement(verdict, row.figure.id, claim)
            return Judgement("unsupported", None, claim)
        if verdict != "consistent" or claim.leaning == "value":
            if self._is_out_of_scope(claim, row):
                return Judgement("unsupported", None, claim)
        return Judgement(verdict, row.figure.id, claim)

    def _verdict(self, claim: Claim, row: Row) -> Verdict | None:
        if claim.leaning == "value":
            return self._value_verdict(claim, row)
        if claim.leaning == "sober":
            return "consistent"
        if claim.is_negated:
            return None
        return self._hyped(claim, row)

    def _hyped(self, claim: Claim, row: Row) -> Verdict:
        if row.figure.basis == "weak":
            if self._tells_source(row):
                return "consistent"
            return "lacks_context"
        return "conflict"

    def _tells_source(self, row: Row) -> bool:
        return bool(row.source_words and self.post.mask & row.source_words)

    def _value_verdict(self, claim: Claim, row: Row) -> Verdict | None:
        quantity = claim.quantity
        assert quantity is not None
        known = row.figure.known
        rule = row.number
        if claim.factor is not None:
            if known is None:
                return self._hyped(claim, row) if claim.factor >= 1 else "consistent"
            return self._hyped(claim, row) if known.is_exceeded_by(claim.factor) else "consistent"
        assert rule is not None
        if row.figure.basis == "weak":
            return self._weak_value(claim, row)
        if rule.above is not None:
            return "conflict" if quantity.top >= rule.above else "consistent"
        if known is None:
            return self._hyped(claim, row)
        if row.figure.hyped == "below":
            return self._ceiling(claim, row)
        value = quantity.top
        if quantity.vague and quantity.low is not None:
            value = quantity.low
        if not known.is_exceeded_by(value):
            return "consistent"
        if rule.relation == "level" and self._is_one_video(claim):
            return "lacks_context"
        return self._hyped(claim, row)

    def _ceiling(self, claim: Claim, row: Row) -> Verdict:
        known, rule = row.figure.known, row.number
        assert known is not None and rule is not None and claim.quantity is not None
        if not known.is_undercut_by(claim.quantity.top):
            return "consistent"
        mask = self.post.clauses[claim.index].mask | (
            self.post.clauses[claim.index - 1].mask if claim.index else 0
        )
        if mask & rule.needs or claim.quantity.open_high:
            return self._hyped(claim, row)
        return "lacks_context"

    def _weak_value(self, claim: Claim, row: Row) -> Verdict:
        if self._tells_source(row):
            return "consistent"
        return "lacks_context"

    def _is_one_video(self, claim: Claim) -> bool:
        mask = self.near[claim.index]
        return bool(mask & self.bits.one_video) and not mask & self.bits.many

    def _is_out_of_scope(self, claim: Claim, row: Row) -> bool:
        mask = self._scope_mask(claim)
        if row.figure.scope.bound:
            for bit, market in self.knowledge.markets.items():
                if mask & bit and market != row.figure.scope.market:
                    return True
            if claim.leaning == "value" and mask & self.bits.category:
                return True
        for bit, platform in self.knowledge.platforms.items():
            if mask & bit and platform != "TikTok" and row.figure.basis == "firm":
                return True
        return bool(mask & self.bits.past_year)

    def _scope_mask(self, claim: Claim) -> int:
        clauses = self.post.clauses
        sentence = clauses[claim.index].sentence
        mask = clauses[claim.index].mask
        for back in range(claim.index - 1, max(-1, claim.index - 3), -1):
            if clauses[back].sentence >= sentence - 1:
                mask |= clauses[back].mask
        return mask
