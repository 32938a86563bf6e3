"""Adding and removing documents of an index that is in use.

A document touches its own terms' postings and their df, nothing else: idf is worked out when a
query comes.  Only the average lengths stay as they were at the last build.  Readers go on with
the old state until the change is whole.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index import store, tokenizer
from index.build import bags_of, pack_source, unpack_source
from index.engine import Document, SearchError, Settings
from index.lexicon import Matcher
from index.postings import BLOCK_BITS, INLINE, key_of, unpack_block, unpack_inline
from index.weights import add_fields, saturate
from index.writing import block_bytes, in_steps, inline_bytes

Numbers = NDArray[np.uint32]
Steps = NDArray[np.uint16]


def update_index(
    folder: str | Path,
    *,
    add: Iterable[Document] = (),
    remove: Iterable[str] = (),
    digest: str | None = None,
) -> int:
    """Removes the ids *remove*, adds the documents *add* (replacing those of the same id).

    Gives how many rows were written.  *digest* is the index's new one.  Raises SearchError where
    there is no index, or an id to remove isn't in it; then nothing has changed.
    """
    folder = Path(folder)
    with store.writing(folder):
        path = store.current_file(folder)
        if path is None:
            raise SearchError(f"{folder}: 这里没有索引；请先建一个")
        with closing(sqlite3.connect(path, isolation_level=None, timeout=30)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")  # readers don't wait for a writer
            before = connection.total_changes
            connection.execute("BEGIN IMMEDIATE")
            change = _Change(connection)
            for doc_id in remove:
                change.remove(doc_id)
            for document in add:
                change.add(document)
            change.finish(digest)
            connection.execute("COMMIT")
            return connection.total_changes - before


class _Change:
    """One transaction on an index's rows; closing the connection without a commit undoes it."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        meta = dict(connection.execute("SELECT key, value FROM meta"))
        weights = json.loads(meta["weights"])
        self._settings = Settings(
            weights["fields"], weights["k1"], weights["b"], frozenset(weights["flat"])
        )
        self._average: Mapping[str, float] = json.loads(meta["average"])
        self._words = tokenizer.load_words(meta["words"].split("\n"))
        self._matcher = Matcher.load(meta["lexicon"])
        self._step = float(meta["step"])
        self._documents = int(meta["documents"])
        self._next = int(meta["next"])

    def add(self, document: Document) -> None:
        """Gives *document* the next number and puts its postings at the end of their lists."""
        row = self._connection.execute("SELECT 1 FROM docs WHERE id = ?", (document.id,)).fetchone()
        if row:
            self.remove(document.id)
        number = self._next
        self._connection.execute(
            "INSERT INTO docs VALUES (?, ?, ?)",
            (number, document.id, pack_source(document.fields)),
        )
        tfs = self._bag(document)
        weights = np.array([saturate(tf, self._settings.k1) for tf in tfs.values()])
        for term, steps in zip(tfs, in_steps(weights, self._step), strict=True):
            self._append(key_of(term), number, int(steps))
        self._next += 1
        self._documents += 1

    def remove(self, doc_id: str) -> None:
        """Takes a document's postings out of its terms' lists."""
        row = self._connection.execute(
            "SELECT no, source FROM docs WHERE id = ?", (doc_id,)
        ).fetchone()
        if row is None:
            raise SearchError(f"索引里没有 {doc_id!r}")
        number, source = row
        for term in self._bag(Document(doc_id, unpack_source(source))):
            self._drop(key_of(term), number)
        self._connection.execute("DELETE FROM docs WHERE no = ?", (number,))
        self._documents -= 1

    def finish(self, digest: str | None) -> None:
        """Writes the counts."""
        values = {"documents": str(self._documents), "next": str(self._next)}
        if digest is not None:
            values["digest"] = digest
        self._connection.executemany(
            "UPDATE meta SET value = ? WHERE key = ?", [(v, k) for k, v in values.items()]
        )

    def _bag(self, document: Document) -> dict[str, float]:
        bags = bags_of(document, self._words, self._matcher, self._settings)
        # A field that no document had so far has no average yet: its own length has to do.
        own = {name: float(sum(bag.values())) for name, bag in bags.items()}
        return add_fields(bags, {**own, **self._average}, self._settings)

    def _append(self, key: int, number: int, steps: int) -> None:
        execute = self._connection.execute
        row = execute("SELECT df, top, heavy, entries FROM terms WHERE key = ?", (key,)).fetchone()
        df, top, heavy, entries = row or (0, 0, None, None)
        if heavy is None:
            numbers, all_steps = _inline(entries, df)
            numbers = np.append(numbers, np.uint32(number))
            all_steps = np.append(all_steps, np.uint16(steps))
            if len(numbers) > INLINE:
                heavy, entries = self._new_heavy(numbers, all_steps), None
            else:
                entries = inline_bytes(numbers, all_steps)
        else:
            block = number >> BLOCK_BITS
            numbers, all_steps = self._block(heavy, block)
            numbers = np.append(numbers, np.uint32(number))
            self._write_blocks(heavy, numbers, np.append(all_steps, np.uint16(steps)))
        execute(
            "INSERT OR REPLACE INTO terms VALUES (?, ?, ?, ?, ?)",
            (key, df + 1, max(top, steps), heavy, entries),
        )

    def _drop(self, key: int, number: int) -> None:
        execute = self._connection.execute
        sql = "SELECT df, heavy, entries FROM terms WHERE key = ?"
        df, heavy, entries = execute(sql, (key,)).fetchone()
        if heavy is not None:
            numbers, steps = self._block(heavy, number >> BLOCK_BITS)
            keep = numbers != number
            if keep.any():
                self._write_blocks(heavy, numbers[keep], steps[keep])
            else:
                row = heavy << BLOCK_BITS | number >> BLOCK_BITS
                execute("DELETE FROM postings WHERE id = ?", (row,))
        elif df > 1:
            numbers, steps = _inline(entries, df)
            keep = numbers != number
            entries = inline_bytes(numbers[keep], steps[keep])
        if df == 1:
            execute("DELETE FROM terms WHERE key = ?", (key,))
        else:
            execute("UPDATE terms SET df = ?, entries = ? WHERE key = ?", (df - 1, entries, key))

    def _new_heavy(self, numbers: Numbers, steps: Steps) -> int:
        last = self._connection.execute("SELECT max(id) FROM postings").fetchone()[0] or 0
        heavy: int = (last >> BLOCK_BITS) + 1
        self._write_blocks(heavy, numbers, steps)
        return heavy

    def _block(self, heavy: int, block: int) -> tuple[Numbers, Steps]:
        row = self._connection.execute(
            "SELECT entries FROM postings WHERE id = ?", (heavy << BLOCK_BITS | block,)
        ).fetchone()
        if row is None:
            return np.zeros(0, np.uint32), np.zeros(0, np.uint16)
        run = unpack_block(block, row[0])
        numbers = np.frombuffer(run.documents, np.uint16).astype(np.uint32) + np.uint32(run.first)
        return numbers, np.frombuffer(run.steps, np.uint16)

    def _write_blocks(self, heavy: int, numbers: Numbers, steps: Steps) -> None:
        self._connection.executemany(
            "INSERT OR REPLACE INTO postings VALUES (?, ?)",
            ((heavy << BLOCK_BITS | block, data) for block, data in block_bytes(numbers, steps)),
        )


def _inline(entries: bytes | None, df: int) -> tuple[Numbers, Steps]:
    if entries is None:
        return np.zeros(0, np.uint32), np.zeros(0, np.uint16)
    run = unpack_inline(entries, df)
    kind = np.uint16 if run.documents.itemsize == 2 else np.uint32
    return np.frombuffer(run.documents, kind).astype(np.uint32), np.frombuffer(run.steps, np.uint16)
