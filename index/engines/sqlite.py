"""The embedded home: postings in one SQLite file, summed in Python or, past a size, in numpy.

A term's postings lie in blocks of 65,536 documents, so that a posting takes four bytes: two for
the document within its block, two for the weight in steps of (k1 + 1)/65535.  Adding a document
rewrites its own terms' last blocks and nothing else.  sqlite-utils makes the schema when an index
is built; opening and asking need the standard library alone.
"""

from __future__ import annotations

import sqlite3
import sys
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from index import store
from index.engine import Hit, SearchError, TermScore, Vector, idf

BLOCK = 1 << 16
_STEPS = 65535
_PARAMETERS = 500  # SQLite takes at least 999 in one statement
# Importing numpy costs as long as summing this many postings in Python.
_NUMPY_COLD, _NUMPY_WARM = 400_000, 4_000
_CACHE_BYTES = 32 << 20

T = TypeVar("T")
Block = tuple[int, memoryview, memoryview]  # first document, documents within, steps


class SqliteEngine:
    """The sparse vectors of one folder; `Engine` says what each method gives."""

    def __init__(self, folder: str | Path) -> None:
        self._folder = Path(folder)
        self._connection: sqlite3.Connection | None = None
        self._meta: dict[str, str] = {}
        self._cache: dict[str, tuple[int, list[Block]]] = {}
        self._cached_bytes = 0

    def build(self, vectors: Iterable[Vector], meta: Mapping[str, str]) -> None:
        """Replaces the folder's index; the old one serves until the new one is whole."""
        with store.writing(self._folder):
            path = store.new_file(self._folder)
            try:
                _write(path, vectors, meta)
            except BaseException:
                store.discard(path)
                raise
            store.publish(self._folder, path)
        self.close()

    def search(self, query: Mapping[str, float], k: int) -> list[Hit]:
        if k < 1:
            raise SearchError(f"k 至少是 1，现在是 {k}")
        known = self._postings(query)
        terms = [(term, *known[term]) for term in query if term in known]
        total = sum(df for _, df, _ in terms)
        scale = float(self.meta["step"])
        factors = [query[term] * idf(df, self.documents) * scale for term, df, _ in terms]
        lists = [blocks for _, _, blocks in terms]
        if total > (_NUMPY_WARM if "numpy" in sys.modules else _NUMPY_COLD):
            from index.engines.summing import sum_numpy

            scores = sum_numpy(factors, lists, k)
        else:
            scores = _sum_python(factors, lists)
        return self._best(scores, k)

    def explain(self, query: Mapping[str, float], doc_id: str) -> list[TermScore]:
        rows = self._rows("SELECT no FROM docs WHERE id = ?", [doc_id])
        if not rows:
            return []
        scale = float(self.meta["step"])
        found = []
        for term, (df, blocks) in self._postings(query).items():
            steps = _steps_of(blocks, rows[0][0])
            if steps:
                part = idf(df, self.documents)
                score = query[term] * part * scale * steps
                found.append(TermScore(term, query[term], part, steps * scale, score))
        return sorted(found, key=lambda item: (-item.score, item.term))

    def known(self, terms: Iterable[str]) -> dict[str, int]:
        found: dict[str, int] = {}
        wanted = []
        for term in terms:
            if term in self._cache:
                found[term] = self._cache[term][0]
            else:
                wanted.append(term)
        for some in _batches(wanted):
            sql = f"SELECT term, df FROM terms WHERE term IN ({_marks(some)})"
            found.update(self._rows(sql, some))
        return {term: df for term, df in found.items() if df}

    @property
    def meta(self) -> Mapping[str, str]:
        if not self._meta:
            self._meta = dict(self._rows("SELECT key, value FROM meta"))
        return self._meta

    @property
    def documents(self) -> int:
        """How many documents there are."""
        return int(self.meta["documents"])

    def stats(self) -> dict[str, int]:
        ((terms, postings),) = self._rows(
            "SELECT count(*), coalesce(sum(df), 0) FROM terms WHERE df > 0"
        )
        ((pages,),) = self._rows("PRAGMA page_count")
        ((page,),) = self._rows("PRAGMA page_size")
        return {
            "documents": self.documents,
            "terms": terms,
            "postings": postings,
            "bytes": pages * page,
        }

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None
        self._meta = {}
        self._cache = {}
        self._cached_bytes = 0

    def _rows(self, sql: str, values: Sequence[object] = ()) -> list[Any]:
        """What *sql* gives; SearchError where there is no index or it can't be read."""
        if self._connection is None:
            path = store.current_file(self._folder)
            if path is None:
                raise SearchError(f"{self._folder}: 这里没有索引；请先建一个")
            self._connection = sqlite3.connect(
                f"{path.resolve().as_uri()}?mode=ro", uri=True, check_same_thread=False, timeout=30
            )
        try:
            return self._connection.execute(sql, values).fetchall()
        except sqlite3.DatabaseError as error:
            self.close()
            raise SearchError(f"{self._folder}: 索引坏了（{error}）；请重建") from error

    def _postings(self, query: Iterable[str]) -> dict[str, tuple[int, list[Block]]]:
        """Term → (df, its blocks), for the terms of *query* that the index holds."""
        wanted = [term for term in query if term not in self._cache]
        if self._cached_bytes > _CACHE_BYTES:
            self._cache, self._cached_bytes = {}, 0
            wanted = list(query)
        for some in _batches(wanted):
            self._cache.update((term, (0, [])) for term in some)
            sql = (
                "SELECT term, df, block, entries FROM terms JOIN postings USING (no) "
                f"WHERE term IN ({_marks(some)}) ORDER BY term, block"
            )
            for term, df, block, entries in self._rows(sql, some):
                blocks = self._cache[term][1]
                blocks.append(_unpack(block, entries))
                self._cache[term] = (df, blocks)
                self._cached_bytes += len(entries)
        return {term: self._cache[term] for term in query if self._cache[term][0]}

    def _best(self, scores: Mapping[int, float], k: int) -> list[Hit]:
        """The *k* best of *scores*, ties by document id."""
        if len(scores) > k:
            least = sorted(scores.values(), reverse=True)[k - 1]
            scores = {number: score for number, score in scores.items() if score >= least}
        ids: dict[int, str] = {}
        for some in _batches(list(scores)):
            sql = f"SELECT no, id FROM docs WHERE no IN ({_marks(some)})"
            ids.update(self._rows(sql, some))
        hits = [Hit(ids[number], score) for number, score in scores.items()]
        return sorted(hits, key=lambda hit: (-hit.score, hit.id))[:k]


