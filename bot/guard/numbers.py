"""Quantities near a metric's words: shares, levels, changes, amounts, and what follows from two."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from bot.guard.clauses import Clause
from bot.guard.knowledge import NumberRule, Row
from bot.guard.lexicon import Token
from bot.guard.quantity import HUNDRED, Quantity
from bot.guard.scene import REACH, Claim, Scene

_REACHES = (
    "到",
    "有",
    "破",
    "上",
    "超",
    "过",
    "均",
    "才",
    "死",
    "多",
    "就",
    "遍",
    "是",
    "稳",
    "约",
    "概",
)
_HALF = 50
_VIDEOS = re.compile("(?:带货|带车|挂车)?(?:短?视频|片)")


class NumberReader(Scene):
    """Finds the claims that a number carries."""

    def number_claims(self, index: int, clause: Clause) -> Iterator[Claim]:
        quantities = clause.quantities
        derived = self._derived(index, clause)
        if derived is not None:
            quantities = [derived]
        for at, quantity in enumerate(quantities):
            if quantity.unit in ("time", "year") or self._is_outset(quantities, at):
                continue
            if self._is_distance(clause, quantity):
                continue
            claim = self._number_claim(index, clause, quantity)
            if claim is not None:
                yield claim

    def _is_outset(self, quantities: list[Quantity], at: int) -> bool:
        """从1%涨到10%: where it began is no claim of where it stands."""
        if at + 1 >= len(quantities) or quantities[at + 1].unit != quantities[at].unit:
            return False
        text = self.post.text
        between = text[quantities[at].end : quantities[at + 1].start]
        before = text[max(0, quantities[at].start - 2) : quantities[at].start]
        return "从" in before and len(between) <= 8 and between.endswith(("到", "至", "了"))

    def _is_distance(self, clause: Clause, quantity: Quantity) -> bool:
        """离50还差30, 比AI高三十: how far something is from where it might be."""
        if quantity.unit not in ("bare", "money"):
            return False
        before = self.post.text[clause.start : quantity.start].rstrip(" 了着出")
        words = self.knowledge.order_words
        if before.endswith(words.utmost):
            return False
        return before.endswith(words.away) or ("比" in before and before.endswith(words.differs))

    def _number_claim(self, index: int, clause: Clause, quantity: Quantity) -> Claim | None:
        found = [
            (distance, row)
            for row in self.number_rows
            if (distance := self._distance(row, index, clause, quantity)) is not None
        ]
        hidden = {figure_id for _, row in found for figure_id in row.over}
        best: tuple[int, Row] | None = min(
            (pair for pair in found if pair[1].figure.id not in hidden),
            key=lambda pair: pair[0],
            default=None,
        )
        other = self._other_distance(index, clause, quantity)
        start = min(clause.start, quantity.start)
        end = max(clause.end, quantity.end)
        key = (quantity.start, quantity.end)
        if self._counts_orders(clause, quantity, best) or (
            other is not None and (best is None or other < best[0])
        ):
            return Claim(None, "value", index, start, end, quantity, key=key)
        if best is None:
            return None
        row = best[1]
        rule = row.number
        assert rule is not None
        if rule.rest and clause.mask & rule.rest and not clause.mask & row.about:
            if quantity.top < _HALF:
                return None  # 实拍占了一成: who has the rest isn't said
            quantity = _complement(quantity)
        return Claim(row, "value", index, start, end, quantity, key=key)

    def _counts_orders(
        self, clause: Clause, quantity: Quantity, best: tuple[int, Row] | None
    ) -> bool:
        """Whether a share is one of orders: what they are worth is another matter."""
        if best is None or quantity.unit != "percent" or quantity.is_derived:
            return False
        rule = best[1].number
        if rule is None or rule.relation != "share":
            return False
        mask = self.bits.order_count
        if any(t.mask & mask and 0 <= t.start - quantity.end <= 1 for t in clause.tokens):
            return True  # 九成九的单量
        orders = _token_distance(clause.tokens, mask, quantity)
        return orders is not None and orders <= best[0]

    def _distance(self, row: Row, index: int, clause: Clause, quantity: Quantity) -> int | None:
        """How far the row's metric is from *quantity*; None where the row can't be meant."""
        rule = row.number
        assert rule is not None
        if quantity.unit not in rule.units or not self.near[index] & (row.about | rule.rest):
            return None
        if row.also and not self.post.mask & row.also:
            return None
        if rule.not_about and clause.mask & rule.not_about:
            return None
        if quantity.is_derived:
            return 0 if quantity.noun in rule.nouns and self._is_meant(row, index) else None
        distance = _token_distance(clause.tokens, rule.metric, quantity)
        if distance is None and rule.faint and self._has_subject(row, index, clause):
            distance = _token_distance(clause.tokens, rule.faint, quantity)
            distance = None if distance is None else distance + 20
        if distance is None:
            distance = self._inherited_distance(row, rule, index, clause)
        if distance is None or not self._relates(row, rule, index, clause, quantity):
            return None
        if clause.mask & self.bits.other_subject and not clause.mask & (row.about | rule.rest):
            self.elsewhere.add((index, row.figure.id))  # 直播间GPM 50, whatever else is said of AI
            return None
        return distance

    def _is_meant(self, row: Row, index: int) -> bool:
        """For a quantity worked out from two: its own clauses name the row's subject."""
        clauses = self.post.clauses[max(0, index - 1) : index + 3]
        others = self.bits.level_subjects & ~row.about
        named = 0
        for clause in clauses:
            named |= clause.mask
        if row.number and row.number.not_about & named:
            return False
        return bool(named & row.about) or (
            bool(self.near[index] & row.about) and not named & others
        )

    def _has_subject(self, row: Row, index: int, clause: Clause) -> bool:
        rule = row.number
        assert rule is not None
        if clause.mask & (row.about | rule.rest):
            return True
        return self.post.text.startswith(("占", "已占", "已经占", "就占"), clause.start)

    def _inherited_distance(
        self, row: Row, rule: NumberRule, index: int, clause: Clause
    ) -> int | None:
        """The metric may stand in the clause before: "GPM这块,AI能到40"."""
        if clause.mask & self.bits.any_metric:
            return None
        for back in (1, 2):
            if index < back:
                break
            before = self.post.clauses[index - back]
            if before.mask & (self.bits.other_metric & ~rule.metric | rule.not_about):
                return None
            if before.mask & rule.metric:
                return 40 * back
            if rule.faint and before.mask & rule.faint and before.mask & row.about:
                return 40 * back + 20
            if before.mask & self.bits.any_metric:
                return None
        return self._following_distance(rule, index)

    def _following_distance(self, rule: NumberRule, index: int) -> int | None:
        """Or, failing that, in one of the two after: "是不足1%。说的是AI对GMV的贡献"."""
        for ahead in (1, 2):
            if index + ahead < len(self.post.clauses):
                after = self.post.clauses[index + ahead]
                if after.quantities:
                    return None
                if after.mask & rule.metric and after.mask & self.bits.ai:
                    return 60 * ahead
        return None

    def _relates(
        self, row: Row, rule: NumberRule, index: int, clause: Clause, quantity: Quantity
    ) -> bool:
        if rule.relation == "share":
            return not self._is_change(clause, quantity)
        if rule.relation == "level":
            if quantity.is_derived:
                return True
            if not clause.mask & rule.metric and not self._is_elliptic(row, clause, quantity):
                return False
            return self._is_about_nearest(row, index, quantity) and _is_level(quantity)
        if rule.relation == "amount":
            return _is_amount(quantity) and (not rule.needs or bool(self.near[index] & rule.needs))
        return True

    def _is_elliptic(self, row: Row, clause: Clause, quantity: Quantity) -> bool:
        """Whether a clause without the metric still tells its value: "AI能到40"."""
        before = self.post.text[max(clause.start, quantity.start - 3) : quantity.start]
        return bool(clause.mask & row.about) or before.endswith(_REACHES)

    def _is_change(self, clause: Clause, quantity: Quantity) -> bool:
        """涨了10% is a change and no share; 涨到10% is one."""
        for token in clause.tokens:
            if token.mask & self.bits.change and 0 <= quantity.start - token.end <= 2:
                between = self.post.text[token.end : quantity.start]
                return "到" not in between and "至" not in between
        return False

    def _is_about_nearest(self, row: Row, index: int, quantity: Quantity) -> bool:
        """Of the subjects that share a metric, the one named last before the number is meant."""
        subjects = self.bits.level_subjects
        for back in range(index, max(-1, index - REACH - 1), -1):
            tokens = self.post.clauses[back].tokens
            for token in reversed(tokens):
                if token.start < quantity.start and token.mask & subjects:
                    return bool(token.mask & row.about) and self._leads(row, token.mask)
        for token in self.post.clauses[index].tokens:
            if token.mask & subjects:
                return bool(token.mask & row.about)
        return bool(self.near[index] & row.about) and not self.near[index] & subjects & ~row.about

    def _leads(self, row: Row, mask: int) -> bool:
        return True

    def _other_distance(self, index: int, clause: Clause, quantity: Quantity) -> int | None:
        if quantity.unit not in ("percent", "times", "bare", "digits") or (
            quantity.vague and (quantity.unit == "bare")
        ):
            return None
        if not self.near[index] & self.bits.ai:
            return None
        if quantity.unit == "bare":
            return _token_distance(clause.tokens, self.bits.ratio_metric, quantity)
        return _token_distance(clause.tokens, self.bits.other_metric, quantity)

    def _derived(self, index: int, clause: Clause) -> Quantity | None:
        """A quantity worked out from two: 每卖100刀就有7刀 is 7 %, 一万播放出500刀 a GPM of 50."""
        pool = list(clause.quantities)
        for ahead in (1, 2):
            at = index + ahead
            if at < len(self.post.clauses):
                follower = self.post.clauses[at]
                if follower.sentence == clause.sentence:
                    pool += follower.quantities
        if len(pool) < 2:
            return None
        first = pool[0]
        if first.unit not in ("count", "money", "bare") or not first.low:
            return None
        text = self.post.text
        before = text[max(0, first.start - 3) : first.start]
        after = text[first.end : first.end + 4]
        between = text[first.end : min(pool[1].start, first.end + 9)]
        if any(word in first.noun for word in ("播放", "曝光", "view", "观看", "次")) and (
            "播放" in first.noun
            or "播放" in after
            or "曝光" in first.noun + after
            or "view" in first.noun
            or "观看" in first.noun + after
        ):
            return _per_thousand(pool)
        among = self.knowledge.order_words.among
        is_per = "每" in before or any(word in between for word in among)
        if first.noun == "个" and _VIDEOS.match(text, first.end):
            first = first._replace(noun="个视频")
        second = pool[1]
        if not is_per or second.unit not in ("count", "money", "bare"):
            return None
        if first.low is None or second.top > first.low or not second.top:
            return None
        return _share_of(first, second)


