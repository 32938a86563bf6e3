"""Passages are spans of their article, whatever the article looks like."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.article import Article
from corpus.chunk import chunk, is_heading
from corpus.load import load_corpus


def article(text: str, kind="opinion") -> Article:
    return Article("a", "题目", text, kind, None, None, None, None, "测试")


TEXTS = st.text(st.sampled_from("甲乙丙1、.。!?;:,\n “”🚀A"), max_size=300)


@given(TEXTS, st.integers(5, 60), st.sampled_from(["opinion", "news_brief"]))
def test_every_passage_is_the_span_that_it_says(text, size, kind):
    source = article(text, kind)
    for passage in chunk(source, max_chars=size):
        assert source.text[passage.start : passage.end] == passage.text
        assert passage.text == passage.text.strip()
        assert passage.text


@given(TEXTS, st.integers(5, 60))
def test_passages_come_in_order_and_never_overlap(text, size):
    passages = chunk(article(text), max_chars=size)
    assert [p.position for p in passages] == list(range(1, len(passages) + 1))
    for before, after in pairwise(passages):
        assert before.end <= after.start


def test_a_long_paragraph_breaks_at_sentence_ends():
    text = "第一句在这里。" * 10 + "\n"
    pieces = chunk(article(text), max_chars=30)
    assert len(pieces) == 3
    assert all(piece.text.endswith("。") for piece in pieces)


def test_a_numbered_item_stays_whole_and_knows_its_lead_in():
    text = (
        "得出三个结论。\n1、"
        + "很长的一条。" * 20
        + "\n2、第二条,也归在同一句引子下面。\n后话说完了。\n"
    )
    passages = chunk(article(text), max_chars=30)
    items = [p for p in passages if p.text[0] in "12"]
    assert [p.heading for p in items] == ["得出三个结论。"] * 2
    assert len(items[0].text) > 30
    assert passages[-1].heading == "题目"


@pytest.mark.parametrize(
    ("line", "heading"),
    [
        pytest.param("从Tako开始:AI聊天机器人是“贴心助手”还是“鸡肋玩具”?", True, id="question"),
        pytest.param("未来不是AI说了算, 而是用户说了算", True, id="no full stop"),
        pytest.param("这句话说完了。", False, id="a sentence"),
        pytest.param("大致这两种声音分别代表的是:", False, id="a lead-in"),
    ],
)
def test_headings_are_told_from_paragraphs(line, heading):
    assert is_heading(line) is heading


def test_the_committed_corpus_has_headings_for_its_sections():
    corpus = load_corpus()
    numbered = corpus.by_id["tk-2026-01-18#9"]
    assert "得出三个结论" in numbered.heading
    assert corpus.by_id["xiaochuan-tiktok-ai#4"].heading.startswith("AI绿幕")
