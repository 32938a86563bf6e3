"""A home on Milvus: the same weights as raw sparse vectors, the inner product as the only ranking.

A document's vector holds its weights in whole steps, which single precision keeps exactly; the
query's holds count × idf.  What Milvus finds is added up again here in double precision from the
vectors that come with the hits, so that scores, order and ties are the embedded engine's.

The folder keeps an embedded copy.  It knows the terms and their df, and it answers whenever Milvus
is dead or slow.  The same code serves a file (Milvus Lite), a server and a cluster.
"""

from __future__ import annotations

import json
import logging
import secrets
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, suppress
from importlib import import_module
from pathlib import Path
from typing import Any

from index.engine import Hit, SearchError, TermScore, Vector
from index.engines.sqlite import SqliteEngine

logger = logging.getLogger(__name__)

_POINTER = "milvus.json"
_TIMEOUT_S = 2.0
# So long after a failure the embedded copy answers without asking Milvus again.
_REST_S = 30.0
_UPLOAD_TIMEOUT_S = 600.0
_INSERT = 500
# Milvus ranks in single precision and ties by its own order: so many more hits are fetched, and
# twice as many again while the last of them could still belong among the first k.
_MORE = 16
_SINGLE = 1e-4


class MilvusEngine:
    """The sparse vectors of a collection of the Milvus at *uri*, with a copy in *folder*."""

    def __init__(
        self,
        uri: str,
        folder: str | Path,
        *,
        timeout_s: float = _TIMEOUT_S,
        lenient: bool = False,
    ) -> None:
        self.uri = uri
        self.folder = Path(folder)
        self.copy = SqliteEngine(folder)
        self._timeout_s = timeout_s
        # A bot would rather start with its copy than not at all; a build would rather fail.
        self._lenient = lenient
        self._client: Any = None
        self._collection: str | None = None
        self._keys: Any = None
        self._rests_until = 0.0

    def build(self, vectors: Iterable[Vector], meta: Mapping[str, str]) -> None:
        """Builds the embedded copy, then a new collection from it, then drops the old one."""
        self.copy.build(vectors, meta)
        self.publish()

    def replace(self, write: Callable[[Path], None]) -> None:
        """The same with a copy that *write* fills."""
        self.copy.replace(write)
        self.publish()

    def search(self, query: Mapping[str, float], k: int) -> list[Hit]:
        if k < 1 or time.monotonic() < self._rests_until:
            return self.copy.search(query, k)
        try:
            return self._search(query, k)
        except _failures() as error:
            self._rests_until = time.monotonic() + _REST_S
            self._forget_client()
            logger.warning("Milvus（%s）没有应答，先由本机副本回答：%s", self.uri, _short(error))
            return self.copy.search(query, k)

    def explain(self, query: Mapping[str, float], doc_id: str) -> list[TermScore]:
        return self.copy.explain(query, doc_id)

    def reading(self) -> AbstractContextManager[None]:
        return self.copy.reading()

    def known(self, terms: Iterable[str]) -> dict[str, int]:
        return self.copy.known(terms)

    @property
    def meta(self) -> Mapping[str, str]:
        return self.copy.meta

    def stats(self) -> dict[str, int]:
        return self.copy.stats()

    def close(self) -> None:
        self._forget_client()
        self.copy.close()

    def _search(self, query: Mapping[str, float], k: int) -> list[Hit]:
        factors = self._factors(query)
        if not factors:
            return []
        most = self.copy.documents
        limit = min(most, k + _MORE)
        while True:
            found = self._ask(factors, limit)
            hits = [Hit(name, _dot(factors, vector)) for name, _, vector in found]
            hits.sort(key=lambda hit: (-hit.score, hit.id))
            if len(found) < limit or limit == most:
                return hits[:k]
            if found[-1][1] < hits[k - 1].score * (1 - _SINGLE):
                return hits[:k]
            limit = min(most, 2 * limit)

    def _ask(
        self, factors: Mapping[int, float], limit: int
    ) -> list[tuple[str, float, Mapping[int, float]]]:
        """(id, score in single precision, vector) of the first *limit* hits."""
        client, collection = self._connected()
        (found,) = client.search(
            collection,
            data=[dict(factors)],
            anns_field="vector",
            limit=limit,
            search_params={"metric_type": "IP", "params": {"drop_ratio_search": 0.0}},
            output_fields=["vector"],
            timeout=self._timeout_s,
        )
        return [(hit["id"], hit["distance"], hit["entity"]["vector"]) for hit in found]

    def _factors(self, query: Mapping[str, float]) -> dict[int, float]:
        """Dimension → count × idf, for the terms of *query* that the index holds."""
        import numpy as np

        from index.postings import key_of

        with self.copy.reading():
            names = [name for name, count in query.items() if count > 0]
            names = [name for name in names if name in self.copy.known(names)]
            factors, _ = self.copy.weighed({name: query[name] for name in names})
        keys = np.array([key_of(name) for name in names], np.int64)
        places = np.searchsorted(self._sorted_keys(), keys).tolist()
        return dict(zip(places, factors, strict=True))

    def _sorted_keys(self) -> Any:
        """The keys of all terms, ascending: a term's place among them is its dimension."""
        if self._keys is None:
            self._keys = self.copy.keys()
        return self._keys

    def _connected(self) -> tuple[Any, str]:
        if self._client is None or self._collection is None:
            if not self.is_published:
                raise SearchError(f"{self.folder}: Milvus 里的索引和本机副本不是同一版；请重建")
            self._client = _client(self.uri, self._timeout_s)
            self._collection = _read_pointer(self.folder)["collection"]
            self._client.load_collection(self._collection, timeout=self._timeout_s)
        return self._client, self._collection

    @property
    def is_published(self) -> bool:
        """Whether Milvus was given what the copy holds."""
        return _read_pointer(self.folder).get("generation") == self.copy.generation

    def publish(self) -> None:
        """A new collection of the copy's vectors; the pointer moves when it can be searched."""
        old = _read_pointer(self.folder).get("collection")
        self.close()
        self._keys = None
        name = f"qingxing_{secrets.token_hex(8)}"
        try:
            client = _client(self.uri, _UPLOAD_TIMEOUT_S)
            try:
                _create(client, name)
                for rows in _batches(self.copy.vectors(), _INSERT):
                    client.insert(name, rows, timeout=_UPLOAD_TIMEOUT_S)
                client.flush(name, timeout=_UPLOAD_TIMEOUT_S)
                client.load_collection(name, timeout=_UPLOAD_TIMEOUT_S)
                pointer = {"collection": name, "generation": self.copy.generation}
                _write_pointer(self.folder, pointer)
                if old:
                    client.drop_collection(old, timeout=_UPLOAD_TIMEOUT_S)
            finally:
                client.close()
        except _failures() as error:
            told = f"Milvus（{self.uri}）没有收下索引：{_short(error)}"
            if not self._lenient:
                raise SearchError(told) from error
            logger.warning("%s；先由本机副本回答", told)

    def _forget_client(self) -> None:
        client, self._client, self._collection = self._client, None, None
        if client is not None:
            with suppress(Exception):  # it is being given up; a dead one may fail in any way
                client.close()


