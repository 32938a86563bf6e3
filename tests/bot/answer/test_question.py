"""What a question asks about, read from the part that asks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answer.question import find_slots, read_question


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        pytest.param("AI视频占GMV几个点", "share", id="points"),
        pytest.param("做一条AI视频多少钱", "price", id="price"),
        pytest.param("AI绿幕哪年上的", "date", id="year"),
        pytest.param("申诉要排多少天", "duration", id="days"),
        pytest.param("那篇小作文是谁写的", "person", id="who"),
        pytest.param("赔钱的公司叫什么名字", "name", id="company"),
        pytest.param("Galaxy Unpack在哪座城市办的", "city", id="city"),
        pytest.param("官方CM微信多少", "contact", id="contact"),
        pytest.param("图文挂车要多少粉丝才能开", "requirement", id="threshold"),
        pytest.param("报白号怎么申请", "procedure", id="application"),
        pytest.param("Which model is behind Tako?", "product", id="model"),
        pytest.param("一共烧了多少个号", "count", id="count"),
        pytest.param("實拍的成本是AI的幾倍", "ratio", id="traditional"),
    ],
)
def test_the_kind_of_thing_that_is_asked_for(text, kind):
    assert kind in read_question(text).kinds


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("AI视频被限流了怎么办", id="advice is no procedure"),
        pytest.param("为什么大卖不看AI选品", id="a reason"),
        pytest.param("AI视频会不会限流", id="yes or no"),
        pytest.param("平台内部在担心什么", id="an open what"),
    ],
)
def test_open_questions_have_no_closed_kind(text):
    assert read_question(text).kinds == ()


def test_the_setting_does_not_bind():
    question = read_question("我在义乌做小家电，去年靠亚马逊吃饭，客单价三十块。AI视频会限流吗？")
    assert question.slots
    assert {slot.category for slot in question.slots} == {"subject"}


@pytest.mark.parametrize(
    ("asked", "category", "value"),
    [
        pytest.param("英区AI视频占多少", "market", "英国", id="market"),
        pytest.param("Shopee的客服要多久回", "platform", "shopee", id="platform"),
        pytest.param("AI视频的完播率是多少", "metric", "完播率", id="measure"),
        pytest.param("AI直播能卖过万吗", "subject", "ai直播", id="thing"),
        pytest.param("AI短影音佔了幾成", "subject", "ai视频", id="traditional"),
    ],
)
def test_what_fixes_the_question_to_one_thing(asked, category, value):
    assert (category, value) in {(s.category, s.value) for s in read_question(asked).slots}


@pytest.mark.parametrize("text", ["insider", "avatar", "private"])
def test_latin_forms_match_whole_words_only(text):
    assert [s.form for s in find_slots(text) if s.category in {"platform", "market"}] == []


def test_a_year_is_read_as_one():
    assert read_question("2027年AI视频占GMV会到多少").years == {"2027"}


@given(st.text(max_size=200))
def test_reading_never_raises(text):
    question = read_question(text)
    assert question.clause in question.focus or question.focus == question.clause
