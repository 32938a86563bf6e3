"""``python -m benchmarks [--sizes 4k,100k,1M] [--out benchmarks/out]``, or ``make bench``."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from benchmarks import commands, report, searching
from benchmarks.engines import PEERS

_UNITS = {"k": 1_000, "m": 1_000_000}


def main() -> None:
    """Measures, prints the page, and keeps it with its charts and raw figures."""
    chosen = _parser().parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    plan = searching.Plan(
        sizes=chosen.sizes,
        engines=chosen.engines,
        rounds=chosen.rounds,
        limit_s=chosen.limit,
        memory_gb=chosen.memory,
        reuse=chosen.reuse,
    )
    search = searching.measure(plan, chosen.out) if chosen.only != "commands" else []
    whole = commands.measure() if chosen.only != "search" else []
    page = report.markdown(search, whole)
    (chosen.out / "bench.md").write_text(page, encoding="utf-8")
    (chosen.out / "bench.json").write_text(json.dumps([search, whole], indent=1), encoding="utf-8")
    print(page)
    for path in report.charts(search, chosen.out) if search else []:
        print(path, file=sys.stderr)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    add = parser.add_argument
    add("--sizes", type=_sizes, default="4k,100k", help="beside the collections' own; '' for none")
    add("--engines", type=_engines, default=[peer.name for peer in PEERS], help="only these")
    add("--rounds", type=int, default=3, help="how often each engine opens and answers")
    add("--limit", type=float, default=600.0, help="seconds for one step of one engine")
    add("--memory", type=float, default=12.0, help="GB for one step of one engine; 0: no limit")
    add("--reuse", action="store_true", help="keep what an earlier run has built")
    add("--out", type=Path, default=Path("benchmarks/out"))
    add("--only", choices=("search", "commands"))
    return parser


def _sizes(text: str) -> list[int]:
    """``4k,100k,1M`` → numbers."""
    return [_size(part.strip().lower()) for part in text.split(",") if part.strip()]


def _size(text: str) -> int:
    return int(text[:-1]) * _UNITS[text[-1]] if text[-1] in _UNITS else int(text)


def _engines(text: str) -> list[str]:
    names = [name.strip() for name in text.split(",")]
    known = [peer.name for peer in PEERS]
    if unknown := [name for name in names if name not in known]:
        raise argparse.ArgumentTypeError(f"no engine {unknown[0]!r}; there are {', '.join(known)}")
    return names


if __name__ == "__main__":
    main()
