"""Linear models over named features: one weight a feature and label, small enough to be shipped.

A label's margin is its bias and the sum of the weights of the features found, scaled by the root of
their number; above nought it speaks for the label.  The weights are files that the trainers of
``bot.eval`` make from labelled texts; a byte a weight, so that loading one costs milliseconds.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

Weights = npt.NDArray[np.int8]
Biases = npt.NDArray[np.float64]


class LinearModel:
    """Weights in steps of ``scale``: a row a feature, a column a label."""

    __slots__ = ("_rows", "bias", "column", "labels", "scale", "weights")

    def __init__(
        self,
        names: Iterable[str],
        labels: Sequence[str],
        weights: Weights,
        bias: Biases,
        scale: float,
    ) -> None:
        self._rows: Mapping[str, int] = {name: row for row, name in enumerate(names)}
        self.labels = tuple(labels)
        self.column = {label: at for at, label in enumerate(self.labels)}
        self.weights = weights
        self.bias = bias
        self.scale = scale

    @property
    def names(self) -> list[str]:
        """The features in the order of their rows."""
        return list(self._rows)

    def margins(self, found: Iterable[str]) -> list[float]:
        """How far the features *found* speak for each label, in the order of ``labels``."""
        rows = self._known(found)
        if not rows:
            return [float(bias) for bias in self.bias]
        sums = self.weights[rows].sum(axis=0, dtype=np.int32)
        margins: list[float] = (self.bias + sums * (self.scale / len(rows) ** 0.5)).tolist()
        return margins

    def weight(self, found: Iterable[str], label: str) -> float:
        """The bare sum of what the features *found* weigh for *label*."""
        column = self.weights[self._known(found), self.column[label]]
        return self.scale * int(column.sum(dtype=np.int32))

    def strongest(self, found: Iterable[str], label: str, limit: int = 5) -> list[str]:
        """The features that weigh most for or against *label*, for whoever asks why."""
        column = self.weights[:, self.column[label]]
        weighed = [(abs(int(column[self._rows[n]])), n) for n in found if n in self._rows]
        return [name for _, name in sorted(weighed, reverse=True)[:limit]]

    def _known(self, found: Iterable[str]) -> list[int]:
        get = self._rows.get
        return [row for name in found if (row := get(name)) is not None]

    def dump(self) -> bytes:
        """The file that :func:`parse_model` reads."""
        into = io.BytesIO()
        np.savez_compressed(
            into,
            names=_packed(self._rows),
            labels=_packed(self.labels),
            weights=self.weights,
            bias=self.bias,
            scale=np.float64(self.scale),
        )
        return into.getvalue()


def parse_model(data: bytes) -> LinearModel:
    """The model in the bytes of a weights file; ValueError or KeyError where they aren't one."""
    with np.load(io.BytesIO(data), allow_pickle=False) as tables:
        return LinearModel(
            names=_unpacked(tables["names"]),
            labels=_unpacked(tables["labels"]),
            weights=tables["weights"],
            bias=tables["bias"],
            scale=float(tables["scale"]),
        )


def _packed(lines: Iterable[str]) -> npt.NDArray[np.uint8]:
    return np.frombuffer("\n".join(lines).encode("utf-8", "surrogatepass"), np.uint8)


def _unpacked(packed: npt.NDArray[np.uint8]) -> list[str]:
    return packed.tobytes().decode("utf-8", "surrogatepass").split("\n")
