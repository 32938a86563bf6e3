"""``python -m bot.eval.train``: the weights of the answer's linear model, from the tuning set.

What was learnt from these same questions is left out of the index, so that none meets itself.
Logistic regression by Newton's method with a ridge; the same data give the same weights on any
machine, to the digits that are written.  The threshold is the one at which the wanted share of the
answerable tuning questions is still answered by weights from other writers' questions.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bot.answer.evidence import FEATURES, gather
from bot.answer.smalltalk import smalltalk
from bot.eval.learn import untaught
from bot.eval.qa import QaCase, load_cases
from bot.knowledge import Knowledge

ANSWERED = 0.955
_RIDGE = 0.3
_ROUNDS = 50

Array = npt.NDArray[np.float64]


def design(cases: Sequence[QaCase], knowledge: Knowledge) -> tuple[Array, Array]:
    """A row of features and a label (answerable or not) for each case that isn't small talk."""
    rows, labels = [], []
    for case in cases:
        if smalltalk(case.question):
            continue
        evidence = gather(case.question, knowledge, case.context)
        if evidence.best is not None:
            rows.append([evidence.features[name] for name in FEATURES])
            labels.append(float(case.answerable))
    return np.array(rows), np.array(labels)


def fit(rows: Array, labels: Array) -> Array:
    """The weights, bias last."""
    padded = np.hstack([rows, np.ones((len(rows), 1))])
    weights = np.zeros(padded.shape[1])
    ridge = np.full(padded.shape[1], _RIDGE)
    ridge[-1] = 1e-6
    for _ in range(_ROUNDS):
        chance = 1 / (1 + np.exp(-np.clip(padded @ weights, -50, 50)))
        slope = padded.T @ (chance - labels) + ridge * weights
        curve = (padded * (chance * (1 - chance))[:, None]).T @ padded + np.diag(ridge)
        step = np.linalg.solve(curve, slope)
        weights -= step
        if np.abs(step).max() < 1e-10:
            break
    return weights


def unseen_threshold(folds: Sequence[tuple[Array, Array]], answered: float = ANSWERED) -> float:
    """The probability above which the share *answered* of the answerable cases lies, where each
    writer's questions are judged by weights from the other writers'."""
    chances = []
    for left_out, (rows, labels) in enumerate(folds):
        others = [fold for number, fold in enumerate(folds) if number != left_out]
        weights = fit(np.vstack([r for r, _ in others]), np.concatenate([y for _, y in others]))
        logit = np.hstack([rows, np.ones((len(rows), 1))]) @ weights
        chances.append(1 / (1 + np.exp(-logit[labels == 1])))
    chance = np.sort(np.concatenate(chances))
    return float(chance[int(len(chance) * (1 - answered))])


def render(weights: Array, least: float) -> str:
    """The weights as ``model.toml``."""
    lines = ["# 由 python -m bot.eval.train 从调参用的标注集算出，请勿手改。"]
    names = (*FEATURES, "bias")
    lines += [f"{name} = {value:.4f}" for name, value in zip(names, weights, strict=True)]
    lines.append(f"threshold = {least:.4f}")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Trains on the packaged tuning set and writes ``model.toml``."""
    here = Path(__file__).parent
    cases = load_cases((here / "sets" / "qa_tuning.jsonl").read_text(encoding="utf-8"))
    writers = sorted({case.writer for case in cases})
    with untaught(Path(sys.argv[1])) as knowledge:
        folds = [design([c for c in cases if c.writer == writer], knowledge) for writer in writers]
    weights = fit(np.vstack([r for r, _ in folds]), np.concatenate([y for _, y in folds]))
    text = render(weights, unseen_threshold(folds))
    (here.parent / "answer" / "model.toml").write_text(text, encoding="utf-8")
    sys.stdout.write(text)


if __name__ == "__main__":
    main()
