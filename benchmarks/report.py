"""Figures → a Markdown page and charts."""

from __future__ import annotations

import platform
from collections.abc import Callable
from pathlib import Path

_HEAD = (
    "engine", "passages", "R@1", "R@5", "MRR", "p50 ms", "p99 ms", "cold ms",
    "build s", "disk MB", "resident MB (build, search)",
)  # fmt: skip


def markdown(search: list[dict], commands: list[dict]) -> str:
    """The page: a table for each collection, then the commands."""
    lines = ["# Benchmarks", "", f"Python {platform.python_version()}, {platform.machine()}."]
    lines += [
        "Each figure is the median of its rounds, with the least and the most in brackets.",
        "",
    ]
    for name in dict.fromkeys(row["collection"] for row in search):
        lines += [f"## Search: {name}", "", _line(_HEAD), _line(["---"] * len(_HEAD))]
        lines += [_line(_cells(row)) for row in search if row["collection"] == name] + [""]
    if commands:
        lines += ["## The commands", "", _line(["what", "figure"]), _line(["---", "---"])]
        lines += [
            _line([row["what"], f"{_with_spread(row['value'], row['spread'])} {row['unit']}"])
            for row in commands
        ]
    return "\n".join(lines) + "\n"


def _cells(row: dict) -> list[str]:
    quality = [f"{row[key]:.1f}" if key in row else "–" for key in ("r1", "r5", "mrr")]
    return [
        row["engine"], f"{row['size']:,}", *quality,
        _with_spread(row["p50"], row["p50_spread"]),
        _with_spread(row["p99"], row["p99_spread"]),
        _with_spread(row["cold_ms"], row["cold_spread"]),
        _short(row["build_s"]), _short(row["disk"] / 1e6),
        f"{row['build_mb']:.0f}, {row['search_mb']:.0f}",
    ]  # fmt: skip


def _with_spread(value: float, spread: list[float]) -> str:
    if spread[0] == spread[1]:
        return _short(value)
    return f"{_short(value)} ({_short(spread[0])}–{_short(spread[1])})"


def _short(value: float) -> str:
    return f"{value:.3g}" if value < 1000 else f"{value:,.0f}"


def _line(cells) -> str:
    return "| " + " | ".join(cells) + " |"


def charts(search: list[dict], folder: Path) -> list[Path]:
    """Latency against size, and quality, as PNG files in *folder*."""
    import matplotlib as mpl

    mpl.use("Agg")
    made = [_chart(folder / "latency.png", lambda axes: _latency(axes, search))]
    if any("r1" in row for row in search):
        made.append(_chart(folder / "quality.png", lambda axes: _quality(axes, search)))
    return made


def _chart(path: Path, draw: Callable) -> Path:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4), dpi=150, layout="constrained")
    axes = figure.subplots()
    draw(axes)
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path)
    return path


def _latency(axes, search: list[dict]) -> None:
    rows = [row for row in search if row["collection"] != "dureader"]
    for engine in dict.fromkeys(row["engine"] for row in rows):
        mine = sorted(
            (row["size"], row["p50"], row["p99"]) for row in rows if row["engine"] == engine
        )
        sizes = [size for size, _, _ in mine]
        ours = engine == "qingxing"
        (line,) = axes.plot(
            sizes, [p50 for _, p50, _ in mine], marker="o", label=engine, lw=2.5 if ours else 1.2
        )
        axes.fill_between(
            sizes,
            [p50 for _, p50, _ in mine],
            [p99 for _, _, p99 in mine],
            alpha=0.12,
            color=line.get_color(),
        )
    axes.set(xscale="log", yscale="log", xlabel="passages", ylabel="ms a query: p50, up to p99")
    axes.legend(frameon=False)


def _quality(axes, search: list[dict]) -> None:
    rows = [row for row in search if "r1" in row]
    names = list(dict.fromkeys(row["collection"] for row in rows))
    engines = list(dict.fromkeys(row["engine"] for row in rows))
    for number, engine in enumerate(engines):
        found = {row["collection"]: row["r1"] for row in rows if row["engine"] == engine}
        places = [i + (number - len(engines) / 2) * 0.8 / len(engines) for i in range(len(names))]
        bars = axes.bar(
            places, [found.get(name, 0) for name in names], 0.75 / len(engines), label=engine
        )
        axes.bar_label(bars, fmt="%.1f", fontsize=7)
    axes.set_xticks(range(len(names)), names)
    axes.set_ylabel("right passage first, %")
    axes.legend(frameon=False, fontsize=8)
