"""Rows of an index's file: the schema, and postings in ascending order of their keys."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import sqlite_utils
from numpy.typing import NDArray

from index.engine import Vector
from index.postings import BLOCK, BLOCK_BITS, INLINE, STEPS, key_of

Ints = NDArray[np.uint32]


@contextmanager
def new_database(path: Path, *, large: bool = False) -> Iterator[sqlite3.Connection]:
    """The schema in the new file *path*, in one transaction, synced to disk at the end."""
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        # Long lists read faster from long pages; a small index would be mostly air.
        connection.execute(f"PRAGMA page_size = {16384 if large else 4096}")
        connection.execute("PRAGMA journal_mode = OFF")  # a build that dies is thrown away whole
        connection.execute(f"PRAGMA cache_size = -{131072 if large else 16384}")
        db = sqlite_utils.Database(connection)
        db.table("meta").create({"key": str, "value": str}, pk="key")
        db.table("docs").create({"no": int, "id": str, "source": bytes}, pk="no", not_null={"id"})
        db.table("terms").create(
            {"key": int, "df": int, "top": int, "heavy": int, "entries": bytes}, pk="key"
        )
        db.table("postings").create({"id": int, "entries": bytes}, pk="id")
        connection.execute("BEGIN")
        yield connection
        connection.execute("CREATE UNIQUE INDEX docs_id ON docs (id)")
        connection.execute("COMMIT")
    finally:
        connection.close()


def step_of(ceiling: float) -> float:
    """The weight of one step, where no weight is above *ceiling*."""
    return ceiling / STEPS


def in_steps(weights: NDArray[np.float64], step: float) -> NDArray[np.uint16]:
    """Weights in whole steps, at least one."""
    return np.clip(np.rint(weights / step), 1, STEPS).astype(np.uint16)


def write_vectors(path: Path, vectors: Iterable[Vector], meta: Mapping[str, str]) -> None:
    """A whole index of *vectors* into the new file *path*."""
    step = step_of(float(meta["ceiling"]))
    with new_database(path) as connection:
        postings: dict[str, tuple[list[int], list[float]]] = {}
        count = 0
        for count, vector in enumerate(vectors, 1):
            row = (count - 1, vector.id, vector.source)
            connection.execute("INSERT INTO docs VALUES (?, ?, ?)", row)
            for term, weight in vector.weights.items():
                numbers, weights = postings.setdefault(term, ([], []))
                numbers.append(count - 1)
                weights.append(weight)
        rows = Rows(connection)
        for key, term in sorted((key_of(term), term) for term in postings):
            numbers, weights = postings[term]
            rows.add(key, np.array(numbers, np.uint32), in_steps(np.array(weights), step))
        rows.flush()
        write_meta(connection, meta, count, step)


def write_meta(
    connection: sqlite3.Connection, meta: Mapping[str, str], documents: int, step: float
) -> None:
    """What asking needs beside the postings."""
    rows = {**meta, "step": repr(step), "documents": str(documents), "next": str(documents)}
    connection.executemany("INSERT INTO meta VALUES (?, ?)", rows.items())


class Rows:
    """Writes terms with their postings, best in ascending order of keys."""

    _AT_ONCE = 20_000

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._heavy = 0
        self._terms: list[tuple[int, int, int, int | None, bytes | None]] = []
        self._blocks: list[tuple[int, bytes]] = []

    def add(self, key: int, numbers: Ints, steps: NDArray[np.uint16]) -> None:
        """One term: its documents, ascending, and their steps."""
        top = int(steps.max())
        if len(numbers) <= INLINE:
            self._terms.append((key, len(numbers), top, None, inline_bytes(numbers, steps)))
        else:
            self._heavy += 1
            self._terms.append((key, len(numbers), top, self._heavy, None))
            first = self._heavy << BLOCK_BITS
            for block, data in block_bytes(numbers, steps):
                self._blocks.append((first + block, data))
        if len(self._terms) + len(self._blocks) > self._AT_ONCE:
            self.flush()

    def flush(self) -> None:
        """Writes what has been added."""
        self._connection.executemany("INSERT INTO terms VALUES (?, ?, ?, ?, ?)", self._terms)
        self._connection.executemany("INSERT INTO postings VALUES (?, ?)", self._blocks)
        self._terms, self._blocks = [], []


def inline_bytes(numbers: Ints, steps: NDArray[np.uint16]) -> bytes:
    """A short list's own bytes."""
    kind = "<u2" if numbers[-1] < BLOCK else "<u4"
    return numbers.astype(kind).tobytes() + steps.astype("<u2").tobytes()


def block_bytes(numbers: Ints, steps: NDArray[np.uint16]) -> Iterator[tuple[int, bytes]]:
    """(block, its bytes) of a long list."""
    blocks = numbers >> BLOCK_BITS
    starts = np.flatnonzero(np.diff(blocks, prepend=blocks[0] + 1)).tolist()
    for start, end in zip(starts, [*starts[1:], len(numbers)], strict=True):
        data = (numbers[start:end] & (BLOCK - 1)).astype("<u2").tobytes()
        yield int(blocks[start]), data + steps[start:end].astype("<u2").tobytes()
