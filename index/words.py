"""Cutting a Chinese text into its words, with their parts of speech, without loading a dictionary.

jieba's dictionary lies in an SQLite file, made once; a short text needs a few hundred look-ups of
its own substrings, and the most probable path through them is found as jieba finds it (maximum
product of frequencies), without its model for unknown names.
"""

from __future__ import annotations

import math
import os
import re
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from index import normalise, tokenizer

VERSION = "1"
MAX_WORD = 6
_HAN = re.compile("[\u4e00-\u9fff]+")
_BATCH = 500
# A word of the domain is a noun about as frequent as 选手.
_DOMAIN_FREQUENCY = 500


@dataclass(frozen=True, slots=True)
class Word:
    """A word at ``[start, end)`` of the text; ``part`` is jieba's part of speech, "" if unknown."""

    text: str
    start: int
    end: int
    part: str


class WordBook:
    """The dictionary at *path*; close it when done."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(
            f"{path.resolve().as_uri()}?mode=ro", uri=True, check_same_thread=False
        )
        try:
            ((total,),) = self._connection.execute("SELECT frequency FROM words WHERE word = ''")
            self._log_total = math.log(total)
        except BaseException:
            self._connection.close()
            raise

    def cut(self, folded: str) -> list[Word]:
        """The words of each Chinese run of a folded text, in order."""
        runs = [(match.start(), match.group()) for match in _HAN.finditer(folded)]
        known = self._known({sub for _, run in runs for sub in _substrings(run)})
        return [word for start, run in runs for word in self._path(start, run, known)]

    def close(self) -> None:
        self._connection.close()

    def _known(self, candidates: Iterable[str]) -> dict[str, tuple[int, str]]:
        wanted = sorted(candidates)
        found: dict[str, tuple[int, str]] = {}
        for at in range(0, len(wanted), _BATCH):
            some = wanted[at : at + _BATCH]
            marks = ",".join("?" * len(some))
            sql = f"SELECT word, frequency, part FROM words WHERE word IN ({marks})"
            for word, frequency, part in self._connection.execute(sql, some):
                found[word] = (frequency, part)
        return found

    def _path(self, offset: int, run: str, known: Mapping[str, tuple[int, str]]) -> Iterator[Word]:
        size = len(run)
        best = [0.0] * (size + 1)
        step = [1] * size
        for start in range(size - 1, -1, -1):
            options = []
            for end in range(start + 1, min(start + MAX_WORD, size) + 1):
                entry = known.get(run[start:end])
                if entry is not None or end == start + 1:
                    chance = math.log(entry[0] if entry and entry[0] else 1) - self._log_total
                    options.append((chance + best[end], end))
            best[start], step[start] = max(options)
        start = 0
        while start < size:
            end = step[start]
            text = run[start:end]
            yield Word(text, offset + start, offset + end, known.get(text, (0, ""))[1])
            start = end


def open_words(folder: Path, domain: Iterable[str] = ()) -> WordBook:
    """The word book in *folder*, made first where there is none of this version or it is broken."""
    path = words_file(folder)
    if path.exists():
        try:
            return WordBook(path)
        except (sqlite3.DatabaseError, ValueError, TypeError):
            pass
    _build(path, domain)
    return WordBook(path)


def words_file(folder: Path) -> Path:
    """Where the word book of this version lies in *folder*."""
    return folder / f"words-{VERSION}-{normalise.VERSION.replace('/', '-')}.sqlite"


def _build(path: Path, domain: Iterable[str]) -> None:
    """Atomically, so that a reader sees a whole dictionary or none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".building")
    os.close(handle)
    connection = sqlite3.connect(temporary)
    try:
        connection.execute(
            "CREATE TABLE words (word TEXT PRIMARY KEY, frequency INTEGER, part TEXT) WITHOUT ROWID"
        )
        rows = {w: (f, p) for w, f, p in tokenizer.dictionary() if len(w) <= MAX_WORD}
        for word in domain:
            rows.setdefault(word, (_DOMAIN_FREQUENCY, "n"))
        rows[""] = (sum(frequency for frequency, _ in rows.values()), "")
        connection.executemany(
            "INSERT INTO words VALUES (?, ?, ?)", ((w, f, p) for w, (f, p) in rows.items())
        )
        connection.commit()
    finally:
        connection.close()
    Path(temporary).replace(path)


def _substrings(run: str) -> Iterator[str]:
    for start in range(len(run)):
        for end in range(start + 1, min(start + MAX_WORD, len(run)) + 1):
            yield run[start:end]
