"""Quantities in a post: 10%, 一成半, 三分之一, 二三十, 10w, 不到1%, "10到16" become intervals.

Works on normalised text (NFKC, lower case, simplified).  Reads a numeral, its magnitude, its unit
and the comparators around it; the words for all of them are data (``quantities.toml``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, NamedTuple

from bot.guard.numerals import CHARACTERS, DIGITS, chinese

Unit = Literal["percent", "times", "money", "count", "bare", "time", "year", "digits"]

_CN = CHARACTERS
_NUMERAL = re.compile(
    rf"(?P<frac>\d{{1,3}}(?:/| in )\d{{1,3}}(?![\d/]))"
    rf"|(?P<of>(?:\d{{1,4}}|[{_CN}]{{1,4}})分之(?:\d+(?:\.\d+)?|[{_CN}半]{{1,6}}(?:点[{_CN}]{{1,4}})?))"
    rf"|(?P<digits>\d{{1,15}}(?:,\d{{3}}(?!\d)){{0,4}}(?:\.\d{{1,9}})?)"
    rf"|(?P<cn>(?:数(?=[十百千万亿]))?[{_CN}]{{1,12}}(?:点[零一二三四五六七八九几]{{1,4}})?|半(?=成|倍|单))"
)
_MAGNITUDE = re.compile(
    r"(?:个|来|多|好几|几)?(百万|千万|万亿|十亿|亿|万|千|百|[wkm](?![a-z])|million|thousand|grand)"
)
_MAGNITUDES = {
    "百": 100,
    "千": 1000,
    "k": 1000,
    "thousand": 1000,
    "grand": 1000,
    "万": 10_000,
    "w": 10_000,
    "百万": 1_000_000,
    "m": 1_000_000,
    "million": 1_000_000,
    "千万": 10_000_000,
    "亿": 100_000_000,
    "十亿": 1_000_000_000,
    "万亿": 1_000_000_000_000,
}
_CONNECTOR = re.compile(r"\s?(?:[-~–—]{1,2}|到|至|to)\s?")
_MORE = re.compile(r"[多余几]|来(?![了自])|出头")
_MINUS = re.compile(r"(?:(?<![\s\w\-~%])|(?<=[\u3400-\u9fff]))[-−负]\Z")
# What follows 块 in 三块五, but not in 三块五条.
_DIMES = re.compile(rf"([一二三四五六七八九])(?![{_CN}\d个条单次天月年件套块元折分成倍支只种])")
_YEAR = re.compile(r"(?:19|20)\d\d")
_LONGEST_COMPARATOR = 12
_NO_COMPARATORS = ("inclusive", "not_numbers")
ZERO, ONE, TEN, HUNDRED = Decimal(0), Decimal(1), Decimal(10), Decimal(100)


class Quantity(NamedTuple):
    """A quantity at ``[start, end)`` of the normalised text.

    ``low``/``high`` bound its value (None: unbounded), in percent for shares.  ``noun`` is the
    unit word as written; ``vague`` marks "十几", "几十", "两位数".
    """

    start: int
    end: int
    low: Decimal | None
    high: Decimal | None
    unit: Unit
    noun: str = ""
    open_low: bool = False
    open_high: bool = False
    vague: bool = False
    is_derived: bool = False
    # 至少30, 最多30: an open side's bound counts as stated.
    is_inclusive: bool = False

    @property
    def top(self) -> Decimal:
        """The value that the poster states at most, or the bound of an open range."""
        if self.high is not None:
            return self.high
        return self.low if self.low is not None else ZERO

    @property
    def stated(self) -> Decimal:
        """The value that it is judged by: what it says at most, a vague one at its least."""
        return self.low if self.vague and self.low is not None else self.top

    @property
    def bottom(self) -> Decimal:
        """The value that the poster states at least, or the bound of an open range."""
        if self.low is not None:
            return self.low
        return self.high if self.high is not None else ZERO


@dataclass(frozen=True, slots=True)
class QuantityWords:
    """The words around numerals, compiled: unit words, comparators, set phrases."""

    units: Mapping[str, tuple[Unit, str]]
    unit_re: re.Pattern[str]
    phrases: Mapping[str, Quantity]
    phrase_re: re.Pattern[str]
    below_before: tuple[str, ...]
    above_before: tuple[str, ...]
    below_after: re.Pattern[str]
    above_after: re.Pattern[str]
    inclusive: frozenset[str]
    not_numbers: re.Pattern[str]


def compile_words(data: Mapping[str, Mapping[str, object]]) -> QuantityWords:
    """The tables of ``quantities.toml``, ready for :func:`read_quantities`."""
    units: dict[str, tuple[Unit, str]] = {}
    for unit, words in data["units"].items():
        for word in _texts(words):
            units[word] = (unit, word)  # type: ignore[assignment]
    phrases = {word: _phrase(str(spec)) for word, spec in data["phrases"].items()}
    around = data["around"]
    return QuantityWords(
        units=units,
        unit_re=_alternation(units),
        phrases=phrases,
        phrase_re=_alternation(phrases),
        below_before=_texts(around["below_before"]),
        above_before=_texts(around["above_before"]),
        below_after=_alternation(_texts(around["below_after"])),
        above_after=_alternation(_texts(around["above_after"])),
        inclusive=_inclusive(around),
        not_numbers=_alternation(_texts(around["not_numbers"])),
    )


def _inclusive(around: Mapping[str, object]) -> frozenset[str]:
    """The comparators that count their bound in; ValueError for what isn't one of them."""
    inclusive = frozenset(_texts(around["inclusive"]))
    tables = [_texts(words) for name, words in around.items() if name not in _NO_COMPARATORS]
    if unknown := inclusive.difference(*tables):
        raise ValueError(f"quantities.toml: around.inclusive: no comparators: {sorted(unknown)}")
    return inclusive


