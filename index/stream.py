"""A million documents → the same index, in bounded memory.

`index.build` weighs a collection in Python, a bag at a time.  Past some twenty thousand documents
the same terms are cut by numpy from whole batches of text, sorted a block of 65,536 documents at a
time, spilled, and weighed when all is read and the average lengths are known.  The file that comes
out is the one that the plain way gives, row by row; a test holds both together.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index import tokenizer
from index.engine import Document, PassagesError, SearchError, Settings
from index.lexicon import Matcher
from index.normalise import fold_text
from index.postings import BLOCK, key_of
from index.tokenizer import MAX_WORD, MIN_WORD
from index.writing import Rows, in_steps, new_database, step_of, write_meta

U64 = NDArray[np.uint64]

# A token while it is sorted: 44 bits of term, 16 of document within its block, 2 of field.
_DOC_SHIFT, _TERM_SHIFT = 2, 18
_FIELDS = 1 << _DOC_SHIFT
_STRINGS = 1 << 43  # terms from here on are numbers of strings, below it code points
_BATCH = 2048
# Postings that are weighed at once.
_PART = 4_000_000
_PRIME = np.uint64(0x9E3779B97F4A7C15)
_BLOOM_SHIFT = np.uint64(40)

PackSource = Callable[[Mapping[str, object]], bytes]


@dataclass(frozen=True)
class _Block:
    """A spilled block: its terms, how many postings each has, and where those lie."""

    number: int
    terms: U64
    starts: NDArray[np.int64]
    postings: Path
    lengths: NDArray[np.float64]  # documents × fields


def write_stream(
    path: Path,
    documents: Iterable[Document],
    words: frozenset[str],
    matcher: Matcher,
    settings: Settings,
    meta: Mapping[str, str],
    pack_source: PackSource,
) -> None:
    """A whole index of *documents* into the new file *path*; what is spilled lies beside it."""
    if len(settings.fields) > _FIELDS:
        raise SearchError(f"这么多段落时最多 {_FIELDS} 个字段；现在是 {len(settings.fields)} 个")
    cutter = _Cutter(words, matcher)
    blocks: list[_Block] = []
    with new_database(path, large=True) as connection:
        count = 0
        rest = iter(documents)
        try:
            while some := list(islice(rest, BLOCK)):
                rows = ((count + i, one.id, pack_source(one.fields)) for i, one in enumerate(some))
                connection.executemany("INSERT INTO docs VALUES (?, ?, ?)", rows)
                count += len(some)
                blocks.append(_spill(path, len(blocks), cutter, some, settings))
            step = step_of(float(meta["ceiling"]))
            average = _averages(blocks)
            _merge(blocks, cutter.strings, average, settings, step, Rows(connection))
            pairs = zip(settings.fields, average.tolist(), strict=False)
            named = {name: value for name, value in pairs if value}
            write_meta(connection, {**meta, "average": json.dumps(named)}, count, step)
            _refuse_twins(connection)
        finally:
            for block in blocks:
                block.postings.unlink(missing_ok=True)


def _refuse_twins(connection: Any) -> None:
    twice = connection.execute("SELECT id FROM docs GROUP BY id HAVING count(*) > 1 LIMIT 1")
    row = twice.fetchone()
    if row:
        raise PassagesError(f"编号 {row[0]!r} 出现了不止一次；每条的 id 要各不相同")


class _Cutter:
    """`index.tokenizer.cut` and `Matcher.concepts` over batches of texts, as arrays of numbers."""

    def __init__(self, words: frozenset[str], matcher: Matcher) -> None:
        self._matcher = matcher
        # Sorted by key, so that their rows come in ascending order at the end.
        self.strings = sorted(words, key=key_of)
        self._numbers = {word: number for number, word in enumerate(self.strings)}
        self._lengths = {size: _Words(self.strings, size) for size in range(MIN_WORD, MAX_WORD + 1)}

    def cut(self, texts: Sequence[str]) -> tuple[U64, NDArray[np.int64]]:
        """(term, which text) of every token of the folded *texts*."""
        joined = "\0".join(texts)
        codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), "<u4")
        owner = np.repeat(np.arange(len(texts)), [len(text) + 1 for text in texts])[: len(codes)]
        terms, places = _characters(codes, self._lengths)
        others, other_places = self._whole_words(joined)
        found, found_in = self._concepts(texts)
        all_terms = np.concatenate([terms, others, found])
        return all_terms, np.concatenate([owner[places], owner[other_places], found_in])

    def _whole_words(self, joined: str) -> tuple[U64, NDArray[np.int64]]:
        terms: list[int] = []
        places: list[int] = []
        for match in tokenizer.whole_words(joined):
            for word in tokenizer.with_parts(match[0]):
                terms.append(self._term(word))
                places.append(match.start())
        return np.array(terms, np.uint64), np.array(places, np.int64)

    def _concepts(self, texts: Sequence[str]) -> tuple[U64, NDArray[np.int64]]:
        terms: list[int] = []
        owners: list[int] = []
        for owner, text in enumerate(texts):
            for name, count in self._matcher.concepts(text).items():
                terms += [self._term(name)] * count
                owners += [owner] * count
        return np.array(terms, np.uint64), np.array(owners, np.int64)

    def _term(self, word: str) -> int:
        if len(word) <= 2:
            return key_of(word)
        number = self._numbers.get(word)
        if number is None:
            number = self._numbers[word] = len(self.strings)
            self.strings.append(word)
        return _STRINGS + number


class _Words:
    """The dictionary's words of one length, found in arrays of code points by their hashes."""

    def __init__(self, strings: Sequence[str], size: int) -> None:
        mine = [(number, word) for number, word in enumerate(strings) if len(word) == size]
        codes = np.array([list(map(ord, word)) for _, word in mine], np.uint64).reshape(-1, size)
        hashes = np.zeros(len(mine), np.uint64)
        for column in range(size):
            hashes = hashes * _PRIME + codes[:, column]
        order = np.argsort(hashes)
        self._hashes = hashes[order]
        self._numbers = np.array([number for number, _ in mine], np.uint64)[order]
        self._bloom = np.zeros(1 << 24, np.bool_)
        self._bloom[_slot(hashes)] = True

    def find(self, hashes: U64, places: NDArray[np.int64]) -> tuple[U64, NDArray[np.int64]]:
        """(term, place) of those of *places* where a word begins, by the hash there."""
        if not len(self._hashes):
            return np.zeros(0, np.uint64), np.zeros(0, np.int64)
        maybe = self._bloom[_slot(hashes)]
        hashes, places = hashes[maybe], places[maybe]
        at = np.searchsorted(self._hashes, hashes)
        at[at == len(self._hashes)] = 0
        sure = self._hashes[at] == hashes
        return self._numbers[at[sure]] + np.uint64(_STRINGS), places[sure]


