"""The guard: post → claims → findings.  Pure; everything it knows is compiled once."""

from __future__ import annotations

from datetime import date, datetime

from bot.guard.claims import Claim, Reader
from bot.guard.clauses import Post, take_apart
from bot.guard.explain import finding
from bot.guard.judge import Judge, Judgement
from bot.guard.knowledge import Knowledge, load_knowledge
from bot.guard.model import Model, features, load_model
from bot.guard.normalise import normalise
from bot.guard.stance import Stances
from bot.guard.types import WORST_FIRST, Check
from corpus.ledger import Ledger

MAX_CHARACTERS = 100_000


class Guard:
    """A compiled ledger: ``Guard(ledger).check(post, now=…)``."""

    def __init__(self, ledger: Ledger, model: Model | None = None) -> None:
        self._ledger = ledger
        self._knowledge: Knowledge = load_knowledge(ledger)
        self._names = self._knowledge.names
        self._model = load_model() if model is None else model

    def check(self, text: str, *, now: date) -> Check:
        """What *text* claims, held against the ledger; ``now`` dates the evidence.

        Any Unicode, lone surrogates included; past 100,000 characters nothing is read.
        """
        knowledge = self._knowledge
        normal = normalise(text[:MAX_CHARACTERS], knowledge.spellings)
        post = take_apart(normal.text, knowledge.lexicon, knowledge.quantities)
        day = now.date() if isinstance(now, datetime) else now
        found = []
        for judgement in self._judged(post):
            figure = self._ledger[judgement.figure] if judgement.figure else None
            found.append(finding(judgement, figure, normal, text, day))
        return Check(tuple(found))

    def _judged(self, post: Post) -> list[Judgement]:
        knowledge = self._knowledge
        if not post.mask & knowledge.gate or post.mask & knowledge.foreign:
            return []
        reader = Reader(post, knowledge)
        claims = reader.claims()
        stances = Stances(post, knowledge)
        judge = Judge(post, reader.near, knowledge)
        judged: list[Judgement] = []
        for claim in claims:
            stance = stances.of(claim.index, *claim.key, is_flipped=claim.is_flipped)
            judgement = judge.of(claim, stance)
            if judgement is not None:
                judged.append(judgement)
        if not judged and (claim := self._guessed(post, stances)) is not None:
            judgement = judge.of(claim, "asserted")
            judged = [] if judgement is None else [judgement]
        return _deduped(judge.tempered(judged))

    def _guessed(self, post: Post, stances: Stances) -> Claim | None:
        """What the linear model takes for hype where the rules are silent, put down to a row."""
        knowledge = self._knowledge
        if not post.mask & knowledge.claim_bits.ai or stances.is_doubtful:
            return None
        if self._model.score(features(post, self._names)) < self._model.threshold:
            return None
        for row in knowledge.guess_rows:
            for sentence in post.sentences:
                for index in range(sentence.first, sentence.last + 1):
                    clause = post.clauses[index]
                    if clause.mask & row.guess:
                        start, end = sentence.start, sentence.end
                        return Claim(row, "hype", index, start, end, key=(start, start))
        return None


def check(text: str, ledger: Ledger, *, now: date) -> Check:
    """One post against *ledger*; whoever checks many compiles a :class:`Guard` once."""
    return Guard(ledger).check(text, now=now)


def _deduped(judged: list[Judgement]) -> list[Judgement]:
    """The first judgement of each figure and verdict, in the order of the post."""
    best: dict[tuple[str | None, str], Judgement] = {}
    for judgement in judged:
        best.setdefault((judgement.figure, judgement.verdict), judgement)
    return sorted(best.values(), key=lambda j: (j.claim.start, WORST_FIRST.index(j.verdict)))
