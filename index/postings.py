"""How postings lie on disk: keys of terms, and a term's documents and weights as bytes.

A weight is kept in steps of (k1 + 1)/65535, two bytes.  A term in at most `INLINE` documents has
its postings in its own row: its documents, then their steps, two bytes a document while all of
them are below 65,536 and four after that.  A term in more has one row for each block of 65,536
documents, two bytes a document, so that a new document rewrites a block and not the whole list.
"""

from __future__ import annotations

import hashlib
import sys
from array import array
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass

BLOCK_BITS = 16
BLOCK = 1 << BLOCK_BITS
STEPS = 65535
INLINE = 64


@dataclass(frozen=True, slots=True)
class Run:
    """Postings as they came from disk: documents (from *first* on) and steps, side by side."""

    first: int
    documents: memoryview
    steps: memoryview


def key_of(term: str) -> int:
    """The term's row: its code points where two are all, else 62 bits of its hash.

    Collisions are left to chance: among ten million terms one is to be expected in 100,000 indexes.
    """
    if len(term) == 1:
        return ord(term)
    if len(term) == 2:
        return 1 << 42 | ord(term[0]) << 21 | ord(term[1])
    digest = hashlib.blake2b(term.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return 1 << 62 | int.from_bytes(digest, "little") >> 2


def unpack_inline(data: bytes, df: int) -> Run:
    """The postings of a row that holds *df* of them."""
    size = len(data) // df - 2
    view = memoryview(_native(data, "H" if size == 2 else "I", df))
    return Run(0, view[: size * df].cast("H" if size == 2 else "I"), view[size * df :].cast("H"))


def unpack_block(block: int, data: bytes) -> Run:
    """The postings of block number *block*."""
    df = len(data) // 4
    view = memoryview(_native(data, "H", df)).cast("H")
    return Run(block << BLOCK_BITS, view[:df], view[df:])


def steps_in(runs: Iterable[Run], document: int) -> int:
    """The steps of *document* in a term's postings, 0 where it isn't in them."""
    for run in runs:
        place = bisect_left(run.documents, document - run.first)
        if place < len(run.documents) and run.documents[place] == document - run.first:
            return int(run.steps[place])
    return 0


def _native(data: bytes, code: str, df: int) -> bytes:
    """*data* in this machine's byte order; on disk it is little-endian."""
    if sys.byteorder == "little":
        return data
    cut = df * array(code).itemsize
    parts = array(code, data[:cut]), array("H", data[cut:])
    for part in parts:
        part.byteswap()
    return b"".join(part.tobytes() for part in parts)