def read_quantities(text: str, words: QuantityWords) -> list[Quantity]:
    """All quantities of *text* in order, ranges merged, comparators applied."""
    found: list[Quantity] = []
    masked = [(m.start(), m.end()) for m in words.not_numbers.finditer(text)]
    blocked = {i for start, end in masked for i in range(start, end)}
    for match in words.phrase_re.finditer(text):
        if match.start() in blocked:
            continue
        pattern = words.phrases[match[0]]
        found.append(pattern._replace(start=match.start(), end=match.end()))
        blocked.update(range(match.start(), match.end()))
    at = 0
    while numeral := _NUMERAL.search(text, at):
        start = numeral.start()
        if start in blocked:
            at = start + 1
            continue
        at = numeral.end()
        quantity = _read(numeral, text, words)
        if quantity is not None:
            at = max(at, quantity.end)
            # A share below nothing is a slip of the pen, and no claim.
            if quantity.unit != "percent" or not _MINUS.search(text[max(0, start - 2) : start]):
                found.append(quantity)
    found.sort(key=lambda quantity: quantity.start)
    return [_compared(quantity, text, words) for quantity in _merged(found, text)]


def _read(match: re.Match[str], text: str, words: QuantityWords) -> Quantity | None:
    start, end = match.span()
    if match["frac"]:
        top, bottom = map(Decimal, match["frac"].replace(" in ", "/").split("/"))
        if not bottom or top >= bottom:
            return None
        share = top * HUNDRED / bottom
        return Quantity(start, end, share, share, "percent", match["frac"])
    if match["of"]:
        return _fraction(start, end, match["of"])
    bounds = _digits(match["digits"]) if match["digits"] else chinese(match["cn"])
    if bounds is None:
        return None
    low, high, vague = bounds
    if match["digits"]:
        if _YEAR.fullmatch(match["digits"]) and not text.startswith(("条", "单", "个", "刀"), end):
            return Quantity(start, end, low, high, "year", match["digits"])
        low, high, end = _magnified(low, high, text, end)
    elif (more := _MAGNITUDE.match(text, end)) and match["cn"][-1] not in "万亿":
        factor = _MAGNITUDES[more[1]]
        low, high, end = low * factor, high * factor, more.end()
    low, high, end, over = _over(low, high, text, end)
    return _with_unit(
        Quantity(start, end, low, high, "bare", vague=vague or over), text, words, match["cn"]
    )


def _digits(text: str) -> tuple[Decimal, Decimal, bool]:
    value = Decimal(text.replace(",", ""))
    return value, value, False


