"""The best of many postings with numpy, without adding up all of them.

MaxScore (Turtle & Flood 1995), a term at a time: rare terms first, summed over all their documents.
As soon as the terms that are left couldn't lift a document that has none of the others into the
first k, they are only looked up for the documents that still can get there.

A term of many documents is held as one array over all documents, so that looking up is indexing
and not a search in a long list: it takes more memory for a fiftieth of the time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from index.postings import Run

if TYPE_CHECKING:
    from index.engines.sqlite import TermPostings

Places = NDArray[np.intp]
Steps = NDArray[np.uint16]
Scores = NDArray[np.float64]
Runs = Callable[["TermPostings"], list[Run]]

# Terms in no more documents than this are added up all at once, if they are lists; others one by
# one.
_SHORT = 2_000
# A term of blocks is held for all documents where it is in at least one of so many: above a third
# that is the smaller way as well, at this bound it takes five times a list's memory.
_DENSE = 16
# Among more documents than this it must be in twice as many: else those of a few hundred queries
# would push each other out of what is kept.
_LARGE = 400_000
# Of the most promising documents k times so many are scored first, for a high bar to hold others
# against; and once more when more terms have been added up and more candidates than these are left.
_FIRST = 3
_MANY = 300
# Of more documents than that it is asked after every few terms which of them still matter.
_GROUP = 2
_STOP = 0xFFFFFFFF


class Sums:
    """A running sum for each document, kept from query to query and zeroed where it was touched."""

    def __init__(self, size: int) -> None:
        self.scores: Scores = np.zeros(size)
        self._place = np.zeros(size, np.intp)
        self._touched: list[Places] = []
        self.count = 0

    def add_all(self, numbers: Places, weights: Scores) -> None:
        """Adds *weights* to documents that may come more than once; only onto nothing."""
        np.add.at(self.scores, numbers, weights)
        places = np.arange(len(numbers))
        self._place[numbers] = places
        self._touch(numbers[self._place.take(numbers) == places])

    def add(self, numbers: Places, weights: Scores) -> None:
        """Adds *weights* to documents of which each comes once."""
        before = self.scores.take(numbers)
        self._touch(numbers[before == 0.0])
        before += weights
        self.scores[numbers] = before

    def _touch(self, fresh: Places) -> None:
        self._touched.append(fresh)
        self.count += len(fresh)

    def found(self) -> Places:
        """The documents that have a sum, each once."""
        if len(self._touched) > 1:
            self._touched = [np.concatenate(self._touched)]
        return self._touched[0]

    def clear(self) -> None:
        """Zeroes what was touched."""
        for part in self._touched:
            self.scores[part] = 0.0
        self._touched = []
        self.count = 0


_sums: dict[int, Sums] = {}


class _Asked:
    """A query's terms, rarest first, and what each brings at most."""

    def __init__(
        self, factors: Sequence[float], terms: Sequence[TermPostings], runs: Runs, size: int
    ) -> None:
        order = sorted(range(len(terms)), key=lambda i: terms[i].df)
        self.terms = [terms[i] for i in order]
        self.factors = [factors[i] for i in order]
        self.bounds = [factors[i] * terms[i].top for i in order]
        self.size = size
        for term in terms:
            if term.arrays is None:
                _load(term, runs, size)

    def postings(self, i: int) -> tuple[Places, Scores]:
        """The documents of one term, ascending, and what it brings to each."""
        numbers, steps = self.terms[i].arrays
        if numbers is None:
            found = np.flatnonzero(steps)
            steps = steps.take(found)
        else:
            found, steps = numbers[:-1].astype(np.intp), steps[:-1]
        return found, np.multiply(steps, self.factors[i], dtype=np.float64)

    def first(self, count: int) -> tuple[Places, Scores]:
        """The postings of the rarest *count* terms, one term after the other."""
        if any(term.arrays[0] is None for term in self.terms[:count]):
            parts = [self.postings(i) for i in range(count)]
            return np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts])
        arrays = [term.arrays for term in self.terms[:count]]
        # Each list's last document is a stop, which no document is: it goes with its weight of 0.
        numbers = np.concatenate([one[0] for one in arrays])
        weights = np.concatenate([one[1] for one in arrays]) * np.repeat(
            self.factors[:count], [len(one[0]) for one in arrays]
        )
        real = numbers != _STOP
        return numbers[real].astype(np.intp), weights[real]

    def looked_up(self, which: Sequence[int], wanted: Places) -> Scores:
        """What the terms *which* bring to each document of *wanted*, which ascends."""
        narrow = wanted.astype(np.uint32)
        rows: list[Steps] = []
        for i in which:
            numbers, steps = self.terms[i].arrays
            if numbers is None:
                rows.append(steps.take(wanted))
            else:
                places = numbers.searchsorted(narrow)
                rows.append(steps.take(places) * (numbers.take(places) == narrow))
        # Sums of these factors are exact, so that it is all one how the product adds up.
        factors = np.array([self.factors[i] for i in which])
        total: Scores = factors @ np.array(rows, np.float64)
        return total


