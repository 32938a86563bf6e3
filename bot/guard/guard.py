"""The guard: post → claims → findings.  Pure; everything it knows is compiled once."""

from __future__ import annotations

from datetime import date, datetime

from bot.guard.claims import Reader
from bot.guard.clauses import Post, take_apart
from bot.guard.explain import finding
from bot.guard.features import Reading, Unmeant
from bot.guard.judge import Judge, Judgement
from bot.guard.knowledge import Knowledge, load_knowledge
from bot.guard.model import Model, load_model
from bot.guard.normalise import Normalised, normalise
from bot.guard.stance import Stances
from bot.guard.types import WORST_FIRST, Check
from bot.guard.weigh import Weigher
from corpus.ledger import Ledger

MAX_CHARACTERS = 100_000


class Guard:
    """A compiled ledger: ``Guard(ledger).check(post, now=…)``."""

    def __init__(self, ledger: Ledger, model: Model | None = None) -> None:
        self._ledger = ledger
        self._knowledge = load_knowledge(ledger)
        self._weigher = Weigher(self._knowledge, model or load_model())

    def check(self, text: str, *, now: date) -> Check:
        """What *text* claims, held against the ledger; ``now`` dates the evidence.

        Any Unicode, lone surrogates included; past 100,000 characters nothing is read.
        """
        normal, post = apart(text, self._knowledge)
        day = now.date() if isinstance(now, datetime) else now
        found = []
        for judgement in self._judged(post):
            figure = self._ledger[judgement.figure] if judgement.figure else None
            found.append(finding(judgement, figure, normal, text, day))
        return Check(tuple(found))

    def _judged(self, post: Post) -> list[Judgement]:
        knowledge = self._knowledge
        if not post.mask & knowledge.gate or post.mask & knowledge.foreign:
            return []  # 限流 of a gateway and 白名单 of a firewall are another trade's
        judge, reading = read(post, knowledge)
        weighed = self._weigher.weigh(reading, post, judge)
        return _deduped(judge.tempered(weighed))


def apart(text: str, knowledge: Knowledge) -> tuple[Normalised, Post]:
    """*text* normalised, and its parts."""
    normal = normalise(text[:MAX_CHARACTERS], knowledge.spellings)
    return normal, take_apart(normal.text, knowledge.lexicon, knowledge.quantities)


def read(post: Post, knowledge: Knowledge) -> tuple[Judge, Reading]:
    """What the rules make of *post*, before the models are asked."""
    reader = Reader(post, knowledge)
    stances = Stances(post, knowledge)
    judge = Judge(post, reader.near, knowledge)
    judged: list[Judgement] = []
    unmeant: list[Unmeant] = []
    is_doubtful = stances.is_doubtful
    for claim in reader.claims():
        stance = stances.of(claim.clause, *claim.key, is_flipped=claim.is_flipped)
        judgement = judge.of(claim, stance)
        is_doubtful |= stance == "refuted"
        if judgement is not None:
            judged.append(judgement)
        elif (meant := judge.of(claim, "asserted")) is not None:
            unmeant.append(Unmeant(meant, stance))
    elsewhere = frozenset(reader.elsewhere)
    return judge, Reading(judge.tempered(judged), unmeant, is_doubtful, elsewhere)


def check(text: str, ledger: Ledger, *, now: date) -> Check:
    """One post against *ledger*; whoever checks many compiles a :class:`Guard` once."""
    return Guard(ledger).check(text, now=now)


def _deduped(judged: list[Judgement]) -> list[Judgement]:
    """The first judgement of each figure and verdict, in the order of the post.

    What one row speaks of isn't also unknown to the ledger.
    """
    best: dict[tuple[str | None, str], Judgement] = {}
    known = [(j.claim.start, j.claim.end) for j in judged if j.figure]
    for judgement in judged:
        start, end = judgement.claim.start, judgement.claim.end
        if judgement.figure or not any(a < end and start < b for a, b in known):
            best.setdefault((judgement.figure, judgement.verdict), judgement)
    return sorted(best.values(), key=lambda j: (j.claim.start, WORST_FIRST.index(j.verdict)))
