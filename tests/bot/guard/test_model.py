"""The linear models: sums over features, the same weights from the same posts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.guard.model import Models, load_models
from bot.guard.train import fit, train, write

ROWS = st.dictionaries(
    st.text(min_size=1, max_size=3), st.tuples(*[st.integers(-400, 400)] * 4), max_size=30
)


@given(weights=ROWS)
def test_odds_are_scaled_sums(weights):
    odds = Models(weights, (10, -20, 30, -40)).odds([*weights, "unheard of"])
    scale = 1 / max(1, len(weights)) ** 0.5
    for at, bias in enumerate((10, -20, 30, -40)):
        total = sum(row[at] for row in weights.values())
        assert odds[at] == pytest.approx((bias + total * scale) / 100)


def test_fitting_separates_what_can_be_separated():
    rows = [
        ({"稳赚", "AI"}, True),
        ({"稳赚", "群"}, True),
        ({"吗", "AI"}, False),
        ({"吗", "群"}, False),
    ]
    weights, _ = fit(rows * 3)
    assert weights["稳赚"] > 0 > weights["吗"]


def test_the_same_posts_give_the_same_file(corpus, tmp_path):
    posts = [
        {"text": "AI视频躺赚", "verdict": "conflict", "findings": []},
        {"text": "AI视频躺赚？谁信", "verdict": "no_claim", "findings": []},
    ] * 2
    for name in ("a", "b"):
        write(train(posts, corpus.ledger), tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_the_packaged_weights_name_what_speaks_for_hype():
    models = load_models()
    assert models.strongest(["躺赚", "unheard of"]) == ["躺赚"]
