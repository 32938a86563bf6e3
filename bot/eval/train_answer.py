"""``python -m bot.eval.train_answer``: what decides whether a question is answered.

Three things are made of the labelled questions, in this order: which of them become phrasings
(:mod:`bot.eval.learn`), the topic model (which passage, by words alone), and the weights of the
linear model that weighs everything.  The last must not be fitted on questions that the others
have seen: so each writer's questions are read with phrasings and topics from the other writers'.

The weights are logistic regression by Newton's method with a ridge; the threshold is the one at
which the wanted share of the answerable questions is still answered, each by others' weights.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bot.answer.evidence import FEATURES, TOPIC_FEATURES, gather
from bot.answer.question import read_question
from bot.answer.smalltalk import smalltalk
from bot.answer.topic import NONE, WEIGHTS, topic_features
from bot.eval.fitting import Example, Limits, fit
from bot.eval.learn import HEARD, Heard, heard_from, render, untaught
from bot.eval.qa import QaCase, holds, load_cases
from bot.eval.questions import read_questions
from bot.knowledge import Knowledge
from bot.linear import LinearModel
from corpus.load import Corpus, packaged_root, parse_corpus, read_files

ANSWERED = 0.945
COST = 1.0
LIMITS = Limits(feature=3, label=1, weight=0.03)
_RIDGE = 1.0
_ROUNDS = 50
_FOLDS = 6
_SETS = Path(__file__).parent / "sets"

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Read:
    """A question's features, as somebody who had never heard it would see them."""

    features: Mapping[str, float]
    answerable: bool
    writer: str


def labelled() -> list[QaCase]:
    """The questions that may be learnt from; small talk is another matter."""
    text = (_SETS / "qa_tuning.jsonl").read_text(encoding="utf-8")
    cases = [*load_cases(text), *read_questions(_SETS / "questions")]
    return [case for case in cases if not smalltalk(case.question)]


def fit_topics(cases: Sequence[QaCase], corpus: Corpus) -> LinearModel:
    """The topic model of *cases* and of the facts' phrasings: the passage that answers, or none."""
    squeezed = [(passage.id, "".join(passage.text.split())) for passage in corpus.passages]
    examples = [
        Example(topic_features(read_question(text)), {label})
        for fact in corpus.facts
        for texts, label in ((fact.asks, fact.passage), (fact.beyond, NONE))
        for text in texts
    ]
    for case in cases:
        labels = set(_answering(case, squeezed)) if case.answerable else {NONE}
        if labels:
            examples.append(Example(topic_features(read_question(case.question)), labels))
    return fit(examples, cost=COST, limits=LIMITS)


def _answering(case: QaCase, passages: Sequence[tuple[str, str]]) -> Iterator[str]:
    """The passages that hold a gold run of *case*; where none does whole, most of one."""
    golds = ["".join(gold.split()) for gold in case.gold]
    whole = [name for name, text in passages if any(gold in text for gold in golds)]
    yield from whole or (name for name, text in passages if any(holds(text, g) for g in golds))


def read_unseen(cases: Sequence[QaCase], heard: Mapping[str, Heard]) -> Iterator[Read]:
    """A sixth of the writers' questions at a time, read with what was learnt from the others'."""
    files = read_files(packaged_root())
    files.pop(HEARD, None)
    unheard = parse_corpus(files)
    writers = sorted({case.writer for case in cases})
    for first in range(_FOLDS):
        left_out = set(writers[first::_FOLDS])
        others = [case for case in cases if case.writer not in left_out]
        files[HEARD] = render([heard[case.id] for case in others if case.id in heard])
        corpus = parse_corpus(files)
        with (
            tempfile.TemporaryDirectory() as folder,
            Knowledge(corpus, Path(folder), topic_model=fit_topics(others, unheard)) as knowledge,
        ):
            for case in cases:
                if case.writer in left_out:
                    evidence = gather(case.question, knowledge, case.context)
                    if evidence.best is not None:
                        yield Read(evidence.features, case.answerable, case.writer)


def logistic(rows: Array, labels: Array) -> Array:
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


def unseen_logits(read: Sequence[Read], names: Sequence[str]) -> tuple[Array, Array]:
    """The logit of each case by weights from the other writers' cases, and the labels."""
    rows, labels = _table(read, names)
    writers = np.array([one.writer for one in read])
    logits = np.zeros(len(read))
    for writer in sorted(set(writers)):
        own = writers == writer
        weights = logistic(rows[~own], labels[~own])
        logits[own] = rows[own] @ weights[:-1] + weights[-1]
    return logits, labels


def threshold(logits: Array, labels: Array, answered: float = ANSWERED) -> float:
    """The logit above which the share *answered* of the answerable cases lies."""
    good = np.sort(logits[labels == 1])
    return float(good[int(len(good) * (1 - answered))])


def _table(read: Sequence[Read], names: Sequence[str]) -> tuple[Array, Array]:
    rows = np.array([[one.features[name] for name in names] for one in read])
    return rows, np.array([float(one.answerable) for one in read])


def render_weights(read: Sequence[Read]) -> str:
    """The two sets of weights as ``model.toml``."""
    lines = ["# 由 python -m bot.eval.train_answer 从标注的问题算出，请勿手改。"]
    with_topic = [one for one in read if "topic" in one.features]
    tables = (
        ("with_topic", with_topic, (*FEATURES, *TOPIC_FEATURES)),
        ("by_words", read, FEATURES),
    )
    for table, cases, names in tables:
        weights = logistic(*_table(cases, names))
        logits, labels = unseen_logits(cases, names)
        least = threshold(logits, labels)
        refused = float((logits[labels == 0] < least).mean())
        lines += ["", f"# 没见过的提问者：答得了的答 {ANSWERED:.1%}，答不了的拒 {refused:.1%}"]
        lines.append(f"[{table}]")
        told = zip((*names, "bias"), weights, strict=True)
        lines += [f"{name} = {value:.4f}" for name, value in told]
        lines.append(f"threshold = {least:.4f}")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Learns from the packaged questions."""
    cases = labelled()
    with tempfile.TemporaryDirectory() as folder, untaught(Path(folder)) as knowledge:
        heard = heard_from(cases, knowledge)
        topics = fit_topics(cases, knowledge.corpus)
    weights = render_weights(list(read_unseen(cases, heard)))
    answering = Path(__file__).parent.parent / "answer"
    (answering / "model.toml").write_text(weights, encoding="utf-8")
    (answering / WEIGHTS).write_bytes(topics.dump())
    (packaged_root() / HEARD).write_text(render(heard.values()), encoding="utf-8")
    sys.stdout.write(weights)


if __name__ == "__main__":
    main()
