"""Labelled posts in other words: what is exchanged, and that labels and spans go along."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.eval.guard import SETS
from bot.eval.posts import LabelledPost, Marked, parse_post
from bot.eval.reword import Rewording, read_sets

SETS_OF_TWO = {"beats": ["吊打", "一路碾压"], "ours": ["AI视频", "AI片"]}


@pytest.fixture(scope="module")
def rewording():
    return Rewording(SETS_OF_TWO)


def test_a_phrase_gives_way_to_one_of_its_set(rewording):
    post = parse_post("都说{{C:gpm_gap|AI视频吊打实拍}}，{{U:-|完播也高}}", "甲")
    texts = {said.text for seed in range(40) for said in rewording.reworded([post], seed)}
    assert texts == {
        f"都说{ours}{beats}实拍，完播也高"
        for ours in SETS_OF_TWO["ours"]
        for beats in SETS_OF_TWO["beats"]
    }


def test_a_post_without_such_phrases_is_left_out(rewording):
    assert list(rewording.reworded([parse_post("今天打包到半夜", "甲")], 1)) == []


def test_the_longest_phrase_is_the_one_that_is_meant():
    rewording = Rewording({"short": ["限流", "降权"], "long": ["不限流", "一路绿灯"]})
    said = {p.text for n in range(20) for p in rewording.reworded([parse_post("不限流", "甲")], n)}
    assert said == {"不限流", "一路绿灯"}


PIECES = st.lists(st.sampled_from(["AI视频", "吊打", "实拍", "，", "AI片"])).map("".join)


@given(before=PIECES, inside=PIECES, after=PIECES, seed=st.integers(0, 99))
def test_a_claim_goes_along(rewording, before, inside, after, seed):
    marked = f"【{inside}】"
    claim = Marked("conflict", "gpm_gap", len(before), len(before) + len(marked))
    post = LabelledPost(before + marked + after, (claim,), "甲")
    for said in rewording.reworded([post], seed):
        (moved,) = said.claims
        assert said.text[moved.start] == "【"
        assert said.text[moved.end - 1] == "】"
        assert (moved.verdict, moved.figure, said.writer) == ("conflict", "gpm_gap", "甲")


def test_a_claim_that_begins_within_a_phrase_takes_it_in(rewording):
    post = LabelledPost("说AI视频", (Marked("conflict", "gpm_gap", 3, 5),), "甲")
    for said in rewording.reworded([post] * 9, 1):
        (moved,) = said.claims
        assert said.text[moved.start : moved.end] == said.text[1:]


def test_the_same_seed_says_the_same(rewording):
    posts = [parse_post("AI视频吊打AI片", "甲")] * 9
    assert list(rewording.reworded(posts, 7)) == list(rewording.reworded(posts, 7))


def test_the_packaged_sets_are_sound():
    sets = read_sets(SETS / "interchangeable.toml")
    assert len(sets) > 50
    assert all(len(phrase) > 1 for phrases in sets.values() for phrase in phrases)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param('beats = "吊打"', "beats: no list", id="no list"),
        pytest.param('beats = ["吊打", ""]', "beats: no list", id="an empty phrase"),
        pytest.param('beats = ["吊打", "吊打"]', "beats: a phrase stands there twice", id="twice"),
        pytest.param('beats = ["吊打"]', "beats: .* or alone", id="alone"),
    ],
)
def test_a_set_at_fault_is_named(tmp_path, text, told):
    path = tmp_path / "sets.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=told):
        read_sets(path)
