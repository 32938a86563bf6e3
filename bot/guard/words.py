"""What is said of a subject in words alone: for hype, or for the row's own side."""

from __future__ import annotations

from collections.abc import Iterator

from bot.guard.clauses import Clause
from bot.guard.knowledge import OrderRule, Row
from bot.guard.lexicon import Token
from bot.guard.scene import Claim, Leaning, Scene


class WordReader(Scene):
    """Finds the claims that words carry; a negation turns them round."""

    def word_claims(self, index: int, clause: Clause) -> Iterator[Claim]:
        if not clause.mask & self.knowledge.leaning_gate:
            return
        for token in clause.tokens:
            gate = token.mask & self.knowledge.leaning_gate
            if not gate:
                continue
            for row in self.knowledge.leaning_rows(gate):
                leaning = self._leaning(row, index, token)
                if leaning is None:
                    continue
                if row.order and self._is_order(row.order, clause):
                    continue
                is_untrue = self._is_called_untrue_next(clause)
                negated = is_untrue or self._is_negated(clause, token)
                if negated and leaning == "sober":
                    leaning, negated = "hype", False
                yield Claim(
                    row,
                    leaning,
                    index,
                    clause.start,
                    clause.end,
                    key=(token.start, token.end),
                    is_negated=negated,
                    is_flipped=is_untrue,
                )

    def _is_order(self, rule: OrderRule, clause: Clause) -> bool:
        """Whether the word belongs to a comparison, which another reader reads, or to none."""
        return bool(self._sentence_mask(clause) & rule.never_with) or (
            self._sides(clause, rule) is not None
        )

    def _leaning(self, row: Row, index: int, token: Token) -> Leaning | None:
        if row.also and not self.post.mask & row.also:
            return None
        is_about = bool(self.near[index] & row.about) and not self._is_of_others(row, index)
        if token.mask & row.hype_alone or (is_about and token.mask & row.hype):
            return "hype"
        if token.mask & row.sober_alone or (is_about and token.mask & row.sober):
            return "sober"
        return None

    def _is_of_others(self, row: Row, index: int) -> bool:
        """Whether the clause names another subject alone: AI号限流,实拍号不限流."""
        mask, subjects = self.post.clauses[index].mask, self.bits.level_subjects
        return bool(row.about & subjects and mask & subjects & ~row.about) and not mask & row.about

    def _is_called_untrue_next(self, clause: Clause) -> bool:
        """这事儿,纯属编的鬼故事: the next clause says so, with nothing of its own."""
        sentence = self.post.sentences[clause.sentence]
        for other in self.post.clauses[sentence.first : sentence.last + 1]:
            if other.start >= clause.end:
                return bool(
                    other.mask & self.bits.neg_after
                    and other.tokens
                    and other.tokens[0].mask & self.bits.neg_after
                )
        if not sentence.is_question or clause.sentence + 1 >= len(self.post.sentences):
            return False
        answer = self.post.clauses[self.post.sentences[clause.sentence + 1].first]
        return bool(answer.tokens and answer.tokens[0].mask & self.bits.neg_after)
