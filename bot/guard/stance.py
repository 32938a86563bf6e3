"""How a claim is meant: asserted, asked, denied, wished, foretold; only what is asserted counts.

Stance is read at the place of the value or predicate, from its clause, its sentence and the
sentences beside it.  Irony and quotation marks are evidence, not proof.
"""

from __future__ import annotations

import re
from typing import Literal

from bot.guard.clauses import Clause, Post
from bot.guard.knowledge import Knowledge

Stance = Literal["asserted", "asked", "denied", "wished", "planned", "foretold", "refuted"]

_ENDS_ASKING = re.compile(r"(?:吗|咩|(?<![什怎那这要多])么)[\s\"”」』)~!.。]*$")
_QUOTES = re.compile(r"[“「『《\"‘]([^“”「」『』\"《》‘’\n]{2,80})[”」』》\"’]")
_A_NOT_A = re.compile(r"([\u3400-\u9fff])不\1(?!可)")
_NOT = (
    "不是",
    "并非",
    "而不是",
    "不是什么",
    "没有什么",
    "绝不是",
    "哪有",
    "哪来的",
    "哪来",
    "边有",
)
_TRAIL = 3  # 吧, 了吧, 好吗
_TURNED = "不没别"  # 不是假的 stands by it
_SHORT = 8
_ASIDE = 16


