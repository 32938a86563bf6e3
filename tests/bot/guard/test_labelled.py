"""The labelled sets: their shape, floors under what the guard reaches, and the score's own sums."""

from __future__ import annotations

import pytest

from bot.eval.guard import SETS, GuardCase, load_cases, score
from bot.guard.types import Check, Finding

LABELS = {"conflict", "lacks_context", "unsupported", "consistent", "no_claim"}


@pytest.fixture(scope="module")
def parts():
    return {name: load_cases(SETS / f"guard_{name}.jsonl") for name in ("tuning", "measured")}


def test_the_parts_share_no_post(parts):
    texts = [case.text for case in parts["measured"]]
    assert not {case.text for case in parts["tuning"]} & set(texts)
    assert len(texts) == len(set(texts))


def test_every_label_can_be_scored(parts, corpus):
    known = {figure.id for figure in corpus.ledger} | {None}
    for case in parts["tuning"] + parts["measured"]:
        assert case.verdict in LABELS, case.id
        assert bool(case.findings) is (case.verdict != "no_claim"), case.id
        assert all(figure in known and text in case.text for _, figure, text in case.findings)


def test_every_figure_is_among_the_labels(parts, corpus):
    labelled = {figure for case in parts["tuning"] for _, figure, _ in case.findings}
    assert {figure.id for figure in corpus.ledger} <= labelled


def test_floors_under_what_was_tuned_on(parts, check):
    reached = score(parts["tuning"], check)
    assert reached.bad_offsets == 0
    assert reached.precision >= 0.92
    assert reached.recall >= 0.86
    assert reached.accuracy >= 0.85
    assert reached.right_figure >= 0.9
    assert reached.evasion_recall >= reached.clean_recall - 0.05


def test_floors_under_what_is_only_measured(parts, check):
    reached = score(parts["measured"], check)
    assert reached.bad_offsets == 0
    assert reached.precision >= 0.78
    assert reached.accuracy >= 0.73


def _finding(verdict, figure, text, start):
    return Finding(
        verdict, figure, text, start, start + len(text), None, None, "", None, None, None
    )


def test_the_scores_sums():
    cases = [
        GuardCase(
            "1", "AI占一成", "conflict", (("conflict", "a", "AI占一成"),), frozenset({"dots"})
        ),
        GuardCase("2", "AI占两成", "conflict", (("conflict", "a", "两成"),)),
        GuardCase("3", "谁信", "no_claim"),
        GuardCase("4", "谁知道", "no_claim", (), frozenset({"debatable"})),
    ]
    given = {
        "AI占一成": Check((_finding("conflict", "b", "AI占", 0),)),
        "AI占两成": Check(),
        "谁信": Check((_finding("conflict", "a", "信", 0),)),
    }
    reached = score(cases, given.__getitem__)
    assert (reached.cases, reached.alarms, reached.bad_offsets) == (3, 1, 1)
    assert (reached.precision, reached.recall) == (0.5, 0.5)
    assert reached.accuracy == pytest.approx(1 / 3)
    assert (reached.right_figure, reached.right_span) == (0.0, 1.0)
    assert (reached.evasion_recall, reached.clean_recall) == (1.0, 0.0)
    assert reached.as_json()["confusion"][0] == [1, 0, 0, 0, 1]
