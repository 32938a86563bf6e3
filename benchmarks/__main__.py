"""``python -m benchmarks [--sizes 100000,1000000] [--out benchmarks/out]``, or ``make bench``."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from benchmarks import commands, report, searching


def main() -> None:
    """Measures, prints the page, and keeps it with its charts and raw figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--sizes", default="100000", help="beside the collections' own; '' for none"
    )
    parser.add_argument("--out", type=Path, default=Path("benchmarks/out"))
    parser.add_argument("--only", choices=("search", "commands"))
    chosen = parser.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    sizes = [int(size) for size in chosen.sizes.split(",") if size]
    search = searching.measure(sizes, chosen.out) if chosen.only != "commands" else []
    whole = commands.measure() if chosen.only != "search" else []
    page = report.markdown(search, whole)
    (chosen.out / "bench.md").write_text(page, encoding="utf-8")
    (chosen.out / "bench.json").write_text(json.dumps([search, whole], indent=1), encoding="utf-8")
    print(page)
    for path in report.charts(search, chosen.out) if search else []:
        print(path, file=sys.stderr)


if __name__ == "__main__":
    main()
