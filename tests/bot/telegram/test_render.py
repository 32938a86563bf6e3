"""Answers and checks as messages: legal, whole, in order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.telegram.render import render_answer, render_check
from bot.telegram.text import Rendered, utf16_len
from corpus.article import Article

ARTICLE = Article(
    "a1", "2026,我们应该怎样客观看待AI", "", "opinion", "TK观察", None, "2026-01-18",
    "https://example.org/1", "一位作者",
)  # fmt: skip
ARTICLES: Mapping[str, Article] = {"a1": ARTICLE}


def passage(quote: str, **fields: Any) -> dict[str, Any]:
    known = {"id": "a1#1", "quote": quote, "title": ARTICLE.title, "author": "TK观察"}
    return known | {"published": "2026-01-18", "url": None} | fields


def answer(*quotes: str, **fields: Any) -> dict[str, Any]:
    return {
        "status": "answered",
        "answer": "不到1%。",
        "passages": [passage(quote) for quote in quotes],
        "caveats": [{"kind": "single_source", "text": "只有一个来源"}],
        "receipt": "K7Q2M9XA",
    } | fields


def finding(**fields: Any) -> dict[str, Any]:
    return {
        "verdict": "conflict",
        "text": "AI视频贡献10%的GMV",
        "claimed": "= 10%",
        "known": "< 1%",
        "explanation": "差了十倍。",
        "quote": "实际的GMV贡献不足1%",
        "article": "a1",
        "published": "2026-01-18",
        "instead": "不足1%",
        "caveats": [{"kind": "unnamed_source", "text": "没有具名"}],
    } | fields


def check(*findings: dict[str, Any], verdict: str = "conflict") -> dict[str, Any]:
    return {"verdict": verdict, "findings": list(findings), "receipt": "K7Q2M9XA"}


def quotes(message: Rendered) -> list[str]:
    units = message.text.encode("utf-16-le")
    return [
        units[2 * e["offset"] : 2 * (e["offset"] + e["length"])].decode("utf-16-le")
        for e in message.entities
        if "blockquote" in e["type"]
    ]


def test_an_answer_looks_so() -> None:
    (message,) = render_answer(answer("不足1%。"))
    assert message.text == (
        "不到1%。\n\n"
        "不足1%。\n——《2026,我们应该怎样客观看待AI》TK观察 · 2026-01-18\n\n"
        "提醒\n· 只有一个来源\n\n"
        "编号 K7Q2M9XA"
    )
    assert quotes(message) == ["不足1%。"]


def test_a_check_looks_so() -> None:
    (message,) = render_check(check(finding()), ARTICLES)
    assert message.text == (
        "冲突：和资料对不上\n\n"
        "AI视频贡献10%的GMV\n差了十倍。\n"
        "资料原文\n实际的GMV贡献不足1%\n——《2026,我们应该怎样客观看待AI》TK观察 · 2026-01-18\n\n"
        "可以这样说\n不足1%\n\n"
        "提醒\n· 没有具名\n\n"
        "编号 K7Q2M9XA"
    )
    assert quotes(message) == ["AI视频贡献10%的GMV", "实际的GMV贡献不足1%"]


def test_nothing_found_shows_no_quote() -> None:
    nothing = answer(status="no_evidence", answer="文章里没有。", nearest=[passage("近的话。")])
    (message,) = render_answer(nothing)
    assert message.text.startswith("文章里没有。")
    assert message.text.index("相近") < message.text.index("近的话。")
    assert quotes(message) == []


def test_long_quotes_fold_away() -> None:
    (message,) = render_answer(answer("短的。", "长" * 200 + "。"))
    kinds = [e["type"] for e in message.entities if "blockquote" in e["type"]]
    assert kinds == ["blockquote", "expandable_blockquote"]


def test_a_cut_is_at_a_sentence_end_and_shown_outside_the_quote() -> None:
    long = "这是一句不短不长的话。" * 600
    first, *others = render_answer(answer(long))
    (shown,) = quotes(first)
    assert long.startswith(shown)
    assert shown.endswith("。")
    assert "\n…… ——《" in first.text
    assert "".join([shown, *(quote for page in others for quote in quotes(page))]) == long


@given(st.lists(st.text("话🚀，。a\n", min_size=1, max_size=1500), max_size=8))
def test_pages_are_legal_and_lose_nothing(texts: list[str]) -> None:
    texts = [text for text in texts if text.strip("，。\n ") and "。" in text]
    pages = render_answer(answer(*texts))
    for page in pages:
        assert 0 < utf16_len(page.text) <= 4096
    said = "".join(quote for page in pages for quote in quotes(page))
    assert "".join(said.split()) == "".join("".join(texts).split())
    assert "编号 K7Q2M9XA" in pages[0].text


@pytest.mark.parametrize("count", [1, 5, 30])
def test_all_findings_are_told(count: int) -> None:
    posts = [finding(text=f"第{number}个说法") for number in range(count)]
    pages = render_check(check(*posts), ARTICLES)
    assert all(utf16_len(page.text) <= 4096 for page in pages)
    said = [quote for page in pages for quote in quotes(page) if "个说法" in quote]
    assert said == [post["text"] for post in posts]


@pytest.mark.parametrize(
    ("verdict", "word"),
    [
        ("conflict", "冲突"),
        ("lacks_context", "缺背景"),
        ("unsupported", "无依据"),
        ("consistent", "相符"),
        ("no_claim", "无主张"),
    ],
)
def test_the_first_line_holds_the_verdicts_word(verdict: str, word: str) -> None:
    (message,) = render_check(check(verdict=verdict), ARTICLES)
    assert message.text.splitlines()[0].startswith(word)


def test_a_weakness_is_told_once_for_each_article() -> None:
    other = finding(caveats=[{"kind": "unnamed_source", "text": "也没有具名"}])
    elsewhere = finding(
        article="a2", caveats=[{"kind": "unnamed_source", "text": "另一篇没有具名"}]
    )
    (message,) = render_check(check(finding(), other, elsewhere), ARTICLES)
    assert message.text.partition("提醒\n")[2].startswith("· 没有具名\n· 另一篇没有具名\n\n编号")


def test_a_result_without_its_words_is_still_shown() -> None:
    bare = finding(text=None, claimed=None, explanation=None, instead=None)
    (message,) = render_check(check(bare), ARTICLES)
    assert quotes(message) == ["实际的GMV贡献不足1%"]


def test_an_unsupported_finding_has_no_source() -> None:
    bare = finding(verdict="unsupported", known=None, quote=None, article=None, published=None)
    (message,) = render_check(check(bare, verdict="unsupported"), ARTICLES)
    assert "——" not in message.text
