"""A question is answered, a post is checked: which is which."""

from __future__ import annotations

import pytest

from bot.guard.types import Check, Finding
from bot.routing import route


def claim(text: str, part: str) -> Check:
    """A check that found *part* of *text* to be a claim."""
    start = text.index(part)
    end = start + len(part)
    found = Finding(
        "conflict", "aigc_gpm", part, start, end, None, None, "", None, None, None, None, ()
    )
    return Check((found,))


@pytest.mark.parametrize(
    "text",
    [
        "AI视频GPM多少",
        "AI视频GPM",
        "你好",
        "谢谢，讲得很清楚",
        "那GMV呢",
        "美区AI短视频占比?",
        "我是新手，预算五千，想做AI带货，求建议",
        "我们公司去年大概做了三千万，够不够格上全流程AI？",
        "What is the GPM of AI videos",
        "帮我查一下原创视频的成本",
    ],
)
def test_without_a_claim_these_ask(text: str) -> None:
    assert route(text, Check()) == "ask"


def test_a_long_statement_without_a_claim_is_a_post() -> None:
    text = "今天跟几个老朋友喝茶，聊起这两年的行情，大家都很感慨，各自保重，明年再见。"
    assert route(text, Check()) == "check"


@pytest.mark.parametrize(
    ("text", "part"),
    [
        pytest.param("AI视频GPM轻松破50，大家快上车", "AI视频GPM轻松破50", id="assertion"),
        pytest.param("AI视频GPM轻松破50！这个斜率看懂了吗？", "AI视频GPM轻松破50", id="rhetorical"),
        pytest.param("AI视频GPM轻松破50，你还在等什么？", "AI视频GPM轻松破50", id="call"),
        pytest.param("AI视频GPM都到50了，谁天天吹实拍的站出来", "AI视频GPM都到50了", id="谁"),
        pytest.param("谁说AI视频不行？GPM轻松破50", "GPM轻松破50", id="claim after a question"),
    ],
)
def test_a_claim_makes_a_post(text: str, part: str) -> None:
    assert route(text, claim(text, part)) == "check"


@pytest.mark.parametrize(
    ("text", "part"),
    [
        pytest.param("听说AI视频GPM能到50，是真的吗？", "AI视频GPM能到50", id="is it true"),
        pytest.param("AI视频GPM能到50吗", "AI视频GPM能到50", id="no mark"),
        pytest.param("AI视频GPM能到50。那实拍是多少？", "AI视频GPM能到50", id="and then"),
    ],
)
def test_a_question_at_the_end_counts(text: str, part: str) -> None:
    assert route(text, claim(text, part)) == "ask"


def test_a_forward_is_checked_if_it_claims_anything() -> None:
    text = "听说AI视频GPM能到50，是真的吗？"
    assert route(text, claim(text, "AI视频GPM能到50"), forwarded=True) == "check"
    assert route("AI视频GPM是多少？", Check(), forwarded=True) == "ask"
    assert route("大家早上好", Check(), forwarded=True) == "check"
