"""Quantities: numerals, units, ranges and comparators, against a library where the two overlap."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from importlib.resources import files

import cn2an
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.guard.numerals import chinese
from bot.guard.quantity import compile_words, read_quantities


@pytest.fixture(scope="module")
def words():
    text = files("bot.guard").joinpath("quantities.toml").read_text(encoding="utf-8")
    return compile_words(tomllib.loads(text))


@pytest.mark.parametrize(
    ("text", "unit", "low", "high"),
    [
        pytest.param("占了10%", "percent", "10", "10", id="digits"),
        pytest.param("7个点", "percent", "7", "7", id="points"),
        pytest.param("百分之十五", "percent", "15", "15", id="of a hundred"),
        pytest.param("千分之八", "percent", "0.8", "0.8", id="of a thousand"),
        pytest.param("一成", "percent", "10", "10", id="a tenth"),
        pytest.param("三成半", "percent", "35", "35", id="three and a half tenths"),
        pytest.param("一成五", "percent", "15", "15", id="one tenth five"),
        pytest.param("半成", "percent", "5", "5", id="half a tenth"),
        pytest.param("1/8", "percent", "12.5", "12.5", id="a fraction"),
        pytest.param("过半", "percent", "50", "100", id="more than half"),
        pytest.param("不到1%", "percent", None, "1", id="less than"),
        pytest.param("5%都没有", "percent", None, "5", id="not even"),
        pytest.param("至少15%", "percent", "15", None, id="at least"),
        pytest.param("50+", "bare", "50", None, id="plus"),
        pytest.param("十几", "bare", "11", "19", id="ten odd"),
        pytest.param("二三十", "bare", "20", "30", id="twenty or thirty"),
        pytest.param("十几二十", "bare", "11", "20", id="ten odd to twenty"),
        pytest.param("10到16", "bare", "10", "16", id="a range"),
        pytest.param("40-50%", "percent", "40", "50", id="a range with its unit behind"),
        pytest.param("2万刀", "money", "20000", "20000", id="myriads of dollars"),
        pytest.param("$20k", "money", "20000", "20000", id="dollars before"),
        pytest.param("一万三刀", "money", "13000", "13000", id="one myriad three"),
        pytest.param("1.4亿", "bare", "140000000", "140000000", id="a hundred millions"),
        pytest.param("3倍", "times", "3", "3", id="times"),
        pytest.param("翻倍", "times", "2", "2", id="doubled"),
        pytest.param("两位数", "digits", "10", "99", id="two digits"),
        pytest.param("2023年", "year", "2023", "2023", id="a year"),
        pytest.param("28天", "time", "28", "28", id="a duration"),
        pytest.param("零点几个点", "percent", "0.1", "0.9", id="a fraction of a point"),
        pytest.param("一成的一半", "percent", "5", "5", id="half of a tenth"),
        pytest.param("廿八刀", "money", "28", "28", id="twenty in one character"),
        pytest.param("5‰", "percent", "0.5", "0.5", id="of a thousand by its sign"),
        pytest.param("1 in 8", "percent", "12.5", "12.5", id="one in so many"),
        pytest.param("两成的四分之一", "percent", "5", "5", id="a part of a part"),
        pytest.param("大半个点", "percent", "0.5", "0.9", id="most of a point"),
        pytest.param("没过半", "percent", None, "50", id="not half"),
        pytest.param("过不了25", "bare", None, "25", id="can't pass"),
        pytest.param("过了25", "bare", "25", None, id="has passed"),
        pytest.param("连30都上不去", "bare", None, "30", id="doesn't even get to"),
    ],
)  # fmt: skip
def test_reads(words, text, unit, low, high):
    (quantity,) = read_quantities(text, words)
    assert quantity.unit == unit
    assert quantity.low == (None if low is None else Decimal(low))
    assert quantity.high == (None if high is None else Decimal(high))


@pytest.mark.parametrize(
    "text",
    ["一定要", "第三方", "万一", "完成了", "成本低", "24/7", "统一回复", "千播成交", "每千次"],
)
def test_words_that_only_look_like_numbers(words, text):
    assert read_quantities(text, words) == []


def test_each_comparator_means_what_its_table_says(words):
    """不低于 ends with 低于 and 不超过 with 超过: each must be read whole."""
    for before in words.below_before:
        (quantity,) = read_quantities(f"GPM{before}25", words)
        assert (quantity.low, quantity.open_high) == (None, True), before
    for before in words.above_before:
        (quantity,) = read_quantities(f"GPM{before}25", words)
        assert (quantity.high, quantity.open_low) == (None, True), before


def test_an_inclusive_comparator_must_be_one(words):
    text = files("bot.guard").joinpath("quantities.toml").read_text(encoding="utf-8")
    data = tomllib.loads(text)
    data["around"]["inclusive"].append("大约")
    with pytest.raises(ValueError, match="大约"):
        compile_words(data)


@given(number=st.integers(2, 99_999_999))
def test_agrees_with_the_library(number):
    # Two neighbouring digits read as a range here (二三十), which the library never writes.
    assert chinese(cn2an.an2cn(number)) == (Decimal(number), Decimal(number), False)


@given(text=st.text(alphabet="一二三十百千万亿几半成点分之零0123456789.,%/ 个倍刀", max_size=60))
def test_spans_are_ordered_and_inside(words, text):
    quantities = read_quantities(text, words)
    assert all(0 <= q.start < q.end <= len(text) for q in quantities)
    assert [q.start for q in quantities] == sorted(q.start for q in quantities)
