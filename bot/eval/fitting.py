"""Labelled features → a linear model: one support vector machine a label.

scikit-learn's LinearSVC, which is liblinear's dual coordinate descent (Hsieh et al. 2008), with a
fixed seed: the same examples give the same weights.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from bot.linear import LinearModel

SEED = 20261121
_ROUNDS = 5000
_STEPS, _MIDDLE = 127, 128
_CLOSE = 1e-3  # nearer than this, a byte a weight shows no difference


class Example(NamedTuple):
    """What was found in a text, and the labels that it bears."""

    found: Collection[str]
    labels: Collection[str]


class Limits(NamedTuple):
    """What is learnt: features and labels seen in so many examples, weights that weigh so much."""

    feature: int
    label: int
    weight: float


def fit(examples: Sequence[Example], *, cost: float, limits: Limits) -> LinearModel:
    """The model of *examples*; *cost* is what an error costs, liblinear's C."""
    from sklearn.svm import LinearSVC

    seen = Counter(name for example in examples for name in example.found)
    names = sorted(name for name, count in seen.items() if count >= limits.feature)
    counted = Counter(label for example in examples for label in example.labels)
    labels = sorted(label for label, count in counted.items() if count >= limits.label)
    matrix = design(examples, names)
    weights = np.zeros((len(names), len(labels)))
    bias = np.zeros(len(labels))
    for at, label in enumerate(labels):
        wanted = np.array([label in example.labels for example in examples])
        fitted = LinearSVC(C=cost, dual=True, tol=_CLOSE, random_state=SEED, max_iter=_ROUNDS).fit(
            matrix, wanted
        )
        weights[:, at], bias[at] = fitted.coef_[0], fitted.intercept_[0]
    return _rounded(names, labels, weights, bias, limits.weight)


def design(examples: Sequence[Example], names: Sequence[str]) -> Any:
    """The examples as a sparse matrix, each row scaled to length one."""
    from scipy.sparse import csr_matrix

    column = {name: at for at, name in enumerate(names)}
    found = [sorted(column[n] for n in example.found if n in column) for example in examples]
    sizes = np.array([len(row) for row in found])
    columns = np.array([at for row in found for at in row], np.int32)
    values = np.repeat(1 / np.sqrt(np.maximum(sizes, 1)), sizes)
    ends = np.concatenate([[0], np.cumsum(sizes)])
    return csr_matrix((values, columns, ends), shape=(len(examples), len(names)))


def _rounded(
    names: Sequence[str],
    labels: Sequence[str],
    weights: npt.NDArray[np.float64],
    bias: npt.NDArray[np.float64],
    least: float,
) -> LinearModel:
    """In steps of one byte; features that weigh next to nothing are dropped."""
    heavy = np.abs(weights).max(axis=1, initial=0.0) >= least
    kept = weights[heavy]
    scale = float(np.abs(kept).max(initial=1e-9) / _STEPS)
    return LinearModel(
        names=[name for name, is_heavy in zip(names, heavy, strict=True) if is_heavy],
        labels=labels,
        rows=(np.rint(kept / scale) + _MIDDLE).astype(np.uint8).tobytes(),
        bias=bias.round(4).tolist(),
        scale=scale,
    )
