"""The rules' judgements and the models' odds → what is found in the end.

Numbers are the rules' business: there the models can only say that a claim isn't meant.  Where
words alone carry a claim they may also find what the rules missed, or read it the other way.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass, replace

from bot.guard.clauses import Post
from bot.guard.judge import Judge, Judgement
from bot.guard.knowledge import Knowledge
from bot.guard.model import Odds
from bot.guard.scene import Claim

# Set on writers who were left out of the training, for precision.
FIND_HYPE = 0.3
FIND_WEAK_HYPE = 0.1
FIND_SOBER = 0.8
DROP_WORDS = -0.4
DROP_NUMBER = -2.0
UNMEANT = 0.6
TURN = 0.8
RESTORE = 1.6
ONE_CASE = 0.2
LONGEST_GUESS = 120  # in a longer text there is always something


@dataclass(frozen=True, slots=True)
class Reading:
    """What the rules made of a post: what they judged, and the hype that they took as not meant."""

    judged: list[Judgement]
    unmeant: list[Judgement]
    is_doubtful: bool


def weigh(
    reading: Reading,
    odds: Odds,
    post: Post,
    judge: Judge,
    knowledge: Knowledge,
    learnt: Container[str],
) -> list[Judgement]:
    """The judgements that stand; *learnt* are the rows that the models were trained on."""
    if not reading.judged:
        return _found(reading, odds, post, judge, knowledge)
    kept: list[Judgement] = []
    for judgement in reading.judged:
        if not _is_learnt(judgement, learnt):
            kept.append(judgement)
            continue
        weighed = _weighed(judgement, odds, judge)
        if weighed is not None:
            kept.append(_as_case(weighed, odds))
    return kept


def _is_learnt(judgement: Judgement, learnt: Container[str]) -> bool:
    """Whether the models know the row's words; of one added later only the rules do."""
    row = judgement.claim.row
    return row is None or row.figure.id in learnt


def _weighed(judgement: Judgement, odds: Odds, judge: Judge) -> Judgement | None:
    row = judgement.claim.row
    is_hype = judgement.verdict in ("conflict", "lacks_context")
    if row is None or judgement.verdict == "unsupported":
        return None if odds.silent > TURN and odds.hype < DROP_NUMBER else judgement
    if judgement.claim.leaning == "value" or judgement.claim.is_explicit:
        is_unmeant = is_hype and odds.hype < DROP_NUMBER and odds.silent > UNMEANT
        return None if is_unmeant else judgement
    is_other = odds.sober > max(odds.hype, 0.0) or (
        odds.hype < DROP_WORDS and max(odds.sober, odds.silent) > UNMEANT
    )
    if is_hype and is_other:
        return _turned(judgement, odds)
    if not is_hype and odds.hype > TURN and odds.hype > odds.sober:
        claim = replace(judgement.claim, leaning="hype", is_negated=False)
        return judge.of(claim, "asserted")
    if not is_hype and odds.silent > TURN and odds.silent > odds.sober:
        return None
    return judgement


def _turned(judgement: Judgement, odds: Odds) -> Judgement | None:
    if odds.sober > odds.silent:
        return replace(judgement, verdict="consistent", reason="")
    return None


def _as_case(judgement: Judgement, odds: Odds) -> Judgement:
    """One's own luck, or one case, told with no rule behind it."""
    if (
        judgement.verdict == "conflict"
        and judgement.claim.leaning != "value"
        and (odds.case > ONE_CASE)
    ):
        return replace(judgement, verdict="lacks_context", reason="luck")
    return judgement


def _found(
    reading: Reading, odds: Odds, post: Post, judge: Judge, knowledge: Knowledge
) -> list[Judgement]:
    """What the models find where the rules are silent."""
    if reading.unmeant:
        return reading.unmeant if odds.hype > RESTORE and odds.hype > odds.silent else []
    is_long = len(post.text) > LONGEST_GUESS
    if is_long or reading.is_doubtful or not post.mask & knowledge.claim_bits.ai:
        return []
    claim = _guess(post, knowledge)
    if claim is None or claim.row is None:
        return []
    enough = FIND_HYPE if claim.row.figure.basis == "firm" else FIND_WEAK_HYPE
    if odds.sober > FIND_SOBER and odds.sober > max(odds.hype, odds.silent):
        claim = replace(claim, leaning="sober")
    elif odds.hype <= enough or odds.hype <= max(odds.sober, odds.silent):
        return []
    judgement = judge.of(claim, "asserted")
    return [] if judgement is None else [_as_case(judgement, odds)]


def _guess(post: Post, knowledge: Knowledge) -> Claim | None:
    """The row whose words a post holds, the most special one first, and the sentence that does."""
    units = {quantity.unit for clause in post.clauses for quantity in clause.quantities}
    for row in knowledge.guess_rows:
        if row.guess_rank < 0 and not (row.number and row.number.units & units):
            continue  # a row of numbers needs one
        for sentence in post.sentences:
            for index in range(sentence.first, sentence.last + 1):
                if post.clauses[index].mask & row.guess:
                    start, end = sentence.start, sentence.end
                    return Claim(row, "hype", index, start, end, key=(start, start))
    return None
