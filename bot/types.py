"""Values that the answer and the check share: a caveat, and a quoted passage."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

CaveatKind = Literal[
    "single_source",
    "unnamed_source",
    "hearsay",
    "hypothesis",
    "prediction",
    "market_scope",
    "dated",
    "undated",
    "secondary_source",
    "conflicting_sources",
]


@dataclass(frozen=True, slots=True)
class Caveat:
    """Why a quoted text bears less weight than it seems to; ``text`` is for the reader."""

    kind: CaveatKind
    text: str


@dataclass(frozen=True, slots=True)
class Quote:
    """A verbatim run of an article: ``article_text[start:end] == quote`` in code points."""

    id: str
    quote: str
    article: str
    title: str
    author: str | None
    published: str | None
    url: str | None
    start: int
    end: int
    score: float

    def as_json(self) -> dict[str, Any]:
        return asdict(self)
