"""The answer's linear model: fitted the same anywhere, and in step with the code."""

import tomllib

import numpy as np
import pytest

from bot.answer.evidence import FEATURES, model, probability
from bot.eval.qa import QaCase, load_cases, outcome
from bot.eval.train import fit, render, unseen_threshold

RNG = np.random.default_rng(7)


def made_up(rows: int):
    features = RNG.normal(size=(rows, len(FEATURES)))
    labels = (features[:, 0] - features[:, 1] > 0).astype(float)
    return features, labels


def test_the_fit_finds_what_matters():
    features, labels = made_up(400)
    weights = fit(features, labels)
    assert weights[0] > 1
    assert weights[1] < -1
    assert np.abs(weights[2:-1]).max() < min(weights[0], -weights[1]) / 2


def test_the_threshold_keeps_the_wanted_share_of_unseen_writers():
    folds = [made_up(200) for _ in range(3)]
    least = unseen_threshold(folds, answered=0.9)
    assert 0 < least < 1


def test_what_is_written_is_what_the_code_reads():
    features, labels = made_up(50)
    assert set(tomllib.loads(render(fit(features, labels), 0.5))) == set(model())


def test_probabilities_stay_probabilities():
    extreme = dict.fromkeys(FEATURES, 1e9)
    assert 0 <= probability(extreme) <= 1


def test_a_line_that_is_no_case_is_named():
    with pytest.raises(ValueError, match="第 2 行"):
        load_cases('{"id": "a", "question": "q", "kind": "fact", "answerable": true}\n{"id": 1}\n')


def test_an_outcome_knows_the_rank_of_the_right_passage():
    from bot.answer.types import Answer
    from bot.types import Quote

    def quote(text):
        return Quote("a#1", text, "a", "题", None, None, None, 0, len(text), 1.0)

    answer = Answer("q", "answered", "一句", (quote("别的"), quote("占比 不足5%，其余从略")))
    case = QaCase("1", "q", "figure", True, gold=("占比不足5%",), must=("不足5%",))
    found = outcome(case, answer)
    assert (found.answered, found.rank, found.must_shown) == (True, 2, True)