class Stances:
    """The stance of any place in one post."""

    __slots__ = ("_bits", "_mock_near", "_post", "_quoted")

    def __init__(self, post: Post, knowledge: Knowledge) -> None:
        self._post = post
        self._bits = knowledge.stance_bits
        self._quoted = [match.span(1) for match in _QUOTES.finditer(post.text)]

    @property
    def is_doubtful(self) -> bool:
        """Whether the post asks, frames or mocks anywhere: no place for a guess."""
        bits, post = self._bits, self._post
        if post.mask & (bits.frame | bits.wish | bits.plan | bits.ask_before | bits.aloof):
            return True
        if any(
            s.is_question and not self._mask(s.first, s.last) & bits.push
            for s in post.sentences[-1:]
        ):
            return True
        return bool(post.mask & bits.mock)

    def of(self, index: int, start: int, end: int, *, is_flipped: bool = False) -> Stance:
        """The stance of ``[start, end)`` in clause *index*."""
        if self._is_refuted(index, end):
            return "refuted"
        if is_flipped:
            return "asserted"
        if self._is_asked(index, start):
            return "asked"
        if self._is_denied(index, start, end):
            return "denied"
        return self._mood(index, start, end)

    # --- questions -------------------------------------------------------------------------

    def _is_asked(self, index: int, start: int) -> bool:
        bits, post = self._bits, self._post
        if post.mask & bits.frame:
            return True
        clause = post.clauses[index]
        sentence = post.sentences[clause.sentence]
        later = self._mask(index, sentence.last)
        if clause.mask & bits.rhetorical:
            return False
        if sentence.is_question:
            return not (later & bits.push or self._is_confirmed(clause.sentence))
        if _ENDS_ASKING.search(post.text[clause.start : clause.end]):
            return not later & bits.push
        before = self._mask(max(sentence.first, index - 2), index - 1)
        if later & bits.ask or before & bits.ask_before:
            return not later & bits.push
        return _A_NOT_A.search(post.text, clause.start, clause.end) is not None

    def _is_confirmed(self, sentence: int) -> bool:
        if sentence + 1 >= len(self._post.sentences):
            return False
        after = self._post.sentences[sentence + 1]
        return bool(self._post.clauses[after.first].mask & self._bits.confirm)

    # --- denial, mockery, quotation ------------------------------------------------------------

    def _is_denied(self, index: int, start: int, end: int) -> bool:
        bits, post = self._bits, self._post
        clause = post.clauses[index]
        sentence = post.sentences[clause.sentence]
        cues = 0
        for token in clause.tokens:
            if token.mask & bits.deny_or_mock and not (token.start >= start and token.end <= end):
                cues |= token.mask
        around = self._around(clause.sentence)
        if self._mask(index, index + 2) & bits.affirm and not cues & bits.mock:
            return False
        if cues & (bits.deny | bits.mock):
            return True
        if self._is_negated_number(clause, start):
            return True
        if self._is_dismissed_next(index, sentence.last):
            return True
        if self._is_dismissed_before(index, sentence.first):
            return True
        if self._in_quotes(start, end) and not around & bits.affirm:
            return True
        if self._is_echo(index, start, end):
            return True
        others = self._mask(sentence.first, index) & bits.other
        return bool(others and around & (bits.deny | bits.mock | bits.laugh))

    def _is_refuted(self, index: int, end: int) -> bool:
        """The claim is taken back in the same breath: …是假的, …我跟谁急, "…,离谱"."""
        bits, post = self._bits, self._post
        clause = post.clauses[index]
        sentence = post.sentences[clause.sentence]
        others = self._mask(sentence.first, index) & bits.other
        ending = bits.refute | bits.scoff if others else bits.refute
        for token in clause.tokens:
            if token.start >= end and token.mask & ending and clause.end - token.end <= _TRAIL:
                return post.text[token.start - 1] not in _TURNED
        if index >= sentence.last:
            return False
        after = post.clauses[index + 1]
        first = after.tokens[0] if after.tokens else None
        return (
            first is not None
            and bool(first.mask & (bits.refute | bits.scoff))
            and first.start - after.start <= 1
            and after.end - first.end <= _TRAIL
            and index + 1 == sentence.last
        )

    def _is_negated_number(self, clause: Clause, start: int) -> bool:
        """不是三成, 并非10%: the number itself is denied."""
        before = self._post.text[max(clause.start, start - 4) : start]
        return before.endswith(_NOT)

    def _is_dismissed_next(self, index: int, last: int) -> bool:
        """The following clause or sentence denies or mocks without a claim of its own."""
        bits, post = self._bits, self._post
        for at in (index + 1, index + 2):
            if at >= len(post.clauses):
                return False
            clause = post.clauses[at]
            if at == index + 2 and clause.sentence != post.clauses[index].sentence:
                return False
            if clause.sentence != post.clauses[index].sentence and (
                clause.end - clause.start > _ASIDE
            ):
                return False
            if clause.quantities or self._leans(clause):
                return False
            if clause.mask & bits.reset and not clause.mask & bits.deny:
                return False
            if clause.mask & (bits.deny | bits.mock):
                return True
        return False

    def _leans(self, clause: Clause) -> bool:
        bits = self._bits
        return any(
            token.mask & bits.leaning and not token.mask & (bits.deny | bits.mock)
            for token in clause.tokens
        )

    def _is_dismissed_before(self, index: int, first: int) -> bool:
        bits, post = self._bits, self._post
        if index == 0:
            return False
        before = post.clauses[index - 1]
        if before.end - before.start > _SHORT or post.clauses[index].mask & bits.reset:
            return False
        return bool(before.mask & bits.deny) and not before.mask & bits.dont_listen

    def _is_echo(self, index: int, start: int, end: int) -> bool:
        """The words of a question taken up again to mock it: 梭哈?先梭哈一副眼镜吧."""
        clause = self._post.clauses[index]
        if not clause.sentence:
            return False
        asked = self._post.sentences[clause.sentence - 1]
        if not asked.is_question or self._post.clauses[asked.first].mask & self._bits.confirm:
            return False
        word = self._post.text[start:end]
        return len(word) > 1 and word in self._post.text[asked.start : asked.end]

    def _in_quotes(self, start: int, end: int) -> bool:
        return any(a <= start and end <= b for a, b in self._quoted)

    # --- mood -----------------------------------------------------------------------------------

    def _mood(self, index: int, start: int, end: int) -> Stance:
        bits, post = self._bits, self._post
        clause = post.clauses[index]
        sentence = post.sentences[clause.sentence]
        before = self._mask(max(sentence.first, index - 2), index - 1) | self._own_mask(
            clause, start, end
        )
        is_urged = sentence.is_question and self._mask(index, sentence.last) & bits.push
        if before & bits.wish and not is_urged:
            return "wished"
        if before & bits.plan:
            return "planned"
        if before & bits.forecast:
            return "foretold"
        return "asserted"

    def _own_mask(self, clause: Clause, start: int, end: int) -> int:
        mask = 0
        for token in clause.tokens:
            if not (token.start >= start and token.end <= end):
                mask |= token.mask
        return mask

    def _mask(self, first: int, last: int) -> int:
        mask = 0
        for clause in self._post.clauses[max(first, 0) : last + 1]:
            mask |= clause.mask
        return mask

    def _around(self, sentence: int) -> int:
        sentences = self._post.sentences
        first = sentences[max(0, sentence - 1)].first
        last = sentences[min(len(sentences) - 1, sentence + 1)].last
        return self._mask(first, last)
