"""Facts files: what they hold, and what is wrong with a wrong one."""

import pytest

from corpus.article import Article
from corpus.chunk import chunk
from corpus.facts import FactsError, parse_facts
from corpus.load import load_corpus

ARTICLE = Article(
    "a", "题", "第一段说了占比5%。\n第二段说了别的。\n", "opinion", *[None] * 4, "测试"
)
FACT = """
[[fact]]
id = "share"
article = "a"
quote = "占比5%"
kinds = ["share"]
asks = ["占多少"]
beyond = ["英区占多少"]
"""


def parse(*texts: str):
    files = {f"facts/{number}.toml": text for number, text in enumerate(texts)}
    return parse_facts(files, {"a": ARTICLE}, chunk(ARTICLE))


def test_a_fact_knows_its_passage():
    (fact,) = parse(FACT)
    assert (fact.passage, fact.asks, fact.beyond) == ("a#1", ("占多少",), ("英区占多少",))


def test_what_was_heard_is_added_to_a_fact_of_another_file():
    heard = '[[heard]]\nfact = "share"\nasks = ["几成啊"]\n'
    (fact,) = parse(FACT, heard)
    assert fact.asks == ("占多少", "几成啊")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        pytest.param(FACT.replace("占比5%", "占比6%"), "占比6%", id="not verbatim"),
        pytest.param(FACT.replace('"a"', '"b"'), "'b'", id="no such article"),
        pytest.param(FACT.replace('"share"]', '"shares"]'), "shares", id="unknown kind"),
        pytest.param(FACT + FACT, "id 重复", id="twice"),
        pytest.param(FACT.replace('asks = ["占多少"]', ""), "缺少 asks", id="no phrasing"),
        pytest.param("[[fact]\n", "facts/0.toml", id="no TOML"),
        pytest.param('[[heard]]\nfact = "nope"\n', "nope", id="heard of nothing"),
        pytest.param(FACT.replace("占比5%", "5%。\\n第二段"), "跨了段落", id="across paragraphs"),
    ],
)
def test_a_fault_is_named_with_file_and_value(text, fault):
    with pytest.raises(FactsError, match=fault):
        parse(text)


def test_all_faults_are_told_at_once():
    with pytest.raises(FactsError) as caught:
        parse(FACT.replace("占比5%", "假的"), FACT.replace('"share"]', '"nonsense"]'))
    assert "假的" in str(caught.value)
    assert "nonsense" in str(caught.value)


def test_no_phrasing_is_both_answered_and_beyond():
    for fact in load_corpus().facts:
        assert not set(fact.asks) & set(fact.beyond), fact.id
