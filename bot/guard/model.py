"""Which verdict on which row do the words of a post bear out?  A linear model's labels.

A label is a verdict and the ledger's row that it is given on (``unsupported`` and ``no_claim`` have
none).  ``python -m bot.eval.train_guard`` makes the weights from labelled posts.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib.resources import files
from typing import NamedTuple

from bot.guard.types import Verdict
from bot.linear import LinearModel, ModelError, parse_model

WEIGHTS = "weights.model"


class Label(NamedTuple):
    """A verdict on a row of the ledger, or on none."""

    verdict: Verdict
    figure: str | None

    def __str__(self) -> str:
        return f"{self.verdict} {self.figure or ''}".rstrip()


NO_CLAIM = Label("no_claim", None)


class Model:
    """A linear model whose labels are verdicts; ``figures`` are the rows that it learnt of."""

    __slots__ = ("column", "figures", "labels", "linear")

    def __init__(self, linear: LinearModel) -> None:
        self.linear = linear
        self.labels = tuple(map(_label, linear.labels))
        if self.labels and NO_CLAIM not in self.labels:
            raise ModelError("a model of claims must know no_claim")
        self.column = {label: at for at, label in enumerate(self.labels)}
        self.figures = frozenset(label.figure for label in self.labels if label.figure)

    def margins(self, found: Iterable[str]) -> list[float]:
        """How far the features *found* speak for each label."""
        return self.linear.margins(found)


def load_model() -> Model:
    """The model of the package's weights file."""
    return Model(parse_model(files("bot.guard").joinpath(WEIGHTS).read_bytes()))


def _label(text: str) -> Label:
    verdict, _, figure = text.partition(" ")
    return Label(verdict, figure or None)  # type: ignore[arg-type]
