"""A week's numbers → a picture for a phone.

Drawn without pyplot, so that nothing is shared between two drawings, with a font that comes along:
its Chinese looks the same on any machine.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from functools import cache
from importlib.resources import as_file, files
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

from bot.moderation.numbers import Week

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.font_manager import FontProperties

FONT_FILE: Final = "digest-font.ttf"
_WIDTH_IN: Final = 6.0
_HEIGHT_IN: Final = 7.5
_DPI: Final = 180
_ROWS: Final = 6
_LABEL_WIDTH: Final = 12.0
_BRACKETS: Final = re.compile("[（(].*?[）)]")
_INK, _GREY, _PAPER = "#1d2433", "#7b8494", "#ffffff"
_COLOURS: Final = {
    "conflict": "#c8402f",
    "lacks_context": "#e39b2d",
    "unsupported": "#9aa3b2",
    "consistent": "#3f8f6b",
}
_NAMES: Final = {
    "conflict": "冲突",
    "lacks_context": "缺背景",
    "unsupported": "无依据",
    "consistent": "相符",
}
_DAYS: Final = "一二三四五六日"


def draw(week: Week, label: Callable[[str | None], str]) -> bytes:
    """The PNG picture of *week*; *label* names a figure, on two lines at most."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(_WIDTH_IN, _HEIGHT_IN), dpi=_DPI, facecolor=_PAPER)
    FigureCanvasAgg(figure)
    _head(figure, week)
    rows = week.by_figure[:_ROWS]
    upper = figure.add_axes((0.37, 0.40, 0.57, 0.36))
    _figures(upper, [(label(name), numbers) for name, numbers in rows])
    lower = figure.add_axes((0.08, 0.08, 0.86, 0.20))
    _days(lower, week)
    figure.text(0.06, 0.305, "每天的冲突", fontproperties=_font(13), color=_INK)
    out = BytesIO()
    figure.savefig(out, format="png")
    return out.getvalue()


def _head(figure: Figure, week: Week) -> None:
    figure.text(0.06, 0.945, f"本群周报　{week.label}", fontproperties=_font(18), color=_INK)
    line = f"核对 {week.posts} 条，有说法的 {week.claims} 条"
    figure.text(0.06, 0.905, line, fontproperties=_font(12.5), color=_GREY)
    done = f"提醒 {week.notices}　删除 {week.deletions}　撤销 {week.reversals}"
    figure.text(0.06, 0.872, done, fontproperties=_font(12.5), color=_GREY)
    figure.text(0.06, 0.825, "按说法", fontproperties=_font(13), color=_INK)
    left = 0.06
    for verdict, name in _NAMES.items():
        figure.text(left, 0.79, "■", fontproperties=_font(12), color=_COLOURS[verdict])
        text = f"{name} {week.totals[verdict]}"
        figure.text(left + 0.035, 0.79, text, fontproperties=_font(12), color=_INK)
        left += 0.235


def _figures(axes: Axes, rows: list[tuple[str, Any]]) -> None:
    """A bar for each figure, its verdicts one after another."""
    _bare(axes)
    widest = max((sum(numbers.values()) for _, numbers in rows), default=0)
    for place, (_, numbers) in enumerate(rows):
        left = 0
        for verdict, colour in _COLOURS.items():
            value = numbers.get(verdict, 0)
            axes.barh(place, value, left=left, color=colour, height=0.62)
            left += value
        axes.text(
            left + widest * 0.02,
            place,
            str(left),
            va="center",
            fontproperties=_font(12),
            color=_INK,
        )
    axes.set_ylim(_ROWS - 0.4, -0.6)
    axes.set_xlim(0, max(widest, 1) * 1.12)
    axes.set_yticks(range(len(rows)))
    labels = [_fit(name) for name, _ in rows]
    axes.set_yticklabels(labels, fontproperties=_font(11), color=_INK, linespacing=1.15)


def _days(axes: Axes, week: Week) -> None:
    """A column for each day; the busiest one stands out."""
    _bare(axes)
    most = max(week.by_day)
    for place, value in enumerate(week.by_day):
        colour = _COLOURS["conflict"] if value and value == most else "#e3b4ad"
        axes.bar(place, value, color=colour, width=0.62)
        axes.text(
            place,
            value + most * 0.04,
            str(value),
            ha="center",
            fontproperties=_font(12),
            color=_INK,
        )
    axes.set_ylim(0, max(most, 1) * 1.25)
    axes.set_xticks(range(7))
    days = [week.first + timedelta(days=place) for place in range(7)]
    labels = [f"周{name}\n{day.month}/{day.day}" for name, day in zip(_DAYS, days, strict=True)]
    axes.set_xticklabels(labels, fontproperties=_font(11), color=_INK)


def _bare(axes: Axes) -> None:
    for side in ("top", "right", "bottom", "left"):
        axes.spines[side].set_visible(False)
    axes.tick_params(length=0)
    axes.set_xticks([])
    axes.set_yticks([])


def _fit(label: str) -> str:
    """Each line without what stands in brackets, and cut to the room on the left."""
    return "\n".join(_cut(_BRACKETS.sub("", line)) for line in label.split("\n")[:2])


def _cut(line: str) -> str:
    width = 0.0
    for place, char in enumerate(line):
        width += 0.55 if char.isascii() else 1.0
        if width > _LABEL_WIDTH:
            return line[: max(place - 1, 1)] + "…"
    return line


def _font(points: float) -> FontProperties:
    font = _typeface().copy()
    font.set_size(points)
    return font


@cache
def _typeface() -> FontProperties:
    """The packaged font, whatever kind of file system the package lies in."""
    from matplotlib.font_manager import FontProperties

    with as_file(files("bot").joinpath("data", FONT_FILE)) as path:
        return FontProperties(fname=str(path))