def _magnified(low: Decimal, high: Decimal, text: str, end: int) -> tuple[Decimal, Decimal, int]:
    more = _MAGNITUDE.match(text, end)
    if not more:
        return low, high, end
    factor = _MAGNITUDES[more[1]]
    return low * factor, high * factor, more.end()


def _over(low: Decimal, high: Decimal, text: str, end: int) -> tuple[Decimal, Decimal, int, bool]:
    """ "一百多", "50几": up to the next step of the last non-zero digit."""
    more = _MORE.match(text, end)
    if not more:
        return low, high, end, False
    if more[0] in ("来", "出头"):
        return low, high, more.end(), False
    step = ONE
    while low and low % (step * TEN) == 0:
        step *= TEN
    return low, high + step - (ONE if step > 1 else ZERO), more.end(), True


def _with_unit(
    quantity: Quantity, text: str, words: QuantityWords, cn: str | None
) -> Quantity | None:
    at = quantity.end
    if text.startswith(" ", at):
        at += 1
    unit = words.unit_re.match(text, at)
    before = text[quantity.start - 1] if quantity.start else ""
    if unit:
        kind, noun = words.units[unit[0]]
        quantity = quantity._replace(end=unit.end(), unit=kind, noun=noun)
        if kind == "percent" and noun == "成":
            return _tenths(quantity, text)
        if noun == "‰":
            return _scaled(quantity, ONE / TEN)
        if kind == "year":
            return _year(quantity)
        tail = _DIMES.match(text, quantity.end) if noun in ("块", "元") and cn else None
        return _with_dimes(quantity, tail) if tail else quantity
    if before in "$¥£€" and before:
        return quantity._replace(start=quantity.start - 1, unit="money", noun=before)
    if cn == "十" and text.startswith("分", quantity.end):
        return None  # 十分, "very"
    if cn and (quantity.low is None or quantity.high is None or quantity.high < 2):
        return None  # 一 alone is hardly ever a number
    return quantity


def _scaled(quantity: Quantity, factor: Decimal) -> Quantity:
    low = None if quantity.low is None else quantity.low * factor
    high = None if quantity.high is None else quantity.high * factor
    return quantity._replace(low=low, high=high)


def _with_dimes(quantity: Quantity, tail: re.Match[str]) -> Quantity:
    """二十四块六 is 24.6."""
    dimes = Decimal(DIGITS[tail[1]]) / TEN
    low = None if quantity.low is None else quantity.low + dimes
    high = None if quantity.high is None else quantity.high + dimes
    return quantity._replace(low=low, high=high, end=tail.end())


def _year(quantity: Quantity) -> Quantity:
    value = quantity.low or ZERO
    if 2000 <= value <= 2100:
        return quantity
    if 18 <= value <= 35 and quantity.noun == "年":
        return quantity._replace(low=value + 2000, high=value + 2000)
    return quantity._replace(unit="time")


def _tenths(quantity: Quantity, text: str) -> Quantity:
    """成 is ten percent; 三成半 is 35, 一成五 is 15, 两成多 up to 29."""
    low, high, end = (quantity.low or ZERO) * TEN, (quantity.high or ZERO) * TEN, quantity.end
    tail = text[end : end + 1]
    if tail == "半":
        return quantity._replace(low=low + 5, high=high + 5, end=end + 1)
    after = text[end + 1 : end + 2]
    if tail and tail in DIGITS and tail not in "两俩" and (not after or after not in "个条单"):
        extra = DIGITS[tail]
        return quantity._replace(low=low + extra, high=high + extra, end=end + 1)
    if tail == "多":
        return quantity._replace(low=low, high=high + 9, end=end + 1, vague=True)
    if tail == "几":
        return quantity._replace(low=low, high=high + 9, end=end + 1, vague=True)
    return quantity._replace(low=low, high=high)


def _fraction(start: int, end: int, text: str) -> Quantity | None:
    below, above = text.split("分之")
    bottom = _plain(below)
    top = _plain(above)
    if not bottom or not top or not bottom[0]:
        return None
    low, high = top[0] * HUNDRED / bottom[1], top[1] * HUNDRED / bottom[0]
    is_vague = top[2] or bottom[2] or bottom[0] != bottom[1]
    return Quantity(start, end, low, high, "percent", "分之", vague=is_vague)


