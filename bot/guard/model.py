"""A linear model over words: how likely is it that a post asserts hype?

It speaks where the rules are silent, and only above a threshold that is set for precision.  Its
features are what a reader can check: character runs, the concepts of the vocabulary and how the
post ends; its weights are a file that ``python -m bot.guard.train`` makes from labelled posts.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files

from bot.guard.clauses import Post

WEIGHTS = "weights.json"
_RUNS = (1, 2, 3)
_DIGITS = re.compile(r"\d+")
_MAX_CHARACTERS = 400  # a longer post says what it says near its claim


@dataclass(frozen=True, slots=True)
class Model:
    """Weights by feature; ``threshold`` is where precision was high enough on unseen voices."""

    weights: Mapping[str, float]
    bias: float
    threshold: float

    def score(self, features: Iterable[str]) -> float:
        """The log odds that hype is asserted, scaled by the root of the number of features."""
        total, count = 0.0, 0
        weights = self.weights
        for feature in features:
            weight = weights.get(feature)
            if weight is not None:
                total += weight
                count += 1
        return self.bias + (total / math.sqrt(count) if count else 0.0)

    def strongest(self, features: Iterable[str], limit: int = 5) -> list[str]:
        """The features that speak most for hype, for whoever asks why."""
        found = [(self.weights[f], f) for f in features if self.weights.get(f, 0) > 0]
        return [feature for _, feature in sorted(found, reverse=True)[:limit]]


def load_model() -> Model:
    """The model of the package's weights file."""
    data = json.loads(files("bot.guard").joinpath(WEIGHTS).read_text(encoding="utf-8"))
    return Model(weights=data["weights"], bias=data["bias"], threshold=data["threshold"])


def features(post: Post, names: Mapping[int, str]) -> set[str]:
    """The features of *post*; *names* are the concepts by bit."""
    text = _DIGITS.sub("0", post.text[:_MAX_CHARACTERS])
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
