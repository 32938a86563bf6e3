"""What the passages answer: each fact with its quote, the kinds of question, and people's words.

Search is taught by ``asks``, phrasings that the fact answers, in the many voices of those who ask;
abstaining is taught by ``beyond``, near-misses that share the fact's words and that no article
answers.  Neither is ever quoted.  A ``[[heard]]`` table adds real questions to a fact of another
file.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from corpus.article import Article, Passage

# What a question can ask about a thing.  The first line are the closed kinds: a fact that doesn't
# list one of these doesn't answer a question of that kind, however near its words.
CLOSED = (
    "share", "amount", "ratio", "count", "price", "date", "duration", "person", "organisation",
    "name", "city", "place", "product", "requirement", "contact", "procedure",
)  # fmt: skip
OPEN = (
    "yesno", "cause", "howto", "advice", "definition", "opinion", "effect", "list", "state",
    "purpose", "comparison", "source",
)  # fmt: skip
KINDS = (*CLOSED, *OPEN)


class FactsError(ValueError):
    """A facts file is wrong; the message lists every fault with file and fact."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that a passage says.  ``quote`` stands verbatim in passage ``passage``.

    ``kinds`` are the kinds of question that it answers; ``offer`` is a question for a button that
    this fact answers; ``figure`` names the ledger's row where there is one.
    """

    id: str
    article: str
    passage: str
    quote: str
    kinds: frozenset[str]
    asks: tuple[str, ...]
    beyond: tuple[str, ...]
    offer: str | None
    figure: str | None


def parse_facts(
    texts: Mapping[str, str], articles: Mapping[str, Article], passages: tuple[Passage, ...]
) -> tuple[Fact, ...]:
    """The facts of the files ``facts/<article id>….toml``; FactsError collects all faults."""
    faults: list[str] = []
    facts: dict[str, Fact] = {}
    heard: list[tuple[str, Mapping[str, Any]]] = []
    for name, text in sorted(texts.items()):
        try:
            data = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            faults.append(f"{name}: {error}")
            continue
        heard.extend((name, table) for table in data.get("heard", []))
        for table in data.get("fact", []):
            fact = _fact(name, table, articles, passages, faults)
            if fact is None:
                continue
            if fact.id in facts:
                faults.append(f"{name}: {fact.id}: id 重复")
            facts[fact.id] = fact
    for name, table in heard:
        fact = facts.get(table.get("fact", ""))
        if fact is None:
            faults.append(f"{name}: heard: fact = {table.get('fact')!r} 不存在")
            continue
        facts[fact.id] = replace(
            fact,
            asks=(*fact.asks, *table.get("asks", ())),
            beyond=(*fact.beyond, *table.get("beyond", ())),
        )
    if faults:
        raise FactsError("\n".join(faults))
    return tuple(facts.values())


def _fact(
    name: str,
    table: Mapping[str, Any],
    articles: Mapping[str, Article],
    passages: tuple[Passage, ...],
    faults: list[str],
) -> Fact | None:
    where = f"{name}: {table.get('id')}"
    found = list(_faults(table, articles))
    faults.extend(f"{where}: {fault}" for fault in found)
    if found:
        return None
    article = articles[table["article"]]
    start = article.text.index(table["quote"])
    end = start + len(table["quote"])
    passage = next(
        (p for p in passages if p.article == article.id and p.start <= start and end <= p.end), None
    )
    if passage is None:
        faults.append(f"{where}: quote 跨了段落: {table['quote']!r}")
        return None
    return Fact(
        id=table["id"],
        article=article.id,
        passage=passage.id,
        quote=table["quote"],
        kinds=frozenset(table["kinds"]),
        asks=tuple(table["asks"]),
        beyond=tuple(table.get("beyond", ())),
        offer=table.get("offer"),
        figure=table.get("figure"),
    )


def _faults(table: Mapping[str, Any], articles: Mapping[str, Article]) -> Iterator[str]:
    for key in ("id", "article", "quote"):
        if not isinstance(table.get(key), str) or not table[key]:
            yield f"缺少 {key}"
            return
    article = articles.get(table["article"])
    if article is None:
        yield f"article = {table['article']!r} 不存在"
    elif table["quote"] not in article.text:
        yield f"quote 不是原文里的连续文字: {table['quote']!r}"
    if unknown := sorted(set(table.get("kinds", ())) - set(KINDS)):
        yield f"kinds 里有不认识的 {', '.join(unknown)}"
    if not table.get("kinds"):
        yield "缺少 kinds"
    if not table.get("asks"):
        yield "缺少 asks"
