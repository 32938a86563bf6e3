"""What decides whether a question is answered: fitted the same anywhere, in step with the code."""

import tomllib
from types import SimpleNamespace

import numpy as np
import pytest

from bot.answer.evidence import ENOUGH, FEATURES, TOPIC_FEATURES, leaning, model
from bot.answer.question import read_question
from bot.answer.topic import NONE, load_topic_model, no_topics, topics_of
from bot.eval.qa import QaCase, load_cases, outcome
from bot.eval.questions import parse_question
from bot.eval.train_answer import (
    Read,
    fit_topics,
    logistic,
    render_weights,
    threshold,
    unseen_logits,
)
from corpus.load import load_corpus

RNG = np.random.default_rng(7)
NAMES = (*FEATURES, *TOPIC_FEATURES)


def made_up(rows: int, writer: str) -> list[Read]:
    values = RNG.normal(size=(rows, len(NAMES)))
    return [
        Read(dict(zip(NAMES, row, strict=True)), bool(row[0] - row[1] > 0), writer)
        for row in values
    ]


def test_the_fit_finds_what_matters():
    values = RNG.normal(size=(400, 6))
    weights = logistic(values, (values[:, 0] - values[:, 1] > 0).astype(float))
    assert weights[0] > 1
    assert weights[1] < -1
    assert np.abs(weights[2:-1]).max() < min(weights[0], -weights[1]) / 2


def test_the_threshold_keeps_the_wanted_share_of_unseen_writers():
    read = [one for writer in "甲乙丙" for one in made_up(200, writer)]
    logits, labels = unseen_logits(read, NAMES)
    least = threshold(logits, labels, answered=0.9)
    assert (logits[labels == 1] >= least).mean() == pytest.approx(0.9, abs=0.01)


def test_what_is_written_is_what_the_code_reads():
    written = tomllib.loads(render_weights(made_up(80, "甲") + made_up(80, "乙")))
    assert {name: set(table) for name, table in written.items()} == {
        name: set(table) for name, table in model().items()
    }


@pytest.mark.parametrize("names", [FEATURES, NAMES], ids=["by words", "with topic"])
def test_leanings_stay_between_nought_and_one(names):
    assert 0 <= leaning(dict.fromkeys(names, 1e9)) <= 1


def test_enough_is_the_threshold_of_either_set_of_weights():
    for table, names in model().items():
        wanted = (*FEATURES, *TOPIC_FEATURES) if table == "with_topic" else FEATURES
        assert set(names) == {*wanted, "bias", "threshold"}
    weights = model()["by_words"]
    name = max(FEATURES, key=lambda name: abs(weights[name]))
    at = (weights["threshold"] - weights["bias"]) / weights[name]
    assert leaning({name: at}) == pytest.approx(ENOUGH)


def test_topics_learn_from_the_words_alone():
    corpus = load_corpus()
    by_id = {passage.id: passage for passage in corpus.passages}
    first, second = list(by_id.values())[:2]
    cases = [
        QaCase("1", "甲事如何", "fact", True, gold=(first.text[:30],)),
        QaCase("2", "乙物几何", "fact", True, gold=(second.text[:30],)),
        QaCase("3", "丙在哪里", "unanswerable", False),
    ] * 4
    model = fit_topics(cases, SimpleNamespace(passages=corpus.passages, facts=()))
    found = topics_of(read_question("甲事"), model)
    assert max(found.passages, key=found.passages.__getitem__) == first.id
    assert topics_of(read_question("丙在"), model).none > found.none


def test_the_packaged_topics_are_passages_or_none():
    known = {passage.id for passage in load_corpus().passages}
    assert set(load_topic_model().labels) <= {*known, NONE}


def test_without_topics_nothing_is_said():
    found = topics_of(read_question("AI视频占多少"), no_topics())
    assert (found.passages, found.none) == ({}, 0.0)


def test_a_labelled_question_in_running_text():
    case = parse_question("A\tfollowup\t不足1% || 不足5%\tGMV占多少 >> 那数量呢", "q_1", "q")
    assert (case.question, case.context) == ("那数量呢", ("GMV占多少",))
    assert case.gold == ("不足1%", "不足5%")
    assert not parse_question("N\tunanswerable\t-\t几点下班", "q_2", "q").answerable


@pytest.mark.parametrize("line", ["A\tfact\t原文", "B\tfact\t-\t什么"], ids=["fields", "sign"])
def test_a_broken_labelled_question_is_named(line):
    with pytest.raises(ValueError, match="four fields"):
        parse_question(line, "q_1", "q")


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