def _sum_python(factors: Sequence[float], lists: Sequence[list[Block]]) -> dict[int, float]:
    scores: dict[int, float] = {}
    for factor, blocks in zip(factors, lists, strict=True):
        for first, documents, steps in blocks:
            for document, step in zip(documents, steps, strict=True):
                number = first + document
                scores[number] = scores.get(number, 0.0) + factor * step
    return scores


def _steps_of(blocks: Iterable[Block], number: int) -> int:
    for first, documents, steps in blocks:
        if first <= number < first + BLOCK:
            for document, step in zip(documents, steps, strict=True):
                if first + document == number:
                    return step
    return 0


def _write(path: Path, vectors: Iterable[Vector], meta: Mapping[str, str]) -> None:
    """A whole index into the new file *path*."""
    import sqlite_utils

    ordered = sorted(vectors, key=lambda vector: vector.id)
    step = float(meta["ceiling"]) / _STEPS
    postings: dict[str, list[tuple[int, int]]] = {}
    for number, vector in enumerate(ordered):
        for term, weight in vector.weights.items():
            steps = min(_STEPS, max(1, round(weight / step)))
            postings.setdefault(term, []).append((number, steps))
    rows = {**meta, "step": repr(step), "documents": str(len(ordered))}
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        connection.execute("PRAGMA page_size = 4096")
        db = sqlite_utils.Database(connection)
        db.table("meta").create({"key": str, "value": str}, pk="key")
        db.table("docs").create({"no": int, "id": str, "source": bytes}, pk="no", not_null={"id"})
        db.table("terms").create({"no": int, "term": str, "df": int}, pk="no")
        db.table("postings").create({"no": int, "block": int, "entries": bytes}, pk=("no", "block"))
        connection.execute("BEGIN")
        connection.executemany("INSERT INTO meta VALUES (?, ?)", rows.items())
        connection.executemany(
            "INSERT INTO docs VALUES (?, ?, ?)",
            ((number, vector.id, vector.source) for number, vector in enumerate(ordered)),
        )
        for no, (term, entries) in enumerate(sorted(postings.items())):
            connection.execute("INSERT INTO terms VALUES (?, ?, ?)", (no, term, len(entries)))
            connection.executemany(
                "INSERT INTO postings VALUES (?, ?, ?)",
                ((no, block, data) for block, data in _pack(entries)),
            )
        connection.execute("CREATE UNIQUE INDEX docs_id ON docs (id)")
        connection.execute("CREATE UNIQUE INDEX terms_term ON terms (term)")
        connection.execute("COMMIT")
    finally:
        connection.close()


def _pack(entries: Sequence[tuple[int, int]]) -> Iterator[tuple[int, bytes]]:
    """(document, steps) in ascending order → (block, its bytes)."""
    start = 0
    while start < len(entries):
        block = entries[start][0] // BLOCK
        end = start
        while end < len(entries) and entries[end][0] // BLOCK == block:
            end += 1
        part = entries[start:end]
        documents = array("H", [number % BLOCK for number, _ in part])
        data = documents + array("H", [steps for _, steps in part])
        if sys.byteorder == "big":
            data.byteswap()
        yield block, data.tobytes()
        start = end


def _unpack(block: int, entries: bytes) -> Block:
    if sys.byteorder == "big":
        swapped = array("H", entries)
        swapped.byteswap()
        entries = swapped.tobytes()
    view = memoryview(entries).cast("H")
    half = len(view) // 2
    return block * BLOCK, view[:half], view[half:]


def _batches(items: Iterable[T]) -> Iterator[list[T]]:
    rest = iter(items)
    while some := list(islice(rest, _PARAMETERS)):
        yield some


def _marks(items: Sequence[object]) -> str:
    return ",".join("?" * len(items))