def best(
    factors: Sequence[float], terms: Sequence[TermPostings], runs: Runs, size: int, k: int
) -> dict[int, float]:
    """Document → score of the *k* best of *size* documents, and of all that tie with the last.

    The factors must be such that sums of them are exact (`index.engines.sqlite` sees to it): then
    the order of adding is free, and the scores are those of the plain loop, bit for bit.
    """
    if not terms:
        return {}
    asked = _Asked(factors, terms, runs, size)
    sums = _sums.pop(size, None) or Sums(size)  # taken, so that another thread makes its own
    try:
        done, least = _sum_rare(asked, sums, k)
        found = sums.found()
        partial = sums.scores.take(found)
    finally:
        sums.clear()
        _sums[size] = sums
    # Those that can matter most come first now: what is left shrinks, and the candidates with it.
    later = sorted(range(done, len(terms)), key=lambda i: -asked.bounds[i])
    left = sum(asked.bounds[done:])
    found, partial = _above(found, partial, least - left)
    if later and len(found) > max(_MANY, _FIRST * k):
        least = max(least, _bar(asked, later, found, partial, k))
        found, partial = _above(found, partial, least - left)
    ascending = found.argsort()
    found, partial = found.take(ascending), partial.take(ascending)
    while later:
        some = later if len(found) <= _MANY else later[:_GROUP]
        later = later[len(some) :]
        partial += asked.looked_up(some, found)
        if len(found) > k:
            left = sum(asked.bounds[i] for i in later)
            found, partial = _above(found, partial, max(least, _kth(partial, k)) - left)
    if len(found) > k:
        found, partial = _above(found, partial, _kth(partial, k))
    return dict(zip(found.tolist(), partial.tolist(), strict=True))


def _sum_rare(asked: _Asked, sums: Sums, k: int) -> tuple[int, float]:
    """Adds up terms until the others can't bring in a document: (how many, k-th best so far)."""
    count = len(asked.terms)
    short = max(1, sum(t.df <= _SHORT and t.arrays[0] is not None for t in asked.terms))
    sums.add_all(*asked.first(short))
    left = sum(asked.bounds[short:])
    least = 0.0
    for done in range(short, count):
        # The k-th best of any documents is a bar for all: those that are ahead now will do.
        if not least and sums.count >= k:
            found = sums.found()
            least = _bar(asked, range(done, count), found, sums.scores.take(found), k)
        if left < least:
            return done, least
        sums.add(*asked.postings(done))
        left -= asked.bounds[done]
    return count, 0.0


def _bar(asked: _Asked, later: Sequence[int], found: Places, partial: Scores, k: int) -> float:
    """The k-th best whole score among the documents that are ahead so far."""
    ahead = partial.argpartition(-min(_FIRST * k, len(partial)))[-_FIRST * k :]
    wanted = found.take(ahead)
    ascending = wanted.argsort()
    total = partial.take(ahead.take(ascending))
    return _kth(total + asked.looked_up(later, wanted.take(ascending)), k)


def _load(term: TermPostings, runs: Runs, size: int) -> None:
    """Makes the term's arrays: (documents, steps), or (None, steps of all *size* documents).

    A list has one document more, which none has: a stop for whoever looks up.
    """
    parts = runs(term)
    steps = [np.frombuffer(run.steps, np.uint16) for run in parts]
    numbers: Any = None
    if term.heavy is not None and term.df * (_DENSE if size <= _LARGE else _DENSE // 2) >= size:
        held = np.zeros(size, np.uint16)
        for run, some in zip(parts, steps, strict=True):
            held[np.frombuffer(run.documents, _kind(run)).astype(np.intp) + run.first] = some
    else:
        numbers = np.concatenate([*map(_numbers, parts), np.array([_STOP], np.uint32)])
        held = np.concatenate([*steps, np.zeros(1, np.uint16)])
        term.held_bytes += numbers.nbytes
    term.arrays = numbers, held
    term.held_bytes += held.nbytes


def _numbers(run: Run) -> NDArray[np.uint32]:
    return np.frombuffer(run.documents, _kind(run)).astype(np.uint32) + np.uint32(run.first)


def _kind(run: Run) -> Any:
    return np.uint16 if run.documents.itemsize == 2 else np.uint32


def _above(found: Places, partial: Scores, least: float) -> tuple[Places, Scores]:
    keep = np.flatnonzero(partial >= least)
    return found.take(keep), partial.take(keep)


def _kth(values: Scores, k: int) -> float:
    """The k-th largest; with fewer, 0."""
    if len(values) < k:
        return 0.0
    place = len(values) - k
    values = values.copy()
    values.partition(place)
    return float(values[place])
