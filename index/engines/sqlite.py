"""The embedded home: postings in one SQLite file, summed in Python or, past a size, in numpy.

sqlite-utils makes the schema when an index is built; opening and asking need the standard library
alone.  `index.postings` says how postings lie in their rows.
"""

from __future__ import annotations

import math
import sqlite3
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from threading import RLock
from typing import Any, TypeVar

from index import store
from index.engine import Hit, SearchError, TermScore, Vector, idf
from index.postings import BLOCK_BITS, Run, key_of, steps_in, unpack_block, unpack_inline

# From so many postings on numpy is quicker.  Importing it takes longer than the first few queries
# do without, except where there are very many documents.
_NUMPY_POSTINGS = 4_000
_NUMPY_QUERIES = 3
_NUMPY_DOCUMENTS = 400_000
_CACHE_BYTES = 1 << 30
_MAPPED_BYTES = 16 << 30
_CACHED_TERMS = 500_000
_MANY = 500  # SQLite takes at least 999 values in one statement

T = TypeVar("T")


class TermPostings:
    """One term of the index as a query needs it; `runs` read what lies in blocks when asked."""

    __slots__ = ("arrays", "df", "heavy", "held_bytes", "idf", "loaded", "top")

    def __init__(
        self, df: int, top: int, heavy: int | None, inline: bytes | None, documents: int
    ) -> None:
        self.df = df
        self.idf = idf(df, documents)
        self.heavy = heavy
        self.loaded = None if inline is None else [unpack_inline(inline, df)]
        self.held_bytes = 3 * len(inline or b"")
        self.top = top
        self.arrays: Any = None  # the same for numpy, see `index.engines.summing`


