"""The guard: post → claims → findings.  Pure; everything it knows is compiled once."""

from __future__ import annotations

from datetime import date, datetime

from bot.guard.claims import Claim, Reader
from bot.guard.clauses import Post, take_apart
from bot.guard.explain import finding
from bot.guard.judge import Judge, Judgement
from bot.guard.knowledge import Knowledge, load_knowledge
from bot.guard.model import Models, features, load_models, surroundings
from bot.guard.normalise import Normalised, normalise
from bot.guard.stance import Stance, Stances
from bot.guard.types import WORST_FIRST, Check
from corpus.ledger import Ledger

MAX_CHARACTERS = 100_000


class Guard:
    """A compiled ledger: ``Guard(ledger).check(post, now=…)``."""

    def __init__(self, ledger: Ledger, models: Models | None = None) -> None:
        self._ledger = ledger
        self._knowledge = load_knowledge(ledger)
        self._names = self._knowledge.names
        self._models = models or load_models()

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
            return []
        reader = Reader(post, knowledge)
        claims = reader.claims()
        stances = Stances(post, knowledge)
        judge = Judge(post, reader.near, knowledge)
        found = None
        judged: list[Judgement] = []
        if claims:
            sure = self._assertion(post, judge, claims)
            for claim in claims:
                stance = stances.of(claim.index, *claim.key, is_flipped=claim.is_flipped)
                judgement = judge.of(claim, self._settled(stance, sure, claim))
                if judgement is not None:
                    judged.append(judgement)
        if not judged and (found := self._guessed(post, stances)) is not None:
            judgement = judge.of(found, "asserted")
            judged = [] if judgement is None else [judgement]
        return _deduped(judge.tempered(judged))

    def _assertion(self, post: Post, judge: Judge, claims: list[Claim]) -> float | None:
        """How sure the model is that what hype was found is meant; None without hype."""
        hyped = _hyped(judge, claims)
        if not hyped:
            return None
        found = features(post, self._names)
        found |= surroundings(post, hyped[0].start, hyped[-1].end)
        return self._models.assertion.score(found)

    def _settled(self, stance: Stance, sure: float | None, claim: Claim) -> Stance:
        """The rules' *stance*, unless the model is sure of the contrary."""
        if sure is None or claim.leaning == "sober":
            return stance
        if stance == "asserted" and sure < self._models.assertion.low:
            return "denied"
        if stance == "denied" and sure > self._models.assertion.high:
            return "asserted"
        return stance

    def _guessed(self, post: Post, stances: Stances) -> Claim | None:
        """What the linear model takes for hype where the rules are silent, put down to a row."""
        knowledge, model = self._knowledge, self._models.hype
        if not post.mask & knowledge.claim_bits.ai or stances.is_doubtful:
            return None
        if model.score(features(post, self._names)) < model.high:
            return None
        for row in knowledge.guess_rows:
            for sentence in post.sentences:
                for index in range(sentence.first, sentence.last + 1):
                    if post.clauses[index].mask & row.guess:
                        start, end = sentence.start, sentence.end
                        return Claim(row, "hype", index, start, end, key=(start, start))
        return None


def apart(text: str, knowledge: Knowledge) -> tuple[Normalised, Post]:
    """*text* normalised, and its parts."""
    normal = normalise(text[:MAX_CHARACTERS], knowledge.spellings)
    return normal, take_apart(normal.text, knowledge.lexicon, knowledge.quantities)


def hyped_claims(post: Post, knowledge: Knowledge) -> list[Claim]:
    """The claims that would be hype if they were meant."""
    if not post.mask & knowledge.gate or post.mask & knowledge.foreign:
        return []
    reader = Reader(post, knowledge)
    return _hyped(Judge(post, reader.near, knowledge), reader.claims())


def _hyped(judge: Judge, claims: list[Claim]) -> list[Claim]:
    return [
        claim
        for claim in claims
        if (judgement := judge.of(claim, "asserted")) and judgement.verdict != "consistent"
    ]


def check(text: str, ledger: Ledger, *, now: date) -> Check:
    """One post against *ledger*; whoever checks many compiles a :class:`Guard` once."""
    return Guard(ledger).check(text, now=now)


def _deduped(judged: list[Judgement]) -> list[Judgement]:
    """The first judgement of each figure and verdict, in the order of the post."""
    best: dict[tuple[str | None, str], Judgement] = {}
    for judgement in judged:
        best.setdefault((judgement.figure, judgement.verdict), judgement)
    return sorted(best.values(), key=lambda j: (j.claim.start, WORST_FIRST.index(j.verdict)))
