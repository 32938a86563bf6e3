"""A new row with its aliases is judged without a line of code; a wrong one names its fault."""

from __future__ import annotations

from datetime import date

import pytest

from bot.guard.guard import Guard
from corpus.article import Article
from corpus.ledger import Ledger, parse_ledger

NOW = date(2026, 11, 21)
ARTICLE = Article(
    id="a1",
    title="题",
    text="内部人士说,带字幕的AI视频互动率提高不足12%。AI脚本外包多半亏本,没有团队做成。",
    kind="opinion",
    author="某人",
    publisher=None,
    published="2026-10-01",
    url=None,
    reliability="一家之言",
)
ROWS = """
[ai_subtitles]
subject = "AI字幕"
metric = "互动率提升"
unit = "percent"
known = { high = "12", high_open = true }
known_text = "< 12%"
basis = "firm"
scope = { platform = "TikTok", market = "美区", bound = true }
source = { article = "a1", quote = "带字幕的AI视频互动率提高不足12%" }
statement = "带字幕的AI视频互动率提高不足12%。"
[ai_subtitles.claims]
about = ["ai字幕", "智能字幕"]
number = { metric = ["互动率", "互动"], units = ["percent"], relation = "lift" }

[ai_script_outsourcing]
subject = "AI脚本外包"
metric = "盈亏"
known_text = "多半亏本"
basis = "firm"
scope = { platform = "TikTok" }
source = { article = "a1", quote = "AI脚本外包多半亏本" }
statement = "AI脚本外包多半亏本。"
[ai_script_outsourcing.claims]
about = ["脚本外包", "代写脚本"]
over = ["ai_video_profit"]
hype = ["稳赚", "@profit_easy"]
sober = ["亏本", "@loss"]
"""


@pytest.fixture(scope="module")
def guard(corpus):
    mine = parse_ledger(ROWS, {"a1": ARTICLE})
    return Guard(Ledger((*corpus.ledger.figures, *mine.figures)))


@pytest.mark.parametrize(
    ("text", "verdict", "figure"),
    [
        pytest.param("加了AI字幕互动率涨50%", "conflict", "ai_subtitles", id="past the bound"),
        pytest.param("加了智能字幕互动率涨了8%", "consistent", "ai_subtitles", id="within it"),
        pytest.param("印尼加了AI字幕互动率涨50%", "unsupported", None, id="another market"),
        pytest.param("加了AI字幕互动率真能涨50%吗?", "no_claim", None, id="asked"),
        pytest.param("AI脚本外包稳赚不赔", "conflict", "ai_script_outsourcing", id="hype"),
        pytest.param("AI脚本外包做一单亏本一单", "consistent", "ai_script_outsourcing", id="sober"),
    ],
)
def test_a_new_row_is_judged(guard, text, verdict, figure):
    given = guard.check(text, now=NOW)
    assert given.verdict == verdict
    assert figure in {finding.figure for finding in given.findings} | {None}


def test_the_old_rows_are_judged_as_before(guard, check):
    text = "AI视频贡献10%的GMV"
    assert guard.check(text, now=NOW) == check(text)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        pytest.param(("智能字幕", "@subtitles"), "@subtitles", id="no concept"),
        pytest.param(('relation = "lift"', 'relation = "rise"'), "rise", id="no such relation"),
        pytest.param(("[ai_subtitles.claims]", "[ai_subtitles.claims]\ncolour = 1"), "colour",
                     id="unknown key"),
        pytest.param(('hype = ["稳赚", "@profit_easy"]', "hype = 3"), "hype", id="no list"),
    ],
)  # fmt: skip
def test_a_wrong_row_names_its_fault(change, fault):
    ledger = parse_ledger(ROWS.replace(*change), {"a1": ARTICLE})
    with pytest.raises(ValueError, match=fault):
        Guard(ledger)