def _slot(hashes: U64) -> NDArray[np.int64]:
    mixed = hashes ^ (hashes >> np.uint64(29))
    return ((mixed * _PRIME) >> _BLOOM_SHIFT).astype(np.int64)


def _characters(
    codes: NDArray[np.uint32], words: Mapping[int, _Words]
) -> tuple[U64, NDArray[np.int64]]:
    """(term, place) of the characters, bigrams and longer words of all Chinese runs."""
    places = np.flatnonzero(_is_han(codes))
    wide = codes.astype(np.uint64)
    terms, where = [wide[places]], [places]
    hashes = wide[places]
    for size in range(2, MAX_WORD + 1):
        # Those places from which the run goes on for one more character.
        last = places + (size - 1)
        goes_on = last < len(codes)
        goes_on[goes_on] = _is_han(codes[last[goes_on]])
        places, hashes = places[goes_on], hashes[goes_on]
        hashes = hashes * _PRIME + wide[places + (size - 1)]
        if size == 2:
            first, second = wide[places], wide[places + 1]
            terms.append(np.uint64(1 << 42) | (first << np.uint64(21)) | second)
            where.append(places)
        else:
            found, found_at = words[size].find(hashes, places)
            terms.append(found)
            where.append(found_at)
    return np.concatenate(terms), np.concatenate(where)


def _is_han(codes: NDArray[np.uint32]) -> NDArray[np.bool_]:
    return _HAN[np.minimum(codes, len(_HAN) - 1)]


def _han_table() -> NDArray[np.bool_]:
    is_han = re.compile(f"[{tokenizer.HAN}]")
    table = np.zeros(0x32400, np.bool_)
    for match in is_han.finditer("".join(map(chr, range(len(table))))):
        table[match.start()] = True
    return table


_HAN = _han_table()


def _spill(
    path: Path, number: int, cutter: _Cutter, documents: Sequence[Document], settings: Settings
) -> _Block:
    """Cuts one block's documents, sorts their tokens and writes the counts to a file."""
    parts: list[U64] = []
    for start in range(0, len(documents), _BATCH):
        parts += _tokens(documents[start : start + _BATCH], start, cutter, settings)
    tokens = np.concatenate(parts) if parts else np.zeros(0, np.uint64)
    parts.clear()
    cell = (tokens & np.uint64((1 << _TERM_SHIFT) - 1)).astype(np.int64)
    lengths = np.bincount(cell, minlength=len(documents) << _DOC_SHIFT)
    del cell
    tokens.sort()
    starts = np.flatnonzero(np.diff(tokens, prepend=~tokens[:1]))
    counts = np.diff(starts, append=len(tokens))
    tokens = tokens[starts]
    entries = np.empty(len(tokens), _ENTRY)
    entries["cell"] = tokens & np.uint64((1 << _TERM_SHIFT) - 1)
    entries["tf"] = counts
    spilled = path.with_suffix(f".{number}.spill")
    entries.tofile(spilled)
    terms = tokens >> np.uint64(_TERM_SHIFT)
    begin = np.flatnonzero(np.diff(terms, prepend=~terms[:1]))
    ends = np.append(begin, len(terms))
    return _Block(number, terms[begin], ends, spilled, lengths.reshape(-1, _FIELDS).astype(float))


