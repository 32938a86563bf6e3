"""Our index and its peers behind one face: build, open, search.

The peers are called as their own documentation does, over jieba's words with the title in front:
what somebody would write in an afternoon.  They come with the extra ``bench``.
"""

from __future__ import annotations

import pickle
import re
import shutil
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.collections import Passage

_SENTENCES = re.compile(r"[^。！？；]*[。！？；]|[^。！？；]+")


class Opened(NamedTuple):
    """An open index: a query is cut first, then searched for, so that each has its own time."""

    cut: Callable[[str], Any]
    search: Callable[[Any, int], list[str]]


@dataclass(frozen=True)
class Peer:
    """An engine's name, the module that it needs, how it builds and how it opens."""

    name: str
    module: str
    build: Callable[[Path, Iterable[Passage]], None]
    open: Callable[[Path], Opened]

    @property
    def folder(self) -> str:
        """Its folder's name."""
        return self.module


def words(text: str) -> list[str]:
    """jieba's words, as most tutorials cut."""
    import logging

    import jieba

    jieba.setLogLevel(logging.WARNING)
    return [word for word in jieba.lcut(text) if not word.isspace()]


def cut_all(passages: Iterable[Passage], cache: Path) -> tuple[list[str], list[list[str]]]:
    """(ids, words) of all passages, cut once for all peers.

    Sentences that come again are cut once: their ends are ends for jieba too.
    """
    if not cache.exists():
        known: dict[str, list[str]] = {}

        def cut_one(text: str) -> list[str]:
            found: list[str] = []
            for sentence in _SENTENCES.findall(text):
                if sentence not in known:
                    known[sentence] = words(sentence)
                found += known[sentence]
            return found

        cut = [(one.id, cut_one(f"{one.title} ") + cut_one(one.text)) for one in passages]
        with cache.open("wb") as file:
            pickle.dump(cut, file)
    with cache.open("rb") as file:
        cut = pickle.load(file)
    return [one for one, _ in cut], [tokens for _, tokens in cut]


def _ours_build(folder: Path, passages: Iterable[Passage]) -> None:
    from index.engine import Document
    from index.open import build_home

    documents = (Document(one.id, {"title": one.title, "text": one.text}) for one in passages)
    build_home(folder, documents).close()


def _ours_open(folder: Path) -> Opened:
    from index.open import open_home

    opened = open_home(folder)
    return Opened(opened.weighed, lambda bag, k: [hit.id for hit in opened.search_terms(bag, k)])


def _product_build(folder: Path, passages: Iterable[Passage]) -> None:
    from benchmarks.product import write_matrix

    del passages  # it is made of our index, which lies beside it
    write_matrix(folder.parent / PEERS[0].folder, folder)


def _product_open(folder: Path) -> Opened:
    from benchmarks.product import Product

    product = Product(folder.parent / PEERS[0].folder, folder)
    return Opened(product.cut, lambda asked, k: [name for name, _ in product.search(asked, k)])


def _rank_bm25_build(folder: Path, passages: Iterable[Passage]) -> None:
    from rank_bm25 import BM25Okapi

    ids, tokens = cut_all(passages, _cache(folder))
    with (folder / "bm25.pickle").open("wb") as file:
        pickle.dump((ids, BM25Okapi(tokens)), file)


def _rank_bm25_open(folder: Path) -> Opened:
    import numpy as np

    with (folder / "bm25.pickle").open("rb") as file:
        ids, model = pickle.load(file)

    def search(cut: list[str], k: int) -> list[str]:
        return [ids[i] for i in np.argsort(-model.get_scores(cut), kind="stable")[:k]]

    return Opened(words, search)


def _bm25s_build(folder: Path, passages: Iterable[Passage]) -> None:
    import bm25s

    ids, tokens = cut_all(passages, _cache(folder))
    model = bm25s.BM25()
    model.index(tokens, show_progress=False)
    model.save(folder / "bm25s")
    (folder / "ids").write_text("\n".join(ids), encoding="utf-8")


def _bm25s_open(folder: Path) -> Opened:
    import bm25s

    model = bm25s.BM25.load(folder / "bm25s")
    ids = (folder / "ids").read_text(encoding="utf-8").split("\n")

    def search(cut: list[str], k: int) -> list[str]:
        found, _ = model.retrieve([cut], k=min(k, len(ids)), show_progress=False)
        return [ids[i] for i in found[0]]

    return Opened(words, search)


def _fts5_build(folder: Path, passages: Iterable[Passage]) -> None:
    ids, tokens = cut_all(passages, _cache(folder))
    connection = sqlite3.connect(folder / "fts.sqlite")
    connection.execute("CREATE VIRTUAL TABLE docs USING fts5(id UNINDEXED, text)")
    rows = ((one, " ".join(cut)) for one, cut in zip(ids, tokens, strict=True))
    connection.executemany("INSERT INTO docs VALUES (?, ?)", rows)
    connection.commit()
    connection.close()


def _fts5_open(folder: Path) -> Opened:
    connection = sqlite3.connect(folder / "fts.sqlite")

    def search(cut: list[str], k: int) -> list[str]:
        quoted = [f'"{word}"' for word in cut if any(map(str.isalnum, word))]
        if not quoted:
            return []
        sql = "SELECT id FROM docs WHERE docs MATCH ? ORDER BY bm25(docs) LIMIT ?"
        return [row[0] for row in connection.execute(sql, (" OR ".join(quoted), k))]

    return Opened(words, search)


def _tantivy_index(folder: Path) -> Any:
    import tantivy

    schema = tantivy.SchemaBuilder()
    schema.add_text_field("id", stored=True, tokenizer_name="raw")
    schema.add_text_field("text", tokenizer_name="whitespace")
    (folder / "tantivy").mkdir(exist_ok=True)
    return tantivy.Index(schema.build(), path=str(folder / "tantivy"))


def _tantivy_build(folder: Path, passages: Iterable[Passage]) -> None:
    import tantivy

    ids, tokens = cut_all(passages, _cache(folder))
    writer = _tantivy_index(folder).writer(256_000_000)
    for one, cut in zip(ids, tokens, strict=True):
        writer.add_document(tantivy.Document(id=one, text=" ".join(cut)))
    writer.commit()
    writer.wait_merging_threads()


def _tantivy_open(folder: Path) -> Opened:
    import tantivy

    index = _tantivy_index(folder)
    index.reload()
    searcher = index.searcher()

    def search(cut: list[str], k: int) -> list[str]:
        should = [
            (tantivy.Occur.Should, tantivy.Query.term_query(index.schema, "text", word))
            for word in cut
        ]
        hits = searcher.search(tantivy.Query.boolean_query(should), k).hits
        return [searcher.doc(address)["id"][0] for _, address in hits]

    return Opened(words, search)


def _cache(folder: Path) -> Path:
    return folder.parent / "words.pickle"


def fresh(folder: Path) -> Path:
    """An empty folder."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


PEERS: Sequence[Peer] = (
    Peer("qingxing", "index", _ours_build, _ours_open),
    Peer("CSR product", "scipy", _product_build, _product_open),
    Peer("rank_bm25", "rank_bm25", _rank_bm25_build, _rank_bm25_open),
    Peer("bm25s", "bm25s", _bm25s_build, _bm25s_open),
    Peer("SQLite FTS5", "sqlite3", _fts5_build, _fts5_open),
    Peer("tantivy", "tantivy", _tantivy_build, _tantivy_open),
)
