"""Any text, in linear time: nothing raises, spans hold, invisible characters change nothing."""

from __future__ import annotations

import gzip
import json
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

# Kept beside the checkout; the project holds no copy.
COLLECTION = Path(__file__).parents[4] / "shared" / "collections" / "dureader.passages.jsonl.gz"
WORDS = (
    "AI视频 占了 10% 的GMV 不限流 报白号 稳赚 吗? ， 。 \n 实拍 GPM 五十 碾压 别信 “ ” 新手 all 🤖"
    " 印尼 2023年"
)
POSTS = st.lists(st.sampled_from([*WORDS.split(" "), "\ud800"]), max_size=14).map("".join)
PIECES = [
    "AI视频占了三成", "AI不限流，", "一", "1,", "A I ", "“AI稳”", "每100条", "报白号稳", "a\u0301",
    "(((", "AI视频占10%。", "大头…电商", "1-", "\n",
]  # fmt: skip


@settings(max_examples=300)
@given(text=st.one_of(POSTS, st.text(max_size=120), st.text(st.characters(), max_size=40)))
def test_nothing_raises_and_spans_slice_the_post(check, text):
    for finding in check(text).findings:
        assert text[finding.start : finding.end] == finding.text != ""


@settings(max_examples=200)
@given(text=POSTS, data=st.data())
def test_zero_width_characters_change_no_verdict(check, text, data):
    at = data.draw(st.integers(0, len(text)))
    invisible = data.draw(st.sampled_from(["\u200b", "\u200d", "\u2060", "\ufeff", "\u202e"]))
    assert check(text[:at] + invisible + text[at:]).verdict == check(text).verdict


@pytest.mark.parametrize("piece", PIECES)
def test_long_posts_take_linear_time(check, piece):
    def seconds(length):
        text = (piece * (length // len(piece) + 1))[:length]
        start = time.process_time()
        check(text)
        return time.process_time() - start

    short = min(seconds(3_000), seconds(3_000))
    # Ten times the length; a quadratic pass would take a hundred times as long.
    assert seconds(30_000) < 30 * short + 0.3


def test_the_longest_post(check):
    given = check("AI视频占了三成，" * 11_000)
    assert given.verdict == "conflict"


def test_past_the_limit_nothing_is_read(check):
    assert check("好" * 100_000 + "AI视频占了三成").findings == ()


@pytest.mark.parametrize("article", ["tk-2026-01-18", "xiaochuan-tiktok-ai"])
def test_the_sources_themselves_set_off_nothing(check, corpus, article):
    text = corpus.articles[article].text
    verdicts = {check(part).verdict for part in [text, *text.splitlines()]}
    assert "conflict" not in verdicts


@pytest.mark.skipif(not COLLECTION.exists(), reason="needs the shared collections")
def test_paragraphs_about_other_things_are_left_alone(check):
    with gzip.open(COLLECTION, "rt", encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for line in lines]
    conflicts = [text for text in texts if check(text).verdict == "conflict"]
    assert len(conflicts) <= 1, conflicts
