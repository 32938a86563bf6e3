"""Drafted facts are facts that load: their quotes verbatim, their kinds earned by the sentence."""

import tomllib

import pytest

from bot.drafts import _cues, draft_facts
from corpus.article import Article
from corpus.chunk import chunk
from corpus.facts import CLOSED, OPEN, parse_facts
from corpus.load import load_corpus


def article(text, title="标题"):
    return Article("a", title, text, "secondary", None, None, None, None, "未评估")


def drafted(text):
    found = article(text)
    passages = tuple(chunk(found))
    return parse_facts({"facts/a.toml": draft_facts(found)}, {"a": found}, passages)


def test_a_fact_for_every_sentence():
    facts = drafted(
        '第一句话说的是"引号"。第二句带反斜杠\\的话！短。\n第三句在下一段里，也有句号。\n'
    )
    assert [fact.quote for fact in facts] == [
        '第一句话说的是"引号"。',
        "第二句带反斜杠\\的话！",
        "第三句在下一段里，也有句号。",
    ]


@pytest.mark.parametrize(
    ("sentence", "kind", "is_answered"),
    [
        pytest.param("这个功能每月收费20美元。", "price", True, id="a price"),
        pytest.param("这个功能上线了好一阵子。", "price", False, id="no price"),
        pytest.param("占比大约有三成左右吧。", "share", True, id="a share"),
        pytest.param("成本比较高，成交也不少。", "share", False, id="成 of other words"),
        pytest.param("从2026年4月起开始执行。", "date", True, id="a date"),
        pytest.param("店铺会被暂停发布七天。", "duration", True, id="a duration"),
        pytest.param("店铺会被暂停发布商品。", "duration", False, id="no duration"),
        pytest.param("店铺会被暂停发布商品。", "effect", True, id="open kinds always"),
    ],
)
def test_kinds_are_earned(sentence, kind, is_answered):
    (fact,) = drafted(sentence)
    assert (kind in fact.kinds) is is_answered


def test_the_packaged_articles_can_all_be_drafted():
    corpus = load_corpus()
    texts = {f"facts/{found.id}.toml": draft_facts(found) for found in corpus.articles.values()}
    facts = parse_facts(texts, corpus.articles, corpus.passages)
    assert {fact.article for fact in facts} == set(corpus.articles)


def test_a_very_long_article_is_drafted_by_passages():
    long = article("\n".join(f"这是第{number}句，说的是同一件事。" for number in range(900)))
    tables = tomllib.loads(draft_facts(long))["fact"]
    assert len(tables) == len(chunk(long))


def test_every_cue_is_of_a_closed_kind():
    assert set(_cues()) <= set(CLOSED)
    assert not set(_cues()) & set(OPEN)
