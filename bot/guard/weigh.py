"""The rules' judgements and the model's margins → what is found in the end.

The model says which verdict on which row; the rules say where, of what value, and by which
arithmetic, and what they computed it can't turn round.
"""

from __future__ import annotations

from dataclasses import replace

from bot.guard.clauses import Clause, Post
from bot.guard.features import WHOLE, Part, Reading, features, parts, sentences
from bot.guard.judge import Judge, Judgement
from bot.guard.knowledge import Knowledge, Row
from bot.guard.model import NO_CLAIM, Label, Model
from bot.guard.scene import Claim, Leaning

# Set on writers who were left out of the training.
COMPUTED = 0.7  # what it adds to a conflict that arithmetic gives of a lone number, plainly told
WITHIN = 0.4  # the same of what arithmetic agrees with
SAID = 0.1  # what it adds to a label other than a conflict that the rules give it too
UNMEANT = 0.3  # what it adds to no claim that the rules read as asked, denied or wished
SURE = 0.25  # by how much a conflict must lead
SURE_SAID, SURE_DOUBTED = 0.15, 0.35  # where the rules say it too, and the post asks or mocks
# Where the post doesn't name what the row is about: with such a margin, and with less.
SURE_AFAR, LEAST_AFAR, SURE_FAINT = 0.7, 0.1, 1.2
SURE_AMID = 0.3  # and in a part of a long post, where there is always something
SURE_UNMEANT = 0.8  # where the rules read it as asked, denied or wished
SURE_AGAINST = 0.7  # where they read the contrary
# In one sentence of a post so long: by how much a conflict leads, if the rules say it or not.
LENGTHY, PLAIN_SAID, PLAIN = 120, 0.6, 1.0
LIKELY = -0.2  # from which margin on something unknown to the ledger is claimed
NEARLY = -0.7  # and on a row
ALSO, ALSO_SAID = 0.2, -0.25  # from which margin on a second finding is told, if the rules say it
LISTED = -0.9  # the same for what arithmetic says in a post that is a conflict anyway
_LONGEST_SPAN = 60
_NEVER = float("-inf")


class Weigher:
    """What is compiled once of a ledger and a model: which labels there can be."""

    def __init__(self, knowledge: Knowledge, model: Model) -> None:
        self.knowledge = knowledge
        self.model = model
        labels = enumerate(model.labels)
        self.columns = [at for at, label in labels if _is_possible(label, knowledge)]
        is_conflict = [label.verdict == "conflict" for label in model.labels]
        self.peaceful = [at for at in self.columns if not is_conflict[at]]
        self.conflicts = [at for at in self.columns if is_conflict[at]]
        self.agreed = {
            at: model.column.get(Label("consistent", model.labels[at].figure))
            for at in self.conflicts
        }
        # What a conflict must lead over: the other verdicts on its row, and those on none.
        self.against = {
            at: [
                other
                for other in self.columns
                if model.labels[other].figure in (None, model.labels[at].figure) and other != at
            ]
            for at in self.conflicts
        }

    def weigh(self, reading: Reading, post: Post, judge: Judge) -> list[Judgement]:
        """The judgements that stand.  Of rows that the model never met only the rules know."""
        learnt = self.model.figures
        new = [j for j in reading.judged if j.figure and j.figure not in learnt]
        known = reading
        if new:
            known = replace(reading, judged=[j for j in reading.judged if j not in new])
        found: list[Judgement] = []
        whole = parts(post, known.judged) if self.columns else []
        for part in whole:
            own = known.within(part) if len(whole) > 1 else known
            found += _Weighing(own, part, post, judge, self).judgements()
        if len(whole) == 1 and len(post.sentences) > 1:
            if found:
                found += self._by_the_way(found, known, post, judge)
            if len(post.text) > LENGTHY and not known.is_doubtful:
                found += self._amid(found, known, post, judge)
        if not self.columns:
            found = known.judged
        # What the model takes for unknown to the ledger, a new row may know.
        return new + [j for j in found if j.figure or not new]

    def _by_the_way(
        self, found: list[Judgement], reading: Reading, post: Post, judge: Judge
    ) -> list[Judgement]:
        """Conflicts of other rows that one sentence holds by itself, in the rules' words too."""
        told = {judgement.figure for judgement in found}
        said = [j for j in reading.judged if j.verdict == "conflict" and j.figure not in told]
        if not said:
            return []
        further: list[Judgement] = []
        for part in sentences(post):
            own = reading.within(part)
            if any(judgement in said for judgement in own.judged):
                judged = _Weighing(own, part, post, judge, self).judgements()
                further += [judgement for judgement in judged if judgement in said]
        return further

    def _amid(
        self, found: list[Judgement], reading: Reading, post: Post, judge: Judge
    ) -> list[Judgement]:
        """Conflicts that a sentence states plainly, where the rest of the post drowned them."""
        further: list[Judgement] = []
        if not any(judgement.verdict == "conflict" for judgement in found):
            for part in sentences(post):
                own = _Weighing(reading.within(part), part, post, judge, self)
                further += own.plain_conflicts()
        return further


