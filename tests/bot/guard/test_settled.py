"""The maintainers' settled cases: a change of the packaged ledger can't turn one in silence.

``tests/cases/guard.jsonl`` is held against the guard case by case in ``test_guard``; here it is
shown that it covers every row, so that a changed row fails there until a case is changed too.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from bot.guard.guard import Guard
from corpus.ledger import Ledger
from corpus.load import load_corpus
from tests.bot.guard.conftest import NOW

FILE = Path(__file__).parents[2] / "cases" / "guard.jsonl"
CASES = [json.loads(line) for line in FILE.read_text(encoding="utf-8").splitlines()]
ROWS = load_corpus().ledger.figures


def weakened(figure):
    return Ledger(tuple(replace(row, basis="weak") if row.id == figure else row for row in ROWS))


@pytest.mark.parametrize("figure", [row.id for row in ROWS])
def test_every_row_has_a_case(figure):
    assert any(case["figure"] == figure for case in CASES)


@pytest.mark.parametrize("figure", [row.id for row in ROWS if row.basis == "firm"])
def test_no_row_that_refutes_can_stop_without_a_case_that_says_so(figure):
    guard = Guard(weakened(figure))
    mine = [case for case in CASES if case["figure"] == figure]
    assert any(guard.check(case["text"], now=NOW).verdict != case["verdict"] for case in mine)
