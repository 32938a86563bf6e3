"""Search at several sizes: every engine builds and answers in processes of its own.

``python -m benchmarks.searching STEP ENGINE COLLECTION SIZE FOLDER MEMORY_GB`` is one such process;
it prints one JSON object.  `measure` runs them all and gathers the figures.  What takes too long or
too much memory is stopped and told in its row; the others go on.
"""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from benchmarks.collections import Collection, Passage, enlarged, load_collections
from benchmarks.engines import PEERS, Opened, Peer, fresh

QUERIES = 300
_LEAST_QUERIES = 10
# One pass over the queries ends after so long, with fewer queries where they are slow.
_PASS_S = 10.0


@dataclass(frozen=True)
class Plan:
    """What to measure, and how much each step of it may take."""

    sizes: Sequence[int] = ()
    engines: Sequence[str] = tuple(peer.name for peer in PEERS)
    rounds: int = 3
    limit_s: float = 600.0
    memory_gb: float = 12.0
    reuse: bool = False


class _MissedError(Exception):
    """A step that gave no figures, and why."""


def measure(plan: Plan, out: Path) -> list[dict]:
    """A row for every collection, size and engine that is installed."""
    peers = [p for p in PEERS if p.name in plan.engines and find_spec(p.module) is not None]
    rows = []
    for collection in load_collections():
        own = len(collection.passages)
        for size in dict.fromkeys([own, *plan.sizes]):
            if size != own and collection.name == "dureader":
                continue  # its sentences are too few to splice from
            rows += _side_by_side(peers, collection, size, plan, out)
    return rows


def _side_by_side(
    peers: Iterable[Peer], collection: Collection, size: int, plan: Plan, out: Path
) -> list[dict]:
    """All build; then they answer in turns, round by round, so that a busy minute hits them all."""
    folder = out / f"{collection.name}-{size}"
    if not plan.reuse:
        fresh(folder)
    rows = {
        peer.name: {"engine": peer.name, "collection": collection.name, "size": size}
        for peer in peers
    }
    rounds: dict[str, list[dict]] = {name: [] for name in rows}
    for number in range(-1, plan.rounds):
        for name in rows if number % 2 else reversed(rows):
            row = rows[name]
            if "missed" in row:
                continue
            call = (name, collection.name, str(size), str(folder), str(plan.memory_gb))
            told = "builds" if number < 0 else f"round {number + 1}"
            print(f"{collection.name} {size}: {name} {told}", file=sys.stderr, flush=True)
            try:
                if number < 0:
                    row |= _process("build", *call, limit_s=plan.limit_s)
                    continue
                cold = _process("cold", *call, limit_s=plan.limit_s)
                step = "warm" if number else "judge"
                rounds[name].append(cold | _process(step, *call, limit_s=plan.limit_s))
            except _MissedError as missed:
                row["missed"] = str(missed)
    for name, measured in rounds.items():
        if measured:
            rows[name] |= _gathered(measured)
    return list(rows.values())


def _gathered(rounds: Sequence[dict]) -> dict:
    """The median and the spread of what each round gave, and what only one of them gives."""
    row = dict(rounds[0])
    for key in ("cold_ms", "p50", "p99", "cut_p50"):
        values = [one[key] for one in rounds]
        row |= {key: statistics.median(values), f"{key}_spread": [min(values), max(values)]}
    return row | {"search_mb": max(one["search_mb"] for one in rounds)}


def _process(step: str, *call: str, limit_s: float) -> dict:
    command = [sys.executable, "-m", "benchmarks.searching", step, *call]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=limit_s)
    except subprocess.TimeoutExpired:
        raise _MissedError(f"{step}: over {limit_s:.0f} s") from None
    if done.returncode:
        last = (done.stderr.strip().splitlines() or [f"status {done.returncode}"])[-1]
        if "MemoryError" in last:
            raise _MissedError(f"{step}: over {float(call[-1]):.0f} GB")
        print(f"{' '.join(command[3:])}: {last}", file=sys.stderr)
        raise _MissedError(f"{step}: {last[:80]}")
    return dict(json.loads(done.stdout.splitlines()[-1]))


