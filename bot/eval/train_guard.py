"""``python -m bot.eval.train_guard``: labelled posts → the weights of :mod:`bot.guard.model`."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import cycle
from pathlib import Path
from typing import NamedTuple

from bot.eval.fitting import Example, Limits, fit
from bot.eval.guard import DEBATABLE, SETS, load_cases
from bot.eval.posts import LabelledPost, Marked, read_posts
from bot.eval.reword import Rewording, read_sets
from bot.guard.features import features, parts
from bot.guard.guard import apart, read
from bot.guard.knowledge import Knowledge, load_knowledge
from bot.guard.model import NO_CLAIM, WEIGHTS, Label
from corpus.ledger import Ledger
from corpus.load import load_corpus

COST = 1.4
LIMITS = Limits(feature=24, label=8, weight=0.4)
_LONGEST_FRAMED, _LONGEST_SURROUNDED = 40, 60
MENDED, _WEIGHT = "mended", 3  # posts that stand for a fault once made count so often more
_SEED = 3
_EVERY = 4  # more would tell that hype is mostly denied


def framed(posts: Iterable[LabelledPost], frames: Sequence[str]) -> Iterator[LabelledPost]:
    """Claims of hype that are whole short posts, each in the next of *frames* (``+ …{}…``)."""
    turn = cycle(frames)
    for post in list(filter(_is_bare_hype, posts))[::_EVERY]:
        claim = post.claims[0]
        sign, _, frame = next(turn).partition(" ")
        before, after = frame.split("{}")
        start = len(before)
        span = post.text[claim.start : claim.end]
        claims = (replace(claim, start=start, end=start + len(span)),) if sign == "+" else ()
        yield LabelledPost(f"{before}{span}{after}", claims, post.writer)


def surrounded(posts: Iterable[LabelledPost], asides: Sequence[str]) -> Iterator[LabelledPost]:
    """Short posts with something beside the point before or behind them: ``前。{}``, ``{}。后``."""
    turn = cycle(asides)
    for post in [post for post in posts if len(post.text) <= _LONGEST_SURROUNDED][::_EVERY]:
        before, after = next(turn).split("{}")
        claims = tuple(
            replace(claim, start=claim.start + len(before), end=claim.end + len(before))
            for claim in post.claims
        )
        yield LabelledPost(f"{before}{post.text}{after}", claims, post.writer)


def mixed(others: Sequence[str], mentions: Sequence[str]) -> Iterator[LabelledPost]:
    """What is said of other things, beside a bare mention of AI: no claim."""
    turn = cycle(mentions)
    for other in others:
        for at, mark in enumerate("，。\n；" * 2):
            pair = (other, next(turn)) if at % 2 else (next(turn), other)
            yield LabelledPost(mark.join(pair), (), "mixed")


def _is_bare_hype(post: LabelledPost) -> bool:
    if len(post.claims) != 1 or len(post.text) > _LONGEST_FRAMED:
        return False
    claim = post.claims[0]
    is_whole = claim.end - claim.start >= len(post.text) - 1
    return is_whole and claim.verdict in ("conflict", "lacks_context")


def _beside(others: Iterable[str]) -> Iterator[str]:
    for other in others:
        yield f"{other}。{{}}"
        yield f"{{}}，{other}"


def read_frames(name: str = "frames.txt") -> list[str]:
    """The lines of a packaged list: frames, asides, what is said of other things."""
    lines = (SETS / name).read_text(encoding="utf-8").splitlines()
    return [line.replace("\\n", "\n") for line in lines if line and not line.startswith("#")]


class WrittenBy(NamedTuple):
    """An example and who wrote it, for leaving a writer out."""

    example: Example
    writer: str


def examples(posts: Iterable[LabelledPost], ledger: Ledger) -> Iterator[WrittenBy]:
    """Each part of each post; one with a label that no verdict may have is left out."""
    knowledge = load_knowledge(ledger)
    for post in posts:
        for example in _examples(post, knowledge):
            yield WrittenBy(example, post.writer)


def _examples(post: LabelledPost, knowledge: Knowledge) -> Iterator[Example]:
    normal, taken_apart = apart(post.text, knowledge)
    _, reading = read(taken_apart, knowledge)
    for part in parts(taken_apart, reading.judged):
        start, end = normal.raw_span(part.start, part.end)
        labels = {
            Label(claim.verdict, claim.figure)
            for claim in post.claims
            if claim.start < end and start < claim.end
        }
        if any(_is_amiss(label, knowledge) for label in labels):
            continue
        found = features(taken_apart, part, reading.within(part), knowledge)
        yield Example(found, {str(label) for label in labels or {NO_CLAIM}})


def _is_amiss(label: Label, knowledge: Knowledge) -> bool:
    """Whether the contract knows no such verdict: a weak row refutes nothing."""
    if label.figure is None:
        return label.verdict not in ("unsupported", "no_claim")
    row = knowledge.by_figure.get(label.figure)
    if row is None:
        raise ValueError(f"no row of the ledger: {label.figure}")
    if label.verdict == "unsupported":
        return True
    return label.verdict == "conflict" and row.figure.basis == "weak"


def packaged_posts(paragraphs: Iterable[str] = ()) -> list[LabelledPost]:
    """The tuning set, the posts in running text, and the sources' own *paragraphs* as no claim."""
    posts = [
        LabelledPost(
            case.text,
            tuple(
                Marked(verdict, figure, start, start + len(span))
                for verdict, figure, span in case.findings
                if (start := case.text.find(span)) >= 0
            ),
            case.voice,
        )
        for case in load_cases(SETS / "guard_tuning.jsonl")
        if DEBATABLE not in case.tags
    ]
    posts += read_posts(SETS / "posts")
    posts += [post for post in posts if post.writer == MENDED] * _WEIGHT
    rewording = Rewording(read_sets(SETS / "interchangeable.toml"))
    others = read_frames("others.txt")
    asides = [*read_frames("asides.txt"), *_beside(others)]
    posts += [
        *rewording.reworded(posts, _SEED),
        *framed(posts, read_frames()),
        *surrounded(posts, asides),
        *mixed(others, read_frames("mentions.txt")),
    ]
    # What the sources write about AI is soberly meant, and sounds like what it warns of.
    posts += [LabelledPost(text, (), "sources") for text in paragraphs] * (1 + _WEIGHT)
    return posts


def main() -> None:
    """Reads the packaged posts, writes the weights beside the model's module."""
    corpus = load_corpus()
    paragraphs = {line for a in corpus.articles.values() for line in a.text.splitlines()}
    posts = packaged_posts(sorted(paragraphs))
    rows = [row.example for row in examples(posts, corpus.ledger)]
    model = fit(rows, cost=COST, limits=LIMITS)
    (Path(__file__).parent.parent / "guard" / WEIGHTS).write_bytes(model.dump())
    told = f"{len(posts)} posts, {len(model.names)} features, {len(model.labels)} labels\n"
    sys.stdout.write(told)


if __name__ == "__main__":
    main()
