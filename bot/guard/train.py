"""Labelled posts → the weights of :mod:`bot.guard.model`: ``python -m bot.guard.train``.

Logistic regression by stochastic gradient descent with AdaGrad steps (Duchi et al. 2011), in a
fixed order, so that the same posts give the same file.
"""

from __future__ import annotations

import json
import math
import random
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from bot.guard.guard import apart, hyped_claims
from bot.guard.knowledge import Knowledge, load_knowledge
from bot.guard.model import WEIGHTS, Model, Models, features, surroundings
from corpus.ledger import Ledger
from corpus.load import load_corpus

SETS = Path("bot/eval/sets")
EPOCHS, RATE, DECAY, SEED = 30, 0.3, 1e-4, 20261121
# Set on voices that were left out of the training, for precision.
HYPE = {"low": 0.0, "high": 1.0}
ASSERTION = {"low": 0.9, "high": 2.5}
_SMALLEST = 0.02

Post = Mapping[str, Any]
Example = tuple[list[str], bool]


def train(posts: list[Post], ledger: Ledger) -> Models:
    """Both models, fitted to *posts* (``{"text", "verdict", "findings"}``)."""
    knowledge = load_knowledge(ledger)
    return Models(
        hype=Model(*fit(_hype_examples(posts, knowledge)), **HYPE),
        assertion=Model(*fit(_assertion_examples(posts, knowledge)), **ASSERTION),
    )


def fit(examples: Iterable[tuple[set[str], bool]]) -> tuple[dict[str, float], float]:
    """Weights and bias; features that occur once are left out."""
    rows = _common(list(examples))
    weights: dict[str, float] = {}
    squares: dict[str, float] = {}
    bias = 0.0
    order = list(range(len(rows)))
    shuffle = random.Random(SEED).shuffle
    for _ in range(EPOCHS):
        shuffle(order)
        for at in order:
            found, is_true = rows[at]
            scale = 1 / math.sqrt(len(found) or 1)
            odds = bias + scale * sum(weights.get(f, 0.0) for f in found)
            error = 1 / (1 + math.exp(-max(-30.0, min(30.0, odds)))) - is_true
            for f in found:
                weight = weights.get(f, 0.0)
                slope = error * scale + DECAY * weight
                squares[f] = squares.get(f, 1.0) + slope * slope
                weights[f] = weight - RATE * slope / math.sqrt(squares[f])
            bias -= 0.02 * error
    kept = {f: round(w, 3) for f, w in sorted(weights.items()) if abs(w) >= _SMALLEST}
    return kept, round(bias, 4)


def _common(examples: list[tuple[set[str], bool]]) -> list[Example]:
    counts = Counter(feature for found, _ in examples for feature in found)
    return [(sorted(f for f in found if counts[f] > 1), is_true) for found, is_true in examples]


def _hype_examples(
    posts: list[Post], knowledge: Knowledge
) -> Iterable[tuple[set[str], bool]]:
    for post in posts:
        _, parts = apart(post["text"], knowledge)
        yield features(parts, knowledge.names), post["verdict"] in ("conflict", "lacks_context")


def _assertion_examples(
    posts: list[Post], knowledge: Knowledge
) -> Iterable[tuple[set[str], bool]]:
    hyped = {"conflict", "lacks_context", "unsupported"}
    for post in posts:
        _, parts = apart(post["text"], knowledge)
        claims = hyped_claims(parts, knowledge)
        if claims:
            found = features(parts, knowledge.names)
            found |= surroundings(parts, claims[0].start, claims[-1].end)
            yield found, any(finding["verdict"] in hyped for finding in post["findings"])


def write(models: Models, path: Path) -> None:
    tables = {
        name: {
            "low": model.low, "high": model.high, "bias": model.bias, "weights": model.weights
        }
        for name, model in (("hype", models.hype), ("assertion", models.assertion))
    }  # fmt: skip
    path.write_text(json.dumps(tables, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")


def read_posts(path: Path) -> list[Post]:
    """The labelled posts of a JSON lines file."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines if line.strip()]


def main() -> None:
    """Reads the tuning set, writes the weights beside this module."""
    posts = read_posts(SETS / "guard_tuning.jsonl")
    models = train(posts, load_corpus().ledger)
    write(models, Path(__file__).with_name(WEIGHTS))
    counts = len(models.hype.weights), len(models.assertion.weights)
    sys.stdout.write(f"{len(posts)} posts, {counts[0]} + {counts[1]} weights\n")


if __name__ == "__main__":
    main()