def _token_distance(tokens: list[Token], mask: int, quantity: Quantity) -> int | None:
    best = None
    for token in tokens:
        if token.mask & mask:
            gap = (
                quantity.start - token.end
                if token.start < quantity.start
                else token.start - quantity.end
            )
            if best is None or gap < best:
                best = max(gap, 0)
    return best


def _complement(quantity: Quantity) -> Quantity:
    low = None if quantity.high is None else HUNDRED - quantity.high
    high = None if quantity.low is None else HUNDRED - quantity.low
    return quantity._replace(
        low=low, high=high, open_low=quantity.open_high, open_high=quantity.open_low
    )


def _is_level(quantity: Quantity) -> bool:
    return quantity.unit in ("bare", "money", "digits") and quantity.top < 100_000


def _is_amount(quantity: Quantity) -> bool:
    floor = {"money": 500, "count": 50, "bare": 500, "digits": 1000}.get(quantity.unit)
    return floor is not None and quantity.top >= floor


def _share_of(whole: Quantity, part: Quantity) -> Quantity:
    assert whole.low is not None
    factor = HUNDRED / whole.low
    return part._replace(
        start=whole.start,
        low=None if part.low is None else part.low * factor,
        high=None if part.high is None else part.high * factor,
        unit="percent",
        noun=whole.noun,
        is_derived=True,
    )


def _per_thousand(pool: list[Quantity]) -> Quantity | None:
    """Sales per thousand views, from views and money, or views, orders and the order's value."""
    views = pool[0].low
    money = [quantity for quantity in pool[1:] if quantity.unit in ("money", "bare")]
    orders = [quantity for quantity in pool[1:] if quantity.unit == "count"]
    if not views or not money:
        return None
    factor = Decimal(1000) / views
    if orders and orders[0].low:
        factor *= orders[0].low
    value = money[0]
    return value._replace(
        start=pool[0].start,
        low=None if value.low is None else value.low * factor,
        high=None if value.high is None else value.high * factor,
        unit="money",
        noun="gpm",
        is_derived=True,
    )
