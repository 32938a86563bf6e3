"""The rules' judgements and the model's margins → what is found in the end.

The model says which verdict on which row; the rules say where, of what value, and by which
arithmetic, and what they computed it can't turn round.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.guard.clauses import Post
from bot.guard.features import Part, Reading, features, parts, runs
from bot.guard.judge import Judge, Judgement
from bot.guard.knowledge import Knowledge, Row
from bot.guard.model import Label, Model
from bot.guard.scene import Claim, Leaning

# Set on writers who were left out of the training.
TRUST = 0.1  # what it adds to a label that the rules give it too
TRUST_EXPLICIT = 0.5  # and where they read it of 甲比乙好
UNMEANT = 0.1  # what it adds to no claim that the rules read as asked, denied or wished
SURE = 0.15  # by how much a conflict must lead where the rules see none
SURE_AFAR = 0.4  # where the post doesn't even name AI
SURE_UNMEANT = 0.7  # and where they read it as asked, denied or wished
LIKELY = 0.0  # from which margin on something unknown to the ledger is claimed
ALSO = 0.1  # from which margin on a second finding is told
_LONGEST_SPAN = 60


def weigh(
    reading: Reading, post: Post, judge: Judge, knowledge: Knowledge, model: Model
) -> list[Judgement]:
    """The judgements that stand.  Of rows that the model never met only the rules know."""
    new = [j for j in reading.judged if not _is_learnt(j, model)]
    known = replace(reading, judged=[j for j in reading.judged if _is_learnt(j, model)])
    found: list[Judgement] = []
    for part in parts(post):
        found += _Weighing(known.within(part), part, post, judge, knowledge, model).judgements()
    # What the model takes for unknown to the ledger, a new row may know.
    return new + [j for j in found if j.figure or not new]


def _is_learnt(judgement: Judgement, model: Model) -> bool:
    return judgement.figure is None or judgement.figure in model.figures


class _Weighing:
    """One part of a post, weighed."""

    def __init__(
        self,
        reading: Reading,
        part: Part,
        post: Post,
        judge: Judge,
        knowledge: Knowledge,
        model: Model,
    ) -> None:
        self.reading = reading
        self.part = part
        self.post = post
        self.judge = judge
        self.knowledge = knowledge
        self.model = model

    def judgements(self) -> list[Judgement]:
        if not self.reading.judged and not self._mask() & self.knowledge.gate:
            return []
        margins = self.model.margins(features(self.post, self.part, self.reading, self.knowledge))
        return [self._judgement(label) for label in self._borne_out(margins)]

    def _mask(self) -> int:
        mask = 0
        for clause in self.post.clauses[self.part.first : self.part.last + 1]:
            mask |= clause.mask
        return mask

    def _borne_out(self, margins: Sequence[float]) -> list[Label]:
        """The best label, and others of other rows that are likely by themselves."""
        barred = self._barred()
        ranked = sorted(
            (
                (margin + self._trust(label), str(label), label)
                for margin, label in zip(margins, self.model.labels, strict=True)
                if label not in barred and (label.figure is None or self._row(label.figure))
            ),
            reverse=True,
        )
        if not ranked:
            return []
        margin, _, first = ranked[0]
        if first.verdict == "conflict" and not self._is_said_by_rules(first):
            other = next((entry for entry in ranked if entry[2].verdict != "conflict"), ranked[0])
            if margin - other[0] < self._sure(first):
                first = other[2]
        is_guess = first.verdict == "unsupported" and not self._is_said_by_rules(first)
        if is_guess and margin < LIKELY:
            return [Label(j.verdict, j.figure) for j in self.reading.judged]
        if first.verdict == "no_claim":
            return []
        also = [
            label
            for margin, _, label in ranked
            if margin > ALSO and label.verdict != "no_claim" and label.figure != first.figure
        ]
        return [first, *{label.figure: label for label in reversed(also)}.values()]

    def _sure(self, label: Label) -> float:
        """By how much a conflict must lead that the rules don't see."""
        if any(u.judgement.figure == label.figure for u in self.reading.unmeant):
            return SURE_UNMEANT
        return SURE if self.post.mask & self.knowledge.claim_bits.ai else SURE_AFAR

    def _trust(self, label: Label) -> float:
        """What the rules' own word adds: more where they compared two things named."""
        said = [j for j in self.reading.judged if (j.verdict, j.figure) == label]
        if said:
            return TRUST_EXPLICIT if any(j.claim.is_explicit for j in said) else TRUST
        is_unmeant = label.verdict == "no_claim" and not self.reading.judged
        return UNMEANT if is_unmeant and self.reading.unmeant else 0.0

    def _row(self, figure: str | None) -> Row | None:
        return self.knowledge.by_figure.get(figure or "")

    def _is_said_by_rules(self, label: Label) -> bool:
        return any((j.verdict, j.figure) == label for j in self.reading.judged)

    def _barred(self) -> set[Label]:
        """What the rules have worked out the other way: by a lone number, or as 甲比乙好."""
        clauses = self.post.clauses[self.part.first : self.part.last + 1]
        is_plain = sum(len(clause.quantities) for clause in clauses) == 1
        beyond, within = set(), set()
        for judgement in self.reading.judged:
            claim = judgement.claim
            is_computed = claim.leaning == "value" and is_plain
            if judgement.figure and (is_computed or claim.is_explicit):
                if judgement.verdict == "conflict":
                    beyond.add(judgement.figure)
                elif judgement.verdict == "consistent":
                    within.add(judgement.figure)
        return {
            *(Label("consistent", figure) for figure in beyond),
            *(Label("conflict", figure) for figure in within - beyond),
        }

    def _judgement(self, label: Label) -> Judgement:
        """The rules' own judgement where they agree, else theirs turned, else one by words."""
        same = [j for j in self.reading.judged if j.figure == label.figure]
        for judgement in same:
            if judgement.verdict == label.verdict:
                return judgement
        near = [
            *same,
            *(u.judgement for u in self.reading.unmeant if u.judgement.figure == label.figure),
        ]
        if near and label.figure:
            return self._turned(near[0], label)
        return self._turned(None, label)

    def _turned(self, judgement: Judgement | None, label: Label) -> Judgement:
        claim = judgement.claim if judgement else self._claim(label)
        row = self._row(label.figure)
        if label.verdict == "unsupported":
            return Judgement("unsupported", None, claim, self.judge.why_unsupported(claim))
        leaning: Leaning = "sober" if label.verdict == "consistent" else "hype"
        is_value = claim.leaning == "value" and label.verdict == "lacks_context"
        if not is_value:
            claim = replace(claim, row=row, leaning=leaning, quantity=None, factor=None)
        is_short = label.verdict == "lacks_context" and row is not None
        reason = self.judge.missing(claim, row) if is_short and row else ""
        return Judgement(label.verdict, label.figure, claim, reason)

    def _claim(self, label: Label) -> Claim:
        """The sentence or clause whose words weigh most for *label*."""
        clauses = self.post.clauses[self.part.first : self.part.last + 1]
        text = self.post.text
        weights = [self.model.weight(runs(text[c.start : c.end]), label) for c in clauses]
        best = max(range(len(clauses)), key=lambda at: (weights[at], -at))
        clause = clauses[best]
        sentence = self.post.sentences[clause.sentence]
        start, end = clause.start, clause.end
        if sentence.end - sentence.start <= _LONGEST_SPAN:
            start, end = sentence.start, sentence.end
        index = self.part.first + best
        return Claim(self._row(label.figure), "hype", index, start, end, key=(start, start))
