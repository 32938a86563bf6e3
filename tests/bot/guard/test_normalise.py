"""Normalising: disguises come off, and every position leads back to the raw post."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.guard.normalise import compile_spellings, normalise

POSTS = st.text(
    alphabet="AI视频占了GMV的10%不限流报白号稳赚。,? \n.·/🤖️⃣①Ａ\u200bАМ線琉",
    max_size=80,
)


@pytest.mark.parametrize(
    ("raw", "plain"),
    [
        pytest.param("A I 视 频 G P M 五 十", "ai视频gpm五十", id="spaced"),
        pytest.param("大.卖.都.用.A.I.选.品", "大卖都用ai选品", id="dotted"),
        pytest.param("【A】【I】【视】【频】", "【ai视频】", id="in brackets"),
        pytest.param("限\n流\n是\n假\n的", "限流是假的", id="a character a line"),
        pytest.param("А\u200bIGC视\u200b頻", "aigc视频", id="Cyrillic, zero width, traditional"),
        pytest.param("GPM5️⃣0️⃣", "gpm50", id="keycaps"),
        pytest.param("GPM㊿", "gpm50", id="circled"),
        pytest.param("躺💤赚", "躺赚", id="an emoji inside a word"),
        pytest.param("A1视频", "ai视频", id="one for I"),
        pytest.param("抱白号不掉自燃流", "报白号不掉自然流", id="homophones"),
        pytest.param("🤖视频", "ai视频", id="an emoji for a word"),
    ],
)
def test_disguises_come_off(knowledge, raw, plain):
    assert normalise(raw, knowledge.spellings).text == plain


@pytest.mark.parametrize("raw", ["AI is on my list", "1.5和1/8", "采购/客服/仓储", "第1条 说明"])
def test_what_is_no_disguise_stays(knowledge, raw):
    assert normalise(raw, knowledge.spellings).text == raw.lower()


@settings(max_examples=200)
@given(raw=st.one_of(POSTS, st.text(max_size=60)))
def test_normalising_twice_changes_nothing(knowledge, raw):
    once = normalise(raw, knowledge.spellings).text
    assert normalise(once, knowledge.spellings).text == once


@settings(max_examples=200)
@given(raw=st.one_of(POSTS, st.text(max_size=60)), data=st.data())
def test_every_span_lies_in_the_raw_post(knowledge, raw, data):
    normal = normalise(raw, knowledge.spellings)
    if normal.text:
        start = data.draw(st.integers(0, len(normal.text) - 1))
        end = data.draw(st.integers(start + 1, len(normal.text)))
        first, last = normal.raw_span(start, end)
        assert 0 <= first < last <= len(raw)


def test_a_span_is_what_the_poster_wrote(knowledge):
    raw = "听说A\u200bI视\u200b频占三成"
    normal = normalise(raw, knowledge.spellings)
    start = normal.text.index("ai视频")
    first, last = normal.raw_span(start, start + 4)
    assert raw[first:last] == "A\u200bI视\u200b频"


def test_a_spelling_may_not_be_rewritten_again():
    data = {"lookalikes": {}, "emoji": {}, "words": {"限留": "限流", "流": "琉"}}
    with pytest.raises(ValueError, match="限留"):
        compile_spellings(data, frozenset())
