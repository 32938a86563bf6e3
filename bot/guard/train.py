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

import numpy as np

from bot.guard.guard import apart
from bot.guard.knowledge import Knowledge, load_knowledge
from bot.guard.model import WEIGHTS, Models, Weights, features
from corpus.ledger import Ledger
from corpus.load import load_corpus

SETS = Path("bot/eval/sets")
EPOCHS, RATE, DECAY, SEED = 20, 0.3, 1e-4, 20261121
_SMALLEST = 22  # hundredths
HYPED = ("conflict", "lacks_context")

Post = Mapping[str, Any]
Fit = tuple[dict[str, float], float]


def train(posts: Iterable[Post], ledger: Ledger) -> Models:
    """The models, fitted to *posts* (``{"text", "verdict", "findings"}``)."""
    knowledge = load_knowledge(ledger)
    posts = list(posts)
    rows = [(_features(post["text"], knowledge), post["verdict"]) for post in posts]
    hyped = [(found, verdict) for found, verdict in rows if verdict in HYPED]
    fitted = (
        fit((found, verdict in HYPED) for found, verdict in rows),
        fit((found, verdict == "consistent") for found, verdict in rows),
        fit((found, verdict == "no_claim") for found, verdict in rows),
        fit((found, verdict == "lacks_context") for found, verdict in hyped),
    )
    found = (finding for post in posts for finding in post.get("findings", ()))
    return _together(fitted, sorted({f["figure"] for f in found if f["figure"]}))


def _together(fitted: tuple[Fit, Fit, Fit, Fit], figures: Iterable[str]) -> Models:
    names = sorted({name for weights, _ in fitted for name in weights})
    rows: dict[str, Weights] = {}
    for name in names:
        row = [round(100 * weights.get(name, 0.0)) for weights, _ in fitted]
        if max(map(abs, row)) >= _SMALLEST:
            rows[name] = row
    return Models(rows, [round(100 * bias) for _, bias in fitted], figures)


def _features(text: str, knowledge: Knowledge) -> set[str]:
    _, post = apart(text, knowledge)
    return features(post, knowledge.names)


def fit(examples: Iterable[tuple[set[str], bool]]) -> Fit:
    """Weights and bias; features that occur once are left out."""
    rows = list(examples)
    counts = Counter(feature for found, _ in rows for feature in found)
    names = sorted(feature for feature, count in counts.items() if count > 1)
    column = {feature: at for at, feature in enumerate(names)}
    found = [np.array(sorted(column[f] for f in row if f in column), int) for row, _ in rows]
    weights, squares, bias = np.zeros(len(names)), np.ones(len(names)), 0.0
    order = list(range(len(rows)))
    shuffle = random.Random(SEED).shuffle
    for _ in range(EPOCHS):
        shuffle(order)
        for at in order:
            columns = found[at]
            scale = 1 / math.sqrt(len(columns) or 1)
            odds = bias + scale * float(weights[columns].sum())
            error = 1 / (1 + math.exp(-max(-30.0, min(30.0, odds)))) - rows[at][1]
            slope = error * scale + DECAY * weights[columns]
            squares[columns] += slope * slope
            weights[columns] -= RATE * slope / np.sqrt(squares[columns])
            bias -= 0.02 * error
    return {n: float(w) for n, w in zip(names, weights, strict=True)}, bias


def write(models: Models, path: Path) -> None:
    """A line a feature, so that a change can be read."""
    lines = ",\n".join(
        f"{json.dumps(feature, ensure_ascii=False)}: {list(weights)}"
        for feature, weights in models.weights.items()
    )
    figures = json.dumps(sorted(models.figures))
    bias = list(models.bias)
    text = f'{{"bias": {bias}, "figures": {figures}, "weights": {{\n{lines}\n}}}}\n'
    path.write_text(text, encoding="utf-8")


def read_posts(path: Path) -> list[Post]:
    """The labelled posts of a JSON lines file."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines if line.strip()]


def main() -> None:
    """Reads the tuning set, writes the weights beside this module."""
    corpus = load_corpus()
    posts = read_posts(SETS / "guard_tuning.jsonl")
    # What the sources write about AI is soberly meant, and sounds like what it warns of.
    paragraphs = {line for a in corpus.articles.values() for line in a.text.splitlines()}
    posts += [{"text": text, "verdict": "no_claim"} for text in sorted(paragraphs)]
    models = train(posts, corpus.ledger)
    write(models, Path(__file__).with_name(WEIGHTS))
    sys.stdout.write(f"{len(posts)} posts, {len(models.weights)} features\n")


if __name__ == "__main__":
    main()
