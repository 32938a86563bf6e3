"""The guard as a whole: verdicts case by case, and what a finding tells the reader."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from bot.guard.guard import check as check_once
from corpus.load import load_corpus

CASES = Path(__file__).parents[2] / "cases"


def _rows(name):
    lines = (CASES / name).read_text(encoding="utf-8").splitlines()
    return [pytest.param(row, id=row["id"]) for row in map(json.loads, lines)]


@pytest.mark.parametrize("row", _rows("guard.jsonl"))
def test_verdict_and_figure(check, row):
    given = check(row["text"])
    assert given.verdict == row["verdict"], row["why"]
    assert row["figure"] in {finding.figure for finding in given.findings} | {None}


@pytest.mark.parametrize("row", _rows("guard_wording.jsonl"))
def test_verdict_in_many_wordings(check, row):
    assert check(row["text"]).verdict == row["verdict"], row["why"]


def test_how_many_times_too_much_is_told_from_the_least_that_a_vague_number_means(check):
    (finding,) = check("AI视频GPM都是三位数").findings
    assert finding.verdict == "conflict"
    assert "差6倍以上" in finding.explanation


def test_a_figure_of_something_else_is_not_of_ai_video(check):
    for text in ("我们直播间GPM 50，短视频还没做AI", "退款占GMV的8%。我们不碰AI视频"):
        assert check(text).verdict != "conflict"


def test_a_figure_of_something_else_hides_no_claim_far_from_it(check):
    aside = "仓库那边说下周一开始盘点，大家把手头的样品登记一下，别漏了。" * 8
    given = check(f"我们直播间GPM 50。{aside}AI视频GPM轻松破五十，人人都这样。")
    assert given.verdict == "conflict"


def test_a_claim_in_one_sentence_of_many_is_found(check):
    around = (
        "上个月的复盘给大家同步一下，人员两个剪辑加我，账号九个，题材集中在厨房小件和宠物梳子。"
    )
    given = check(f"{around}封面统一白底黄字。结果出来了，AI素材GPM平均四十二。{around}")
    assert ("conflict", "aigc_gpm") in {(f.verdict, f.figure) for f in given.findings}


def test_a_conflict_shows_its_arithmetic_and_its_weakness(check):
    (finding,) = check("听说AI视频已经贡献了10%的GMV").findings
    assert finding.claimed == "= 10%"
    assert finding.known == "< 1%"
    assert finding.explanation == "帖子说10%，文章里内部人士的口径是不足1%，差10倍以上。"
    assert finding.published == "2026-01-18"
    assert finding.instead
    kinds = [caveat.kind for caveat in finding.caveats]
    assert kinds == ["unnamed_source", "single_source", "market_scope", "dated"]


@pytest.mark.parametrize(
    ("said", "claimed", "told"),
    [
        ("超过30", "> 30", "帖子说超过30"),
        ("至少30", "≥ 30", "帖子说至少30"),
        ("30起步", "≥ 30", "帖子说至少30"),
        ("不到5", "< 5", "帖子说不足5"),
        ("不超过5", "≤ 5", "帖子说至多5"),
    ],
)
def test_a_bound_is_told_as_it_was_meant(check, said, claimed, told):
    (finding,) = check(f"AI视频GPM{said}").findings
    assert finding.claimed == claimed
    assert told in finding.explanation


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("AI视频GPM离50还差30", id="how far away"),
        pytest.param("实拍GPM比AI高三十", id="a difference"),
        pytest.param("实拍占GMV的10%", id="another's share"),
        pytest.param("AI号限流，实拍号不限流", id="another's fate"),
        pytest.param("第三方吊打官方AI工具，懂的都懂", id="the sides swapped"),
        pytest.param("AI短视频不是躺赚，是躺着亏", id="taken back at once"),
        pytest.param("机房稳得很，AI视频日产30条", id="another thing that is stable"),
        pytest.param("最近接的全是AI口播片，一分钟三十块，加急五十", id="a price"),
    ],
)
def test_what_is_said_of_something_else_refutes_nobody(check, text):
    assert check(text).verdict != "conflict"


@pytest.mark.parametrize("text", ["AI视频GPM最差30", "比起实拍AI视频GPM最低30"])
def test_the_least_of_all_is_a_value(check, text):
    assert check(text).findings[0].claimed == "= 30"


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("AI视频占了GMV两成，越南站", "unsupported"),
        ("AI视频GMV占比11.3%（MX）", "unsupported"),
        ("AI视频占了GMV两成，你们国内还在观望", "conflict"),
    ],
)
def test_a_place_named_behind_the_claim(check, text, verdict):
    assert check(text).verdict == verdict


def test_the_quote_is_verbatim(check):
    (finding,) = check("AI视频贡献10%的GMV").findings
    assert finding.quote in load_corpus().articles[finding.article].text


def test_dated_is_earned_by_age():
    ledger = load_corpus().ledger
    (finding,) = check_once("AI视频贡献10%的GMV", ledger, now=date(2026, 3, 1)).findings
    assert "dated" not in {caveat.kind for caveat in finding.caveats}


def test_unsupported_names_no_source(check):
    (finding,) = check("印尼AI视频占了三成").findings
    assert (finding.figure, finding.known, finding.quote, finding.article, finding.published) == (
        None, None, None, None, None,
    )  # fmt: skip
    assert "美区" in finding.explanation
    assert finding.instead is None


def test_several_claims_give_several_findings(check):
    given = check("AI视频数量确实不到5%，但它贡献了10%的GMV")
    assert [(f.verdict, f.figure) for f in given.findings] == [
        ("consistent", "aigc_video_share"),
        ("conflict", "aigc_gmv_share"),
    ]
    assert given.verdict == "conflict"


def test_spans_are_what_was_written(check):
    text = "兄弟们,A I 视 频占了G\u200bM\u200bV的一成!!"
    (finding,) = check(text).findings
    assert text[finding.start : finding.end] == finding.text
    assert finding.text.startswith("A I 视 频")


def test_as_json_has_the_contracts_keys(check):
    row = check("AI视频贡献10%的GMV").as_json()["findings"][0]
    assert list(row) == [
        "verdict", "figure", "text", "start", "end", "claimed", "known", "explanation", "quote",
        "article", "published", "instead", "caveats",
    ]  # fmt: skip


def test_a_rise_is_one_finding_at_its_hyped_end(check):
    (finding,) = check("AI视频GMV占比从1%涨到10%").findings
    assert (finding.verdict, finding.claimed) == ("conflict", "= 10%")


def test_the_span_is_what_is_claimed_and_no_aside_behind_it(check):
    finding = check("AI号根本不会限流，放心冲").findings[0]
    assert (finding.figure, "限流" in finding.text) == ("ai_account_throttling", True)


def test_two_lines_are_two_findings(check):
    found = check("AI视频占了三成\nAI视频完播率高达60%").findings
    assert [(f.verdict, f.figure) for f in found] == [
        ("conflict", "aigc_video_share"),
        ("unsupported", None),
    ]


def test_each_number_of_a_list_is_held_against_its_row(check):
    found = check("AI视频GPM轻松破50，还贡献了10%的GMV").findings
    assert {f.figure for f in found} == {"aigc_gpm", "aigc_gmv_share"}


def test_a_row_without_a_number_is_not_told_as_arithmetic(check):
    for finding in check("TikTok营收里电商占六成").findings:
        assert "口径是不高" not in finding.explanation
