"""The full product: the same weights in one scipy CSR matrix, every posting of a query added up.

It is what pruning is measured against, and the oracle of exactness: its first ten must be ours.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np

from index import store
from index.open import open_home
from index.postings import BLOCK_BITS, Run, key_of, unpack_block, unpack_inline

# What a query is for the product: factors and the matrix's rows.
Asked = tuple[list[float], list[int]]


def write_matrix(index: Path, folder: Path) -> None:
    """Reads the postings of the index in *index* into arrays for `Product`."""
    path = store.current_file(index)
    assert path is not None, "our own index is built first"
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
        ids = [row[0] for row in connection.execute("SELECT id FROM docs ORDER BY no")]
        # In the order in which their blocks lie, so that both tables are read once from end to end.
        sql = "SELECT key, df, heavy, entries FROM terms ORDER BY coalesce(heavy, 0), key"
        terms = connection.execute(sql).fetchall()
        blocks = connection.execute("SELECT id, entries FROM postings ORDER BY id")
        ends = np.cumsum([0] + [df for _, df, _, _ in terms])
        documents = np.empty(ends[-1], np.int32)
        steps = np.empty(ends[-1], np.uint16)
        block = next(blocks, None)
        at = 0
        for _, df, heavy, entries in terms:
            runs = [unpack_inline(entries, df)] if heavy is None else []
            while heavy is not None and block and block[0] >> BLOCK_BITS == heavy:
                runs.append(unpack_block(block[0] - (heavy << BLOCK_BITS), block[1]))
                block = next(blocks, None)
            for run in runs:
                end = at + len(run.steps)
                documents[at:end] = _numbers(run)
                steps[at:end] = np.frombuffer(run.steps, np.uint16)
                at = end
    arrays = {"ends": ends, "documents": documents, "steps": steps}
    arrays |= {"keys": np.array([key for key, *_ in terms], np.int64)}
    for name, array in arrays.items():
        np.save(folder / f"{name}.npy", array)
    (folder / "ids").write_text("\n".join(ids), encoding="utf-8")


def _numbers(run: Run) -> Any:
    kind = np.uint16 if run.documents.itemsize == 2 else np.uint32
    return np.frombuffer(run.documents, kind).astype(np.int64) + run.first


class Product:
    """Cuts and weighs by our index, adds up by the matrix."""

    def __init__(self, index: Path, folder: Path) -> None:
        from scipy.sparse import csr_matrix

        self._index = open_home(index)
        self._ids = (folder / "ids").read_text(encoding="utf-8").split("\n")
        keys = np.load(folder / "keys.npy").tolist()
        self._rows = {key: row for row, key in enumerate(keys)}
        parts = [np.load(folder / f"{name}.npy") for name in ("steps", "documents", "ends")]
        parts[0] = parts[0].astype(np.float64)
        self._shape = len(self._rows), len(self._ids)
        self._matrix = csr_matrix(tuple(parts), shape=self._shape)

    def cut(self, query: str) -> Asked:
        """The query's factors and rows."""
        bag = self._index.weighed(query)
        engine = self._index.engine
        with engine.reading():
            names = [name for name in bag if engine.known([name])]
            factors, _ = engine.weighed({name: bag[name] for name in names})
        return factors, [self._rows[key_of(name)] for name in names]

    def search(self, asked: Asked, k: int) -> list[tuple[str, float]]:
        """(id, score) of the *k* best, ties by id."""
        from scipy.sparse import csr_matrix

        factors, rows = asked
        query = csr_matrix((factors, rows, [0, len(rows)]), shape=(1, self._shape[0]))
        scores = query @ self._matrix
        values, documents = scores.data, scores.indices
        if len(values) > k:
            keep = values >= np.partition(values, len(values) - k)[len(values) - k]
            values, documents = values[keep], documents[keep]
        pairs = zip(values.tolist(), documents.tolist(), strict=True)
        found = [(-value, self._ids[document]) for value, document in pairs]
        return [(name, -value) for value, name in sorted(found)[:k]]
