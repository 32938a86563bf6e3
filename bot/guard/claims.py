"""What a post claims: (row, value or leaning, place), found by words and read by arithmetic.

Three readers look at each clause: numbers (a quantity near a metric's words), order (two things
compared) and words (what is said of a subject without a number).  Which rows exist, and by which
words they are recognised, is the ledger's business; nothing here knows one of them by name.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

from bot.guard.clauses import Clause, Post
from bot.guard.knowledge import Knowledge, NumberRule, OrderRule, Row
from bot.guard.lexicon import Token
from bot.guard.quantity import HUNDRED, Quantity

Leaning = Literal["hype", "sober", "value"]
_REACH = 3
_NEGATION_REACH = 4
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


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim in clause ``index`` at ``[start, end)`` of the normalised text.

    ``row`` is None for a metric that the ledger has nothing on.  ``leaning`` says whether words
    lean to hype or to the row's own side; a ``value`` is still to be compared.  ``factor`` is
    left : right of a comparison.
    """

    row: Row | None
    leaning: Leaning
    index: int
    start: int
    end: int
    quantity: Quantity | None = None
    factor: Decimal | None = None
    key: tuple[int, int] = (0, 0)
    is_negated: bool = False
    is_flipped: bool = False


class Reader:
    """Finds the claims of one post."""

    def __init__(self, post: Post, knowledge: Knowledge) -> None:
        self.post = post
        self.knowledge = knowledge
        self.bits = knowledge.claim_bits
        self.near = _near_masks(post)

    def claims(self) -> list[Claim]:
        """All claims in the order of the post, one row's overlapping ones merged."""
        found: list[Claim] = []
        for index, clause in enumerate(self.post.clauses):
            ordered = list(self._order_claims(index, clause))
            found += ordered
            taken = any(claim.factor is not None for claim in ordered)
            if clause.quantities and not taken:
                found += self._number_claims(index, clause)
            found += self._word_claims(index, clause)
        return _settled(found, self.post)

    # --- numbers -----------------------------------------------------------------------------

    def _number_claims(self, index: int, clause: Clause) -> Iterator[Claim]:
        quantities = clause.quantities
        derived = self._derived(index, clause)
        if derived is not None:
            quantities = [derived]
        for quantity in quantities:
            if quantity.unit in ("time", "year"):
                continue
            claim = self._number_claim(index, clause, quantity)
            if claim is not None:
                yield claim

    def _number_claim(self, index: int, clause: Clause, quantity: Quantity) -> Claim | None:
        found = [
            (distance, row)
            for row in self.knowledge.number_rows
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
        if other is not None and (best is None or other < best[0]):
            return Claim(None, "value", index, start, end, quantity, key=key)
        if best is None:
            return None
        row = best[1]
        rule = row.number
        assert rule is not None
        if rule.rest and clause.mask & rule.rest and not clause.mask & row.about:
            quantity = _complement(quantity)
        return Claim(row, "value", index, start, end, quantity, key=key)

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
            if before.mask & rule.metric:
                return 40 * back
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
        for back in range(index, max(-1, index - _REACH - 1), -1):
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
        if (
            quantity.unit not in ("percent", "times", "bare", "digits")
            or quantity.vague
            and (quantity.unit == "bare")
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
        is_per = "每" in before or "里" in between or "中有" in between or "当中" in between
        second = pool[1]
        if not is_per or second.unit not in ("count", "money", "bare"):
            return None
        if second.top > first.low or not second.top:
            return None
        return _share_of(first, second)

    # --- order -------------------------------------------------------------------------------

    def _order_claims(self, index: int, clause: Clause) -> Iterator[Claim]:
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
        sign, at = self._sign(clause, sides)
        if factor is None and sign is None:
            return None
        if not rule.optional and not clause.mask & rule.metric:
            return None
        if not has_both and rule.metric and not self._sentence_mask(clause) & rule.metric:
            return None
        return self._compared(
            row, index, clause, first_is_left, has_both, sign, factor, at or sides[0], sides[0]
        )

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
        if factor is not None and factor.start >= side.end:
            if "的" in text[side.end : factor.start][-2:]:
                return True
        if (
            text[max(clause.start, side.start - 3) : side.start]
            .rstrip("#")
            .endswith(
                (
                    "连",
                    "比",
                    "跟",
                    "和",
                    "与",
                    "超过",
                    "碾压",
                    "吊打",
                    "秒杀",
                    "完胜",
                    "打",
                    "压",
                    "过",
                    "胜",
                    "不输",
                    "不如",
                    "不及",
                    "媲美",
                    "追平",
                    "追上",
                    "输给",
                    "于",
                )
            )
        ):
            return True
        return any(
            token.mask & self.bits.order and token.end <= side.start for token in clause.tokens
        )

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

    def _sentence_mask(self, clause: Clause) -> int:
        sentence = self.post.sentences[clause.sentence]
        mask = 0
        for other in self.post.clauses[sentence.first : sentence.last + 1]:
            mask |= other.mask
        return mask

    # --- words -------------------------------------------------------------------------------

    def _word_claims(self, index: int, clause: Clause) -> Iterator[Claim]:
        if not clause.mask & self.knowledge.leaning_gate:
            return
        for token in clause.tokens:
            gate = token.mask & self.knowledge.leaning_gate
            if not gate:
                continue
            for row in self.knowledge.leaning_rows(gate):
                leaning = self._leaning(row, index, token)
                if leaning is None:
                    continue
                if row.order and self._sentence_mask(clause) & row.order.never_with:
                    continue
                is_untrue = self._is_called_untrue_next(clause)
                negated = is_untrue or self._is_negated(clause, token)
                if negated and leaning == "sober":
                    leaning, negated = "hype", False
                yield Claim(
                    row,
                    leaning,
                    index,
                    clause.start,
                    clause.end,
                    key=(token.start, token.end),
                    is_negated=negated,
                    is_flipped=is_untrue,
                )

    def _leaning(self, row: Row, index: int, token: Token) -> Leaning | None:
        is_about = bool(self.near[index] & row.about) and (
            not row.also or bool(self.post.mask & row.also)
        )
        if token.mask & row.hype_alone or (is_about and token.mask & row.hype):
            return "hype"
        if token.mask & row.sober_alone or (is_about and token.mask & row.sober):
            return "sober"
        return None

    def _is_negated(self, clause: Clause, token: Token) -> bool:
        bits = self.bits
        for other in clause.tokens:
            if (
                other.mask & bits.neg
                and other.end <= token.start
                and token.start - other.end <= _NEGATION_REACH
            ):
                return True
            if (
                other.mask & bits.neg_after
                and other.start >= token.end
                and other.start - token.end <= _NEGATION_REACH * 4
            ):
                return True
        return False

    def _is_called_untrue_next(self, clause: Clause) -> bool:
        """这事儿,纯属编的鬼故事: the next clause says so, with nothing of its own."""
        sentence = self.post.sentences[clause.sentence]
        for other in self.post.clauses[sentence.first : sentence.last + 1]:
            if other.start >= clause.end:
                return bool(
                    other.mask & self.bits.neg_after
                    and other.tokens
                    and other.tokens[0].mask & self.bits.neg_after
                )
        return False


def _near_masks(post: Post) -> list[int]:
    """For each clause what it, the three before and the next of its sentence speak of."""
    clauses = post.clauses
    if len(clauses) <= 6:
        return [post.mask] * len(clauses)
    masks = []
    for index, clause in enumerate(clauses):
        mask = 0
        for other in clauses[max(0, index - _REACH) : index + 1]:
            mask |= other.mask
        if index + 1 < len(clauses) and clauses[index + 1].sentence == clause.sentence:
            mask |= clauses[index + 1].mask
        masks.append(mask)
    return masks


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
    return replace(
        quantity, low=low, high=high, open_low=quantity.open_high, open_high=quantity.open_low
    )


def _is_level(quantity: Quantity) -> bool:
    return quantity.unit in ("bare", "money", "digits") and quantity.top < 100_000


def _is_amount(quantity: Quantity) -> bool:
    floor = {"money": 500, "count": 50, "bare": 500, "digits": 1000}.get(quantity.unit)
    return floor is not None and quantity.top >= floor


def _share_of(whole: Quantity, part: Quantity) -> Quantity:
    assert whole.low is not None
    factor = HUNDRED / whole.low
    return replace(
        part,
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
    return replace(
        value,
        start=pool[0].start,
        low=None if value.low is None else value.low * factor,
        high=None if value.high is None else value.high * factor,
        unit="money",
        noun="gpm",
        is_derived=True,
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


def _settled(found: list[Claim], post: Post) -> list[Claim]:
    """Without the claims that a more special row of the same sentence speaks over."""
    over: dict[int, set[str]] = {}
    for claim in found:
        if claim.row is not None and claim.row.over:
            sentence = post.clauses[claim.index].sentence
            over.setdefault(sentence, set()).update(claim.row.over)
    kept = [
        claim
        for claim in found
        if claim.row is None
        or claim.row.figure.id not in over.get(post.clauses[claim.index].sentence, ())
    ]
    return _last_word(kept, post)


def _last_word(found: list[Claim], post: Post) -> list[Claim]:
    """Of words for and against in one sentence the last clause's hold; within it the sober ones."""
    last: dict[tuple[str, int], Claim] = {}
    for claim in found:
        if claim.row is None or claim.leaning == "value" or claim.is_negated:
            continue
        key = (claim.row.figure.id, post.clauses[claim.index].sentence)
        held = last.get(key)
        if held is None or claim.index > held.index or claim.leaning == "sober":
            last[key] = claim
    kept = []
    for claim in found:
        if claim.row is not None and claim.leaning != "value":
            holder = last.get((claim.row.figure.id, post.clauses[claim.index].sentence))
            if holder is not None and holder.leaning != claim.leaning:
                continue
        kept.append(claim)
    return kept
