"""Two things compared: 碾压, 不输, 是…的三倍, 比…高五成, with or without a factor."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from bot.guard.clauses import Clause
from bot.guard.knowledge import OrderRule, Row
from bot.guard.lexicon import Token
from bot.guard.quantity import HUNDRED, Quantity
from bot.guard.scene import Claim, Leaning, Scene

# Words after which stands what something else is measured by.
_MEASURES = (
    "连", "比", "跟", "和", "与", "超过", "碾压", "吊打", "秒杀", "完胜", "打", "压", "过", "胜",
    "不输", "不如", "不及", "媲美", "追平", "追上", "输给", "于",
)  # fmt: skip


class OrderReader(Scene):
    """Finds the claims that one thing is above, below or equal to another."""

    def order_claims(self, index: int, clause: Clause) -> Iterator[Claim]:
        for row in self.knowledge.order_rows:
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
        return replace(claim, is_explicit=True)

    def _gap_claim(self, row: Row, rule: OrderRule, index: int, clause: Clause) -> Claim | None:
        """The sides stand before: "AI便宜十倍,可GPM差着六倍"."""
        if not index or not clause.mask & rule.metric:
            return None
        before = self.post.clauses[index - 1]
        if before.sentence != clause.sentence or not before.mask & rule.left:
            return None
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
            ratio = _ratio(factor, self._is_more(clause, factor), self._is_less(clause, factor))
            if ratio is None:
                return None
            value = ratio if first_is_left else (1 / ratio if ratio else Decimal(0))
            return Claim(row, "value", index, clause.start, clause.end, factor, value, key=key)
        assert sign is not None
        left_sign = sign if first_is_left else -sign
        leaning = "hype" if left_sign >= 0 else "sober"
        return Claim(row, leaning, index, clause.start, clause.end, key=key)

    def _is_reference(self, clause: Clause, side: Token, factor: Quantity | None) -> bool:
        """Whether the only side named is what the other is measured by: 实拍的三倍, 比实拍高."""
        text = self.post.text
        is_before = factor is not None and factor.start >= side.end
        if is_before and factor and "的" in text[side.end : factor.start][-2:]:
            return True
        before = text[max(clause.start, side.start - 3) : side.start].rstrip("#")
        if before.endswith(_MEASURES):
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

    def _is_more(self, clause: Clause, quantity: Quantity) -> bool:
        return any(
            token.mask & self.bits.up and -1 <= quantity.start - token.end <= 3
            for token in clause.tokens
        )

    def _is_less(self, clause: Clause, quantity: Quantity) -> bool:
        return any(
            token.mask & self.bits.down and -1 <= quantity.start - token.end <= 3
            for token in clause.tokens
        )


def _ratio(quantity: Quantity, is_more: bool, is_less: bool) -> Decimal | None:
    """first : second for "3倍" (3), "高50%" (1.5), "低三成" (0.7), "八成" (0.8)."""
    value = quantity.top
    if quantity.unit == "percent":
        value /= HUNDRED
    if is_more and not (quantity.unit == "times" and value >= 2):
        return 1 + value
    if is_less:
        if quantity.unit == "times":
            return 1 / value if value else None
        return max(Decimal(0), 1 - value)
    return value
