"""/figures and /sources: long lists, a page at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from bot.telegram.context import Context
from bot.telegram.keyboards import button
from bot.telegram.render import source_line
from bot.telegram.text import Rendered, TextBuilder
from bot.telegram.wording import say
from corpus.article import Article
from corpus.ledger import Figure

_PAGE_UNITS: Final = 3500


def send_list(ctx: Context, name: str, page: int) -> None:
    """Send page *page* of the list *name*, with 更多 if there is another."""
    pages = list_pages(ctx, name)
    if not 0 <= page < len(pages):
        return
    more = [[button(say("button.more"), "list", name, page + 1)]]
    ctx.send(pages[page], more if page + 1 < len(pages) else None)


def list_pages(ctx: Context, name: str) -> list[Rendered]:
    """All pages of the list *name*."""
    corpus = ctx.services.knowledge.corpus
    if name == "figures":
        items = [_figure(figure) for figure in corpus.ledger]
    elif name == "sources":
        items = [_article(article) for article in corpus.articles.values()]
    else:
        return []
    return list(_pages(say(f"{name}.title"), items))


def _pages(title: str, items: list[Rendered]) -> Iterator[Rendered]:
    text = TextBuilder().line(title, "bold").line()
    for item in items:
        if text.units + item.units > _PAGE_UNITS:
            yield text.build()
            text = TextBuilder()
        text.extend(item).add("\n\n")
    yield text.build()


def _figure(figure: Figure) -> Rendered:
    notes = [figure.scope.market, figure.published or say("answer.undated")]
    if figure.basis == "weak":
        notes.append(say("figures.weak"))
    text = TextBuilder().line(f"{figure.subject}，{figure.metric}")
    text.add(figure.known_text, "bold").add(f"（{'，'.join(note for note in notes if note)}）")
    return text.line().build()


def _article(article: Article) -> Rendered:
    source = {
        "title": article.title,
        "author": article.author or article.publisher,
        "url": article.url,
        "published": article.published,
    }
    kind = say(f"sources.kinds.{article.kind}")
    text = TextBuilder().extend(source_line(source, lead="")).line()
    text.line(f"{kind}{'，' + say('sources.teaser') if article.teaser_only else ''}")
    return text.line(article.reliability).build()
