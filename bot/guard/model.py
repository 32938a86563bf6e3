"""Linear models over words: does a post assert hype, tell the sober side, or claim nothing?

They speak where the rules are silent and overrule them where they are sure (see ``weigh.py``).
Features are what a reader can check: character runs, the vocabulary's concepts and how the post
ends; the weights are a file that ``python -m bot.guard.train`` makes from labelled posts.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from importlib.resources import files
from itertools import repeat
from typing import NamedTuple

from bot.guard.clauses import Post

WEIGHTS = "weights.json"
_RUNS = (2, 3)
_HIGH = 1 << 20  # sums of 240 × 3 weights in hundredths stay below half of it
_COUNTS = 1 << 11
_DIGITS = re.compile(r"\d+")
_SPACES = re.compile(r"\s+")
_MAX_CHARACTERS = 240  # a longer post says what it says near its claim


Weights = Sequence[int]


class Odds(NamedTuple):
    """The log odds of one post: that it asserts hype, tells the sober side, claims nothing, and
    that its hype is a single case's."""

    hype: float
    sober: float
    silent: float
    case: float


class Models:
    """Four weights a feature, in the order of :class:`Odds`, and four biases; all in hundredths.

    ``figures`` are the ledger's rows that the posts of the training spoke of.
    """

    __slots__ = ("_packed", "bias", "figures", "weights")

    def __init__(
        self, weights: Mapping[str, Weights], bias: Weights, figures: Iterable[str] = ()
    ) -> None:
        self.figures = frozenset(figures)
        self.weights = weights
        self.bias = bias
        # The four and a count in one complex number: a sum over features is then one call in C.
        self._packed = {
            feature: complex(a * _HIGH + b, (c * _HIGH + d) * _COUNTS + 1)
            for feature, (a, b, c, d) in weights.items()
        }

    def odds(self, found: Iterable[str]) -> Odds:
        """What the features *found* say, each sum scaled by the root of their number."""
        total = sum(map(self._packed.get, found, repeat(0)), 0j)
        rest, count = divmod(int(total.imag), _COUNTS)
        sums = (*_parted(int(total.real)), *_parted(rest))
        scale = 1 / math.sqrt(count or 1)
        return Odds(*((b + s * scale) / 100 for b, s in zip(self.bias, sums, strict=True)))

    def strongest(self, found: Iterable[str], limit: int = 5) -> list[str]:
        """The features that weigh most for or against hype, for whoever asks why."""
        weighed = [(abs(self.weights[f][0]), f) for f in found if f in self.weights]
        return [feature for _, feature in sorted(weighed, reverse=True)[:limit]]


def _parted(packed: int) -> tuple[int, int]:
    high = (packed + _HIGH // 2) // _HIGH
    return high, packed - high * _HIGH


def load_models() -> Models:
    """The models of the package's weights file."""
    data = json.loads(files("bot.guard").joinpath(WEIGHTS).read_text(encoding="utf-8"))
    return Models(weights=data["weights"], bias=data["bias"], figures=data["figures"])


def features(post: Post, names: Mapping[int, str]) -> set[str]:
    """The features of *post*; *names* are the concepts by bit."""
    text = _DIGITS.sub("0", _SPACES.sub(" ", post.text[:_MAX_CHARACTERS]))
    found = {text[at : at + run] for run in _RUNS for at in range(len(text) - run + 1)}
    if not post.clauses:
        return found
    found.update("@" + name for name in _named(post.mask, names))
    found.update("<" + name for name in _named(post.clauses[0].mask, names))
    found.update(">" + name for name in _named(post.clauses[-1].mask, names))
    found.add(f"~{min(6, len(post.text) // 20)}")
    if any(sentence.is_question for sentence in post.sentences):
        found.add("~asks")
    if post.sentences[-1].is_question:
        found.add("~ends asking")
    return found


def _named(mask: int, names: Mapping[int, str]) -> Iterable[str]:
    while mask:
        bit = mask & -mask
        yield names[bit]
        mask ^= bit
