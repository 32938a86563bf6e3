"""Adding up postings with numpy, for queries that touch many of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

Block = tuple[int, memoryview, memoryview]


def sum_numpy(
    factors: Sequence[float], lists: Sequence[Sequence[Block]], k: int
) -> dict[int, float]:
    """Document → score for the *k* best and all that tie with the last of them.

    The terms are added in the order given and in double precision: bit for bit what the plain loop
    over the same postings gives.
    """
    # Documents ascend within a block: no larger than needed, since partitioning takes its time.
    size = max((first + seen[-1] + 1 for blocks in lists for first, seen, _ in blocks), default=0)
    scores = np.zeros(size)
    for factor, blocks in zip(factors, lists, strict=True):
        for first, documents, steps in blocks:
            part = scores[first : first + (1 << 16)]
            part[np.frombuffer(documents, np.uint16)] += np.frombuffer(steps, np.uint16) * factor
    top = scores
    if k < size:
        least = np.partition(scores, size - k)[size - k]
        top = scores >= max(least, np.finfo(float).tiny)
    numbers = np.flatnonzero(top)
    return dict(zip(numbers.tolist(), scores[numbers].tolist(), strict=True))
