"""Two things compared: which is above, by how much, and how far apart; read by the rules alone."""

from __future__ import annotations

import pytest

from bot.guard.guard import apart, read


@pytest.fixture
def verdicts(knowledge):
    """Post → what the rules say of the comparison's row."""

    def of(text, figure="gpm_gap"):
        _, post = apart(text, knowledge)
        _, reading = read(post, knowledge)
        return {j.verdict for j in reading.judged if j.figure == figure}

    return of


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        pytest.param("AI视频GPM是实拍的三倍", "conflict", id="times"),
        pytest.param("实拍的GPM是AI的六倍", "consistent", id="times, the other way round"),
        pytest.param("实拍GPM是AI的1.5倍", "conflict", id="not far enough above"),
        pytest.param("AI视频的GPM只有实拍的六分之一", "consistent", id="a fraction"),
        pytest.param("AI的千次成交也就实拍六分之一", "consistent", id="a fraction without 的"),
        pytest.param("AI带货是真人的八成", "conflict", id="a share"),
        pytest.param("AI的千次成交才是好实拍的一成多", "consistent", id="a vague share"),
        pytest.param("AI的千次成交连好实拍的五六分之一都够呛", "consistent", id="a vague fraction"),
        pytest.param("AI卖货不及好原创两成", "consistent", id="not even a share"),
        pytest.param("AI的千展达不到真人好片的两成", "consistent", id="doesn't reach a share"),
        pytest.param("AI的带货效率比实拍高五成", "conflict", id="above by a share"),
        pytest.param("AI短片的成交效率高于真人短片11%", "conflict", id="above, the share last"),
        pytest.param("AI带货比真人低三成", "conflict", id="below by too little"),
        pytest.param("AI视频千次成交比原创少百分之八十以上", "consistent", id="below by far"),
        pytest.param("千次成交，好原创压AI六倍有余", "consistent", id="what is pressed between"),
        pytest.param("论千次成交，AI跟真人拍的差了六七倍", "consistent", id="far apart"),
        pytest.param("AI的GPM比实拍差六倍", "consistent", id="worse by times"),
        pytest.param("实拍GPM比AI差六倍", "conflict", id="the other one worse by times"),
        pytest.param("现在AI跟精品实拍的GPM只差一成", "conflict", id="close together"),
        pytest.param("AI跟优质原创的GPM差距缩到两成以内了", "conflict", id="closer than a share"),
        pytest.param("AI跟好原创之间隔着至少六倍的千展", "consistent", id="at least so far apart"),
        pytest.param("AI跟好原创，千次成交差不到两成", "conflict", id="their distance behind them"),
        pytest.param("AI带货效率不输实拍", "conflict", id="no worse"),
        pytest.param("实拍带货效率不输AI", "consistent", id="the other one no worse"),
    ],
)  # fmt: skip
def test_how_far_above_or_below(verdicts, text, verdict):
    assert verdicts(text) == {verdict}


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        pytest.param("官方比第三方强太多", "conflict", id="plainly"),
        pytest.param("第三方AI软件比官方的好", "consistent", id="the other way round"),
        pytest.param("Symphony出的片子，比第三方软件强太多", "conflict", id="its subject before"),
        pytest.param(
            "官方AI工具，效果比第三方差一截", "consistent", id="worse, its subject before"
        ),
    ],
)
def test_which_of_two_is_above(verdicts, text, verdict):
    assert verdicts(text, "platform_ai_tools") == {verdict}
