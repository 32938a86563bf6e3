"""Each measure against a value worked out by hand."""

import math

import pytest

from index.metrics import ndcg_at, recall_at, reciprocal_rank


@pytest.mark.parametrize(
    ("ranked", "relevant", "recall", "rank", "gain"),
    [
        pytest.param("abc", "a", 1, 1.0, 1.0, id="first"),
        pytest.param("abc", "c", 0, 1 / 3, 0.0, id="beyond k"),
        pytest.param("abc", "x", 0, 0.0, 0.0, id="missing"),
        pytest.param("", "a", 0, 0.0, 0.0, id="no hits"),
        pytest.param("ab", "", 0, 0.0, 0.0, id="nothing relevant"),
        pytest.param(
            "abc", "bx", 1, 0.5, (1 / math.log2(3)) / (1 + 1 / math.log2(3)), id="one of two"
        ),
    ],
)
def test_measures(ranked, relevant, recall, rank, gain):
    assert recall_at(ranked, relevant, 2) == recall
    assert reciprocal_rank(ranked, relevant) == pytest.approx(rank)
    assert ndcg_at(ranked, relevant, 2) == pytest.approx(gain)
