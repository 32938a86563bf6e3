"""``python -m bot.eval.learn``: labelled tuning questions become phrasings of the facts.

An answerable question is added to the nearest fact of a right passage, an unanswerable one to what
lies beyond its nearest fact.  From then on the tuning part of the set measures nothing but memory:
only the measured part, which never comes here, says how well unseen questions fare.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

from bot.answer.evidence import gather
from bot.answer.smalltalk import smalltalk
from bot.eval.qa import QaCase, holds, load_cases
from bot.knowledge import Knowledge
from corpus.load import packaged_root, parse_corpus, read_files

HEARD = "facts/heard.toml"
_NEAR = 0.2


def untaught(folder: Path) -> Knowledge:
    """The packaged corpus without what was learnt from labelled questions."""
    files = read_files(packaged_root())
    files.pop(HEARD, None)
    return Knowledge(parse_corpus(files), folder)


def learn(cases: Iterable[QaCase], knowledge: Knowledge) -> dict[str, dict[str, list[str]]]:
    """Fact → the questions to add to its ``asks`` and ``beyond``.

    Follow-ups are left out: they mean little without what went before.
    """
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: {"asks": [], "beyond": []})
    for case in cases:
        if case.context or smalltalk(case.question):
            continue
        evidence = gather(case.question, knowledge)
        if case.answerable:
            nearest = sorted(evidence.matches, key=lambda match: not match.fits)
            texts = {m.fact.id: knowledge.corpus.by_id[m.fact.passage].text for m in nearest}
            right = (fact for fact, text in texts.items() if _is_right(text, case))
            fact = next(right, None)
            if fact is not None:
                found[fact]["asks"].append(case.question)
        elif evidence.best is not None and evidence.best.similarity > _NEAR:
            found[evidence.best.fact.id]["beyond"].append(case.question)
    return found


def render(found: Mapping[str, Mapping[str, list[str]]]) -> str:
    """The learnt phrasings as a facts file."""
    lines = ["# 由 python -m bot.eval.learn 从调参用的标注问题得出，请勿手改。"]
    for fact, lists in sorted(found.items()):
        lines += ["", "[[heard]]", f"fact = {json.dumps(fact)}"]
        for key in ("asks", "beyond"):
            if lists[key]:
                lines.append(f"{key} = {json.dumps(lists[key], ensure_ascii=False)}")
    return "\n".join(lines) + "\n"


def _is_right(text: str, case: QaCase) -> bool:
    plain = "".join(text.split())
    return any(holds(plain, "".join(gold.split())) for gold in case.gold)


def main() -> None:
    """Learns from the packaged tuning set; the argument is a folder for the index."""
    text = (Path(__file__).parent / "sets" / "qa_tuning.jsonl").read_text(encoding="utf-8")
    with untaught(Path(sys.argv[1])) as knowledge:
        found = learn(load_cases(text), knowledge)
    (packaged_root() / HEARD).write_text(render(found), encoding="utf-8")
    asks = sum(len(lists["asks"]) for lists in found.values())
    beyond = sum(len(lists["beyond"]) for lists in found.values())
    sys.stdout.write(f"学到 {asks} 种问法，{beyond} 个答不了的问题\n")


if __name__ == "__main__":
    main()