def _is_possible(label: Label, knowledge: Knowledge) -> bool:
    """Whether the ledger has the row, and a basis to refute with where it would refute."""
    if label.figure is None:
        return True
    row = knowledge.by_figure.get(label.figure)
    return row is not None and (label.verdict != "conflict" or row.figure.basis != "weak")


class _Weighing:
    """One part of a post, weighed."""

    def __init__(
        self, reading: Reading, part: Part, post: Post, judge: Judge, weigher: Weigher
    ) -> None:
        self.reading = reading
        self.part = part
        self.post = post
        self.judge = judge
        self.weigher = weigher
        self.model = weigher.model
        self.knowledge = weigher.knowledge
        self.clauses = post.clauses[part.first : part.last + 1]
        self._told = dict.fromkeys(Label(j.verdict, j.figure) for j in reading.judged)

    def judgements(self) -> list[Judgement]:
        margins = self._margins()
        if margins is None:
            return []
        return [self._judgement(label) for label in self._borne_out(margins)]

    def plain_conflicts(self) -> list[Judgement]:
        """The conflict that leads over all else by far."""
        margins = self._margins()
        if margins is None:
            return []
        said = self._say(margins)
        at = max(self.weigher.columns, key=margins.__getitem__)
        is_plain = at in self.weigher.conflicts and self._lead(at, margins) >= (
            PLAIN_SAID if at in said else PLAIN
        )
        return [self._judgement(self.model.labels[at])] if is_plain else []

    def _margins(self) -> list[float] | None:
        """What the model says; None where nothing speaks of what it knows."""
        if not self.reading.judged and not self._mask() & self.knowledge.gate:
            return None
        return self.model.margins(features(self.post, self.part, self.reading, self.knowledge))

    def _mask(self) -> int:
        mask = 0
        for clause in self.clauses:
            mask |= clause.mask
        return mask

    def _borne_out(self, margins: list[float]) -> list[Label]:
        """The best label, and others of other rows that are likely by themselves."""
        labels = self.model.labels
        said = self._say(margins)
        columns = self.weigher.peaceful + self._sure_conflicts(margins, said)
        best = max(columns, key=margins.__getitem__)
        first = labels[best]
        least = LIKELY if first.verdict == "unsupported" else NEARLY
        if best not in said and margins[best] < least:
            return [labels[at] for at in said if at in columns]
        if first.verdict == "no_claim":
            return []
        also: dict[str | None, int] = {}
        if first.verdict == "conflict":
            also = {labels[at].figure: at for at in self._computed(said) if margins[at] > LISTED}
        for at in columns:
            if margins[at] > (ALSO_SAID if at in said else ALSO):
                label = labels[at]
                held = also.get(label.figure, at)
                if label.verdict != "no_claim" and margins[at] >= margins[held]:
                    also[label.figure] = at
        return [first, *(labels[at] for figure, at in also.items() if figure != first.figure)]

    def _sure_conflicts(self, margins: list[float], said: list[int]) -> list[int]:
        """The conflicts that may be told.  What is nearly one isn't borne out by its row either."""
        sure = []
        for at in self.weigher.conflicts:
            if margins[at] > NEARLY and self._leads(at, margins, said):
                sure.append(at)
                continue
            agreed = self.weigher.agreed[at]
            if agreed is not None and margins[at] > margins[agreed]:
                margins[agreed] = _NEVER
        return sure

    def _computed(self, said: list[int]) -> list[int]:
        """Those of *said* that are conflicts by arithmetic: 占比30%,GMV占10%,GPM 50."""
        found = {
            self.model.column.get(Label(j.verdict, j.figure))
            for j in self.reading.judged
            if j.claim.leaning == "value" and j.verdict == "conflict"
        }
        return [at for at in said if at in found]

    def _leads(self, at: int, margins: list[float], said: list[int]) -> bool:
        """Whether a conflict leads by enough over what else the post may say of its row."""
        sure = self._sure_said() if at in said else self._sure(self.model.labels[at], margins[at])
        if len(self.post.text) > WHOLE:
            sure += SURE_AMID
        return self._lead(at, margins) >= sure

    def _lead(self, at: int, margins: list[float]) -> float:
        return margins[at] - max(margins[other] for other in self.weigher.against[at])

    def _sure_said(self) -> float:
        return SURE_DOUBTED if self.reading.is_doubtful else SURE_SAID

    def _say(self, margins: list[float]) -> list[int]:
        """The columns of what the rules say; *margins* are moved by what they say and rule out."""
        column = self.model.column
        said = [column[label] for label in self._told if label in column]
        for at in said:
            if self.model.labels[at].verdict != "conflict":
                margins[at] += SAID
        if not self.reading.is_doubtful and not self.reading.unmeant:
            for figure in {j.figure for j in self.reading.judged if self._is_computed(j)}:
                at = column.get(Label("conflict", figure), -1)
                if at in said and margins[at] > margins[column[NO_CLAIM]]:
                    margins[at] += COMPUTED
                at = column.get(Label("consistent", figure), -1)
                if at in said and margins[at] > NEARLY:
                    margins[at] += WITHIN
        if self.reading.unmeant and not self.reading.judged:
            margins[column[NO_CLAIM]] += UNMEANT
        for label in self._barred():
            if label in column:
                margins[column[label]] = _NEVER
        return said

    def _sure(self, label: Label, margin: float) -> float:
        """By how much a conflict must lead that the rules don't see."""
        if any(u.judgement.figure == label.figure for u in self.reading.unmeant):
            return SURE_UNMEANT
        if Label("consistent", label.figure) in self._told:
            return SURE_AGAINST
        row, mask = self.knowledge.by_figure[label.figure or ""], self.post.mask
        about = row.about or (row.order.left if row.order else 0)
        is_named = mask & about and not (row.also and not mask & row.also)
        if is_named:
            return SURE
        return SURE_AFAR if margin >= LEAST_AFAR else SURE_FAINT

    def _row(self, figure: str | None) -> Row | None:
        return self.knowledge.by_figure.get(figure or "")

    def _barred(self) -> set[Label]:
        """What the rules have worked out the other way: by a lone number, or as 甲比乙好."""
        beyond, within = set(), set()
        for judgement in self.reading.judged:
            claim = judgement.claim
            if judgement.figure and (self._is_computed(judgement) or claim.is_explicit):
                if judgement.verdict == "conflict":
                    beyond.add(judgement.figure)
                elif judgement.verdict == "consistent" and not _is_open(claim):
                    within.add(judgement.figure)
        judged = {judgement.figure for judgement in self.reading.judged}
        elsewhere = {figure for _, figure in self.reading.elsewhere} - judged
        return {
            *(Label("consistent", figure) for figure in beyond),
            *(Label("conflict", figure) for figure in (within - beyond) | elsewhere),
        }

    def _is_computed(self, judgement: Judgement) -> bool:
        """Whether the verdict follows from the part's only number, or from one worked out."""
        claim = judgement.claim
        if claim.leaning != "value":
            return False
        is_derived = claim.quantity is not None and claim.quantity.is_derived
        return is_derived or sum(len(clause.quantities) for clause in self.clauses) == 1

    def _judgement(self, label: Label) -> Judgement:
        """The rules' own judgement where they agree, else theirs turned, else one by words."""
        same = [j for j in self.reading.judged if j.figure == label.figure]
        agreed = [j for j in same if j.verdict == label.verdict]
        if agreed:
            best = max(agreed, key=self._names_its_subject)
            is_aside = best.claim.leaning != "value" and not self._names_its_subject(best)
            return self._turned(None, label) if is_aside else best
        unmeant = (u.judgement for u in self.reading.unmeant)
        near = [*same, *(j for j in unmeant if j.figure == label.figure)]
        return self._turned(near[0].claim if near and label.figure else None, label)

    def _names_its_subject(self, judgement: Judgement) -> bool:
        """Whether the clause of the claim says what it is about: not 放心冲 after AI号不限流."""
        row = judgement.claim.row
        return row is not None and bool(self.post.clauses[judgement.claim.clause].mask & row.about)

    def _turned(self, claim: Claim | None, label: Label) -> Judgement:
        claim = claim or self._claim(label)
        row = self._row(label.figure)
        if row is None:
            return Judgement("unsupported", None, claim, self.judge.why_unsupported(claim))
        is_short = label.verdict == "lacks_context"
        if not (claim.leaning == "value" and is_short):
            leaning: Leaning = "sober" if label.verdict == "consistent" else "hype"
            claim = claim._replace(row=row, leaning=leaning, quantity=None, factor=None)
        reason = self.judge.missing(claim, row) if is_short else ""
        return Judgement(label.verdict, label.figure, claim, reason)

    def _claim(self, label: Label) -> Claim:
        """The sentence or clause that names what *label* is about and says most of it."""
        clauses = self.clauses
        best = max(range(len(clauses)), key=lambda at: (*self._bearing(clauses[at], label), -at))
        clause = clauses[best]
        sentence = self.post.sentences[clause.sentence]
        start, end = clause.start, clause.end
        if sentence.end - sentence.start <= _LONGEST_SPAN:
            start, end = sentence.start, sentence.end
        index = self.part.first + best
        return Claim(self._row(label.figure), "hype", index, start, end, key=(start, start))

    def _bearing(self, clause: Clause, label: Label) -> tuple[int, int]:
        """How far *clause* speaks of the row: its subject, its words, a number; known words."""
        row = self._row(label.figure)
        if row is None:
            return bool(clause.mask & self.knowledge.claim_bits.ai), len(clause.tokens)
        words = row.hype | row.sober | row.hype_alone | row.sober_alone
        bearing = bool(clause.mask & (row.about | row.also)) + 2 * bool(clause.mask & words)
        has_number = row.number is not None and bool(clause.quantities)
        return bearing + has_number, len(clause.tokens)


def _is_open(claim: Claim) -> bool:
    """Whether the claim only says "below so much": 不到30的都算失败 boasts all the same."""
    return claim.quantity is not None and claim.quantity.open_high