def build(peer: Peer, passages: Iterable[Passage], folder: Path) -> dict:
    """Seconds, bytes on disk and resident megabytes of a build (jieba's cutting included)."""
    started = time.perf_counter()
    peer.build(folder, passages)
    seconds = time.perf_counter() - started
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    return {"build_s": seconds, "disk": size, "build_mb": _resident_mb()}


def cold(peer: Peer, query: str, folder: Path) -> dict:
    """Milliseconds from an interpreter that has started to the first hits, imports included."""
    started = time.perf_counter()
    opened = peer.open(folder)
    opened.search(opened.cut(query), 10)
    return {"cold_ms": (time.perf_counter() - started) * 1e3}


def warm(opened: Opened, queries: Sequence[str]) -> dict:
    """The latency of *queries*, each asked before; the cut of the query has a figure of its own."""
    for _ in _within(queries, lambda query: opened.search(opened.cut(query), 10)):
        pass
    cuts: list[float] = []
    searches: list[float] = []

    def ask(query: str) -> None:
        started = time.perf_counter()
        asked = opened.cut(query)
        cut = time.perf_counter()
        opened.search(asked, 10)
        searches.append((time.perf_counter() - cut) * 1e3)
        cuts.append((cut - started) * 1e3)

    for _ in _within(queries, ask):
        pass
    return {
        "p50": _quantile(searches, 0.5),
        "p99": _quantile(searches, 0.99),
        "cut_p50": _quantile(cuts, 0.5),
        "queries": len(searches),
        "asked": len(queries),
        "search_mb": _resident_mb(),
    }


def _within(queries: Sequence[str], ask: Callable[[str], Any]) -> Iterable[None]:
    """Asks one after the other while there is time, some of them in any case."""
    ends = time.perf_counter() + _PASS_S
    for number, query in enumerate(queries):
        if number >= _LEAST_QUERIES and time.perf_counter() > ends:
            return
        yield ask(query)


def _quantile(values: list[float], part: float) -> float:
    return sorted(values)[min(len(values) - 1, int(part * len(values)))]


def judge(opened: Opened, collection: Collection) -> dict:
    """The share of questions whose right passage comes first, or among five."""
    from index.metrics import recall_at, reciprocal_rank

    ranked = [
        (opened.search(opened.cut(query.text), 10), query.relevant) for query in collection.queries
    ]
    count = len(ranked)
    return {
        "r1": 100 * sum(recall_at(hits, right, 1) for hits, right in ranked) / count,
        "r5": 100 * sum(recall_at(hits, right, 5) for hits, right in ranked) / count,
        "mrr": 100 * sum(reciprocal_rank(hits, right) for hits, right in ranked) / count,
    }


def _resident_mb() -> float:
    """The most that this process has had resident (kilobytes on Linux, bytes on macOS)."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (1 << 20 if sys.platform == "darwin" else 1 << 10)


def main(step: str, engine: str, name: str, size: str, where: str, memory_gb: str = "0") -> None:
    """One step of one engine."""
    if float(memory_gb):
        most = int(float(memory_gb) * (1 << 30))
        with suppress(ValueError, OSError):  # macOS doesn't take it
            resource.setrlimit(resource.RLIMIT_DATA, (most, most))
    peer = next(one for one in PEERS if one.name == engine)
    folder = Path(where) / peer.folder
    collection = next(one for one in load_collections() if one.name == name)
    queries = [query.text for query in collection.queries]
    if step == "build":
        row = _build_once(peer, enlarged(collection, int(size)), folder)
    elif step == "cold":
        row = cold(peer, queries[0], folder)
    else:
        opened = peer.open(folder)
        row = warm(opened, queries[:: max(1, len(queries) // QUERIES)][:QUERIES])
        # Of a larger collection the right passages aren't all known.
        if step == "judge" and int(size) == len(collection.passages):
            row |= judge(opened, collection)
    print(json.dumps(row))


def _build_once(peer: Peer, passages: Iterable[Passage], folder: Path) -> dict:
    """The figures of the build, of an earlier one where that was kept."""
    kept = folder.with_suffix(".json")
    if not kept.exists():
        row = build(peer, passages, fresh(folder))
        kept.write_text(json.dumps(row), encoding="utf-8")
    return dict(json.loads(kept.read_text(encoding="utf-8")))


if __name__ == "__main__":
    main(*sys.argv[1:])
