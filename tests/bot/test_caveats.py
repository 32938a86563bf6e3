"""Caveats: earned by the words quoted and by their article, one of each kind."""

from datetime import date

import pytest

from bot.caveats import caveats_for
from corpus.article import Article

NOW = date(2026, 3, 1)


def article(kind="opinion", published="2026-01-18", teaser=False):
    return Article("a", "题", "文", kind, None, None, published, None, "测试", teaser_only=teaser)


def kinds(quote, source=None, now=NOW):
    return {caveat.kind for caveat in caveats_for(source or article(), quote, now=now)}


@pytest.mark.parametrize(
    ("quote", "kind"),
    [
        pytest.param("某内部人士表示,占比不足5%", "unnamed_source", id="insider"),
        pytest.param("据说直播间停留时长比真人高30%", "hearsay", id="hearsay"),
        pytest.param("假设你做一条原创短视频", "hypothesis", id="supposition"),
        pytest.param("但我预测2026这样的识别会越来越健全", "prediction", id="prediction"),
        pytest.param("目前在TikTok美区市场", "market_scope", id="market"),
    ],
)
def test_words_earn_their_caveat(quote, kind):
    assert kind in kinds(quote)


def test_a_plain_statement_earns_nothing_by_its_words():
    earned = kinds("物流快一点、客服暖一点、商品真一点")
    assert not earned & {"hearsay", "hypothesis", "prediction", "unnamed_source", "market_scope"}


def test_an_article_without_a_date_is_undated_and_never_dated():
    earned = kinds("随便一句", article("secondary", None), date(2036, 1, 1))
    assert {"undated", "secondary_source"} <= earned
    assert "dated" not in earned


def test_each_kind_comes_once():
    found = caveats_for(article(), "某内部人士,美区,美国治理,据说,有数据显示", now=NOW)
    assert len({caveat.kind for caveat in found}) == len(found)
