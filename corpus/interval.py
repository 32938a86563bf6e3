"""Ranges of a metric's values: closed, open or one-sided.

The ledger knows "< 1 %" and a post claims "10 %".  Both become an Interval in the figure's own
unit, so that comparing them is order on numbers and not a pile of ifs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any


@dataclass(frozen=True, slots=True)
class Interval:
    """A range of values; ``None`` leaves a side unbounded, ``*_open`` excludes the bound."""

    low: Decimal | None = None
    high: Decimal | None = None
    low_open: bool = False
    high_open: bool = False

    def __post_init__(self) -> None:
        if self.low is None or self.high is None:
            return
        if self.low > self.high:
            raise ValueError(f"low {self.low} is above high {self.high}")
        if self.low == self.high and (self.low_open or self.high_open):
            raise ValueError(f"nothing lies in the open interval at {self.low}")

    @classmethod
    def point(cls, value: Decimal) -> Interval:
        """The interval that holds *value* alone."""
        return cls(low=value, high=value)

    @property
    def is_point(self) -> bool:
        return self.low is not None and self.low == self.high

    def __contains__(self, value: Decimal) -> bool:
        above = self.low is None or (value > self.low if self.low_open else value >= self.low)
        below = self.high is None or (value < self.high if self.high_open else value <= self.high)
        return above and below

    def overlaps(self, other: Interval) -> bool:
        """Whether some value lies in both."""
        return not (_apart(self, other) or _apart(other, self))

    def is_exceeded_by(self, value: Decimal) -> bool:
        """Whether *value* lies above, even after rounding half up to the bound's precision.

        1.4 % reads as "about 1 %" and so doesn't exceed "< 1 %"; 1.5 % does.
        """
        return self.high is not None and _rounded(value, like=self.high) > self.high

    def is_undercut_by(self, value: Decimal) -> bool:
        """Whether *value* lies below, even after rounding half up to the bound's precision."""
        return self.low is not None and _rounded(value, like=self.low) < self.low

    def scaled(self, factor: Decimal) -> Interval:
        """Every value times *factor*, which is positive."""
        return Interval(
            low=None if self.low is None else self.low * factor,
            high=None if self.high is None else self.high * factor,
            low_open=self.low_open,
            high_open=self.high_open,
        )


def parse_interval(table: Mapping[str, Any]) -> Interval:
    """The interval of a TOML table such as ``{ high = "1", high_open = true }``.

    ``{ is = "22" }`` is a point.  Raises ValueError, which names the key and value at fault.
    """
    unknown = sorted(set(table) - {"is", "low", "high", "low_open", "high_open"})
    if unknown:
        raise ValueError(f"unknown key {unknown[0]!r}")
    if "is" in table:
        if len(table) > 1:
            raise ValueError("'is' stands alone")
        return Interval.point(_decimal("is", table["is"]))
    for key in ("low_open", "high_open"):
        if not isinstance(table.get(key, False), bool):
            raise ValueError(f"{key} = {table[key]!r} is neither true nor false")
    return Interval(
        low=_decimal("low", table["low"]) if "low" in table else None,
        high=_decimal("high", table["high"]) if "high" in table else None,
        low_open=table.get("low_open", False),
        high_open=table.get("high_open", False),
    )


def _decimal(key: str, value: object) -> Decimal:
    if not isinstance(value, str):
        raise ValueError(f"{key} = {value!r} must be a decimal written as a string")
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise ValueError(f"{key} = {value!r} is not a decimal") from None
    if not number.is_finite():
        raise ValueError(f"{key} = {value!r} is not finite")
    return number


def _apart(left: Interval, right: Interval) -> bool:
    """Whether all of *left* lies below all of *right*."""
    if left.high is None or right.low is None:
        return False
    if left.high == right.low:
        return left.high_open or right.low_open
    return left.high < right.low


def _rounded(value: Decimal, *, like: Decimal) -> Decimal:
    """*value* half up to as many decimal places as *like* is written with.

    Digits beyond the context's precision can't be quantised and don't need it: such a value is
    far from any bound.
    """
    try:
        return value.quantize(like, rounding=ROUND_HALF_UP)
    except InvalidOperation:
        return value
