"""Linear models: margins are scaled sums, a dump is read back whole."""

from __future__ import annotations

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.linear import LinearModel, ModelError, parse_model

ROWS = st.dictionaries(
    st.text(st.characters(codec=None), min_size=1, max_size=3),
    st.tuples(st.integers(-127, 127), st.integers(-127, 127)),
    max_size=30,
)


def _model(rows, scale=0.1):
    weights = bytes(128 + weight for row in rows.values() for weight in row)
    return LinearModel(list(rows), ["甲", "乙"], weights, [0.5, -0.25], scale)


@given(rows=ROWS)
def test_margins_are_sums_scaled_by_the_root_of_their_number(rows):
    margins = _model(rows).margins([*rows, "unheard of"])
    for at, bias in enumerate((0.5, -0.25)):
        total = sum(row[at] for row in rows.values())
        assert margins[at] == pytest.approx(bias + 0.1 * total / max(1, len(rows)) ** 0.5)


@given(rows=ROWS)
def test_what_is_dumped_is_read_back(rows):
    model = _model(rows)
    again = parse_model(model.dump())
    assert again.names == model.names
    assert again.labels == model.labels
    assert again.margins(rows) == model.margins(rows)


def test_more_features_than_are_added_at_once():
    names = [f"w{at}" for at in range(700)]
    model = LinearModel(names, ["甲"], bytes([138]) * 700, [0.0], 0.5)
    assert model.margins(names) == pytest.approx([0.5 * 10 * 700**0.5])


def test_nothing_known_leaves_the_bias():
    model = _model({"稳赚": (9, 0)})
    assert model.margins([]) == model.margins(["unheard of"]) == [0.5, -0.25]


def test_what_is_no_model_is_refused():
    whole = _model({"稳赚": (9, 0)}).dump()
    for data in (b"", whole[:-3], zlib.compress(b"[]"), zlib.compress(b"{}\n")):
        with pytest.raises(ModelError, match="no linear model"):
            parse_model(data)
