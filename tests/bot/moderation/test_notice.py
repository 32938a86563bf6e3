"""The notice under every row of the ledger, whatever a post and its check hold."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.telegram.handlers.group_notice import (
    LIMIT_UNITS,
    Library,
    notice_keyboard,
    render_alert,
    render_notice,
)
from bot.telegram.text import utf16_len
from corpus.load import load_corpus


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    corpus = load_corpus(tmp_path_factory.mktemp("home"))
    return Library(corpus.ledger, corpus.articles)


def check_on(row, *, verdict="conflict", explanation="", text="随便说说", quote=None):
    finding = {
        "verdict": verdict,
        "figure": row.id,
        "text": text,
        "claimed": None,
        "known": row.known_text,
        "explanation": explanation,
        "quote": row.quote if quote is None else quote,
        "article": row.article,
        "published": row.published,
        "caveats": [],
    }
    return {"verdict": verdict, "findings": [finding], "receipt": "K7Q2M9XA"}


def quoted(notice):
    [entity] = [e for e in notice.entities if e["type"] == "blockquote"]
    units = notice.text.encode("utf-16-le")
    start, end = entity["offset"], entity["offset"] + entity["length"]
    return units[2 * start : 2 * end].decode("utf-16-le")


@pytest.mark.parametrize("verdict", ["conflict", "lacks_context", "consistent"])
def test_every_row_has_a_short_notice_with_its_whole_quote(library, verdict):
    for row in library.ledger:
        notice = render_notice(check_on(row, verdict=verdict), library, echo=7)
        assert notice.text.count("\n") <= 5, row.id
        assert notice.units <= LIMIT_UNITS, row.id
        assert quoted(notice) == row.quote
        assert (row.published or "日期不明") in notice.text
        assert "编号 K7Q2M9XA" in notice.text
        assert "本周第7次" in notice.text


@settings(max_examples=60, deadline=None)
@given(text=st.text(max_size=2000), explanation=st.text(max_size=2000), quote=st.text(min_size=1))
def test_nothing_makes_it_longer(tmp_path_factory, library, text, explanation, quote):
    row = library.ledger["aigc_gpm"]
    long = quote * 40
    notice = render_notice(
        check_on(row, text=text, explanation=explanation, quote=long), library, echo=999
    )
    assert notice.text.count("\n") <= 5
    assert utf16_len(notice.text) <= LIMIT_UNITS


def test_a_post_without_a_row_gets_a_line(library):
    check = check_on(library.ledger["aigc_gpm"], verdict="unsupported")
    check["findings"][0] |= {"figure": None, "quote": None, "article": None, "published": None}
    notice = render_notice(check, library)
    assert notice.text.startswith("无依据")
    assert not [e for e in notice.entities if e["type"] == "blockquote"]


def test_the_posters_words_are_not_repeated(library):
    row = library.ledger["aigc_gpm"]
    said = "用某某牌工具GPM轻松破50"
    check = check_on(row, text=said, explanation=f"“{said}”与资料不符")
    assert "某某牌" not in render_notice(check, library).text


def test_an_alert_holds_the_whole_quote_or_nothing(library):
    row = library.ledger["ai_video_profit"]
    findings = check_on(row)["findings"]
    assert row.quote in render_alert(findings, "conflict", library)
    findings[0]["quote"] = row.quote * 3
    assert render_alert(findings, "conflict", library) == ""


def test_a_channel_has_no_appeal():
    labels = [button["text"] for row in notice_keyboard("K7Q2M9XA", appeal=False) for button in row]
    assert labels == ["看证据", "误判"]
