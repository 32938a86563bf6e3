"""Rows → a table whose columns line up on a terminal, full-width characters counted twice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.cli.render import cell_len


def table(rows: Sequence[Sequence[object]], *, indent: str = "  ") -> Iterator[str]:
    """The rows as lines: the first column to the left, the others to the right.

    A float is told as a share in percent, None as a dash.
    """
    cells = [[_cell(value) for value in row] for row in rows]
    widths = [max(map(cell_len, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        gaps = [" " * (width - cell_len(text)) for text, width in zip(row, widths, strict=True)]
        first, *rest = zip(row, gaps, strict=True)
        padded = ["".join(first), *(gap + text for text, gap in rest)]
        yield (indent + "  ".join(padded)).rstrip()


def percent(share: float | None) -> str:
    """``0.973`` → ``97.3%``."""
    return "–" if share is None else f"{share:.1%}"


def _cell(value: object) -> str:
    return percent(value) if value is None or isinstance(value, float) else str(value)
