"""The guard: post → claims → findings.  Pure; everything it knows is compiled once."""

from __future__ import annotations

from datetime import date

from bot.guard.claims import Reader
from bot.guard.clauses import take_apart
from bot.guard.judge import Judge, Judgement
from bot.guard.knowledge import Knowledge, load_knowledge
from bot.guard.normalise import Normalised, normalise
from bot.guard.stance import Stances
from bot.guard.types import WORST_FIRST, Check, Finding
from corpus.ledger import Ledger

MAX_CHARACTERS = 100_000


class Guard:
    """A compiled ledger: ``Guard(ledger).check(post)``."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._knowledge: Knowledge = load_knowledge(ledger)

    def check(self, text: str, *, now: date | None = None) -> Check:
        knowledge = self._knowledge
        normal = normalise(text, knowledge.spellings)
        post = take_apart(normal.text, knowledge.lexicon, knowledge.quantities)
        if not post.mask & knowledge.gate or post.mask & knowledge.foreign:
            return Check()
        reader = Reader(post, knowledge)
        claims = reader.claims()
        if not claims:
            return Check()
        stances = Stances(post, knowledge)
        judge = Judge(post, reader.near, knowledge)
        judged: list[Judgement] = []
        for claim in claims:
            stance = stances.of(claim.index, *claim.key, is_flipped=claim.is_flipped)
            judgement = judge.of(claim, stance)
            if judgement is not None:
                judged.append(judgement)
        judged = judge.tempered(judged)
        return Check(tuple(self._finding(j, normal, text) for j in _deduped(judged)))

    def _finding(self, judgement: Judgement, normal: Normalised, raw: str) -> Finding:
        claim = judgement.claim
        start, end = normal.raw_span(claim.start, claim.end)
        figure = self._ledger[judgement.figure] if judgement.figure else None
        return Finding(
            verdict=judgement.verdict,
            figure=judgement.figure,
            text=raw[start:end],
            start=start,
            end=end,
            claimed=None,
            known=figure.known_text if figure else None,
            explanation="",
            quote=figure.quote if figure else None,
            article=figure.article if figure else None,
            published=figure.published if figure else None,
        )


def _deduped(judged: list[Judgement]) -> list[Judgement]:
    """One judgement for each row and sentence's worst."""
    best: dict[tuple[str | None, str], Judgement] = {}
    for judgement in judged:
        key = (judgement.figure, judgement.verdict)
        if key not in best:
            best[key] = judgement
    return sorted(best.values(), key=lambda j: (j.claim.start, WORST_FIRST.index(j.verdict)))
