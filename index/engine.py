"""What an engine is: a home for sparse vectors that answers with their largest inner products.

BM25 is a dot product.  A document's side of it is the tf part with its fields already added up,
the query's side is idf × count; whoever holds exactly these weights gives the same hits in the
same order.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Protocol


class SearchError(ValueError):
    """An index can't be built, opened or asked; the message is for the reader."""


class PassagesError(SearchError):
    """The passages to index can't be read, or one of them is wrong."""


@dataclass(frozen=True, slots=True)
class Document:
    """What is indexed under one id: texts by field.  A sequence's parts are cut one by one."""

    id: str
    fields: Mapping[str, str | Sequence[str]]


@dataclass(frozen=True, slots=True)
class Hit:
    """A document that shares a term with the query; scores compare within one query only."""

    id: str
    score: float


@dataclass(frozen=True, slots=True)
class TermScore:
    """What one term of a query brought to one document: ``score = count × idf × weight``."""

    term: str
    count: float
    idf: float
    weight: float
    score: float


@dataclass(frozen=True, slots=True)
class Settings:
    """How documents are weighed.

    ``k1`` and ``b`` are gentler than the textbook's: on 4,514 questions over 2,512 chunks they put
    the right one first more often.  A field that isn't named in ``fields`` is not indexed.
    """

    fields: Mapping[str, float] = field(
        default_factory=lambda: MappingProxyType({"text": 1.0, "title": 2.0})
    )
    k1: float = 0.7
    b: float = 0.3
    # Fields whose length says nothing: a long title isn't worth less than a short one.
    flat: frozenset[str] = frozenset()
    # What a word that isn't Chinese counts in a query, where a Chinese one counts by its
    # characters and bigrams as well.
    whole: float = 1.0

    def __post_init__(self) -> None:
        if not self.fields or any(weight <= 0 for weight in self.fields.values()):
            raise SearchError("索引设置不对：每个字段的权重都要大于 0")
        if self.k1 <= 0 or not 0 <= self.b <= 1 or self.whole <= 0:
            raise SearchError(
                f"索引设置不对：k1 要大于 0，b 在 0 到 1 之间；现在是 {self.k1}、{self.b}"
            )

    def describe(self) -> str:
        """One line that differs wherever two settings weigh differently."""
        fields = " ".join(f"{name}={weight!r}" for name, weight in sorted(self.fields.items()))
        flat = ",".join(sorted(self.flat))
        return f"{fields} k1={self.k1!r} b={self.b!r} flat={flat} whole={self.whole!r}"

    def b_of(self, field_name: str) -> float:
        """How far a field's length counts."""
        return 0.0 if field_name in self.flat else self.b


@dataclass(frozen=True, slots=True)
class Vector:
    """A document's side of the dot product; ``source`` is what `index.build` packed of its text."""

    id: str
    weights: Mapping[str, float]
    source: bytes = b""


class Engine(Protocol):
    """A home of sparse vectors.  Ties rank by document id, in every engine."""

    def build(self, vectors: Iterable[Vector], meta: Mapping[str, str]) -> None:
        """Replaces what is held by *vectors*; a reader sees the old index or the new one."""

    def replace(self, write: Callable[[Path], None]) -> None:
        """The same, from a file that *write* fills with rows as `index.writing` lays them out."""

    def search(self, query: Mapping[str, float], k: int) -> list[Hit]:
        """The *k* largest positive inner products of *query*, a bag whose idf the engine adds."""

    def explain(self, query: Mapping[str, float], doc_id: str) -> list[TermScore]:
        """What each term of *query* brings to document *doc_id*, largest first."""

    def reading(self) -> AbstractContextManager[None]:
        """One state of the index for all that is asked within."""

    def known(self, terms: Iterable[str]) -> dict[str, int]:
        """Those of *terms* that some document holds, with their df."""

    @property
    def meta(self) -> Mapping[str, str]:
        """What `build` was given."""

    def stats(self) -> dict[str, int]:
        """``documents``, ``terms``, ``postings`` and ``bytes``."""

    def close(self) -> None:
        """Lets go of files and connections."""


def idf(df: int, documents: int) -> float:
    """log(1 + (N − df + ½)/(df + ½)), never negative.

    rank-bm25's own falls below zero for a term in more than half of the documents and is then
    replaced by a quarter of the average: on a few articles about AI that is every word that counts.
    """
    return math.log(1.0 + (documents - df + 0.5) / (df + 0.5))