# Document and field within the block, and how often.
_ENTRY = np.dtype([("cell", "<u4"), ("tf", "<u4")])


def _tokens(
    documents: Sequence[Document], first: int, cutter: _Cutter, settings: Settings
) -> Iterator[U64]:
    """Every token of *documents* as one sortable number."""
    for field, name in enumerate(settings.fields):
        texts: list[str] = []
        owners: list[int] = []
        for number, document in enumerate(documents, first):
            value = document.fields.get(name, ())
            for text in (value,) if isinstance(value, str) else value:
                texts.append(fold_text(text).replace("\0", "\n"))
                owners.append(number)
        if texts:
            terms, text_of = cutter.cut(texts)
            cell = np.array(owners, np.uint64)[text_of] << np.uint64(_DOC_SHIFT) | np.uint64(field)
            yield terms << np.uint64(_TERM_SHIFT) | cell


def _merge(
    blocks: Sequence[_Block],
    strings: Sequence[str],
    average: NDArray[np.float64],
    settings: Settings,
    step: float,
    rows: Rows,
) -> None:
    """Weighs the spilled postings, a range of terms at a time over all blocks, and writes them."""
    divisor = np.where(average == 0, 1.0, average)
    b = np.zeros(_FIELDS)
    b[: len(settings.fields)] = [settings.b_of(name) for name in settings.fields]
    norms = [1.0 - b + b * block.lengths / divisor for block in blocks]
    for low, high in _ranges(blocks):
        parts = [
            _weigh(block, norm, low, high, settings)
            for block, norm in zip(blocks, norms, strict=True)
        ]
        terms = np.concatenate([part[0] for part in parts])
        order = np.argsort(terms, kind="stable")
        terms = terms[order]
        numbers = np.concatenate([part[1] for part in parts])[order]
        steps = in_steps(np.concatenate([part[2] for part in parts])[order], step)
        starts = np.flatnonzero(np.diff(terms, prepend=~terms[:1])).tolist()
        for start, end in zip(starts, [*starts[1:], len(terms)], strict=True):
            term = int(terms[start])
            key = key_of(strings[term - _STRINGS]) if term >= _STRINGS else term
            rows.add(key, numbers[start:end], steps[start:end])
    rows.flush()


def _averages(blocks: Sequence[_Block]) -> NDArray[np.float64]:
    """Each field's average length over the documents that have it, 0 where none has."""
    counted = np.zeros(_FIELDS)
    total = np.zeros(_FIELDS)
    for block in blocks:
        counted += (block.lengths > 0).sum(axis=0)
        total += block.lengths.sum(axis=0)
    averages: NDArray[np.float64] = total / np.maximum(counted, 1)
    return averages


def _ranges(blocks: Sequence[_Block]) -> Iterator[tuple[int, int]]:
    """Half-open ranges of terms with some `_PART` postings each."""
    if not any(len(block.terms) for block in blocks):
        return
    all_terms, where = np.unique(np.concatenate([b.terms for b in blocks]), return_inverse=True)
    sizes = np.bincount(where, np.concatenate([np.diff(b.starts) for b in blocks]))
    part = (np.cumsum(sizes) // _PART).astype(np.int64)
    cuts = all_terms[np.flatnonzero(np.diff(part, prepend=-1))].tolist()
    yield from zip(cuts, [*cuts[1:], int(all_terms[-1]) + 1], strict=True)


def _weigh(
    block: _Block, norms: NDArray[np.float64], low: int, high: int, settings: Settings
) -> tuple[U64, NDArray[np.uint32], NDArray[np.float64]]:
    """(term, document, weight) of the block's postings of terms in [low, high)."""
    begin, end = np.searchsorted(block.terms, np.array([low, high], np.uint64)).tolist()
    first, last = int(block.starts[begin]), int(block.starts[end])
    offset = first * _ENTRY.itemsize
    entries = np.fromfile(block.postings, _ENTRY, last - first, offset=offset)
    if not len(entries):
        return np.zeros(0, np.uint64), np.zeros(0, np.uint32), np.zeros(0)
    cells = entries["cell"].astype(np.int64)
    weights = np.zeros(_FIELDS)
    weights[: len(settings.fields)] = list(settings.fields.values())
    tf = weights[cells & (_FIELDS - 1)] * entries["tf"] / norms.ravel()[cells]
    sizes = np.diff(block.starts[begin : end + 1])
    terms = np.repeat(block.terms[begin:end], sizes)
    documents = cells >> _DOC_SHIFT
    fresh = (np.diff(documents, prepend=-1) != 0) | (np.diff(terms, prepend=~terms[:1]) != 0)
    starts = np.flatnonzero(fresh)
    tf = np.add.reduceat(tf, starts)
    numbers = (documents[starts] + (block.number * BLOCK)).astype(np.uint32)
    return terms[starts], numbers, tf * (settings.k1 + 1.0) / (tf + settings.k1)
