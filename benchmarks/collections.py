"""What is measured on: other people's collections where they are, made-up text where they are not.

`QINGXING_COLLECTIONS` names their folder (``../shared/collections`` by default); they are read in
place.  Larger collections are spliced from their sentences, the same at every run.
"""

from __future__ import annotations

import gzip
import json
import os
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

_SENTENCE = re.compile(r"[^。！？；]+[。！？；]?")


@dataclass(frozen=True)
class Passage:
    """What is searched for."""

    id: str
    title: str
    text: str


@dataclass(frozen=True)
class Query:
    """A question and the ids of the right passages."""

    id: str
    text: str
    relevant: frozenset[str]


@dataclass(frozen=True)
class Collection:
    """Passages and questions with their right ones."""

    name: str
    passages: tuple[Passage, ...]
    queries: tuple[Query, ...]


def folder() -> Path:
    """Where the collections are looked for."""
    return Path(os.environ.get("QINGXING_COLLECTIONS", "../shared/collections"))


def load_collections() -> list[Collection]:
    """The collections that are there, or one made up."""
    found = [
        _load(name, *files)
        for name, files in {
            "chunks": ("chunks.jsonl.gz", "chunk_queries.jsonl.gz"),
            "dureader": ("dureader.passages.jsonl.gz", "dureader.queries.jsonl.gz"),
        }.items()
        if all((folder() / file).is_file() for file in files)
    ]
    return found or [made_up()]


def _load(name: str, passages: str, queries: str) -> Collection:
    return Collection(
        name,
        tuple(Passage(r["id"], r.get("title") or "", r["text"]) for r in _rows(passages)),
        tuple(Query(r["id"], r["q"], frozenset(r["pids"])) for r in _rows(queries)),
    )


def _rows(file: str) -> Iterator[dict]:
    with gzip.open(folder() / file, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def made_up(passages: int = 2500, queries: int = 300) -> Collection:
    """Nonsense with the statistics of text: words of one to four signs, drawn by Zipf's law."""
    draw = random.Random(20261121)
    signs = [chr(0x4E00 + i) for i in range(3000)]
    words = ["".join(draw.choices(signs, k=draw.choice((1, 2, 2, 2, 3, 4)))) for _ in range(20_000)]
    weights = list(accumulate(1 / (rank + 3) for rank in range(len(words))))

    def sentence() -> str:
        return "".join(draw.choices(words, cum_weights=weights, k=draw.randint(5, 18))) + "。"

    made = [
        Passage(f"m{i:06}", "", "".join(sentence() for _ in range(draw.randint(3, 9))))
        for i in range(passages)
    ]
    asked = []
    for i in range(queries):
        right = draw.choice(made)
        start = draw.randrange(max(1, len(right.text) - 14))
        asked.append(Query(f"q{i}", right.text[start : start + 14], frozenset({right.id})))
    return Collection("made-up", tuple(made), tuple(asked))


def enlarged(collection: Collection, size: int) -> Iterator[Passage]:
    """*size* passages: the collection's own, then others spliced from its sentences."""
    draw = random.Random(size)
    yield from collection.passages[:size]
    sentences = [one for p in collection.passages for one in _SENTENCE.findall(p.text)]
    titles = [passage.title for passage in collection.passages]
    for number in range(size - len(collection.passages)):
        text = ""
        while len(text) < 150:
            text += draw.choice(sentences)
        yield Passage(f"x{number:08}", draw.choice(titles), text[:400])
