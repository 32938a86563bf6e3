"""Labelled posts in running text: marks become spans and back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.eval.guard import SETS, load_cases
from bot.eval.posts import LabelledPost, Marked, parse_post, read_posts, render_post
from bot.eval.train_guard import examples, framed, read_frames

PLAIN = st.text(st.characters(blacklist_characters="{}\\|\r"), min_size=1, max_size=12)


def test_a_mark_is_a_claim_and_leaves_no_trace():
    post = parse_post("都说{{C:aigc_gmv_share|AI扛了一成}}，{{U:-|印尼更多}}\\n真的", "甲")
    assert post.text == "都说AI扛了一成，印尼更多\n真的"
    assert [post.text[c.start : c.end] for c in post.claims] == ["AI扛了一成", "印尼更多"]
    assert [(c.verdict, c.figure) for c in post.claims] == [
        ("conflict", "aigc_gmv_share"),
        ("unsupported", None),
    ]
    assert post.verdict == "conflict"


@given(before=PLAIN, span=PLAIN, after=PLAIN)
def test_what_is_written_is_read_back(before, span, after):
    start = len(before)
    claim = Marked("consistent", "aigc_gpm", start, start + len(span))
    post = LabelledPost(before + span + after, (claim,), "甲")
    assert parse_post(render_post(post), "甲") == post


def test_a_broken_mark_is_named():
    with pytest.raises(ValueError, match="broken mark"):
        parse_post("{{X:aigc_gpm|千次}}", "甲")


def test_a_frame_takes_a_claim_back_or_leaves_it():
    post = parse_post("{{C:ai_video_profit|AI视频躺赚}}", "甲")
    asked, told = framed([post] * 6, ["- {}吗", "+ 兄弟们，{}"])
    assert (asked.text, asked.verdict) == ("AI视频躺赚吗", "no_claim")
    assert (told.text, told.verdict) == ("兄弟们，AI视频躺赚", "conflict")
    assert told.text[told.claims[0].start :] == "AI视频躺赚"


def test_the_packaged_frames_hold_one_place_each():
    assert all(line[:2] in ("- ", "+ ") and line.count("{}") == 1 for line in read_frames())


def test_a_label_that_the_contract_does_not_know_teaches_nothing(corpus):
    weak = parse_post("{{C:ai_avatar_dwell|数字人停留翻倍}}", "甲")
    firm = parse_post("{{C:ai_video_profit|AI视频躺赚}}", "乙")
    taught = list(examples([weak, firm], corpus.ledger))
    assert [(row.writer, row.example.labels) for row in taught] == [
        ("乙", {"conflict ai_video_profit"})
    ]


def test_what_is_measured_is_never_learnt():
    measured = {case.text for case in load_cases(SETS / "guard_measured.jsonl")}
    learnt = {post.text for post in read_posts(SETS / "posts")}
    learnt |= {case.text for case in load_cases(SETS / "guard_tuning.jsonl")}
    assert len(measured) > 3000
    assert not measured & learnt


@pytest.fixture(scope="module")
def corpus():
    from corpus.load import load_corpus

    return load_corpus()
