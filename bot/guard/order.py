"""Two things compared: 碾压, 不输, 是…的三倍, 比…高五成, with or without a factor."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from bot.guard.clauses import Clause
from bot.guard.knowledge import OrderRule, Row
from bot.guard.lexicon import Token
from bot.guard.quantity import HUNDRED, ZERO, Quantity
from bot.guard.scene import Claim, Leaning, Scene

_LONGEST_GAP = 6  # room for 差距缩小到


class _Ratio(NamedTuple):
    """What one thing is of another: ``low`` to ``high``, each side open or not."""

    low: Decimal
    high: Decimal
    open_low: bool = False
    open_high: bool = False

    def by(self, whole: Decimal) -> _Ratio:
        return self._replace(low=self.low / whole, high=self.high / whole)

    def inverted(self) -> _Ratio | None:
        """The second to the first; None of nothing."""
        if not self.low or not self.high:
            return None
        return _Ratio(1 / self.high, 1 / self.low, self.open_high, self.open_low)

    def less(self) -> _Ratio:
        """What is left of the whole without it."""
        low, high = max(1 - self.high, ZERO), max(1 - self.low, ZERO)
        return _Ratio(low, high, self.open_high, self.open_low)

    def more(self) -> _Ratio:
        """The whole and it."""
        return self._replace(low=1 + self.low, high=1 + self.high)

    def at_most(self) -> _Ratio:
        return self._replace(open_low=False, open_high=True)


class OrderReader(Scene):
    """Finds the claims that one thing is above, below or equal to another."""

    def order_claims(self, index: int, clause: Clause) -> Iterator[Claim]:
        for row in self.order_rows:
            rule = row.order
            assert rule is not None
            if (
                self._is_other_matter(index, clause, rule)
                or self._sentence_mask(clause) & rule.never_with
            ):
                continue
            if not self.near[index] & rule.left:
                continue
            if not self.near[index] & rule.right:
                continue
            claim = self._order_claim(row, rule, index, clause)
            if claim is not None:
                yield claim

    def _is_other_matter(self, index: int, clause: Clause, rule: OrderRule) -> bool:
        """Whether what is compared is a metric of another row, named here or just before."""
        if clause.mask & rule.but_not & ~rule.metric:
            return True
        before = self.post.clauses[index - 1] if index else None
        if clause.mask & rule.metric or before is None or before.sentence != clause.sentence:
            return False
        return bool(before.mask & rule.but_not) and not before.mask & rule.metric

    def _order_claim(self, row: Row, rule: OrderRule, index: int, clause: Clause) -> Claim | None:
        sides = [token for token in clause.tokens if token.mask & (rule.left | rule.right)]
        if not sides:
            return self._gap_claim(row, rule, index, clause)
        first_is_left = bool(sides[0].mask & rule.left)
        has_both = any(bool(token.mask & rule.left) != first_is_left for token in sides)
        factor = self._factor(clause)
        compared = self._sides(clause, rule)
        sign, at = self._sign(clause, sides)
        if compared is not None:
            sign, at = self._explicit_sign(row, clause, compared)
        if factor is None and sign is None:
            return None
        if not rule.optional and not clause.mask & rule.metric:
            return None
        if not has_both and rule.metric and not self._sentence_mask(clause) & rule.metric:
            return None
        claim = self._compared(
            row, index, clause, first_is_left, has_both, sign, factor, at or sides[0], sides[0]
        )
        if claim is None or compared is None:
            return claim
        return claim._replace(is_explicit=True)

    def _gap_claim(self, row: Row, rule: OrderRule, index: int, clause: Clause) -> Claim | None:
        """The sides stand before: "AI便宜十倍,可GPM差着六倍"."""
        if not index or not clause.mask & rule.metric:
            return None
        before = self.post.clauses[index - 1]
        if before.sentence != clause.sentence or not before.mask & rule.left:
            return None
        factor = self._factor(clause)
        if factor is not None:
            stated = self._gap(row, clause, factor, None, first_is_left=True)
            if stated is not None:
                return _by_value(row, index, clause, factor, stated, (factor.start, factor.end))
        for token in clause.tokens:
            if token.mask & self.bits.below:
                return Claim(
                    row, "sober", index, clause.start, clause.end, key=(token.start, token.end)
                )
        return None

    def _compared(
        self,
        row: Row,
        index: int,
        clause: Clause,
        first_is_left: bool,
        has_both: bool,
        sign: int | None,
        factor: Quantity | None,
        at: Token,
        at_side: Token,
    ) -> Claim | None:
        leaning: Leaning
        key = (at.start, at.end)
        if not has_both and self._is_reference(clause, at_side, factor):
            first_is_left = not first_is_left
        if factor is not None:
            stated = self._gap(row, clause, factor, at_side if has_both else None, first_is_left)
            if stated is None:
                follows = sign if factor.start >= at.end else None
                stated = self._stated(row, clause, factor, follows, at_side if has_both else None)
                if stated is not None and not first_is_left:
                    stated = stated.inverted()
            if stated is None:
                return None
            return _by_value(row, index, clause, factor, stated, key)
        assert sign is not None
        left_sign = sign if first_is_left else -sign
        # 实拍不输AI says no more than that; 实拍和AI打平 says it of both.
        is_one_sided = (
            sign == 0 and self.post.text[at.start] in self.knowledge.order_words.one_sided
        )
        if is_one_sided and has_both and not first_is_left:
            left_sign = -1
        leaning = "hype" if left_sign >= 0 else "sober"
        return Claim(row, leaning, index, clause.start, clause.end, key=key)

    def _stated(
        self, row: Row, clause: Clause, factor: Quantity, sign: int | None, side: Token | None
    ) -> _Ratio | None:
        """first : second; *side* is the first where both are named.

        "3倍" is 3, "高50%" 1.5, "低三成" 0.7, "八成" 0.8; 不及两成 is 0.2 at most.
        """
        is_share = factor.unit == "percent"
        told = _Ratio(factor.bottom, factor.top, factor.open_low, factor.open_high)
        if is_share:
            told = told.by(HUNDRED)
        sides = row.order.left | row.order.right if row.order else 0
        if self._stands_before(clause, factor, self.bits.down, sides):
            return told.less() if is_share else told.inverted()
        start = side.end if side else clause.start
        between = self.post.text[start : factor.start]
        if is_share and any(word in between for word in self.knowledge.quantities.below_before):
            return told.at_most()
        is_over = sign is not None and sign > 0 and is_share  # 高于实拍11%
        is_more = is_over or self._stands_before(clause, factor, self.bits.up, sides)
        if is_more and (is_share or told.low < 2):
            return told.more()
        if sign is None or sign >= 0:
            return told
        if is_share:
            return told.at_most()
        return told.inverted() if told.low >= 2 else told

    def _gap(
        self,
        row: Row,
        clause: Clause,
        factor: Quantity,
        side: Token | None,
        first_is_left: bool,
    ) -> _Ratio | None:
        """差六倍, 只差一成: left : right as far apart as that, on the side that the row knows.

        Only 乙比甲差六倍 says which side is meant.
        """
        text = self.post.text
        before = text[max(clause.start, factor.start - _LONGEST_GAP) : factor.start]
        if not self.knowledge.order_words.apart.search(before):
            return None
        known = row.figure.known
        is_lower = known is not None and known.high is not None and known.high < 1
        if side and not first_is_left and "比" in text[side.end : factor.start]:
            is_lower = not is_lower
        told = _Ratio(factor.bottom, factor.top, factor.open_low, factor.open_high)
        if factor.unit == "percent":
            told = told.by(HUNDRED).less()
            return told if is_lower else told.inverted()
        return (told.inverted() if is_lower else told) if told.low >= 1 else None

    def _is_reference(self, clause: Clause, side: Token, factor: Quantity | None) -> bool:
        """Whether the only side named is what the other is measured by: 实拍的三倍, 比实拍高."""
        text = self.post.text
        is_before = factor is not None and factor.start >= side.end
        if is_before and factor:
            between = text[side.end : factor.start]
            if "的" in between[-2:] or (len(between) <= 1 and factor.unit == "percent"):
                return True
        before = text[max(clause.start, side.start - 3) : side.start].rstrip("#")
        if before.endswith(self.knowledge.order_words.measures) or text.startswith(
            "比", clause.start
        ):
            return True
        return any(
            token.mask & self.bits.order and token.end <= side.start for token in clause.tokens
        )

    def _explicit_sign(
        self, row: Row, clause: Clause, sides: tuple[Token, Token]
    ) -> tuple[int | None, Token | None]:
        """The sign of 甲比乙…: what follows 乙 says it, in words of order or of the row."""
        first, second = sides
        between = self.post.text[first.end : second.start]
        if "比" not in between:
            return -1, second  # 不如, 不及
        is_denied = between.rstrip().endswith(("不比", "没比", "并不比"))
        for token in clause.tokens:
            if token.start < second.end:
                continue
            sign = self._degree(row, clause, token)
            if sign:
                return (-sign if is_denied else sign), token
        return self._sign(clause, [first])

    def _degree(self, row: Row, clause: Clause, token: Token) -> int:
        """+1 for 好, 高 and the words that praise, -1 for 差, 低 and those that pan, else 0."""
        word = self.post.text[token.start : token.end]
        if token.mask & self.bits.below or token.mask & row.sober:
            return -1
        if token.mask & (self.bits.above | self.bits.up) or token.mask & row.hype or word == "好":
            return -1 if self._is_negated(clause, token) else 1
        return 0

    def _sign(self, clause: Clause, sides: list[Token]) -> tuple[int | None, Token | None]:
        """+1 where the first thing named is said to be above, 0 equal, -1 below."""
        bits = self.bits
        for token in clause.tokens:
            if token.mask & bits.order:
                if token.mask & bits.equal:
                    sign = 0
                elif token.mask & bits.below:
                    sign = -1
                else:
                    sign = 1
                if self._is_negated(clause, token):
                    if sign == 0:
                        return -1, token
                    sign = -sign
                return sign, token
        return None, None

    def _factor(self, clause: Clause) -> Quantity | None:
        for quantity in clause.quantities:
            if quantity.unit in ("times", "percent"):
                return quantity
        return None

    def _stands_before(self, clause: Clause, quantity: Quantity, bits: int, sides: int) -> bool:
        """Whether such a word is just before *quantity*: 低三成, but not 压AI六倍."""
        start = quantity.start
        near = [token for token in clause.tokens if -1 <= start - token.end <= 3]
        return any(
            token.mask & bits
            and not any(other.mask & sides and other.start >= token.end for other in near)
            for token in near
        )


def _by_value(
    row: Row, index: int, clause: Clause, factor: Quantity, stated: _Ratio, key: tuple[int, int]
) -> Claim:
    quantity = factor._replace(open_low=stated.open_low, open_high=stated.open_high)
    return Claim(row, "value", index, clause.start, clause.end, quantity, stated.low, key=key)
