"""Which engine serves a folder: the embedded one, or what its ``ENGINE`` file names."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from index.engine import Document, Engine, SearchError, Settings
from index.engines.sqlite import SqliteEngine
from index.lexicon import Lexicon, load_lexicon
from index.search import Index

_NAME = "ENGINE"

# For anybody's passages: what put the right one first most often, over two collections.
GENERAL = Settings(
    fields={"text": 1.0, "title": 3.0}, k1=0.7, b=0.3, flat=frozenset({"title"}), whole=1.5
)


def make_engine(folder: Path, engine: str, *, lenient: bool = False) -> Engine:
    """The home called *engine*: ``sqlite``, or the URI of a Milvus.

    A *lenient* Milvus that takes no index is only told of; the embedded copy answers.
    """
    if engine == "sqlite":
        return SqliteEngine(folder)
    if is_engine(engine):
        from index.engines.milvus import MilvusEngine

        return MilvusEngine(engine, folder, lenient=lenient)
    raise SearchError(f"没有叫 {engine!r} 的引擎；可用 sqlite，或一个 Milvus 的地址")


def is_engine(engine: str) -> bool:
    """Whether `make_engine` knows *engine*; nobody is asked for it yet."""
    return engine == "sqlite" or "://" in engine or engine.endswith(".db")


def build_home(
    folder: Path,
    documents: Iterable[Document],
    *,
    engine: str = "sqlite",
    settings: Settings | None = None,
    lexicon: Lexicon | None = None,
) -> Index:
    """Builds an index of *documents* in *folder* by *engine*, and remembers which it was.

    It knows the packaged words and stopwords; the concepts of our own field stay out.
    """
    from index.build import build_into

    if lexicon is None:
        packaged = load_lexicon()
        lexicon = Lexicon(packaged.words, packaged.stopwords)

    home = make_engine(folder, engine)
    build_into(home, documents, settings=settings or GENERAL, lexicon=lexicon)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / _NAME).write_text(engine + "\n", encoding="utf-8")
    return Index(home)


def open_home(folder: Path) -> Index:
    """The index of *folder*, by the engine that built it."""
    try:
        engine = (folder / _NAME).read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        engine = "sqlite"
    return Index(make_engine(folder, engine))
