"""The best of some postings without numpy, whose import would take longer than a small sum.

The same thought as `index.engines.summing`: rare terms are summed, frequent ones are only looked
up where they can still matter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from heapq import nlargest
from typing import TYPE_CHECKING

from index.postings import Run, steps_in

if TYPE_CHECKING:
    from index.engines.sqlite import TermPostings

Runs = Callable[["TermPostings"], list[Run]]

# Terms in no more documents than this are summed without asking whether they still matter.
_SHORT = 300
# Of the most promising documents so many are scored first, for a high bar to hold others against.
_FIRST = 2


def best(
    factors: Sequence[float], terms: Sequence[TermPostings], runs: Runs, size: int, k: int
) -> dict[int, float]:
    """Document → score, at least of the *k* best and of all that tie with the last.

    Bit for bit what numpy gives, as sums of these factors are exact in any order.
    """
    del size
    order = sorted(zip(terms, factors, strict=True), key=lambda pair: pair[0].df)
    bounds = [factor * term.top for term, factor in order]
    left = sum(bounds)
    scores: dict[int, float] = {}
    bar = 0.0
    done = 0
    while done < len(order):
        term, factor = order[done]
        if term.df > _SHORT and len(scores) >= k:
            bar = _kth(scores.values(), k)
            if left < bar:
                break
        _add(scores, factor, runs(term))
        left -= bounds[done]
        done += 1
    later = [(bounds[i], factor, runs(term)) for i, (term, factor) in enumerate(order) if i >= done]
    later.sort(key=lambda one: -one[0])
    scores = _above(scores, bar - left)
    ahead = nlargest(_FIRST * k, scores, key=scores.__getitem__)
    whole = (
        scores[d] + sum(factor * steps_in(found, d) for _, factor, found in later) for d in ahead
    )
    bar = max(bar, _kth(whole, k))
    scores = _above(scores, bar - left)
    for bound, factor, found in later:
        for document in scores:
            steps = steps_in(found, document)
            if steps:
                scores[document] += factor * steps
        left -= bound
        if len(scores) > k:
            scores = _above(scores, max(bar, _kth(scores.values(), k)) - left)
    return scores


def _add(scores: dict[int, float], factor: float, found: Iterable[Run]) -> None:
    for run in found:
        first = run.first
        for document, steps in zip(run.documents, run.steps, strict=True):
            number = first + document
            scores[number] = scores.get(number, 0.0) + factor * steps


def _above(scores: dict[int, float], least: float) -> dict[int, float]:
    return {document: score for document, score in scores.items() if score >= least}


def _kth(values: Iterable[float], k: int) -> float:
    found = nlargest(k, values)
    return found[-1] if len(found) == k else 0.0
