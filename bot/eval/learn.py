"""Labelled questions → phrasings of the facts: what was asked once is known from then on.

An answerable question is added to the nearest fact of a right passage, an unanswerable one to what
lies beyond its nearest fact.  From then on these questions measure nothing but memory: only those
that never come here say how well unseen ones fare.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Literal, NamedTuple

from bot.answer.evidence import Evidence, gather
from bot.answer.topic import no_topics
from bot.eval.qa import QaCase, holds
from bot.knowledge import Knowledge
from corpus.load import packaged_root, parse_corpus, read_files

HEARD = "facts/heard.toml"
_NEAR = 0.2


class Heard(NamedTuple):
    """A question as a phrasing of a fact, or as one that lies beyond it."""

    fact: str
    key: Literal["asks", "beyond"]
    question: str


def untaught(folder: Path) -> Knowledge:
    """The packaged corpus without what was learnt from labelled questions."""
    files = read_files(packaged_root())
    files.pop(HEARD, None)
    return Knowledge(parse_corpus(files), folder, topic_model=no_topics())


def heard_from(cases: Iterable[QaCase], knowledge: Knowledge) -> dict[str, Heard]:
    """Case → what it teaches.

    Follow-ups are left out: they mean little without what went before.
    """
    found = {}
    for case in cases:
        if not case.context:
            heard = _heard(case, gather(case.question, knowledge), knowledge)
            if heard is not None:
                found[case.id] = heard
    return found


def _heard(case: QaCase, evidence: Evidence, knowledge: Knowledge) -> Heard | None:
    if case.answerable:
        nearest = sorted(evidence.matches, key=lambda match: not match.fits)
        texts = {m.fact.id: knowledge.corpus.by_id[m.fact.passage].text for m in nearest}
        fact = next((fact for fact, text in texts.items() if _is_right(text, case)), None)
        return Heard(fact, "asks", case.question) if fact else None
    best = evidence.best
    if best is None or best.similarity <= _NEAR:
        return None
    return Heard(best.fact.id, "beyond", case.question)


def render(heard: Iterable[Heard]) -> str:
    """The learnt phrasings as a facts file."""
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: {"asks": [], "beyond": []})
    for fact, key, question in heard:
        found[fact][key].append(question)
    lines = ["# 由 python -m bot.eval.train_answer 从标注问题得出，请勿手改。"]
    for fact, lists in sorted(found.items()):
        lines += ["", "[[heard]]", f"fact = {json.dumps(fact)}"]
        for key in ("asks", "beyond"):
            if lists[key]:
                lines.append(f"{key} = {json.dumps(lists[key], ensure_ascii=False)}")
    return "\n".join(lines) + "\n"


def _is_right(text: str, case: QaCase) -> bool:
    plain = "".join(text.split())
    return any(holds(plain, "".join(gold.split())) for gold in case.gold)
