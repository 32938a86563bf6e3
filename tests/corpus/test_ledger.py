"""The ledger: every row's quote stands in its article; a broken one names all its faults."""

from __future__ import annotations

import pytest

from corpus.article import Article
from corpus.ledger import LedgerError, load_ledger, parse_ledger
from corpus.load import load_corpus

IN_ORDER = [
    "aigc_video_share",
    "aigc_gmv_share",
    "aigc_gpm",
    "original_gpm",
    "gpm_gap",
    "ai_account_throttling",
    "single_hit_cases",
    "whitelist_accounts",
    "ai_product_selection",
    "ai_video_profit",
    "beginner_all_in",
    "platform_ai_tools",
    "commerce_weight",
    "cost_ratio",
    "undisclosed_ai",
    "ai_org_efficiency",
    "ai_model_conversion",
    "ai_tryon_add_to_cart",
    "ai_tryon_returns",
    "ai_avatar_dwell",
    "ai_greenscreen_views",
    "ai_listing_copy",
]

ARTICLE = Article(
    id="a1",
    title="题",
    text="开头。AI字幕让互动率提高12%。结尾。",
    kind="opinion",
    author="某人",
    publisher=None,
    published="2026-01-18",
    url=None,
    reliability="一家之言",
)
ROW = """
[ai_subtitles]
subject = "AI字幕"
metric = "互动率提升"
unit = "percent"
known = { is = "12" }
known_text = "+12%"
basis = "weak"
scope = { platform = "TikTok" }
source = { article = "a1", quote = "AI字幕让互动率提高12%" }
statement = "AI字幕让互动率提高12%。"
"""


@pytest.fixture(scope="module")
def corpus():
    return load_corpus()


def test_the_rows_in_their_order(corpus):
    assert [figure.id for figure in corpus.ledger][: len(IN_ORDER)] == IN_ORDER


def test_every_quote_stands_where_it_says(corpus):
    for figure in corpus.ledger:
        text = corpus.articles[figure.article].text
        assert text[figure.start : figure.end] == figure.quote, figure.id


def test_every_row_tells_its_weakness(corpus):
    assert all(figure.caveats for figure in corpus.ledger)
    shares = {caveat.kind for caveat in corpus.ledger["aigc_gmv_share"].caveats}
    assert shares == {"unnamed_source", "single_source", "market_scope"}


def test_what_the_secondary_article_says_is_weak(corpus):
    second_hand = [f for f in corpus.ledger if f.article == "xiaochuan-tiktok-ai"]
    assert second_hand
    assert {figure.basis for figure in second_hand} == {"weak"}


def test_figures_as_json(corpus):
    row = corpus.ledger["aigc_gmv_share"].as_json()
    assert list(row) == [
        "id", "subject", "metric", "unit", "known", "scope", "quote", "article", "start", "end",
        "caveats",
    ]  # fmt: skip
    assert row["known"] == "< 1%"
    assert row["scope"]["market"] == "美区"


def test_a_row_of_ones_own():
    ledger = parse_ledger(ROW, {"a1": ARTICLE})
    assert "ai_subtitles" in ledger
    assert len(ledger) == 1
    assert ledger["ai_subtitles"].published == "2026-01-18"


def test_all_faults_are_named_at_once():
    broken = (
        ROW.replace('basis = "weak"', 'basis = "sure"')
        .replace('互动率提高12%" }', '互动率提高99%" }')
        .replace('metric = "互动率提升"', "metric = 3")
        .replace('is = "12"', "is = 12")
    )
    with pytest.raises(LedgerError) as caught:
        parse_ledger(broken, {"a1": ARTICLE})
    message = str(caught.value)
    for part in ("ai_subtitles.basis", "sure", "ai_subtitles.source.quote", "99%",
                 "ai_subtitles.metric", "ai_subtitles.known"):  # fmt: skip
        assert part in message


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        pytest.param(('article = "a1"', 'article = "a9"'), "a9", id="no such article"),
        pytest.param(('unit = "percent"\n', ""), "unit", id="a number without its unit"),
        pytest.param(("[ai_subtitles]", "[ai_subtitles]\ncolour = 1"), "colour", id="unknown key"),
        pytest.param(('platform = "TikTok"', 'platform = "TikTok", bound = true'), "market",
                     id="bound to no market"),
        pytest.param((ROW, ""), "no rows", id="empty"),
        pytest.param(("[ai_subtitles]", "[ai_subtitles"), "line", id="no TOML"),
    ],
)  # fmt: skip
def test_a_fault_is_named(change, fault):
    with pytest.raises(LedgerError, match=fault):
        parse_ledger(ROW.replace(*change), {"a1": ARTICLE})


def test_a_faulty_file_is_named(tmp_path):
    path = tmp_path / "ledger.toml"
    path.write_text("[x]\n", encoding="utf-8")
    with pytest.raises(LedgerError, match=r"ledger\.toml"):
        load_ledger(path, {})
