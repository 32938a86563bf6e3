"""The best of many postings with numpy, without adding up all of them.

MaxScore (Turtle & Flood 1995), a term at a time: rare terms first, summed over all their documents.
As soon as the terms that are left couldn't lift a document that has none of the others into the
first k, they are only looked up for the documents that still can get there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from index.postings import Run

if TYPE_CHECKING:
    from index.engines.sqlite import TermPostings

Numbers = NDArray[np.uint32]
Scores = NDArray[np.float64]
Runs = Callable[["TermPostings"], list[Run]]

# Terms in no more documents than this are added up all at once, longer ones one by one.
_SHORT = 1_000
# Of the most promising documents so many are scored first, for a high bar to hold others against.
_FIRST = 2
_LOOKS = 6


class Sums:
    """A running sum for each document, kept from query to query and zeroed where it was touched."""

    def __init__(self, size: int) -> None:
        self.scores: Scores = np.zeros(size)
        self._place = np.zeros(size, np.int64)
        self.touched: list[NDArray[np.int64]] = []
        self.count = 0

    def add_all(self, numbers: Numbers, weights: Scores) -> None:
        """Adds *weights* to documents that may come more than once; only onto nothing."""
        at = numbers.astype(np.int64)
        np.add.at(self.scores, at, weights)
        places = np.arange(len(at))
        self._place[at] = places
        self._touch(at[self._place[at] == places])

    def add(self, numbers: Numbers, weights: Scores) -> None:
        """Adds *weights* to documents of which each comes once."""
        before = self.scores[numbers]
        self._touch(numbers[before == 0.0].astype(np.int64))
        self.scores[numbers] = before + weights

    def _touch(self, fresh: NDArray[np.int64]) -> None:
        self.touched.append(fresh)
        self.count += len(fresh)

    def found(self) -> NDArray[np.int64]:
        """The documents that have a sum, each once."""
        if len(self.touched) > 1:
            self.touched = [np.concatenate(self.touched)]
        return self.touched[0]

    def clear(self) -> None:
        """Zeroes what was touched."""
        for part in self.touched:
            self.scores[part] = 0.0
        self.touched = []
        self.count = 0


_sums: dict[int, Sums] = {}


def best(
    factors: Sequence[float], terms: Sequence[TermPostings], runs: Runs, size: int, k: int
) -> dict[int, float]:
    """Document → score of the *k* best of *size* documents, and of all that tie with the last.

    The factors must be such that sums of them are exact (`index.engines.sqlite` sees to it): then
    the order of adding is free, and the scores are those of the plain loop, bit for bit.
    """
    if not terms:
        return {}
    order = sorted(range(len(terms)), key=lambda i: terms[i].df)
    terms = [terms[i] for i in order]
    factors = [factors[i] for i in order]
    bounds = [factor * term.top for factor, term in zip(factors, terms, strict=True)]
    sums = _sums.pop(size, None) or Sums(size)  # taken, so that another thread makes its own
    try:
        done, least = _sum_rare(factors, terms, bounds, runs, sums, k)
        found = sums.found()
        partial = sums.scores[found]
    finally:
        sums.clear()
        _sums[size] = sums
    # Those that can matter most come first now: what is left shrinks, and the candidates with it.
    later = sorted(range(done, len(terms)), key=lambda i: -bounds[i])
    left = sum(bounds[done:])
    if len(found) > 2 * _FIRST * k:
        found, partial = _above(found, partial, least - left)
        least = max(
            least, _bar(found, partial, [(factors[i], terms[i]) for i in later[:_LOOKS]], runs, k)
        )
        found, partial = _above(found, partial, least - left)
    ascending = found.argsort()
    wanted, partial = found[ascending].astype(np.uint32), partial[ascending]
    for i in later:
        partial += _looked_up(wanted, terms[i], runs) * factors[i]
        left -= bounds[i]
        if len(wanted) > 4 * k:
            wanted, partial = _above(wanted, partial, max(least, _kth(partial, k)) - left)
    if len(wanted) > k:
        wanted, partial = _above(wanted, partial, _kth(partial, k))
    return dict(zip(wanted.tolist(), partial.tolist(), strict=True))


def _sum_rare(
    factors: Sequence[float],
    terms: Sequence[TermPostings],
    bounds: Sequence[float],
    runs: Runs,
    sums: Sums,
    k: int,
) -> tuple[int, float]:
    """Adds up terms until the others can't bring in a document: (how many, k-th best so far)."""
    short = max(1, sum(term.df <= _SHORT for term in terms))
    arrays = [_arrays(term, runs) for term in terms[:short]]
    weights = [one[1][:-1] * factor for one, factor in zip(arrays, factors, strict=False)]
    sums.add_all(np.concatenate([one[0][:-1] for one in arrays]), np.concatenate(weights))
    left = sum(bounds[short:])
    least = 0.0
    # The k-th best of any documents is a bar for all: those with the rarest terms will do.
    probe = sums.found()
    for done in range(short, len(terms)):
        if len(probe) < k:
            probe = sums.found()
        least = max(least, _kth(sums.scores[probe], k))
        if left < least:
            return done, least
        numbers, steps = _arrays(terms[done], runs)
        sums.add(numbers[:-1], np.multiply(steps[:-1], factors[done], dtype=np.float64))
        left -= bounds[done]
    return len(terms), 0.0


def _bar(
    found: NDArray[np.int64],
    partial: Scores,
    later: Sequence[tuple[float, TermPostings]],
    runs: Runs,
    k: int,
) -> float:
    """The k-th best whole score among the documents that are ahead so far."""
    if len(found) < k:
        return 0.0
    ahead = partial.argpartition(-min(_FIRST * k, len(partial)))[-_FIRST * k :]
    wanted = found[ahead].astype(np.uint32)
    total = partial[ahead]
    for factor, term in later:
        total += _looked_up(wanted, term, runs) * factor
    return _kth(total, k)


def _looked_up(wanted: Numbers, term: TermPostings, runs: Runs) -> NDArray[np.uint16]:
    """The term's steps in each document of *wanted*, 0 where it isn't in one."""
    numbers, steps = _arrays(term, runs)
    places = numbers.searchsorted(wanted)
    found: NDArray[np.uint16] = steps[places] * (numbers[places] == wanted)
    return found


def _arrays(term: TermPostings, runs: Runs) -> tuple[Numbers, NDArray[np.uint16]]:
    """The term's documents and steps, each with one more that no document has: a stop for looks."""
    if term.arrays is None:
        parts = runs(term)
        numbers = [*map(_numbers, parts), np.array([0xFFFFFFFF], np.uint32)]
        steps = [np.frombuffer(run.steps, np.uint16) for run in parts]
        term.arrays = np.concatenate(numbers), np.concatenate([*steps, np.zeros(1, np.uint16)])
    arrays: tuple[Numbers, Any] = term.arrays
    return arrays


def _numbers(run: Run) -> Numbers:
    kind = np.uint16 if run.documents.itemsize == 2 else np.uint32
    return np.frombuffer(run.documents, kind).astype(np.uint32) + np.uint32(run.first)


def _above(found: Any, partial: Scores, least: float) -> tuple[Any, Scores]:
    keep = partial >= least
    return found[keep], partial[keep]


def _kth(values: Scores, k: int) -> float:
    """The k-th largest; with fewer, 0."""
    if len(values) < k:
        return 0.0
    place = len(values) - k
    values = values.copy()
    values.partition(place)
    return float(values[place])
