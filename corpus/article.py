"""An article and its passages: frozen values, offsets in code points of the article's text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["opinion", "secondary", "news_brief"]


@dataclass(frozen=True, slots=True)
class Article:
    """A source as it is quoted from, with what is known of where it comes from.

    ``reliability`` is one sentence for the reader: how far to trust it, and why.  ``teaser_only``
    marks a brief of which the page gave no more than a headline and a teaser.
    """

    id: str
    title: str
    text: str
    kind: Kind
    author: str | None
    publisher: str | None
    published: str | None
    url: str | None
    reliability: str
    via: str | None = None
    teaser_only: bool = False


@dataclass(frozen=True, slots=True)
class Passage:
    """The span that is indexed and cited: ``article.text[start:end] == text``.

    ``heading`` is the nearest heading above it (the article's title where there is none);
    ``position`` counts passages from 1.
    """

    id: str
    article: str
    start: int
    end: int
    text: str
    heading: str
    position: int
