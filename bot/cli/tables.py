"""Rows → a table whose columns line up on a terminal, full-width characters counted twice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.cli.render import cell_len


def table(rows: Sequence[Sequence[object]], *, align: str, indent: str = "  ") -> Iterator[str]:
    """The rows as lines; *align* has an ``l`` or ``r`` for each column.

    A float is told as a share in percent, None as a dash.
    """
    cells = [[_cell(value) for value in row] for row in rows]
    widths = [max(map(cell_len, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        sides = zip(row, widths, align, strict=True)
        padded = [_padded(text, width, side) for text, width, side in sides]
        yield (indent + "  ".join(padded)).rstrip()


def percent(share: float | None) -> str:
    """``0.973`` → ``97.3%``."""
    return "–" if share is None else f"{share:.1%}"


def _cell(value: object) -> str:
    return percent(value) if value is None or isinstance(value, float) else str(value)


def _padded(text: str, width: int, side: str) -> str:
    gap = " " * (width - cell_len(text))
    return gap + text if side == "r" else text + gap
