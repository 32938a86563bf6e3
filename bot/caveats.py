"""What a quotation and its article earn by way of caution; never printed by rote.

The quoted words earn hearsay, supposition, prediction, an unnamed source, a market; the article
earns its age, its missing date, its being second-hand; a ledger row brings what its author wrote.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from bot.types import Caveat, CaveatKind
from corpus.article import Article

if TYPE_CHECKING:
    from corpus.ledger import Figure

DATED_AFTER_DAYS = 180


def caveats_for(
    article: Article, quote: str, figure: Figure | None = None, *, now: date
) -> tuple[Caveat, ...]:
    """The caveats that *quote* from *article* earns at *now*, one of each kind.

    A *figure*'s own go before those that the words earn.
    """
    found: dict[str, Caveat] = {}
    for caveat in (*_of_figure(figure), *_of_words(quote), *_of_article(article, now)):
        found.setdefault(caveat.kind, caveat)
    return tuple(found.values())


def _of_figure(figure: Figure | None) -> Iterator[Caveat]:
    if figure is not None:
        yield from (Caveat(caveat.kind, caveat.text) for caveat in figure.caveats)


def _of_words(quote: str) -> Iterator[Caveat]:
    for cue in _cues():
        if any(pattern.search(quote) for pattern in cue.patterns):
            yield Caveat(cue.kind, cue.text)


def _of_article(article: Article, now: date) -> Iterator[Caveat]:
    texts = _article_texts()
    if article.kind == "secondary":
        yield Caveat("secondary_source", texts["secondary_source"])
    if article.teaser_only:
        yield Caveat("single_source", texts["teaser"])
    elif article.kind == "opinion":
        yield Caveat("single_source", texts["single_source"])
    if article.published is None:
        yield Caveat("undated", texts["undated"])
        return
    days = (now - date.fromisoformat(article.published)).days
    if days >= DATED_AFTER_DAYS:
        yield Caveat("dated", texts["dated"].format(published=article.published, days=days))


@dataclass(frozen=True, slots=True)
class _Cue:
    kind: CaveatKind
    patterns: tuple[re.Pattern[str], ...]
    text: str


@cache
def _cues() -> tuple[_Cue, ...]:
    cues = []
    for entry in _data()["cue"]:
        if entry["kind"] not in get_args(CaveatKind):
            raise ValueError(f"bot/caveats.toml: kind = {entry['kind']!r} 不在合同里")
        patterns = tuple(re.compile(pattern) for pattern in entry["patterns"])
        cues.append(_Cue(entry["kind"], patterns, entry["text"]))
    return tuple(cues)


@cache
def _article_texts() -> dict[str, str]:
    texts: dict[str, str] = _data()["article"]
    return texts


@cache
def _data() -> dict[str, Any]:
    path = Path(__file__).parent / "caveats.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))
