"""Labelled posts in running text: ``美区{{C:aigc_gmv_share|AI视频扛了一成GMV}}`` → text and spans.

A line a post, ``\\n`` for a line break inside it; the letter is the verdict, the row follows (``-``
for none), and what is marked is the claim.  A line without a mark claims nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.eval.writers import read_lines
from bot.guard.types import WORST_FIRST, Verdict

VERDICTS: dict[str, Verdict] = {
    "C": "conflict",
    "L": "lacks_context",
    "U": "unsupported",
    "S": "consistent",
}
_MARK = re.compile(r"\{\{([CLUS]):([a-z0-9_]+|-)\|((?:(?!\{\{|\}\}).)+)\}\}", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Marked:
    """A claim at ``[start, end)`` of a labelled post; ``figure`` is None where no row covers it."""

    verdict: Verdict
    figure: str | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class LabelledPost:
    """A post as somebody labelled it; ``writer`` is who, for leaving one out."""

    text: str
    claims: tuple[Marked, ...]
    writer: str

    @property
    def verdict(self) -> Verdict:
        """The worst of its claims'."""
        found = {claim.verdict for claim in self.claims}
        return next((verdict for verdict in WORST_FIRST if verdict in found), "no_claim")


def parse_post(line: str, writer: str) -> LabelledPost:
    """The post of one marked line; ValueError where a mark is broken."""
    line = line.replace("\\n", "\n")
    pieces: list[str] = []
    claims: list[Marked] = []
    at = size = 0
    for match in _MARK.finditer(line):
        pieces += (line[at : match.start()], match[3])
        start = size + match.start() - at
        size = start + len(match[3])
        figure = None if match[2] == "-" else match[2]
        claims.append(Marked(VERDICTS[match[1]], figure, start, size))
        at = match.end()
    pieces.append(line[at:])
    text = "".join(pieces)
    if "{{" in text or "}}" in text:
        raise ValueError(f"broken mark: {line}")
    return LabelledPost(text, tuple(claims), writer)


def render_post(post: LabelledPost) -> str:
    """The line that :func:`parse_post` reads."""
    letters = {verdict: letter for letter, verdict in VERDICTS.items()}
    pieces: list[str] = []
    at = 0
    for claim in sorted(post.claims, key=lambda claim: claim.start):
        pieces.append(post.text[at : claim.start])
        span = post.text[claim.start : claim.end]
        pieces.append(f"{{{{{letters[claim.verdict]}:{claim.figure or '-'}|{span}}}}}")
        at = claim.end
    pieces.append(post.text[at:])
    return "".join(pieces).replace("\n", "\\n")


def read_posts(folder: Path) -> Iterator[LabelledPost]:
    """The posts of ``<writer>.txt`` files; ValueError names file and line of a broken one."""
    return read_lines(folder, lambda line, writer, _: parse_post(line, writer))
