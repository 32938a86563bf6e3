"""Two linear models over words: does a post assert hype, and is a claim that was found meant?

The first speaks where the rules are silent; the second overrules their reading of stance where it
is sure.  Features are what a reader can check: character runs, the vocabulary's concepts and how
the post ends; the weights are a file that ``python -m bot.guard.train`` makes from labelled posts.
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
_BEFORE, _AFTER = 14, 20


@dataclass(frozen=True, slots=True)
class Model:
    """Weights by feature; ``low`` and ``high`` are the odds at which it overrules the rules."""

    weights: Mapping[str, float]
    bias: float
    low: float
    high: float

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
    """``hype``: does the post assert hype at all?  ``assertion``: is a claim found meant so?"""

    hype: Model
    assertion: Model


def load_models() -> Models:
    """The models of the package's weights file."""
    data = json.loads(files("bot.guard").joinpath(WEIGHTS).read_text(encoding="utf-8"))
    return Models(**{name: Model(**table) for name, table in data.items()})


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


def surroundings(post: Post, start: int, end: int) -> set[str]:
    """What stands before and after the claims at ``[start, end)``."""
    before = post.text[max(0, start - _BEFORE) : start]
    return _runs("[", before) | _runs("]", post.text[end : end + _AFTER])


def _runs(mark: str, text: str) -> set[str]:
    text = _DIGITS.sub("0", text)
    return {mark + text[at : at + run] for run in _RUNS for at in range(len(text) - run + 1)}


def _named(mask: int, names: Mapping[int, str]) -> Iterable[str]:
    while mask:
        bit = mask & -mask
        yield names[bit]
        mask ^= bit
