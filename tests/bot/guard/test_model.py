"""The guard's model: labels of verdict and row, the packaged weights, parts of long posts."""

from __future__ import annotations

import pytest

from bot.guard.features import Reading, features, parts
from bot.guard.guard import Guard, apart
from bot.guard.model import Label, Model, load_model
from bot.linear import LinearModel

NOTHING = Reading([], [], is_doubtful=False)


@pytest.fixture(scope="module")
def model():
    return load_model()


def test_labels_are_verdicts_on_rows():
    linear = LinearModel(
        ["躺赚"],
        ["conflict ai_video_profit", "no_claim"],
        bytes([131, 125]),
        [-1.0, 0.5],
        1.0,
    )
    model = Model(linear)
    assert model.labels == (Label("conflict", "ai_video_profit"), Label("no_claim", None))
    assert model.figures == {"ai_video_profit"}
    assert model.margins(["躺赚"]) == [2.0, -2.5]


def test_the_packaged_model_knows_every_row_and_refutes_with_firm_ones_alone(model, corpus):
    assert model.figures == {figure.id for figure in corpus.ledger}
    firm = {figure.id for figure in corpus.ledger if figure.basis == "firm"}
    assert {figure for verdict, figure in model.labels if verdict == "conflict"} <= firm


def test_a_number_is_told_by_its_size_whatever_its_form(knowledge):
    def signs(text):
        _, post = apart(text, knowledge)
        found = features(post, parts(post)[0], NOTHING, knowledge)
        return {name for name in found if name.startswith("\uf8ff#")}

    assert signs("AI占10%") == signs("AI占一成") == signs("AI占百分之十") != signs("AI占1%")


def test_a_long_post_is_read_in_parts_that_cover_its_clauses(knowledge):
    _, post = apart("今天聊聊AI视频的事，大家坐好。" * 40, knowledge)
    found = parts(post)
    assert len(found) > 1
    assert [part.first for part in found[1:]] == [part.last + 1 for part in found[:-1]]
    assert found[-1].last == len(post.clauses) - 1


def test_a_claim_deep_in_a_long_post_is_found_where_it_stands(check):
    around = "今天群里聊了聊发货和包装，大家说下周一起吃饭。" * 12
    text = f"{around}美区AI视频已经贡献了一成的GMV。{around}"
    finding = check(text).findings[0]
    assert (finding.verdict, finding.figure) == ("conflict", "aigc_gmv_share")
    assert "一成" in finding.text


def test_without_weights_the_rules_judge_alone(corpus):
    silent = Model(LinearModel([], [], b"", [], 1.0))
    guard = Guard(corpus.ledger, silent)
    from datetime import date

    given = guard.check("美区AI视频贡献了10%的GMV", now=date(2026, 11, 21))
    assert given.verdict == "conflict"
