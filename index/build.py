"""Documents → an index: each field cut, weighed by rank-bm25's model, handed to an engine."""

from __future__ import annotations

import json
import zlib
from collections import Counter
from collections.abc import Callable, Container, Iterable, Mapping
from itertools import chain, islice
from pathlib import Path

from index import normalise, tokenizer
from index.engine import Document, Engine, PassagesError, SearchError, Settings, Vector
from index.engines.sqlite import SqliteEngine
from index.lexicon import Lexicon, Matcher, lexicon_fingerprint, load_lexicon
from index.normalise import fold_text
from index.search import Index

# Raised whenever the same documents, words and settings would give another index.
VERSION = "3"

# Up to so many documents are weighed in Python, by rank-bm25's own class; more, by `index.stream`.
PLAIN = 20_000


def build_index(
    folder: str | Path,
    documents: Iterable[Document],
    *,
    settings: Settings | None = None,
    lexicon: Lexicon | None = None,
    digest: str = "",
) -> Index:
    """Builds *folder*'s index anew and opens it.

    *digest* names what the documents were made from; `Index.digest` gives it back.  Raises
    SearchError for an id that comes twice.
    """
    engine = SqliteEngine(folder)
    build_into(engine, documents, settings=settings, lexicon=lexicon, digest=digest)
    return Index(engine)


def build_into(
    engine: Engine,
    documents: Iterable[Document],
    *,
    settings: Settings | None = None,
    lexicon: Lexicon | None = None,
    digest: str = "",
) -> None:
    """The same for any engine."""
    settings = settings or Settings()
    lexicon = load_lexicon() if lexicon is None else lexicon
    words = tokenizer.load_words(lexicon.words)
    meta = {
        "digest": digest,
        "settings": settings.describe(),
        "ceiling": repr(settings.k1 + 1.0),
        "lexicon": lexicon.dump(),
        "words": "\n".join(lexicon.words),
        "weights": json.dumps(
            {
                "fields": dict(settings.fields),
                "k1": settings.k1,
                "b": settings.b,
                "flat": sorted(settings.flat),
            }
        ),
        "whole": repr(settings.whole),
    }
    matcher = Matcher.of(lexicon)
    rest = iter(documents)
    first = list(islice(rest, PLAIN + 1))
    if len(first) <= PLAIN:
        vectors, average = weigh(chain(first, rest), words, matcher, settings)
        engine.build(vectors, {**meta, "average": json.dumps(average)})
        return
    from index.stream import write_stream

    every = chain(first, rest)
    engine.replace(
        lambda path: write_stream(path, every, words, matcher, settings, meta, pack_source)
    )


def open_or_build(
    folder: str | Path,
    documents_digest: str,
    documents: Callable[[], Iterable[Document]],
    *,
    settings: Settings | None = None,
    data: Path | None = None,
    engine: Engine | None = None,
) -> Index:
    """*folder*'s index, built first where it is missing, broken or made from something else.

    It is made from the documents (which *documents_digest* stands for), the words under *data*
    (the packaged ones by default), the settings and this code; *engine* is the embedded one unless
    given.
    """
    settings = settings or Settings()
    digest = full_digest(documents_digest, lexicon_fingerprint(data), settings)
    index = Index(engine or SqliteEngine(folder))
    try:
        if index.digest == digest:
            return index
    except SearchError:
        pass
    index.close()
    lexicon = load_lexicon(data)
    build_into(index.engine, documents(), settings=settings, lexicon=lexicon, digest=digest)
    return index


def full_digest(documents: str, lexicon: str, settings: Settings) -> str:
    """Everything that an index is made from, in one line."""
    code = f"{VERSION} {tokenizer.VERSION} {normalise.VERSION}"
    return f"{documents} | {lexicon} | {settings.describe()} | {code}"


def weigh(
    documents: Iterable[Document], words: Container[str], matcher: Matcher, settings: Settings
) -> tuple[list[Vector], dict[str, float]]:
    """Each document's side of the dot product, and the fields' average lengths."""
    from index.weights import FieldBM25, add_fields, average_lengths

    kept = list(documents)
    if len({document.id for document in kept}) < len(kept):
        (twice, _), *_ = Counter(document.id for document in kept).most_common(1)
        raise PassagesError(f"编号 {twice!r} 出现了不止一次；每条的 id 要各不相同")
    bags = [bags_of(document, words, matcher, settings) for document in kept]
    average = average_lengths(bags)
    model = FieldBM25([add_fields(bag, average, settings) for bag in bags], k1=settings.k1)
    vectors = [
        Vector(document.id, model.document_weights(i), pack_source(document.fields))
        for i, document in enumerate(kept)
    ]
    return vectors, average


def bags_of(
    document: Document, words: Container[str], matcher: Matcher, settings: Settings
) -> dict[str, Counter[str]]:
    """Field → its bag, for the fields that *settings* weighs."""
    bags: dict[str, Counter[str]] = {}
    for name in settings.fields:
        value = document.fields.get(name, ())
        bag = bags[name] = Counter()
        for text in (value,) if isinstance(value, str) else value:
            folded = fold_text(text)
            bag.update(tokenizer.cut(folded, words))
            bag.update(matcher.concepts(folded))
    return bags


def pack_source(fields: Mapping[str, object]) -> bytes:
    """A document's fields as they came, small: removing it must know its terms."""
    return zlib.compress(
        json.dumps(dict(fields), ensure_ascii=False).encode("utf-8", "surrogatepass")
    )


def unpack_source(source: bytes) -> dict[str, str | list[str]]:
    """What `pack_source` packed."""
    fields: dict[str, str | list[str]] = json.loads(
        zlib.decompress(source).decode("utf-8", "surrogatepass")
    )
    return fields
