"""An article → a first draft of its facts, so that it answers before anybody has written them.

Each sentence becomes a fact that its own words find.  What it may answer is read from what it
holds: without a price in it, it answers no question about one.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from corpus.article import Article, Passage
from corpus.chunk import chunk
from corpus.facts import OPEN

HEADER = "# 按句自动起草。照人们的问法补充 asks，就更容易找到；格式见 corpus/README.md。\n"
_SENTENCE = re.compile(r"[^。！？!?\n]+[。！？!?]*")
_LEAST_CHARS = 6
# A longer article is drafted by passages: thousands of facts would slow every start.
_MOST_SENTENCES = 400


def draft_facts(article: Article) -> str:
    """The text of ``facts/<id>.toml`` for *article*."""
    passages = chunk(article)
    quotes = [(p, quote) for p in passages for quote in _sentences(p)]
    if len(quotes) > _MOST_SENTENCES:
        quotes = [(p, p.text) for p in passages]
    tables = [_table(article, quote, number) for number, (_, quote) in enumerate(quotes, 1)]
    return HEADER + "".join(tables)


def _sentences(passage: Passage) -> Iterator[str]:
    for match in _SENTENCE.finditer(passage.text):
        quote = match[0].strip()
        if len(quote) >= _LEAST_CHARS:
            yield quote


def _table(article: Article, quote: str, number: int) -> str:
    values = {
        "id": f"{article.id}-{number}",
        "article": article.id,
        "quote": quote,
        "kinds": [*OPEN, *(kind for kind, cue in _cues().items() if cue.search(quote))],
        "asks": [quote, f"{article.title} {quote}"],
    }
    # A JSON string is a TOML basic string, and a list of them a TOML array.
    lines = (f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in values.items())
    return "\n[[fact]]\n" + "\n".join(lines) + "\n"


@cache
def _cues() -> dict[str, re.Pattern[str]]:
    text = files("bot").joinpath("drafts.toml").read_text(encoding="utf-8")
    return {kind: re.compile(pattern) for kind, pattern in tomllib.loads(text).items()}
