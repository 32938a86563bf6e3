"""Intervals: bounds, rounding half up at the bound's precision, what a table may hold."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.interval import Interval, parse_interval

UNDER_ONE = Interval(high=Decimal("1"), high_open=True)
TEN_TO_SIXTEEN = Interval(low=Decimal("10"), high=Decimal("16"))
decimals = st.decimals(
    allow_nan=False, allow_infinity=False, places=3, min_value=-99, max_value=999
)


@pytest.mark.parametrize(
    ("claimed", "inside"),
    [
        pytest.param("0.9", True, id="below"),
        pytest.param("1", False, id="the open bound itself"),
        pytest.param("1.1", False, id="above"),
    ],
)
def test_open_upper_bound(claimed, inside):
    assert (Decimal(claimed) in UNDER_ONE) is inside


@pytest.mark.parametrize(
    ("claimed", "exceeds"),
    [
        pytest.param("1.4", False, id="rounds to the bound"),
        pytest.param("1.5", True, id="rounds half up, past it"),
        pytest.param("1", False, id="the bound"),
        pytest.param("10", True, id="the rumour"),
    ],
)
def test_rounding_to_the_bound(claimed, exceeds):
    assert UNDER_ONE.is_exceeded_by(Decimal(claimed)) is exceeds


@pytest.mark.parametrize(
    ("claimed", "undercuts"),
    [
        pytest.param("99.5", False, id="rounds up to the bound"),
        pytest.param("99.4", True, id="rounds down"),
    ],
)
def test_rounding_from_below(claimed, undercuts):
    assert Interval(low=Decimal("100")).is_undercut_by(Decimal(claimed)) is undercuts


def test_a_number_too_long_to_round_is_past_the_bound():
    assert TEN_TO_SIXTEEN.is_exceeded_by(Decimal("9" * 60))


@pytest.mark.parametrize(
    ("other", "overlaps"),
    [
        pytest.param(Interval(low=Decimal("16")), True, id="touching closed ends"),
        pytest.param(Interval(low=Decimal("16"), low_open=True), False, id="touching an open end"),
        pytest.param(Interval(high=Decimal("9")), False, id="apart"),
        pytest.param(Interval(), True, id="everything"),
    ],
)
def test_overlaps(other, overlaps):
    assert TEN_TO_SIXTEEN.overlaps(other) is overlaps
    assert other.overlaps(TEN_TO_SIXTEEN) is overlaps


@given(value=decimals)
def test_a_point_holds_its_value_alone(value):
    point = Interval.point(value)
    assert value in point
    assert point.is_point
    assert value + 1 not in point


@given(value=decimals)
def test_what_lies_inside_exceeds_nothing(value):
    if value in TEN_TO_SIXTEEN:
        assert not TEN_TO_SIXTEEN.is_exceeded_by(value)
        assert not TEN_TO_SIXTEEN.is_undercut_by(value)


def test_scaling_keeps_what_is_open():
    scaled = UNDER_ONE.scaled(Decimal("100"))
    assert scaled == Interval(high=Decimal("100"), high_open=True)


@pytest.mark.parametrize(
    ("table", "fault"),
    [
        pytest.param({"high": 1}, "high", id="a number that is no string"),
        pytest.param({"high": "one"}, "one", id="no decimal"),
        pytest.param({"high": "NaN"}, "finite", id="not finite"),
        pytest.param({"up": "1"}, "up", id="unknown key"),
        pytest.param({"low": "2", "high": "1"}, "above", id="the wrong way round"),
        pytest.param({"is": "1", "high": "2"}, "alone", id="a point and more"),
        pytest.param({"high": "1", "high_open": "yes"}, "high_open", id="no boolean"),
        pytest.param({"low": "1", "high": "1", "high_open": True}, "nothing", id="empty"),
    ],
)
def test_a_wrong_table_names_its_fault(table, fault):
    with pytest.raises(ValueError, match=fault):
        parse_interval(table)


def test_a_right_table():
    assert parse_interval({"high": "1", "high_open": True}) == UNDER_ONE
    assert parse_interval({"is": "22"}) == Interval.point(Decimal("22"))
