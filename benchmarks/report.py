"""Figures → a Markdown page and charts."""

from __future__ import annotations

import platform
from collections.abc import Callable
from pathlib import Path

_HEAD = (
    "engine", "passages", "R@1", "R@5", "MRR", "p50 ms", "p99 ms", "cut of the query, p50 ms",
    "cold ms", "build s", "disk MB", "resident MB (build, search)", "remarks",
)  # fmt: skip


def markdown(search: list[dict], commands: list[dict]) -> str:
    """The page: a table for each collection, then the commands."""
    lines = ["# Benchmarks", "", f"Python {platform.python_version()}, {platform.machine()}."]
    lines += [
        "Each figure is the median of its rounds, with the least and the most in brackets.",
        "p50 and p99 are those of the search alone; the cut of the query stands beside them.",
        "jieba cuts once for all peers, in the build of the first of them.",
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
    times = [
        _with_spread(row[key], row[f"{key}_spread"]) if key in row else "–"
        for key in ("p50", "p99", "cut_p50", "cold_ms")
    ]
    built = [_short(row["build_s"]), _short(row["disk"] / 1e6)] if "disk" in row else ["–", "–"]
    memory = [f"{row[key]:.0f}" if key in row else "–" for key in ("build_mb", "search_mb")]
    remarks = [row["missed"]] if "missed" in row else []
    if row.get("queries", 0) < row.get("asked", 0):
        remarks.append(f"{row['queries']} queries")
    return [
        row["engine"], f"{row['size']:,}", *quality, *times, *built,
        ", ".join(memory), "; ".join(remarks),
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
    """Latency and costs against size, and quality, as PNG files in *folder*."""
    import matplotlib as mpl

    mpl.use("Agg")
    measured = [row for row in search if "p50" in row]
    if not measured:
        return []
    made = [
        _chart(folder / "latency.png", lambda axes: _latency(axes, measured)),
        _chart(folder / "costs.png", lambda axes: _costs(axes, measured), columns=3),
    ]
    if any("r1" in row for row in measured):
        made.append(_chart(folder / "quality.png", lambda axes: _quality(axes, measured)))
    return made


def _chart(path: Path, draw: Callable, columns: int = 1) -> Path:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7 if columns == 1 else 12, 4), dpi=150, layout="constrained")
    axes = figure.subplots(1, columns)
    draw(axes)
    for one in figure.axes:
        one.spines[["top", "right"]].set_visible(False)
    figure.savefig(path)
    return path


def _latency(axes, search: list[dict]) -> None:
    """p50 with its spread over the rounds, shaded up to p99."""
    for engine, rows in _by_engine(search):
        sizes = [row["size"] for row in rows]
        p50 = [row["p50"] for row in rows]
        low = [row["p50"] - row["p50_spread"][0] for row in rows]
        high = [row["p50_spread"][1] - row["p50"] for row in rows]
        line, *_ = axes.errorbar(
            sizes, p50, yerr=[low, high], marker="o", capsize=3, label=engine, lw=_width(engine)
        )
        shade = {"alpha": 0.12, "color": line.get_color()}
        axes.fill_between(sizes, p50, [row["p99"] for row in rows], **shade)
    axes.set(xscale="log", yscale="log", xlabel="passages", ylabel="ms a query: p50, up to p99")
    axes.legend(frameon=False)


def _costs(axes, search: list[dict]) -> None:
    """What it takes to build, to keep and to ask."""
    for engine, rows in _by_engine(search):
        sizes = [row["size"] for row in rows]
        figures = ("build_s", "disk", "search_mb")
        for one, figure in zip(axes, figures, strict=True):
            values = [row[figure] / (1e6 if figure == "disk" else 1) for row in rows]
            one.plot(sizes, values, marker="o", label=engine, lw=_width(engine))
    labels = ("seconds to build", "MB on disk", "MB resident while asked")
    for one, label in zip(axes, labels, strict=True):
        one.set(xscale="log", yscale="log", xlabel="passages", ylabel=label)
    axes[0].legend(frameon=False)


def _by_engine(search: list[dict]) -> list[tuple[str, list[dict]]]:
    rows = [row for row in search if row["collection"] != "dureader"]
    return [
        (name, sorted((r for r in rows if r["engine"] == name), key=lambda row: row["size"]))
        for name in dict.fromkeys(row["engine"] for row in rows)
    ]


def _width(engine: str) -> float:
    return 2.5 if engine == "qingxing" else 1.2


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
