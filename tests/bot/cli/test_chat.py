"""The conversation through a pipe: context, picks, checks, no repeats, ends."""

import pytest

OFFERS = "还可以问（输入序号即可）："


def turns(ran):
    """What was said in each turn, as lists of lines."""
    return [part.splitlines() for part in ran.out.split("\n\n\n") if part.strip()]


def offers(lines):
    return [line.split(". ", 1)[1] for line in lines if line[:2] == "  " and line[2:3].isdigit()]


def said(*texts):
    return "\n".join(texts) + "\n"


def test_a_follow_up_is_read_with_what_came_before(qingxing):
    ran = qingxing("chat", stdin=said("AI短视频在美区贡献了多少GMV？", "那数量占比呢？"))
    assert (ran.status, ran.err) == (0, "")
    assert "不足5%" in ran.out


def test_a_number_asks_that_offer_and_offers_never_repeat(qingxing):
    first = qingxing("chat", stdin=said("AI短视频在美区贡献了多少GMV？"))
    offered = offers(first.out.splitlines())
    assert 1 <= len(offered) <= 3
    both = qingxing("chat", stdin=said("AI短视频在美区贡献了多少GMV？", "1"))
    direct = qingxing("chat", stdin=said("AI短视频在美区贡献了多少GMV？", offered[0]))
    without_receipts = [
        [line for line in ran.out.splitlines() if not line.startswith("编号 ")]
        for ran in (both, direct)
    ]
    assert without_receipts[0] == without_receipts[1]
    everything = offers(both.out.splitlines())
    assert len(set(everything)) == len(everything) > len(offered)


def test_a_post_is_checked(qingxing):
    assert qingxing("chat", stdin=said("AI视频已经贡献了10%的GMV,兄弟们冲")).out.startswith("冲突")


def test_commands_force_either(qingxing):
    ran = qingxing("chat", stdin=said("/check AI视频贡献了多少GMV？", "/ask AI视频贡献了10%的GMV"))
    assert ran.out.startswith("无主张")
    assert "不足1%" in ran.out


@pytest.mark.parametrize("word", ["/quit", "/exit", "/退出"])
def test_quit_ends_it(qingxing, word):
    ran = qingxing("chat", stdin=said(word, "AI短视频在美区贡献了多少GMV？"))
    assert (ran.status, ran.out) == (0, "")


def test_new_forgets(qingxing):
    asked = "AI短视频在美区贡献了多少GMV？"
    ran = qingxing("chat", stdin=said(asked, "/new", "1"))
    assert "好，换个话题。" in ran.out
    assert "没有第 1 条可选" in ran.out


@pytest.mark.parametrize(
    ("text", "reply"),
    [
        pytest.param("/nonsense", "没有 /nonsense 这个命令", id="no such command"),
        pytest.param("/ask", "/ask 后面要有内容", id="nothing to ask"),
        pytest.param("/help", "/check 帖子", id="help"),
    ],
)
def test_lines_about_the_conversation(qingxing, text, reply):
    assert reply in qingxing("chat", stdin=said(text)).out


def test_a_line_that_is_no_utf8_is_skipped(qingxing):
    ran = qingxing("chat", stdin=b"\xff\xfe\n\n/help\n")
    assert "不是 UTF-8" in ran.err
    assert "/quit" in ran.out


def test_each_turn_can_be_derived_again(qingxing):
    stdin = said("AI短视频在美区贡献了多少GMV？", "那数量占比呢？")
    receipts = [
        line.split()[1].split("（")[0]
        for line in qingxing("chat", stdin=stdin).out.splitlines()
        if line.startswith("编号 ")
    ]
    assert len(receipts) == 2
    for receipt in receipts:
        assert '"same": true' in qingxing("why", receipt, "--json").out


@pytest.mark.parametrize("word", ["exit", "Quit", "退出"])
def test_a_bare_word_ends_it_too(qingxing, word):
    assert qingxing("chat", stdin=said(word, "/help")).out == ""


def test_small_talk_has_no_number_and_offers_nothing(qingxing):
    out = qingxing("chat", stdin=said("谢谢")).out
    assert out.strip()
    assert "编号" not in out
    assert "还可以问" not in out


def test_small_talk_leaves_the_offers_as_they_were(qingxing):
    asked = "AI短视频在美区贡献了多少GMV？"
    offered = offers(qingxing("chat", stdin=said(asked)).out.splitlines())
    after = qingxing("chat", stdin=said(asked, "谢谢", "更多"))
    assert offers(after.out.rpartition(OFFERS)[2].splitlines()) == offered


def test_more_says_nothing_twice(qingxing):
    asked = "AI短视频在美区贡献了多少GMV？"
    out = qingxing("chat", stdin=said(asked, "更多")).out
    assert out.count("实际的GMV贡献不足1%") == 1
    assert "没有更多了" in qingxing("chat", stdin=said("更多")).out