class SqliteEngine:
    """The sparse vectors of one folder; `Engine` says what each method gives.

    Safe to ask from several threads.  What queries read is kept up to *cache_bytes*, the longest
    unused goes first.
    """

    def __init__(self, folder: str | Path, *, cache_bytes: int = _CACHE_BYTES) -> None:
        self.folder = Path(folder)
        self._cache_bytes = cache_bytes
        self._lock = RLock()
        self._connection: sqlite3.Connection | None = None
        self._version: int | None = None
        self._inside = False
        self._long_queries = 0
        self._meta: dict[str, str] = {}
        self._cache: dict[str, TermPostings | None] = {}
        self._cached_bytes = 0

    def build(self, vectors: Iterable[Vector], meta: Mapping[str, str]) -> None:
        """Replaces the folder's index; the old one serves until the new one is whole."""
        from index.writing import write_vectors

        self.replace(lambda path: write_vectors(path, vectors, meta))

    def replace(self, write: Callable[[Path], None]) -> None:
        """Lets *write* fill a new file and makes that the index."""
        with store.writing(self.folder):
            path = store.new_file(self.folder)
            try:
                write(path)
            except BaseException:
                store.discard(path)
                raise
            store.publish(self.folder, path)
        self.close()

    def search(self, query: Mapping[str, float], k: int) -> list[Hit]:
        if k < 1:
            raise SearchError(f"k 至少是 1，现在是 {k}")
        with self.reading():
            factors, terms = self.weighed(query)
            if self._wants_numpy(terms):
                from index.engines.summing import best
            else:
                from index.engines.plain import best
            before = _held(terms)
            try:
                scores = best(factors, terms, self._runs, int(self.meta["next"]), k)
            except (IndexError, ValueError) as error:
                # A flipped byte in a posting names a document that isn't there.
                raise SearchError("索引文件坏了") from error
            self._cached_bytes += _held(terms) - before  # numpy's arrays are kept
            return self._ranked(scores, k)

    def _wants_numpy(self, terms: Sequence[TermPostings]) -> bool:
        if sum(term.df for term in terms) < _NUMPY_POSTINGS:
            return False
        self._long_queries += 1
        return (
            "numpy" in sys.modules
            or self._long_queries > _NUMPY_QUERIES
            or self.documents > _NUMPY_DOCUMENTS
        )

    def explain(self, query: Mapping[str, float], doc_id: str) -> list[TermScore]:
        with self.reading():
            rows = self._rows("SELECT no FROM docs WHERE id = ?", [doc_id])
            if not rows:
                return []
            scale = float(self.meta["step"])
            found = []
            for name, term in self._terms(query).items():
                steps = steps_in(self._runs(term), rows[0][0]) if term else 0
                if term and steps:
                    part = idf(term.df, self.documents)
                    score = query[name] * part * scale * steps
                    found.append(TermScore(name, query[name], part, steps * scale, score))
        return sorted(found, key=lambda item: (-item.score, item.term))

    def known(self, terms: Iterable[str]) -> dict[str, int]:
        with self.reading():
            found = self._terms(terms)
        return {name: term.df for name, term in found.items() if term}

    @property
    def meta(self) -> Mapping[str, str]:
        if not self._meta:
            with self._lock:
                self._meta = dict(self._rows("SELECT key, value FROM meta"))
        return self._meta

    @property
    def documents(self) -> int:
        """How many documents there are."""
        return int(self.meta["documents"])

    def stats(self) -> dict[str, int]:
        with self.reading():
            ((terms, postings),) = self._rows("SELECT count(*), coalesce(sum(df), 0) FROM terms")
            ((pages,),) = self._rows("PRAGMA page_count")
            ((page,),) = self._rows("PRAGMA page_size")
            return {
                "documents": self.documents,
                "terms": terms,
                "postings": postings,
                "bytes": pages * page,
            }

    @property
    def generation(self) -> str:
        """The name of the current file: another one after every build."""
        path = store.current_file(self.folder)
        return path.name if path else ""

    def keys(self) -> Any:
        """The keys of all terms, ascending, as a numpy array."""
        import numpy as np

        with self.reading():
            return np.array(self._rows("SELECT key FROM terms ORDER BY key"), np.int64).ravel()

    def vectors(self) -> Iterator[tuple[str, dict[int, float]]]:
        """(id, place of term among `keys` → steps) of every document, a block at a time."""
        from index.engines.turning import turned

        path = store.current_file(self.folder)
        if path is None:
            raise SearchError(f"{self.folder}: 这里没有索引；请先建一个")
        yield from turned(path)

    def close(self) -> None:
        with self._lock:
            if self._connection is not None:
                self._connection.close()
            self._connection = None
            self._forget()

    def _forget(self) -> None:
        self._meta = {}
        self._cache = {}
        self._cached_bytes = 0

    @contextmanager
    def reading(self) -> Iterator[None]:
        """One snapshot for all statements within; what is remembered goes when it has changed."""
        with self._lock:
            if self._inside:
                yield
                return
            self._rows("BEGIN")
            self._inside = True
            try:
                ((version,),) = self._rows("PRAGMA data_version")
                if version != self._version:
                    self._forget()
                    self._version = version
                yield
            finally:
                self._inside = False
                if self._connection is not None:
                    self._connection.execute("COMMIT")

    def _rows(self, sql: str, values: Sequence[object] = ()) -> list[Any]:
        """What *sql* gives; SearchError where there is no index or it can't be read."""
        if self._connection is None:
            path = store.current_file(self.folder)
            if path is None:
                raise SearchError(f"{self.folder}: 这里没有索引；请先建一个")
            self._connection = sqlite3.connect(
                f"{path.resolve().as_uri()}?mode=ro",
                uri=True,
                check_same_thread=False,
                isolation_level=None,
                timeout=30,
            )
            self._version = None
            # Long lists are read straight from the system's cache.
            self._connection.execute(f"PRAGMA mmap_size = {_MAPPED_BYTES}")
        try:
            return self._connection.execute(sql, values).fetchall()
        except sqlite3.DatabaseError as error:
            self.close()
            raise SearchError(f"{self.folder}: 索引坏了（{error}）；请重建") from error

    def weighed(self, query: Mapping[str, float]) -> tuple[list[float], list[TermPostings]]:
        """Each known term's factor (count × idf × step), in the query's order, and its postings."""
        scale = float(self.meta["step"])
        factors: list[float] = []
        terms: list[TermPostings] = []
        for name, term in self._terms(query).items():
            if term is not None and (count := query[name]) > 0:
                factors.append(count * term.idf * scale)
                terms.append(term)
        return exact(factors, terms), terms

    def _terms(self, names: Iterable[str]) -> dict[str, TermPostings | None]:
        """The rows of *names*, None for what no document holds."""
        kept: dict[str, TermPostings | None] = {}
        missing: dict[int, str] = {}
        for name in names:
            try:
                kept[name] = self._cache.pop(name)
            except KeyError:
                kept[name] = None  # so far; it has its place in the order
                missing[key_of(name)] = name
        for some in _batches(missing):
            sql = f"SELECT key, df, top, heavy, entries FROM terms WHERE key IN ({_marks(some)})"
            for key, df, top, heavy, entries in self._rows(sql, some):
                term = TermPostings(df, top, heavy, entries, self.documents)
                kept[missing[key]] = term
                self._cached_bytes += term.held_bytes
        self._cache.update(kept)  # those asked for now go last
        while self._cached_bytes > self._cache_bytes or len(self._cache) > _CACHED_TERMS:
            oldest = next(iter(self._cache))
            if oldest in kept:
                break
            gone = self._cache.pop(oldest)
            self._cached_bytes -= gone.held_bytes if gone else 0
        return kept

    def _runs(self, term: TermPostings) -> list[Run]:
        """The term's postings, read from its blocks if they haven't been."""
        if term.loaded is not None:
            return term.loaded
        assert term.heavy is not None
        first = term.heavy << BLOCK_BITS
        rows = self._rows(
            "SELECT id, entries FROM postings WHERE id BETWEEN ? AND ? ORDER BY id",
            (first, first + (1 << BLOCK_BITS) - 1),
        )
        return [unpack_block(row - first, data) for row, data in rows]

    def _ranked(self, scores: Mapping[int, float], k: int) -> list[Hit]:
        """The *k* best of *scores*, ties by document id."""
        if len(scores) > k:
            least = sorted(scores.values(), reverse=True)[k - 1]
            scores = {number: score for number, score in scores.items() if score >= least}
        ids: dict[int, str] = {}
        for some in _batches(scores):
            sql = f"SELECT no, id FROM docs WHERE no IN ({_marks(some)})"
            ids.update(self._rows(sql, some))
        hits = [Hit(ids[number], score) for number, score in scores.items()]
        return sorted(hits, key=lambda hit: (-hit.score, hit.id))[:k]


def _held(terms: Iterable[TermPostings]) -> int:
    return sum([term.held_bytes for term in terms])


def exact(factors: Sequence[float], terms: Sequence[TermPostings]) -> list[float]:
    """*factors* rounded so that every sum of factor × steps is exact in double precision.

    Then scores don't hang on the order of adding, and the plain loop, numpy and whoever prunes
    agree to the last bit.  The rounding moves a score by less than one part in 10¹⁰.
    """
    most = sum(factor * term.top for factor, term in zip(factors, terms, strict=True))
    if not most:
        return list(factors)
    unit = math.ldexp(1.0, math.frexp(most)[1] - 51)
    return [max(1, round(factor / unit)) * unit for factor in factors]


def _batches(items: Iterable[T]) -> Iterator[list[T]]:
    rest = iter(items)
    while some := list(islice(rest, _MANY)):
        yield some


def _marks(items: Sequence[object]) -> str:
    return ",".join("?" * len(items))
