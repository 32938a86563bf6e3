"""Bags of terms → BM25's weights, with rank-bm25 as the model.

A document's fields are added up before saturation (BM25F: Robertson & Zaragoza 2009, §3.6): each
field's tf is divided by that field's own length norm and multiplied by its weight.  What remains is
rank-bm25's Okapi with b = 0 over these pseudo frequencies, so its own ``get_scores`` stays the
oracle for every sparse dot product.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from rank_bm25 import BM25Okapi

from index.engine import Settings, idf

Bag = Mapping[str, float]


def saturate(tf: float, k1: float) -> float:
    """BM25's tf part, below k1 + 1."""
    return tf * (k1 + 1.0) / (tf + k1)


def add_fields(
    bags: Mapping[str, Bag], average: Mapping[str, float], settings: Settings
) -> dict[str, float]:
    """One document's pseudo frequencies: term → Σ over fields of weight × tf / length norm."""
    total: dict[str, float] = {}
    for name, weight in settings.fields.items():
        bag = bags.get(name)
        if not bag:
            continue
        b = settings.b_of(name)
        norm = 1.0 - b + b * sum(bag.values()) / average[name]
        for term, tf in bag.items():
            total[term] = total.get(term, 0.0) + weight * tf / norm
    return total


def average_lengths(documents: Iterable[Mapping[str, Bag]]) -> dict[str, float]:
    """Field → its average length over the documents that have it."""
    sums: dict[str, float] = {}
    counts: dict[str, int] = {}
    for bags in documents:
        for name, bag in bags.items():
            if bag:
                sums[name] = sums.get(name, 0.0) + sum(bag.values())
                counts[name] = counts.get(name, 0) + 1
    return {name: total / counts[name] for name, total in sums.items()}


class FieldBM25(BM25Okapi):  # type: ignore[misc]
    """rank-bm25's Okapi over pseudo frequencies, with an idf that is never negative."""

    def __init__(self, documents: Sequence[Bag], *, k1: float) -> None:
        super().__init__(documents, k1=k1, b=0.0)

    def _initialize(self, corpus: Sequence[Bag]) -> dict[str, int]:
        df: dict[str, int] = {}
        for bag in corpus:
            self.doc_freqs.append(bag)
            self.doc_len.append(1)
            for term in bag:
                df[term] = df.get(term, 0) + 1
        self.corpus_size = len(corpus)
        self.avgdl = 1.0
        return df

    def _calc_idf(self, nd: Mapping[str, int]) -> None:
        self.idf = {term: idf(df, self.corpus_size) for term, df in nd.items()}

    def document_weights(self, number: int) -> dict[str, float]:
        """Term → tf part of one document: its side of the dot product."""
        return {term: saturate(tf, self.k1) for term, tf in self.doc_freqs[number].items()}
