"""Every row's claim, changed in one thing by program: verdicts flip where they must, only there."""

from __future__ import annotations

import pytest

# figure, a post with {n} for its number, values beyond the row, values within.
NUMBERED = [
    ("aigc_video_share", "美区AI短视频占短视频数量的{n}",
     ["30%", "三成", "30个点", "百分之三十", "1/3", "三分之一", "６％", "两成半", "过半"],
     ["3%", "5%", "5.4%", "不到5%", "百分之三", "三个点", "半成"]),
    ("aigc_gmv_share", "美区AI短视频贡献了{n}的GMV",
     ["10%", "一成", "10个点", "百分之十", "1/10", "十分之一", "1.5%", "两个点", "一成五"],
     ["0.8%", "1%", "1.4%", "不到1%", "千分之八", "百分之零点五"]),
    ("aigc_gpm", "美区AI视频GPM平均有{n}",
     ["50", "五十", "18", "$45", "45刀", "四五十", "50+", "20到40"],
     ["12", "16", "16.4", "十几", "$12", "10到16", "五"]),
    ("original_gpm", "美区优质原创视频GPM撑死{n}",
     ["30", "三十", "50刀", "二三十"],
     ["120", "一百二", "100"]),
    ("gpm_gap", "AI视频的带货效率是实拍的{n}",
     ["3倍", "八成", "90%", "一半"],
     ["六分之一", "一成"]),
]  # fmt: skip
BEYOND = [(f, t.format(n=n)) for f, t, beyond, _ in NUMBERED for n in beyond]
WITHIN = [(f, t.format(n=n)) for f, t, _, within in NUMBERED for n in within]

WORDED = [
    ("ai_account_throttling", "AI号从来不限流"),
    ("whitelist_accounts", "报白号跑AI稳得很"),
    ("ai_product_selection", "大卖选品全靠AI"),
    ("ai_video_profit", "AI短视频躺赚"),
    ("beginner_all_in", "新手闭眼梭哈AI视频"),
    ("platform_ai_tools", "官方AI工具吊打第三方"),
    ("commerce_weight", "TikTok营收主要靠电商"),
]
CLAIMS = [(f, t.format(n=beyond[0])) for f, t, beyond, _ in NUMBERED] + WORDED
BOUND = [claim for claim in CLAIMS if claim[0] in {
    "aigc_video_share", "aigc_gmv_share", "aigc_gpm", "gpm_gap", "ai_account_throttling",
    "whitelist_accounts",
}]  # fmt: skip


def _spaced(text):
    return " ".join(text)


def _dotted(text):
    return ".".join(text)


def _zero_width(text):
    return "\u200b".join(text)


def _stacked(text):
    return "\n".join(text)


def _fullwidth(text):
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


@pytest.mark.parametrize(("figure", "text"), BEYOND)
def test_beyond_the_bound_in_any_unit_form(check, figure, text):
    given = check(text)
    assert (given.verdict, given.findings[0].figure) == ("conflict", figure)


@pytest.mark.parametrize(("figure", "text"), WITHIN)
def test_within_the_bound_in_any_unit_form(check, figure, text):
    given = check(text)
    assert (given.verdict, given.findings[0].figure) == ("consistent", figure)


@pytest.mark.parametrize(("figure", "text"), CLAIMS)
def test_asserted_in_other_words_around(check, figure, text):
    for around in ("{}", "兄弟们，{}！", "{}，懂的来聊", "不骗你，{}", "{}，你还在犹豫什么？"):
        given = check(around.format(text))
        assert given.verdict == "conflict", around
        assert figure in {finding.figure for finding in given.findings}


@pytest.mark.parametrize(("figure", "text"), CLAIMS)
@pytest.mark.parametrize(
    "around",
    [
        "{}？",
        "{}，真的假的？",
        "请问{}吗？",
        "别信什么{}",
        "“{}”，笑死，谁信谁傻",
        "要是{}就好了",
        "谁说的{}？出来走两步",
    ],
)
def test_not_meant_so_no_claim(check, figure, text, around):
    assert check(around.format(text)).verdict == "no_claim", figure


@pytest.mark.parametrize(("figure", "text"), BOUND)
@pytest.mark.parametrize("market", ["印尼", "英区", "日本", "墨西哥"])
def test_another_market_is_another_scope(check, figure, text, market):
    elsewhere = market + text.removeprefix("美区")
    assert check(elsewhere).verdict == "unsupported", figure


@pytest.mark.parametrize(("figure", "text"), CLAIMS)
@pytest.mark.parametrize("disguise", [_spaced, _dotted, _zero_width, _stacked, _fullwidth])
def test_a_disguise_changes_nothing(check, figure, text, disguise):
    plain, disguised = check(text), check(disguise(text))
    assert disguised.verdict == plain.verdict == "conflict"
    assert figure in {finding.figure for finding in disguised.findings}
