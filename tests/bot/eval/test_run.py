"""What `qingxing eval` measures and prints, and that its two parts are apart."""

from collections import Counter

import pytest

from bot.answer.types import Answer
from bot.cli.evaluate import _lines
from bot.eval.guard import GuardScore
from bot.eval.qa import QaCase, QaScore, outcome
from bot.eval.run import (
    PARTS,
    QaPart,
    Report,
    guard_failures,
    qa_failures,
    read_posts,
    read_questions,
    run_questions,
)
from bot.guard.types import Check
from bot.knowledge import load_knowledge
from bot.types import Quote

GOLD = "一段很长的、有依据的原文"


def case(name="a", *, answerable=True, kind="figure"):
    gold = (GOLD,) if answerable else ()
    return QaCase(
        id=name, question="问？", kind=kind, answerable=answerable, gold=gold, must=("1%",)
    )


def answer(*quotes, text="不足1%"):
    status = "answered" if quotes else "no_evidence"
    passages = tuple(Quote("a#1", quote, "a", "t", None, None, None, 0, 1, 1.0) for quote in quotes)
    return Answer("问？", status, text, passages)


OUTCOMES = [
    pytest.param(case(), answer(GOLD), None, id="right"),
    pytest.param(case(), answer(), "该答却拒了", id="refused"),
    pytest.param(case(), answer("别的"), "没给出对的段落", id="wrong passage"),
    pytest.param(case(), answer(GOLD, text="不多"), "缺关键事实", id="no key fact"),
    pytest.param(case(), answer("别的", GOLD), "对的段落不在第一位", id="second"),
    pytest.param(case(answerable=False), answer(GOLD), "该拒却答了", id="answered"),
    pytest.param(case(answerable=False), answer(), None, id="rightly refused"),
]


@pytest.mark.parametrize(("asked", "given", "what"), OUTCOMES)
def test_failures_say_what_went_wrong(asked, given, what):
    found = [failure["what"] for failure in qa_failures([outcome(asked, given)])]
    assert found == ([what] if what else [])


def test_report_for_people_and_programs():
    score = QaScore(
        [outcome(case("a"), answer(GOLD)), outcome(case("b", answerable=False), answer(GOLD))]
    )
    report = Report(qa={"tuning": QaPart(score)}, failures=list(qa_failures(score.outcomes)))
    assert list(_lines(report)) == [
        "问题，调参部分：2 题，引文不逐字的 0 处",
        "  题型    题数    答了  拒了  第一段对  前三段有  要点齐",
        "  全部       2  100.0%  0.0%    100.0%    100.0%  100.0%",
        "  figure     2  100.0%  0.0%    100.0%    100.0%  100.0%",
        "",
        "b  figure  该拒却答了  问？",
    ]
    told = report.as_json()
    assert told["qa"]["tuning"]["answered"] == 1.0
    assert told["qa"]["tuning"]["by_kind"]["figure"]["refused"] == 0.0
    assert told["failures"][0]["id"] == "b"


def test_the_confusion_table_names_its_rows_and_columns():
    score = GuardScore(
        confusion=Counter({("conflict", "no_claim"): 2, ("no_claim", "no_claim"): 1})
    )
    lines = list(_lines(Report(guard={"measured": score})))
    assert lines[0] == "帖子，只测量部分：3 条（有争议的不算），位置不对的 0 处"
    assert "  冲突           0       0       0     0       2" in lines


def test_failing_posts_are_told_debatable_ones_left_out():
    posts = [post for post in read_posts("tuning") if post.verdict == "conflict"][:40]
    clear = [post.id for post in posts if "debatable" not in post.tags]
    found = list(guard_failures(posts, lambda text: Check()))
    assert [failure["id"] for failure in found] == clear
    assert found[0]["what"] == "应为 conflict，判成 no_claim"


def test_quotes_are_held_against_the_articles(warm_home):
    cases = [found for found in read_questions("tuning") if found.kind == "figure"][:5]
    with load_knowledge(warm_home) as knowledge:
        part = run_questions(cases, knowledge)
    assert len(part.score.outcomes) == 5
    assert part.score.answered == 1.0
    assert part.not_verbatim == 0


def test_the_parts_share_no_question_and_no_post():
    asked = [{(q.question, q.context) for q in read_questions(part)} for part in PARTS]
    assert not asked[0] & asked[1]
    posted = [{post.text for post in read_posts(part)} for part in PARTS]
    assert not posted[0] & posted[1]


@pytest.mark.parametrize("part", PARTS)
def test_the_sets_are_whole(part):
    questions = read_questions(part)
    assert len({question.id for question in questions}) == len(questions)
    assert all(question.gold for question in questions if question.answerable)
    assert {question.answerable for question in questions} == {True, False}
    posts = read_posts(part)
    assert len({post.id for post in posts}) == len(posts)
    assert {post.verdict for post in posts} == {
        "conflict", "lacks_context", "unsupported", "consistent", "no_claim",
    }  # fmt: skip


def test_our_own_sets_are_as_large_as_wanted():
    own = [q for part in PARTS for q in read_questions(part) if q.writer != "examples"]
    assert len(own) >= 150
    posts = [post for part in PARTS for post in read_posts(part)]
    assert len([post for post in posts if len(post.voice) > 1]) >= 400
