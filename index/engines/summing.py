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
# Sums in another order differ in their last bits; nothing within this is dropped before the end.
_SLACK = 1e-9
# A look at how far the sum has come costs a pass over the touched documents.
_WORTH_A_LOOK = 2_000

_buffers: dict[int, Scores] = {}


def best(
    factors: Sequence[float],
    terms: Sequence[TermPostings],
    runs: Callable[[TermPostings], list[Run]],
    size: int,
    k: int,
) -> dict[int, float]:
    """Document → score of the *k* best of *size* documents, and of all that tie with the last.

    The scores are added in the order given and in double precision: bit for bit what the plain
    loop over the same postings gives.
    """
    bounds = [factor * term.top for factor, term in zip(factors, terms, strict=True)]
    order = sorted(range(len(terms)), key=lambda i: (terms[i].df, i))
    rest = [*np.cumsum([bounds[i] for i in reversed(order)])[::-1].tolist(), 0.0]
    scores = _buffers.pop(size, None)  # taken, so that another thread makes its own
    if scores is None:
        scores = np.zeros(size)
    touched: list[Numbers] = []
    count = done = seen = 0
    least = 0.0
    try:
        for done, i in enumerate(order):
            if count >= k and (terms[i].df > _WORTH_A_LOOK or count > 4 * seen):
                seen = count
                least = _kth(scores[np.concatenate(touched)], k)
                if rest[done] < least:
                    break
            numbers, steps = _arrays(terms[i], runs)
            before = scores[numbers]
            fresh = numbers[before == 0.0]
            touched.append(fresh)
            count += len(fresh)
            scores[numbers] = before + steps * factors[i]
        else:
            done = len(order)
        if not count:
            return {}
        found = np.concatenate(touched)
        partial = scores[found]
    finally:
        for part in touched:
            scores[part] = 0.0
        _buffers[size] = scores
    if count > k:
        least = max(least, _kth(partial, k))
    found, partial = _above(found, partial, least - rest[done])
    order_of_found = np.argsort(found)
    found, partial = found[order_of_found], partial[order_of_found]
    for place in range(done, len(order)):
        i = order[place]
        partial = partial + _looked_up(found, terms[i], runs) * factors[i]
        if len(found) > k:
            found, partial = _above(found, partial, _kth(partial, k) - rest[place + 1])
    return _exact(found, factors, terms, runs, k)


def _exact(
    found: Numbers,
    factors: Sequence[float],
    terms: Sequence[TermPostings],
    runs: Callable[[TermPostings], list[Run]],
    k: int,
) -> dict[int, float]:
    total = np.zeros(len(found))
    for factor, term in zip(factors, terms, strict=True):
        total += _looked_up(found, term, runs) * factor
    if len(found) > k:
        keep = total >= _kth(total, k)
        found, total = found[keep], total[keep]
    return dict(zip(found.tolist(), total.tolist(), strict=True))


def _looked_up(
    found: Numbers, term: TermPostings, runs: Callable[[TermPostings], list[Run]]
) -> Scores:
    """The term's steps in each of the ascending documents *found*, 0 where it isn't in one."""
    numbers, steps = _arrays(term, runs)
    places = np.searchsorted(numbers, found)
    places[places == len(numbers)] = 0
    return np.where(numbers[places] == found, steps[places], 0.0)


def _arrays(
    term: TermPostings, runs: Callable[[TermPostings], list[Run]]
) -> tuple[Numbers, NDArray[np.uint16]]:
    if term.arrays is None:
        parts = runs(term)
        numbers = [_numbers(run) for run in parts]
        steps = [np.frombuffer(run.steps, np.uint16) for run in parts]
        term.arrays = (
            np.concatenate(numbers) if len(numbers) > 1 else numbers[0],
            np.concatenate(steps) if len(steps) > 1 else steps[0],
        )
    arrays: tuple[Numbers, Any] = term.arrays
    return arrays


def _numbers(run: Run) -> Numbers:
    kind = np.uint16 if run.documents.itemsize == 2 else np.uint32
    return np.frombuffer(run.documents, kind).astype(np.uint32) + np.uint32(run.first)


def _above(found: Numbers, partial: Scores, least: float) -> tuple[Numbers, Scores]:
    keep = partial >= least - _SLACK * max(least, 1.0)
    return found[keep], partial[keep]


def _kth(values: Scores, k: int) -> float:
    """The k-th largest; with fewer, the smallest."""
    if len(values) <= k:
        return float(values.min())
    return float(np.partition(values, len(values) - k)[len(values) - k])
