"""Which text is the sender's, and what an edit changes."""

import pytest

from bot.moderation.edits import compare
from bot.moderation.post import link_words, make_post, text_digest

HYPE = "AI视频贡献10%的GMV"


@pytest.mark.parametrize(
    ("text", "quoted", "extras", "judged"),
    [
        pytest.param(HYPE, [], [], HYPE, id="text"),
        pytest.param(
            f"{HYPE}\n别信", [(0, 13)], [], f"{chr(10) * 14}别信", id="a quote is blanked"
        ),
        pytest.param(HYPE, [(0, 13)], [], HYPE, id="nothing but a quote is the post"),
        pytest.param("", [], ["选哪个", HYPE], f"选哪个\n{HYPE}", id="poll"),
        pytest.param("看", [], ["", HYPE], f"看\n{HYPE}", id="button after the text"),
    ],
)
def test_what_is_judged(text, quoted, extras, judged):
    post = make_post(text, quoted=quoted, extras=extras)
    assert post is not None
    assert post.text == judged


def test_nothing_to_judge():
    assert make_post(" \n", extras=[" "]) is None


def test_only_the_message_text_can_be_quoted():
    post = make_post("看", extras=[HYPE])
    assert post is not None
    assert [post.quotable(0, 1), post.quotable(2, 5)] == [True, False]


def test_a_link_says_what_can_be_read_in_it():
    assert link_words("https://x.cn/%E7%A8%B3%E8%B5%9A?a=1") == "https://x.cn/稳赚?a=1"
    assert link_words("https://x.cn/abc") == ""


def test_marks_that_nobody_sees_change_no_digest():
    assert text_digest("AI视频 贡献１０%\u200b") == text_digest("ai视频贡献10%")


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        pytest.param(None, "conflict", "worse", id="never judged"),
        pytest.param("no_claim", "conflict", "worse", id="clean, then hype"),
        pytest.param("conflict", "no_claim", "corrected", id="put right"),
        pytest.param("conflict", "conflict", "better", id="other words, no worse"),
        pytest.param("lacks_context", "consistent", "better", id="better"),
    ],
)
def test_an_edit(before, after, change):
    assert compare(before, "a", after, "b") == change


def test_an_edit_of_nothing_visible():
    assert compare("no_claim", "a", "conflict", "a") == "same"