def _pymilvus() -> Any:
    """The client library, an extra that need not be installed."""
    try:
        return import_module("pymilvus")
    except ImportError as error:
        raise SearchError("用 Milvus 要先装它的客户端：pip install 'qingxing[milvus]'") from error


def _client(uri: str, timeout_s: float) -> Any:
    return _pymilvus().MilvusClient(uri=uri, timeout=timeout_s)


def _failures() -> tuple[type[Exception], ...]:
    """What a dead, slow or lost Milvus raises."""
    try:
        grpc, milvus = import_module("grpc"), _pymilvus()
    except (ImportError, SearchError):
        return (OSError, SearchError)
    return (milvus.MilvusException, grpc.RpcError, grpc.FutureTimeoutError, OSError, SearchError)


def _create(client: Any, name: str) -> None:
    kinds = _pymilvus().DataType
    schema = client.create_schema(auto_id=False, enable_dynamic_field=False)
    schema.add_field("id", kinds.VARCHAR, is_primary=True, max_length=1024)
    schema.add_field("vector", kinds.SPARSE_FLOAT_VECTOR)
    params = client.prepare_index_params()
    # Nothing is dropped: a ranking that leaves out small weights would be another one.
    params.add_index(
        "vector",
        index_type="SPARSE_INVERTED_INDEX",
        metric_type="IP",
        params={"drop_ratio_build": 0.0},
    )
    client.create_collection(name, schema=schema, index_params=params, consistency_level="Strong")


def _dot(factors: Mapping[int, float], vector: Mapping[int, float]) -> float:
    """Exact in any order, as `index.engines.sqlite.exact` chose the factors."""
    return sum(factors[place] * steps for place, steps in vector.items() if place in factors)


def _batches(
    vectors: Iterable[tuple[str, dict[int, float]]], size: int
) -> Iterator[list[dict[str, Any]]]:
    rows: list[dict[str, Any]] = []
    for name, vector in vectors:
        if vector:  # Milvus takes no empty ones, and nothing could find them
            rows.append({"id": name, "vector": vector})
        if len(rows) == size:
            yield rows
            rows = []
    if rows:
        yield rows


def _read_pointer(folder: Path) -> dict[str, str]:
    try:
        pointer: dict[str, str] = json.loads((folder / _POINTER).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return pointer


def _write_pointer(folder: Path, pointer: Mapping[str, str]) -> None:
    temporary = folder / f"{_POINTER}.new"
    temporary.write_text(json.dumps(pointer), encoding="utf-8")
    temporary.replace(folder / _POINTER)


def _short(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:160]
