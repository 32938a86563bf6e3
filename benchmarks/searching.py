"""Search at several sizes: every engine builds and answers in processes of its own.

``python -m benchmarks.searching STEP ENGINE COLLECTION SIZE FOLDER`` is one such process; it prints
one JSON object.  `measure` runs them all and gathers the figures.
"""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path

from benchmarks.collections import Collection, Passage, enlarged, load_collections
from benchmarks.engines import PEERS, Peer, fresh

ROUNDS = 3
QUERIES = 300
# rank_bm25 scores every document in Python: past this it would take minutes to say what is known.
_SLOW = {"rank_bm25": 100_000, "SQLite FTS5": 100_000}


def measure(sizes: Iterable[int], out: Path) -> list[dict]:
    """A row for every collection, size and engine that is installed."""
    rows = []
    for collection in load_collections():
        for size in [len(collection.passages), *sizes]:
            if size != len(collection.passages) and collection.name == "dureader":
                continue  # its sentences are too few to splice from
            folder = fresh(out / f"{collection.name}-{size}")
            for peer in PEERS:
                if find_spec(peer.module) is None or size > _SLOW.get(peer.name, size):
                    continue
                print(f"{collection.name} {size}: {peer.name}", file=sys.stderr, flush=True)
                call = (peer.name, collection.name, str(size), str(folder))
                row = {"engine": peer.name, "collection": collection.name, "size": size}
                row |= _process("build", *call)
                colds = [_process("cold", *call)["cold_ms"] for _ in range(ROUNDS)]
                row |= {"cold_ms": statistics.median(colds), "cold_spread": _spread(colds)}
                row |= _process("warm", *call)
                rows.append(row)
    return rows


def _process(*call: str) -> dict:
    command = [sys.executable, "-m", "benchmarks.searching", *call]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(call)}: {done.stderr.strip().splitlines()[-1]}")
    return dict(json.loads(done.stdout.splitlines()[-1]))


def _spread(values: list[float]) -> list[float]:
    return [min(values), max(values)]


def build(peer: Peer, passages: Iterable[Passage], folder: Path) -> dict:
    """Seconds, bytes on disk and resident megabytes of a build (jieba's cutting included)."""
    started = time.perf_counter()
    peer.build(folder, passages)
    seconds = time.perf_counter() - started
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    return {"build_s": seconds, "disk": size, "build_mb": _resident_mb()}


def cold(peer: Peer, queries: list[str], folder: Path) -> dict:
    """Milliseconds from an interpreter that has started to the first hits, imports included."""
    started = time.perf_counter()
    peer.open(folder)(queries[0], 10)
    return {"cold_ms": (time.perf_counter() - started) * 1e3}


def warm(peer: Peer, collection: Collection, size: int, folder: Path) -> dict:
    """Quality over all questions, and the latency of some of them, three times over."""
    search = peer.open(folder)
    asked = collection.queries
    some = [query.text for query in asked[:: max(1, len(asked) // QUERIES)]][:QUERIES]
    if peer.name == "rank_bm25":
        some = some[: max(20, 400_000 // size)]
    rounds = [_latencies(search, some) for _ in range(ROUNDS)]
    p50 = [_quantile(one, 0.5) for one in rounds]
    p99 = [_quantile(one, 0.99) for one in rounds]
    row: dict = {
        "p50": statistics.median(p50), "p50_spread": _spread(p50),
        "p99": statistics.median(p99), "p99_spread": _spread(p99),
        "search_mb": _resident_mb(),
    }  # fmt: skip
    if size == len(collection.passages):
        row |= _quality(search, collection)
    return row


def _latencies(search, queries: list[str]) -> list[float]:
    taken = []
    for query in queries:
        started = time.perf_counter()
        search(query, 10)
        taken.append((time.perf_counter() - started) * 1e3)
    return sorted(taken)


def _quantile(ordered: list[float], part: float) -> float:
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


def _quality(search, collection: Collection) -> dict:
    from index.metrics import recall_at, reciprocal_rank

    ranked = [(search(query.text, 10), query.relevant) for query in collection.queries]
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


def main(step: str, engine: str, name: str, size: str, where: str) -> None:
    """One step of one engine."""
    peer = next(one for one in PEERS if one.name == engine)
    folder = Path(where) / peer.module
    collection = next(one for one in load_collections() if one.name == name)
    if step == "build":
        folder.mkdir(parents=True, exist_ok=True)
        row = build(peer, enlarged(collection, int(size)), folder)
    elif step == "cold":
        row = cold(peer, [query.text for query in collection.queries[:1]], folder)
    else:
        row = warm(peer, collection, int(size), folder)
    print(json.dumps(row))


if __name__ == "__main__":
    main(*sys.argv[1:])