def _plain(text: str) -> tuple[Decimal, Decimal, bool] | None:
    return _digits(text) if text[0].isascii() else chinese(text)


def _merged(found: list[Quantity], text: str) -> list[Quantity]:
    """ "10到16", "40-50%", "十几二十": two neighbours become one range, "一成的一半" one share."""
    merged: list[Quantity] = []
    for quantity in found:
        last = merged[-1] if merged else None
        if last is not None and _is_part_of_part(last, quantity, text):
            share = (quantity.high or ZERO) / HUNDRED
            merged[-1] = _scaled(last, share)._replace(end=quantity.end)
        elif last is not None and _is_range(last, quantity, text):
            merged[-1] = _ranged(last, quantity)
        else:
            merged.append(quantity)
    return merged


def _is_part_of_part(left: Quantity, right: Quantity, text: str) -> bool:
    both = left.unit == right.unit == "percent"
    return both and text[left.end : right.start] == "的"


def _is_range(left: Quantity, right: Quantity, text: str) -> bool:
    if left.high is None or right.high is None or left.unit in ("time", "year"):
        return False
    if left.unit not in ("bare", right.unit) or left.bottom > right.top * (
        TEN if right.noun == "成" else ONE
    ):
        return False
    between = text[left.end : right.start]
    if not between:
        return left.vague and left.unit == "bare"
    return len(between) <= 4 and _CONNECTOR.fullmatch(between) is not None


def _ranged(left: Quantity, right: Quantity) -> Quantity:
    low = left.low
    if left.unit == "bare" and right.noun == "成" and low is not None:
        low *= TEN
    elif left.unit == "bare" and low is not None and right.low is not None:
        low = _same_scale(low, right)
    return right._replace(start=left.start, low=low)


def _same_scale(low: Decimal, right: Quantity) -> Decimal:
    """ "1到2万": the first number shares the second one's magnitude."""
    high = right.low or ZERO
    for step in (HUNDRED * HUNDRED, TEN * HUNDRED):
        if high >= step and low < TEN and low * step <= high:
            return low * step
    return low


def _compared(quantity: Quantity, text: str, words: QuantityWords) -> Quantity:
    """*quantity* with "不到", "超过", "以上", "+" and their like applied."""
    if quantity.unit in ("year", "time"):
        return quantity
    before = text[max(0, quantity.start - _LONGEST_COMPARATOR) : quantity.start].rstrip(" 约:")
    below, above = _longest(before, words.below_before), _longest(before, words.above_before)
    if not below and before.endswith("了"):  # 过了30, but 过不了30
        below, above = (
            _longest(before[:-1], words.below_before),
            above or _longest(before[:-1], words.above_before),
        )
    # 不低于 ends with 低于, 不超过 with 超过: the longer word is the one that is said.
    under = words.below_after.match(text, quantity.end)
    if len(below) > len(above) or under:
        return quantity._replace(
            low=None,
            open_high=True,
            is_inclusive=(under[0] if under else below) in words.inclusive,
            end=under.end() if under else quantity.end,
        )
    over = words.above_after.match(text, quantity.end)
    if over or above:
        return quantity._replace(
            high=quantity.high if quantity.high != quantity.low else None,
            open_low=True,
            is_inclusive=(over[0] if over else above) in words.inclusive,
            end=over.end() if over else quantity.end,
        )
    return quantity


def _longest(before: str, words: tuple[str, ...]) -> str:
    """The longest of *words* at the end of *before*, "" where none stands there."""
    if not before.endswith(words):
        return ""
    return max((word for word in words if before.endswith(word)), key=len)


def _phrase(spec: str) -> Quantity:
    """ "percent 50 100" of the data file: unit, low, high (``-`` for none)."""
    unit, low, high = spec.split()
    return Quantity(
        0,
        0,
        None if low == "-" else Decimal(low),
        None if high == "-" else Decimal(high),
        unit,  # type: ignore[arg-type]
        vague=low != high,
    )


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(text, str) and text for text in value):
        raise ValueError(f"{value!r} must be a list of texts")
    return tuple(value)


def _alternation(words: object) -> re.Pattern[str]:
    longest_first = sorted(words, key=len, reverse=True)  # type: ignore[call-overload]
    return re.compile("|".join(re.escape(word) for word in longest_first))
