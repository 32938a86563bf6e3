"""Everything that answers and checks rest on, opened once: corpus, indexes, facts, ledger, guard.

Each part is loaded when it is first needed: ``check`` never opens an index, ``ask`` never builds
the guard.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from bot.answer.types import Answer
from bot.errors import QingxingError, os_reason
from bot.home import DEFAULT_ENGINE, index_engine
from corpus.article import Passage
from corpus.load import Corpus, load_corpus

if TYPE_CHECKING:
    from bot.answer.factbook import Factbook
    from bot.guard.guard import Guard
    from bot.guard.types import Check
    from bot.linear import LinearModel
    from corpus.ledger import Ledger
    from index.engine import Document
    from index.search import Index
    from index.words import WordBook

# Raised whenever the same corpus would give another library.
_FACTBOOK_VERSION = "5"
_PASSAGE_FIELDS = {"text": 1.0, "heading": 0.4, "asks": 1.0}
_ASK_FIELDS = {"text": 1.0}
_KEEP_FACTBOOKS = 4

Opened = TypeVar("Opened")


class Knowledge:
    """What is known, for one corpus version; close it when done (or use it as a context)."""

    def __init__(
        self,
        corpus: Corpus,
        folder: Path,
        *,
        engine: str = DEFAULT_ENGINE,
        topic_model: LinearModel | None = None,
    ) -> None:
        self.corpus = corpus
        if topic_model is not None:  # the packaged one otherwise
            self.topic_model = topic_model
        self._folder = folder
        self._engine = engine

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

        now = now or datetime.now(UTC)
        try:
            return answer(question, self, context=context, shown=shown, now=now)
        except Exception as error:
            if not _is_damage(error) or isinstance(error, LookupError):
                raise
        # Damage in the middle of a file shows when it is read, not when it is opened.
        self._forget()
        return answer(question, self, context=context, shown=shown, now=now)

    def ready(self) -> None:
        """Opens now all that answering needs; QingxingError where it can't be built."""
        _ = self.passages, self.asks, self.words, self.factbook

    def publish(self) -> None:
        """Gives a Milvus what the local copies hold; QingxingError where it doesn't take it."""
        self.ready()
        if self._engine == DEFAULT_ENGINE:
            return
        from index.engine import SearchError
        from index.engines.milvus import MilvusEngine
        from index.open import make_engine

        for name in ("passages", "asks"):
            engine = make_engine(self._folder / name, self._engine)
            assert isinstance(engine, MilvusEngine)
            try:
                engine.publish()
            except SearchError as error:
                raise QingxingError(str(error)) from error
            finally:
                engine.close()

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
        from bot.answer.factbook import passage_documents

        return self._index("passages", passage_documents, _PASSAGE_FIELDS)

    @cached_property
    def asks(self) -> Index:
        """Every phrasing of every fact, and its near-misses, each by itself."""
        from bot.answer.factbook import ask_documents

        return self._index("asks", ask_documents, _ASK_FIELDS)

    def _index(
        self,
        name: str,
        documents: Callable[[Corpus], Iterable[Document]],
        fields: Mapping[str, float],
    ) -> Index:
        from index.build import open_or_build
        from index.engine import SearchError, Settings
        from index.open import make_engine
        from index.store import forget

        folder = self._folder / name
        try:
            engine = make_engine(folder, self._engine, lenient=True)
        except SearchError as error:
            raise QingxingError(f"QINGXING_INDEX：{error}") from error

        def opened() -> Index:
            return open_or_build(
                folder,
                self.corpus.digest,
                lambda: documents(self.corpus),
                settings=Settings(fields=fields),
                engine=engine,
            )

        def again() -> None:
            engine.close()
            forget(folder)

        return self._made(opened, again)

    def _made(self, make: Callable[[], Opened], forget: Callable[[], None]) -> Opened:
        """What *make* gives, the second time if the file that it found was damaged."""
        try:
            try:
                return make()
            except Exception as error:
                if not _is_damage(error):
                    raise
            forget()
            return make()
        except OSError as error:
            where = error.filename or self._folder
            raise QingxingError(
                f"索引建不了（{where}：{os_reason(error)}）；用 QINGXING_HOME 换一个可写的目录"
            ) from error

    def _forget(self) -> None:
        """Drops the indexes and the dictionary, so that they are built anew when next asked."""
        from index.store import forget
        from index.words import words_file

        self.close()
        for name in ("passages", "asks"):
            forget(self._folder / name)
        words_file(self._folder).unlink(missing_ok=True)

    @cached_property
    def words(self) -> WordBook:
        """The dictionary by which a question is cut into words."""
        from index.lexicon import load_lexicon
        from index.words import open_words, words_file

        def opened() -> WordBook:
            return open_words(self._folder, load_lexicon().words)

        return self._made(opened, lambda: words_file(self._folder).unlink(missing_ok=True))

    @cached_property
    def factbook(self) -> Factbook:
        """The facts, compiled; made anew where the corpus or the code has changed."""
        from bot.answer.factbook import Factbook, compile_factbook
        from bot.answer.question import slots_digest

        name = f"facts-{self.corpus.digest}-{_FACTBOOK_VERSION}-{slots_digest()}.json"
        path = self._folder / name
        try:
            return Factbook.load(_sealed(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError, LookupError, AttributeError):
            factbook = compile_factbook(self.corpus)

        def written() -> Factbook:
            _write(path, _seal(factbook.dump()))
            _forget_old(self._folder)
            return factbook

        return self._made(written, lambda: None)

    @cached_property
    def topic_model(self) -> LinearModel:
        """What tells by a question's words which passage it is about."""
        from bot.answer.topic import load_topic_model

        return load_topic_model()

    def index_stats(self) -> dict[str, str]:
        """What a person may want to know of the indexes."""
        stats = self.passages.stats()
        return {
            "引擎": self._engine,
            "段落": str(stats["documents"]),
            "词项": str(stats["terms"]),
            "倒排": str(stats["postings"]),
            "问法": str(self.asks.stats()["documents"]),
            "事实": str(len(self.factbook.facts)),
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
    return Knowledge(load_corpus(home), home / "index", engine=index_engine())


def version_knowledge(corpus: Corpus, home: Path) -> Knowledge:
    """An older version of the corpus, opened beside the current one."""
    return Knowledge(corpus, home / "index" / "versions" / corpus.digest)


def _is_damage(error: Exception) -> bool:
    """Whether a file of the index can't be read, or not as what it should be."""
    import sqlite3

    from index.engine import PassagesError, SearchError

    damage = isinstance(error, SearchError | sqlite3.DatabaseError | LookupError)
    return damage and not isinstance(error, PassagesError)


def _seal(text: str) -> str:
    """*text* after its checksum: half a cache would answer wrongly in silence."""
    return f"{hashlib.sha256(text.encode()).hexdigest()}\n{text}"


def _sealed(text: str) -> str:
    """What `_seal` was given; ValueError where a byte of it has changed."""
    content = text.partition("\n")[2]
    if _seal(content) != text:
        raise ValueError("the checksum is another")
    return content


def _write(path: Path, text: str) -> None:
    """Atomically: a reader sees the old file or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.stem)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    Path(temporary).replace(path)


def _forget_old(folder: Path) -> None:
    found = sorted(folder.glob("facts-*.json"), key=lambda path: path.stat().st_mtime)
    for path in found[:-_KEEP_FACTBOOKS]:
        path.unlink(missing_ok=True)
