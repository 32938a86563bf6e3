"""Everything that answers and checks rest on, opened once: corpus, indexes, facts, ledger, guard.

Each part is loaded when it is first needed: ``check`` never opens an index, ``ask`` never builds
the guard.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from bot.answer.types import Answer
from corpus.article import Passage
from corpus.load import Corpus, load_corpus

if TYPE_CHECKING:
    from bot.answer.library import Library
    from bot.guard.guard import Guard
    from bot.guard.types import Check
    from corpus.ledger import Ledger
    from index.search import Index
    from index.words import WordBook

# Raised whenever the same corpus would give another library.
_LIBRARY_VERSION = "5"
_PASSAGE_FIELDS = {"text": 1.0, "heading": 0.4, "asks": 1.0}
_KEEP_LIBRARIES = 4


class Knowledge:
    """What is known, for one corpus version; close it when done (or use it as a context)."""

    def __init__(self, corpus: Corpus, folder: Path) -> None:
        self.corpus = corpus
        self._folder = folder

    def answer(
        self,
        question: str,
        *,
        context: Sequence[str] = (),
        shown: Collection[str] = (),
        now: datetime | None = None,
    ) -> Answer:
        """Answers *question*; *context* are earlier questions of the conversation, oldest first.

        *shown* are passage ids and offers that were shown in it already and aren't offered again.
        """
        from bot.answer.compose import answer

        return answer(question, self, context=context, shown=shown, now=now or datetime.now(UTC))

    def check(self, text: str, *, now: datetime | None = None) -> Check:
        """What the post *text* claims, held against the ledger."""
        return self.guard.check(text, now=now or datetime.now(UTC))

    def neighbours(self, passage_id: str) -> tuple[Passage | None, Passage | None]:
        """The passages before and after one, in its article."""
        passages = [
            p for p in self.corpus.passages if p.article == self.corpus.by_id[passage_id].article
        ]
        at = passages.index(self.corpus.by_id[passage_id])
        before = passages[at - 1] if at else None
        after = passages[at + 1] if at + 1 < len(passages) else None
        return before, after

    @property
    def ledger(self) -> Ledger:
        """The ledger of figures."""
        return self.corpus.ledger

    @cached_property
    def guard(self) -> Guard:
        """The checker, compiled from the ledger."""
        from bot.guard.guard import Guard

        return Guard(self.ledger)

    @cached_property
    def passages(self) -> Index:
        """The passages with their headings and the questions that they answer."""
        from bot.answer.library import passage_documents
        from index.build import open_or_build
        from index.engine import Settings

        return open_or_build(
            self._folder / "passages",
            self.corpus.digest,
            lambda: passage_documents(self.corpus),
            settings=Settings(fields=_PASSAGE_FIELDS),
        )

    @cached_property
    def asks(self) -> Index:
        """Every phrasing of every fact, and its near-misses, each by itself."""
        from bot.answer.library import ask_documents
        from index.build import open_or_build
        from index.engine import Settings

        return open_or_build(
            self._folder / "asks",
            self.corpus.digest,
            lambda: ask_documents(self.corpus),
            settings=Settings(fields={"text": 1.0}),
        )

    @cached_property
    def words(self) -> WordBook:
        """The dictionary by which a question is cut into words."""
        from index.lexicon import load_lexicon
        from index.words import open_words

        return open_words(self._folder, load_lexicon().words)

    @cached_property
    def library(self) -> Library:
        """The facts, compiled; made anew where the corpus or the code has changed."""
        from bot.answer.library import Library, compile_library
        from bot.answer.question import slots_digest

        name = f"facts-{self.corpus.digest}-{_LIBRARY_VERSION}-{slots_digest()}.json"
        path = self._folder / name
        try:
            return Library.load(path.read_text(encoding="utf-8"))
        except (OSError, ValueError, TypeError, KeyError):
            library = compile_library(self.corpus)
        _write(path, library.dump())
        _forget_old(self._folder)
        return library

    def index_stats(self) -> dict[str, str]:
        """What a person may want to know of the indexes."""
        stats = self.passages.stats()
        return {
            "段落": str(stats["documents"]),
            "词项": str(stats["terms"]),
            "倒排": str(stats["postings"]),
            "问法": str(self.asks.stats()["documents"]),
            "事实": str(len(self.library.facts)),
        }

    def close(self) -> None:
        """Lets go of the indexes that were opened."""
        for name in ("passages", "asks", "words"):
            opened = self.__dict__.pop(name, None)
            if opened is not None:
                opened.close()

    def __enter__(self) -> Knowledge:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def load_knowledge(home: Path) -> Knowledge:
    """The packaged corpus with what was added under *home*; indexes live under *home* too."""
    return Knowledge(load_corpus(home), home / "index")


def version_knowledge(corpus: Corpus, home: Path) -> Knowledge:
    """An older version of the corpus, opened beside the current one."""
    return Knowledge(corpus, home / "index" / "versions" / corpus.digest)


def _write(path: Path, text: str) -> None:
    """Atomically: a reader sees the old file or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.stem)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    Path(temporary).replace(path)


def _forget_old(folder: Path) -> None:
    found = sorted(folder.glob("facts-*.json"), key=lambda path: path.stat().st_mtime)
    for path in found[:-_KEEP_LIBRARIES]:
        path.unlink(missing_ok=True)
