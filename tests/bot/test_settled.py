"""What a group's administrators settled, before the guard's word: which words it reaches."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from sqlite3 import Connection

import pytest

from bot.eval.cases import judge_cases
from bot.guard.types import Check, Finding
from bot.moderation.exempt import bare_words, claim_key
from bot.settled import as_settled, settled_in
from bot.store import Database, examples, receipts
from bot.store.moderation import Case
from bot.store.receipts import Receipt

CHAT = -1001000
SPAN = "AI视频GPM轻松破50"
POST = f"{SPAN}，快上车"


@pytest.fixture
def conn(tmp_path) -> Iterator[Connection]:
    with Database.open(tmp_path) as db:
        yield db.conn


def conflict(text: str, span: str = SPAN) -> Check:
    start = text.index(span)
    place = (start, start + len(span))
    found = Finding("conflict", "aigc_gpm", span, *place, "> 50", "10–16", "", "q", "a", "2026-01")
    return Check((found,))


def settle(conn: Connection, case_id: str, text: str, *, wrong: bool, at: float = 0.0) -> None:
    result = conflict(text).as_json()
    receipts.insert(conn, Receipt(case_id, "check", at, "digest", result, text))
    case = Case(case_id, CHAT, 5, (5,), None, 7, False, "A", "conflict", ("aigc_gpm",), text, at)
    examples.label(conn, case, wrong=wrong, keys=(), now=at)


def outcomes(conn: Connection, check: Check) -> dict[str, str]:
    cases = examples.labelled(conn)
    report = judge_cases(cases, lambda _: check, lambda chat_id: settled_in(conn, chat_id))
    return {result.case.case_id: result.outcome for result in report.results}


def test_an_upheld_post_is_not_overruled_by_another_that_was_called_wrong(conn):
    settle(conn, "WRONG222", f"{SPAN}，真的", wrong=True)
    exempt = claim_key("aigc_gpm", SPAN)
    conn.execute("INSERT INTO exempt VALUES (?, ?, 'WRONG222')", (CHAT, exempt))
    settle(conn, "UPHELD22", POST, wrong=False, at=1.0)
    check = conflict(POST)
    assert as_settled(conn, CHAT, POST, check) is check
    assert outcomes(conn, check)["UPHELD22"] == "held"


@pytest.mark.parametrize(
    ("text", "span", "verdict"),
    [
        pytest.param(f"听说{SPAN}！", SPAN, "no_claim", id="what was found wrong"),
        pytest.param("GPM轻松破50", "GPM轻松破50", "conflict", id="a part of it"),
        pytest.param("大家快上车", "快上车", "conflict", id="other words of the same post"),
    ],
)
def test_only_what_was_found_wrong_is_dropped_elsewhere(conn, text, span, verdict):
    settle(conn, "WRONG222", POST, wrong=True)
    assert as_settled(conn, CHAT, text, conflict(text, span)).verdict == verdict


def test_another_conflict_in_a_post_called_wrong_is_told_and_held_till_somebody_decides(conn):
    settle(conn, "WRONG222", POST, wrong=True)
    other = conflict(POST, "快上车")
    assert as_settled(conn, CHAT, POST, other).verdict == "no_claim"
    assert outcomes(conn, other) == {"WRONG222": "back"}


def test_a_span_called_wrong_is_covered_whatever_row_it_is_read_as(conn):
    settle(conn, "WRONG222", POST, wrong=True)
    [found] = conflict(POST).findings
    check = Check((replace(found, figure="other"),))
    assert as_settled(conn, CHAT, POST, check).verdict == "no_claim"
    assert outcomes(conn, check) == {"WRONG222": "covered"}


@pytest.mark.parametrize("wrong", [True, False])
def test_of_the_same_words_the_later_case_counts(conn, wrong):
    settle(conn, "FIRST222", POST, wrong=not wrong)
    settle(conn, "SECOND22", POST, wrong=wrong, at=1.0)
    check = conflict(POST)
    assert as_settled(conn, CHAT, POST, check).verdict == ("no_claim" if wrong else "conflict")
    later = "covered" if wrong else "held"
    assert outcomes(conn, check) == {"FIRST222": "overruled", "SECOND22": later}


def test_an_upheld_post_that_nothing_is_said_of_any_more_stays_a_conflict(conn):
    settle(conn, "UPHELD22", POST, wrong=False)
    assert bare_words(f"{POST}！！") == bare_words(POST)
    assert as_settled(conn, CHAT, f"{POST}！！", Check()).verdict == "conflict"
    assert outcomes(conn, Check()) == {"UPHELD22": "lost"}
