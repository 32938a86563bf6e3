"""Which passage is a question about, or none?  A linear model's view, by what it says.

It learnt from labelled questions, those that nothing answers included, and so knows wordings that
no phrasing holds.  ``python -m bot.eval.train_answer`` makes its weights.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from bot.answer.question import Question
from bot.linear import LinearModel, parse_model

WEIGHTS = "topics.model"
NONE = "none"
_RUNS = (1, 2)
_DIGITS = re.compile(r"\d+")
_MOST_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class Topics:
    """Passage → how far the question's words speak for it; ``none``: for no passage at all."""

    passages: Mapping[str, float]
    none: float

    @property
    def best(self) -> float:
        return max(self.passages.values(), default=self.none)


def topic_features(question: Question) -> set[str]:
    """The character runs of *question*, what kind of thing it asks, and its slots."""
    text = f"^{_DIGITS.sub('0', question.folded[-_MOST_CHARACTERS:])}$"
    found = {text[at : at + run] for run in _RUNS for at in range(len(text) - run + 1)}
    found.update("=" + kind for kind in question.kinds)
    found.update(f"@{slot.category}:{slot.value}" for slot in question.slots)
    return found


def topics_of(question: Question, model: LinearModel) -> Topics:
    """What *model* makes of *question*."""
    margins = dict(zip(model.labels, model.margins(topic_features(question)), strict=True))
    none = margins.pop(NONE, 0.0)
    return Topics(margins, none)


def no_topics() -> LinearModel:
    """A model that knows no passage."""
    return LinearModel([], [], b"", [], 1.0)


@cache
def load_topic_model() -> LinearModel:
    """The model of the package's weights file."""
    return parse_model(files("bot.answer").joinpath(WEIGHTS).read_bytes())
