"""Labelled posts → the weights of :mod:`bot.guard.model`: ``python -m bot.guard.train``.

Logistic regression by stochastic gradient descent with AdaGrad steps (Duchi et al. 2011), in a
fixed order, so that the same posts give the same file.  ``--voices`` leaves out one writer after
the other instead and prints how well the rest predicts that writer.
"""

from __future__ import annotations

import argparse
import json
import math
import random
from collections import Counter
from pathlib import Path
from typing import Any

from bot.guard.clauses import take_apart
from bot.guard.knowledge import Knowledge, load_knowledge
from bot.guard.model import WEIGHTS, features
from bot.guard.normalise import normalise
from corpus.ledger import Ledger

HYPED = ("conflict", "lacks_context")
EPOCHS, RATE, DECAY, SEED = 30, 0.3, 1e-4, 20261121
THRESHOLD = 1.2
_SMALLEST = 0.02

Example = tuple[list[str], bool]


def examples(posts: list[dict[str, Any]], knowledge: Knowledge) -> list[Example]:
    """Each post's features and whether it asserts hype, without rare features."""
    names = knowledge.names
    rows = []
    for post in posts:
        text = normalise(post["text"], knowledge.spellings).text
        apart = take_apart(text, knowledge.lexicon, knowledge.quantities)
        rows.append((sorted(features(apart, names)), post["verdict"] in HYPED))
    counts = Counter(feature for found, _ in rows for feature in found)
    return [([f for f in found if counts[f] > 1], hyped) for found, hyped in rows]


def fit(rows: list[Example]) -> tuple[dict[str, float], float]:
    """Weights and bias."""
    weights: dict[str, float] = {}
    squares: dict[str, float] = {}
    bias = 0.0
    order = list(range(len(rows)))
    shuffle = random.Random(SEED).shuffle
    for _ in range(EPOCHS):
        shuffle(order)
        for at in order:
            found, hyped = rows[at]
            scale = 1 / math.sqrt(len(found) or 1)
            odds = bias + scale * sum(weights.get(f, 0.0) for f in found)
            error = 1 / (1 + math.exp(-max(-30.0, min(30.0, odds)))) - hyped
            for f in found:
                weight = weights.get(f, 0.0)
                slope = error * scale + DECAY * weight
                squares[f] = squares.get(f, 1.0) + slope * slope
                weights[f] = weight - RATE * slope / math.sqrt(squares[f])
            bias -= 0.02 * error
    return weights, bias


def write(path: Path, weights: dict[str, float], bias: float) -> None:
    kept = {f: round(w, 3) for f, w in sorted(weights.items()) if abs(w) >= _SMALLEST}
    data = {"threshold": THRESHOLD, "bias": round(bias, 4), "weights": kept}
    path.write_text(json.dumps(data, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")


def train(posts: list[dict[str, Any]], ledger: Ledger, path: Path) -> int:
    """Fits *posts*, writes the file and returns how many features it holds."""
    weights, bias = fit(examples(posts, load_knowledge(ledger)))
    write(path, weights, bias)
    return sum(abs(weight) >= _SMALLEST for weight in weights.values())
