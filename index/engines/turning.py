"""Postings → vectors: an index's file read back document by document."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np

from index.postings import BLOCK_BITS, unpack_block, unpack_inline


def turned(path: Path) -> Iterator[tuple[str, dict[int, float]]]:
    """(id, place of term among all keys in ascending order → steps) of every document of *path*.

    A block of 65,536 documents is held at a time; the terms are read once for each.
    """
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
        (most,) = connection.execute("SELECT coalesce(max(no), -1) FROM docs").fetchone()
        for block in range((most >> BLOCK_BITS) + 1):
            yield from _block(connection, block)


def _block(connection: sqlite3.Connection, block: int) -> Iterator[tuple[str, dict[int, float]]]:
    low, high = block << BLOCK_BITS, (block + 1) << BLOCK_BITS
    numbers, places, steps = [], [], []
    rows = connection.execute("SELECT df, heavy, entries FROM terms ORDER BY key")
    for place, (df, heavy, entries) in enumerate(rows):
        if heavy is None:
            run = unpack_inline(entries, df)
        else:
            sql = "SELECT entries FROM postings WHERE id = ?"
            found = connection.execute(sql, (heavy << BLOCK_BITS | block,)).fetchone()
            if found is None:
                continue
            run = unpack_block(block, found[0])
        kind = np.uint16 if run.documents.itemsize == 2 else np.uint32
        mine = np.frombuffer(run.documents, kind).astype(np.int64) + run.first
        inside = (mine >= low) & (mine < high)
        numbers.append(mine[inside])
        places.append(np.full(int(inside.sum()), place, np.int64))
        steps.append(np.frombuffer(run.steps, np.uint16)[inside])
    if not numbers:
        return
    number = np.concatenate(numbers)
    order = np.argsort(number, kind="stable")
    place_of, steps_of = np.concatenate(places)[order], np.concatenate(steps)[order]
    bounds = np.searchsorted(number[order], np.arange(low, high + 1)).tolist()
    docs = connection.execute("SELECT no, id FROM docs WHERE no >= ? AND no < ?", (low, high))
    for no, name in docs:
        part = slice(bounds[no - low], bounds[no - low + 1])
        yield (
            name,
            dict(zip(place_of[part].tolist(), map(float, steps_of[part].tolist()), strict=True)),
        )
