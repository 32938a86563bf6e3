"""rank-bm25's own scores are the oracle: first of the class, then of every sparse dot product."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rank_bm25 import BM25Okapi

from index.engine import Settings, idf
from index.weights import FieldBM25, add_fields, average_lengths, saturate

BAGS = st.lists(
    st.dictionaries(st.sampled_from("甲乙丙丁戊"), st.integers(1, 5), min_size=1), min_size=2
)


def test_idf_is_never_negative():
    assert idf(10, 10) > 0
    assert idf(1, 10) > idf(5, 10) > idf(10, 10)


@given(BAGS, st.lists(st.sampled_from("甲乙丙丁戊己"), min_size=1, max_size=6))
def test_one_field_is_rank_bm25_with_our_idf(bags, query):
    tokens = [[term for term, tf in bag.items() for _ in range(tf)] for bag in bags]
    settings = Settings(fields={"text": 1.0}, k1=0.9, b=0.4)
    oracle = BM25Okapi(tokens, k1=0.9, b=0.4)
    documents = [{"text": bag} for bag in bags]
    average = average_lengths(documents)
    ours = FieldBM25([add_fields(one, average, settings) for one in documents], k1=0.9)
    oracle.idf = ours.idf
    np.testing.assert_allclose(ours.get_scores(query), oracle.get_scores(query), rtol=1e-12)


@given(BAGS, st.lists(st.sampled_from("甲乙丙丁戊己"), min_size=1, max_size=6))
def test_the_sparse_dot_product_is_get_scores(bags, query):
    model = FieldBM25(bags, k1=0.7)
    ours = [
        sum(weights.get(term, 0.0) * model.idf.get(term, 0.0) for term in query)
        for weights in map(model.document_weights, range(len(bags)))
    ]
    np.testing.assert_allclose(ours, model.get_scores(query), rtol=1e-12)


def test_fields_are_added_before_saturation():
    settings = Settings(fields={"text": 1.0, "title": 2.0}, b=0.5)
    average = {"text": 4.0, "title": 1.0}
    total = add_fields({"text": {"猫": 2, "狗": 6}, "title": {"猫": 1}}, average, settings)
    assert total == {"猫": 2 / 1.5 + 2.0, "狗": 6 / 1.5}
    assert saturate(total["猫"], 0.7) < 1.7


def test_a_flat_field_is_not_measured_by_its_length():
    settings = Settings(fields={"title": 2.0}, b=0.5, flat=frozenset({"title"}))
    assert add_fields({"title": {"猫": 1, "狗": 9}}, {"title": 1.0}, settings)["猫"] == 2.0


def test_average_counts_only_documents_with_the_field():
    lengths = average_lengths([{"text": {"猫": 2}, "title": {}}, {"text": {"狗": 4}}])
    assert lengths == {"text": 3.0}


@pytest.mark.parametrize(
    "wrong",
    [{"fields": {}}, {"fields": {"text": 0}}, {"k1": 0}, {"b": 1.5}, {"b": -0.1}, {"whole": 0}],
)
def test_wrong_settings_are_refused(wrong):
    with pytest.raises(ValueError, match="索引设置不对"):
        Settings(**wrong)
