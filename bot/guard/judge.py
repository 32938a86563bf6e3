"""A claim against its row: interval against interval, scope first, in the hyped direction only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from bot.guard.clauses import Post
from bot.guard.knowledge import Knowledge, Row
from bot.guard.scene import Claim
from bot.guard.stance import Stance
from bot.guard.types import Verdict

HOME = "TikTok"
_LONGEST_PLACE = 6


class Judgement(NamedTuple):
    """The verdict on one claim; ``figure`` is the row that it is held against.

    ``reason`` picks the wording: what is out of scope, or what context is missing.
    """

    verdict: Verdict
    figure: str | None
    claim: Claim
    reason: str = ""


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
        if stance in ("asked", "wished", "planned", "refuted"):
            return None
        if row is None:
            reason = "forecast" if stance == "foretold" else "metric"
            return Judgement("unsupported", None, claim, reason) if stance != "denied" else None
        verdict = self._verdict(claim, row)
        if verdict is None:
            return None
        if row.luck and verdict == "conflict" and self._is_luck(claim):
            return Judgement("lacks_context", row.figure.id, claim, "luck")
        if row.case and verdict == "conflict" and self._is_case(claim):
            return Judgement("lacks_context", row.case, claim, "single")
        if stance == "denied":
            return Judgement(verdict, row.figure.id, claim) if verdict == "consistent" else None
        if stance == "foretold":
            if verdict == "consistent" and claim.leaning == "sober":
                return Judgement(verdict, row.figure.id, claim)
            return Judgement("unsupported", None, claim, "forecast")
        if verdict != "consistent" or claim.leaning == "value":
            is_own = verdict == "lacks_context" and row.figure.basis == "firm"
            reason = "" if is_own else self._out_of_scope(claim, row)
            if reason:
                return Judgement("unsupported", None, claim, reason)
        missing = self.missing(claim, row) if verdict == "lacks_context" else ""
        return Judgement(verdict, row.figure.id, claim, missing)

    def missing(self, claim: Claim, row: Row) -> str:
        """Which context a claim that lacks some leaves out."""
        if row.figure.basis == "weak":
            is_sales = row.number is not None and row.number.relation == "amount"
            return "single" if is_sales and row.figure.known is None else "weak"
        if row.figure.hyped == "below":
            return "low"
        if claim.leaning == "value" and claim.quantity is not None:
            return "one_video"
        return "luck" if row.luck else "single"

    def why_unsupported(self, claim: Claim) -> str:
        """What puts a claim outside all rows: its market, platform, time, or else its metric."""
        mask = self._scope_mask(claim) | self._sentence_mask(claim)
        named = {place for bit, place in self.knowledge.markets.items() if mask & bit}
        if named - self.knowledge.home_markets:
            return "market"
        if self._is_elsewhere(mask, self.knowledge.platforms, HOME):
            return "platform"
        if mask & self.bits.past_year or self._names_other_year(claim):
            return "year"
        return "forecast" if mask & self.knowledge.stance_bits.forecast else "metric"

    def tempered(self, judged: list[Judgement]) -> list[Judgement]:
        """What lacks context alone is consistent beside what the source says against it."""
        told = {j.figure for j in judged if j.verdict == "consistent"}
        sober = {
            (j.figure, self._sentence(j.claim))
            for j in judged
            if j.verdict == "consistent" and j.claim.leaning == "sober"
        }
        return [
            judgement._replace(verdict="consistent")
            if judgement.verdict == "lacks_context" and self._is_told(judgement, told, sober)
            else judgement
            for judgement in judged
        ]

    def _is_told(
        self, judgement: Judgement, told: set[str | None], sober: set[tuple[str | None, int]]
    ) -> bool:
        row = judgement.claim.row
        if row is None or row.figure.basis != "weak":
            return False
        return (
            bool(row.tempered_by & told)
            or (judgement.figure, self._sentence(judgement.claim)) in sober
        )

    def _sentence(self, claim: Claim) -> int:
        return self.post.clauses[claim.clause].sentence

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
        return bool(
            row.source_words
            and self.post.mask & row.source_words
            and not self.post.mask & self.bits.generalise
        )

    def _value_verdict(self, claim: Claim, row: Row) -> Verdict | None:
        quantity = claim.quantity
        assert quantity is not None
        known = row.figure.known
        rule = row.number
        if claim.factor is not None:
            if known is None:
                return self._hyped(claim, row) if claim.factor >= 1 else "consistent"
            if not known.is_exceeded_by(claim.factor) or (quantity.open_high and claim.factor < 1):
                return "consistent"
            return "lacks_context" if self._is_one_video(claim) else self._hyped(claim, row)
        assert rule is not None
        if row.figure.basis == "weak":
            return self._weak_value(claim, row)
        if rule.above is not None:
            return "conflict" if quantity.top >= rule.above else "consistent"
        if known is None:
            return self._hyped(claim, row)
        if row.figure.hyped == "below":
            return self._ceiling(claim, row)
        if quantity.low is None:
            return "consistent"  # 不到10% may well be below 1%
        if not known.is_exceeded_by(quantity.stated):
            return "consistent"
        if rule.relation == "level" and self._is_one_video(claim):
            return "lacks_context"
        return self._hyped(claim, row)

    def _ceiling(self, claim: Claim, row: Row) -> Verdict:
        known, rule = row.figure.known, row.number
        assert known is not None
        assert rule is not None
        assert claim.quantity is not None
        if not known.is_undercut_by(claim.quantity.top):
            return "consistent"
        mask = self.post.clauses[claim.clause].mask | (
            self.post.clauses[claim.clause - 1].mask if claim.clause else 0
        )
        if mask & rule.needs or claim.quantity.open_high:
            return self._hyped(claim, row)
        return "lacks_context"

    def _weak_value(self, claim: Claim, row: Row) -> Verdict:
        if self._tells_source(row):
            return "consistent"
        return "lacks_context"

    def _is_case(self, claim: Claim) -> bool:
        """Somebody's own result, told with an amount: no promise and no rule."""
        mask = self._scope_mask(claim)
        has_amount = any(
            quantity.unit in ("money", "bare", "count", "digits") and quantity.top >= 100
            for quantity in self.post.clauses[claim.clause].quantities
        )
        return has_amount and bool(mask & self.bits.one_case) and not mask & self.bits.promise

    def _is_luck(self, claim: Claim) -> bool:
        """One's own luck so far, without a rule: 我的号到现在没被限."""
        mask = self._scope_mask(claim) | self._sentence_mask(claim)
        return bool(mask & self.bits.own and mask & self.bits.own_luck) and not (
            mask & (self.bits.promise | self.bits.generalise)
        )

    def _is_one_video(self, claim: Claim) -> bool:
        mask = self.near[claim.clause]
        return bool(mask & self.bits.one_video) and not mask & self.bits.many

    def _out_of_scope(self, claim: Claim, row: Row) -> str:
        """What puts *claim* outside the row's scope, or ""."""
        mask = self._scope_mask(claim)
        scope = row.figure.scope
        if scope.bound and self._is_elsewhere(mask, self.knowledge.markets, scope.market):
            return "market"
        if scope.bound and claim.leaning == "value" and claim.factor is None:
            if mask & self.bits.category or (mask & self.bits.shop and self._is_share(row)):
                return "scope"
            if self._next_mask(claim) & self.bits.currency and self._is_level(row):
                return "currency"
        if scope.platform == HOME and self._is_elsewhere(mask, self.knowledge.platforms, HOME):
            return "platform"
        is_firm = row.figure.basis == "firm"
        if is_firm and (mask & self.bits.past_year or self._names_other_year(claim)):
            return "year"
        return ""

    def _is_elsewhere(self, mask: int, places: Mapping[int, str], home: str | None) -> bool:
        """Whether *mask* names a place and not *home*."""
        named = {place for bit, place in places.items() if mask & bit}
        return bool(named - {home})

    def _names_other_year(self, claim: Claim) -> bool:
        years = [
            quantity.low
            for clause in self.post.clauses[max(0, claim.clause - 1) : claim.clause + 1]
            for quantity in clause.quantities
            if quantity.unit == "year" and quantity.low is not None
        ]
        return bool(years) and not any(2025 <= year <= 2026 for year in years)

    def _sentence_mask(self, claim: Claim) -> int:
        clauses = self.post.clauses
        sentence = self.post.sentences[clauses[claim.clause].sentence]
        mask = 0
        for clause in clauses[sentence.first : sentence.last + 1]:
            mask |= clause.mask
        return mask

    def _is_share(self, row: Row) -> bool:
        return row.number is not None and row.number.relation == "share"

    def _is_level(self, row: Row) -> bool:
        return row.number is not None and row.number.relation == "level"

    def _next_mask(self, claim: Claim) -> int:
        clauses = self.post.clauses
        mask = clauses[claim.clause].mask
        if claim.clause + 1 < len(clauses):
            mask |= clauses[claim.clause + 1].mask
        return mask

    def _place_behind(self, claim: Claim) -> int:
        """The place named in a few words behind the claim: 占了两成,英国的数据."""
        clauses = self.post.clauses
        if claim.clause + 1 == len(clauses):
            return 0
        behind = clauses[claim.clause + 1]
        is_aside = (
            behind.sentence == clauses[claim.clause].sentence
            and behind.end - behind.start <= _LONGEST_PLACE
            and not behind.quantities
        )
        return behind.mask & self.knowledge.places if is_aside else 0

    def _scope_mask(self, claim: Claim) -> int:
        clauses = self.post.clauses
        sentence = clauses[claim.clause].sentence
        mask = clauses[claim.clause].mask | self._place_behind(claim)
        for back in range(claim.clause - 1, max(-1, claim.clause - 3), -1):
            if clauses[back].sentence >= sentence - 1:
                mask |= clauses[back].mask
        return mask
