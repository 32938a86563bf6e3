"""What people see: plain when piped, wrapped by columns on a terminal."""

import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answer.types import Answer
from bot.cli.render import Line, answer_lines, cell_len, check_lines, page, wrapped
from bot.cli.tables import table
from bot.guard.types import Check, Finding
from bot.types import Caveat, Quote

QUOTE = Quote("a#3", "第一行\n第二行", "a", "标题", "作者", None, "https://x", 0, 7, 1.0)
ANSWER = Answer(
    question="问",
    status="answered",
    answer="一句话。",
    passages=(QUOTE,),
    caveats=(Caveat("hearsay", "只是听说。"),),
    suggestions=("还有呢？",),
    receipt="ABCDEFGH",
)
COLOURS = re.compile(r"\x1b\[[0-9;]*m")


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def shown(monkeypatch):
    """What lines look like on a terminal of 40 columns, colours and all."""
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)

    def show(*lines):
        out = Terminal()
        with monkeypatch.context() as patch:
            patch.setattr("sys.stdout", out)
            page(lines)
        return out.getvalue()

    return show


def test_piped_answer_is_plain(capsys):
    page(answer_lines(ANSWER))
    assert capsys.readouterr().out.splitlines() == [
        "一句话。",
        "",
        "  ▎ 第一行",
        "  ▎ 第二行",
        "  —— 《标题》 · 作者 · 未注明日期 · 第3段",
        "     https://x",
        "",
        "提醒",
        "  · 只是听说。",
        "",
        "还可以问：",
        "  · 还有呢？",
        "",
        "编号 ABCDEFGH（qingxing why ABCDEFGH 可重新推导）",
    ]


def test_neighbours_are_said_to_be_no_evidence(capsys):
    page(answer_lines(Answer("问", "no_evidence", "文章没有讲。", nearest=(QUOTE,))))
    assert "相近的内容，不算依据" in capsys.readouterr().out


def test_check_tells_the_finding_and_the_title(capsys):
    finding = Finding(
        "conflict", "f", "说\n了", 0, 3, "= 1", "< 1", "差得远。", "引文", "a", None, "改成这样"
    )
    page(check_lines(Check((finding,)), {"a": "标题"}))
    assert capsys.readouterr().out.splitlines() == [
        "冲突",
        "",
        "[冲突] “说 了”",
        "差得远。",
        "  ▎ 引文",
        "  —— 《标题》 · 未注明日期",
        "可以这样说：",
        "  改成这样",
    ]


def test_a_terminal_wraps_by_columns(shown):
    text = COLOURS.sub("", shown(Line("字" * 50, "quote", bar=True), Line("字" * 50, lead="  · ")))
    lines = text.splitlines()
    assert all(cell_len(line) <= 40 for line in lines)
    assert "".join(line.strip(" ▎·") for line in lines) == "字" * 100
    assert [line[:4] for line in lines] == ["  ▎ "] * 3 + ["  · "] + ["    "] * 2


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        pytest.param("", [""], id="nothing"),
        pytest.param("一二三四五六", ["一二三四五", "六"], id="full width"),
        pytest.param("一二三四五，六", ["一二三四", "五，六"], id="no comma first"),
        pytest.param("一二三四五,六", ["一二三四", "五,六"], id="nor a half-width one"),
        pytest.param("一二三TikTok四", ["一二三", "TikTok四"], id="a word stays whole"),
        pytest.param("https://example.org", ["https://", "example.", "org"], id="a long one not"),
        pytest.param("ab cdefghij k", ["ab ", "cdefghij k"], id="no space first"),
    ],
)
def test_wrapping(text, lines):
    assert wrapped(text, 10) == lines


@given(st.text(st.sampled_from("a1,。， 字，é😀)"), max_size=80), st.integers(4, 30))
def test_wrapping_loses_nothing_but_spaces(text, width):
    lines = wrapped(text, width)
    assert all(cell_len(line) <= width for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


def test_a_terminal_gets_colours_unless_it_declines(shown, monkeypatch):
    assert "\x1b[1;31m冲突" in shown(Line("冲突", "bad"))
    monkeypatch.setenv("NO_COLOR", "1")
    assert "31m" not in shown(Line("冲突", "bad"))


def test_brackets_of_a_post_are_no_markup(shown):
    assert "[bold]不是标记[/bold]" in COLOURS.sub("", shown(Line("[bold]不是标记[/bold]")))


def test_a_post_cannot_command_the_terminal(shown, capsys):
    line = Line("说\x1b[2J\x9b1m了\u202e反\r", "strong")
    page([line])
    assert capsys.readouterr().out == "说\ufffd[2J\ufffd1m了\ufffd反\ufffd\n"
    assert "\x1b[2J" not in shown(line)


def test_tables_line_up_in_columns():
    lines = list(table([("题型", "对"), ("figure", 0.5), ("长一点的", None)], align="lr"))
    assert lines == ["  题型         对", "  figure    50.0%", "  长一点的      –"]
    assert len({cell_len(line) for line in lines}) == 1
