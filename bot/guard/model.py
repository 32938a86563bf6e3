"""Linear models over words: does a post assert hype, tell the sober side, or claim nothing?

They speak where the rules are silent and overrule them where they are sure (:mod:`bot.guard.weigh`).
Features are what a reader can check: character runs, the vocabulary's concepts and how the post
ends; the weights are a file that ``python -m bot.guard.train`` makes from labelled posts.
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
    """Weights by feature."""

    weights: Mapping[str, float]
    bias: float

    def score(self, found: Iterable[str]) -> float:
        """The log odds of *found* features, scaled by the root of their number."""
        total, count = 0.0, 0
        weights = self.weights
        for feature in found:
            weight = weights.get(feature)
            if weight is not None:
                total += weight
                count += 1
        return self.bias + (total / math.sqrt(count) if count else 0.0)

    def strongest(self, found: Iterable[str], limit: int = 5) -> list[str]:
        """The features that weigh most, for whoever asks why."""
        weighed = [(abs(self.weights[f]), f) for f in found if f in self.weights]
        return [feature for _, feature in sorted(weighed, reverse=True)[:limit]]


@dataclass(frozen=True, slots=True)
class Models:
    """``hype``, ``sober``, ``silent``: what a post does; ``case``: its hype is one case's."""

    hype: Model
    sober: Model
    silent: Model
    case: Model


@dataclass(frozen=True, slots=True)
class Odds:
    """The scores of one post."""

    hype: float
    sober: float
    silent: float
    case: float


def load_models() -> Models:
    """The models of the package's weights file."""
    data = json.loads(files("bot.guard").joinpath(WEIGHTS).read_text(encoding="utf-8"))
    return Models(**{name: Model(**table) for name, table in data.items()})


def odds(models: Models, found: set[str]) -> Odds:
    """What *models* make of the features *found*."""
    return Odds(
        hype=models.hype.score(found),
        sober=models.sober.score(found),
        silent=models.silent.score(found),
        case=models.case.score(found),
    )


def features(post: Post, names: Mapping[int, str]) -> set[str]:
    """The features of *post*; *names* are the concepts by bit."""
    found = _runs("", post.text[:_MAX_CHARACTERS])
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


def _runs(mark: str, text: str) -> set[str]:
    text = _DIGITS.sub("0", text)
    return {mark + text[at : at + run] for run in _RUNS for at in range(len(text) - run + 1)}


def _named(mask: int, names: Mapping[int, str]) -> Iterable[str]:
    while mask:
        bit = mask & -mask
        yield names[bit]
        mask ^= bit
