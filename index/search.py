"""A query → its hits: cut by the index's own vocabulary, summed by its engine.

Nothing here loads jieba, a data file or numpy: what asking needs lies in the index.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from types import TracebackType

from index.engine import Engine, Hit, TermScore
from index.engines.sqlite import SqliteEngine
from index.lexicon import CONCEPT, Matcher
from index.normalise import fold_text
from index.tokenizer import candidates, cut


class Index:
    """An index to ask; a context manager that closes its engine."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @property
    def digest(self) -> str:
        """What the index was made from; SearchError where it can't be read."""
        return self.engine.meta["digest"]

    def terms(self, text: str) -> Counter[str]:
        """The bag of *text* as a query: stopwords off, concepts as ``#name``.

        It holds terms that no document has too; `known` tells which are.
        """
        folded = fold_text(text)
        asked = self._matcher.without_stopwords(folded)
        bag = cut(asked, self.engine.known(candidates(asked)))
        bag.update(self._matcher.concepts(folded))
        return bag

    def weighed(self, query: str) -> Mapping[str, float]:
        """The query's bag, its whole words by the weight that the index was built with."""
        bag = self.terms(query)
        if self._whole == 1.0:
            return bag
        return {
            term: count * self._whole if _is_whole(term) else count for term, count in bag.items()
        }

    def known(self, bag: Mapping[str, float]) -> dict[str, int]:
        """The terms of *bag* that some document holds, with their df."""
        return self.engine.known(bag)

    def search(self, query: str, k: int = 10) -> list[Hit]:
        """The *k* documents nearest to *query*, best first, ties by id.

        Scores are BM25 (Robertson & Zaragoza 2009), > 0, comparable within one query only.  No
        shared term gives [].  Raises SearchError if k < 1.
        """
        with self.engine.reading():
            return self.engine.search(self.weighed(query), k)

    def search_terms(self, bag: Mapping[str, float], k: int = 10) -> list[Hit]:
        """The same for a bag of the caller's making; its counts may be any weight > 0."""
        return self.engine.search(bag, k)

    def explain(self, query: str | Mapping[str, float], doc_id: str) -> list[TermScore]:
        """What each term of *query* brings to a document, largest first."""
        bag = self.weighed(query) if isinstance(query, str) else query
        return self.engine.explain(bag, doc_id)

    def stats(self) -> dict[str, int]:
        """``documents``, ``terms``, ``postings`` and ``bytes``."""
        return self.engine.stats()

    def close(self) -> None:
        """Lets go of files and connections."""
        self.engine.close()

    def __enter__(self) -> Index:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @cached_property
    def _whole(self) -> float:
        return float(self.engine.meta["whole"])

    @cached_property
    def _matcher(self) -> Matcher:
        return Matcher.load(self.engine.meta["lexicon"])


def _is_whole(term: str) -> bool:
    return term[0] < "\u2e80" and not term.startswith(CONCEPT)


def open_index(folder: str | Path) -> Index:
    """The index in *folder*; SearchError (at the first use) where there is none or it is broken."""
    return Index(SqliteEngine(folder))
