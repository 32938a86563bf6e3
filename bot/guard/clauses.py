"""Normalised text → sentences and clauses, each with what it speaks of.

A clause is the unit of judgement: its concepts are one mask, its words and quantities are in
order.  A sentence knows how it ends, for questions are asked by whole sentences.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.guard.lexicon import Lexicon, Token
from bot.guard.quantity import Quantity, QuantityWords, read_quantities

# A full stop ends a sentence after Chinese or before a space, but not in 1.5 or t.co.  Each pattern
# looks for one of its first characters first, which is what makes it quick.
_SENTENCE_END = re.compile(r"(?=[。!?\n;….])(?:[。!?\n;…]+|\.{2,}|(?<![0-9a-z])\.|\.(?=\s|$))")
_CLAUSE_END = re.compile(
    r"(?=[,:|()\[\]【】《》▪•✅➡→⇒~—\-\s])(?:,(?!\d{3})|(?<!\d):|:(?!\d)|[|()\[\]【】《》▪•✅➡→⇒]"
    r"|-{2,}|—+|~+"
    r"|(?<=\S{3}[\u3400-\u9fff%+])\s+(?=[\u3400-\u9fff#0-9a-z]\S{3})"
    r"|(?<=\S{3}[0-9a-z%])\s+(?=[\u3400-\u9fff#]\S{3}))"
)
# Windows are capped, or a post of one endless clause would cost quadratic time.
_LONGEST_CLAUSE = 200
_MOST_CLAUSES = 30
_SPEAKER = 5  # "甲:" at the head of a line names who speaks


@dataclass(slots=True)
class Clause:
    """A run of text between marks; ``sentence`` counts sentences from 0."""

    start: int
    end: int
    sentence: int
    mask: int
    tokens: list[Token]
    quantities: list[Quantity]
    quoted: bool = False


@dataclass(slots=True)
class Sentence:
    """``first``/``last`` are indices of its clauses, ``mark`` is how it ends."""

    start: int
    end: int
    first: int
    last: int
    mark: str

    @property
    def is_question(self) -> bool:
        return "?" in self.mark


@dataclass(slots=True)
class Post:
    """A post taken apart; ``mask`` is everything that it speaks of."""

    text: str
    clauses: list[Clause]
    sentences: list[Sentence]
    tokens: list[Token]
    mask: int


def take_apart(text: str, lexicon: Lexicon, words: QuantityWords) -> Post:
    """*text* as clauses with their tokens and quantities, in linear time."""
    tokens = lexicon.tag(text)
    quantities = read_quantities(text, words)
    clauses: list[Clause] = []
    sentences: list[Sentence] = []
    for start, end, mark in _sentences(text):
        spans = _clauses(text, start, end)
        for at in range(0, len(spans), _MOST_CLAUSES):
            part = spans[at : at + _MOST_CLAUSES]
            first = len(clauses)
            clauses += [Clause(left, right, len(sentences), 0, [], []) for left, right in part]
            edge = part[0][0] if at else start, part[-1][1] if len(spans) > len(part) else end
            sentences.append(Sentence(*edge, first, len(clauses) - 1, mark))
    _hand_out(clauses, tokens, quantities)
    mask = 0
    for clause in clauses:
        mask |= clause.mask
    return Post(text, clauses, sentences, tokens, mask)


def _sentences(text: str) -> list[tuple[int, int, str]]:
    spans: list[tuple[int, int, str]] = []
    start = 0
    for match in _SENTENCE_END.finditer(text):
        if match.start() > start:
            spans.append((start, match.start(), match[0]))
        start = match.end()
    if start < len(text):
        spans.append((start, len(text), ""))
    return spans


def _clauses(text: str, start: int, end: int) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    at = start
    for match in _CLAUSE_END.finditer(text, start, end):
        is_speaker = match[0] == ":" and at == start and match.start() - at <= _SPEAKER
        if match.start() > at and not is_speaker:
            spans.append((at, match.start()))
        at = match.end()
    if at < end:
        spans.append((at, end))
    return [
        (at, min(at + _LONGEST_CLAUSE, right))
        for left, right in spans
        if not text[left:right].isspace()
        for at in range(left, right, _LONGEST_CLAUSE)
    ]


def _hand_out(clauses: list[Clause], tokens: list[Token], quantities: list[Quantity]) -> None:
    """Each token and quantity goes to the clause in which it begins."""
    at = 0
    for token in tokens:
        while at + 1 < len(clauses) and clauses[at + 1].start <= token.start:
            at += 1
        if clauses:
            clauses[at].tokens.append(token)
            clauses[at].mask |= token.mask
    at = 0
    for quantity in quantities:
        while at + 1 < len(clauses) and clauses[at + 1].start <= quantity.start:
            at += 1
        if clauses:
            clauses[at].quantities.append(quantity)
