"""Answers and checks → messages, as someone on a phone will read them.

Everything works on the contract's JSON objects, so that a fresh result and a stored one look the
same.  A result is a list of pages: the first is sent, the others come by 更多.  What is quoted is
cut at sentence ends only, and the cut is shown outside the quote.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from bot.telegram.text import (
    ENTITY_LIMIT,
    MESSAGE_LIMIT,
    Rendered,
    TextBuilder,
    cut_at_sentence,
    cut_hard,
    utf16_len,
)
from bot.telegram.wording import say
from corpus.article import Article

Result = Mapping[str, Any]
Articles = Mapping[str, Article]

_LONG_QUOTE: Final = 160  # folded away on a phone, opened by a tap
_NEAR_LIMIT: Final = 160
_SPAN_LIMIT: Final = 1000
_RESERVE: Final = 96
_PAGE_ENTITIES: Final = ENTITY_LIMIT - 10  # room for what stands around the blocks


def render_answer(answer: Result, *, limit: int = MESSAGE_LIMIT, note: str = "") -> list[Rendered]:
    """The pages of an answer: what is said, the quotes with their sources, caveats, receipt."""
    head = TextBuilder()
    head.line(answer["answer"] or say("why.stored")).line()
    if answer["status"] == "no_evidence":
        _near(head, answer.get("nearest", []))
    tail = _tail(answer["caveats"], answer["receipt"], note)
    return _pages(head.build(), [_quoted(passage) for passage in answer["passages"]], tail, limit)


def render_check(
    check: Result, articles: Articles, *, limit: int = MESSAGE_LIMIT, note: str = ""
) -> list[Rendered]:
    """The pages of a check: the verdict, then each finding with the words it is about."""
    findings = list(check["findings"])
    head = TextBuilder().line(say(f"verdict_line.{check['verdict']}"), "bold")
    if not findings:
        head.line().line(say("check.nothing_found"))
    tail = _tail(_unique_caveats(findings), check["receipt"], note)
    blocks = [
        _finding(finding, number if len(findings) > 1 else 0, articles)
        for number, finding in enumerate(findings, 1)
    ]
    return _pages(head.build(), blocks, tail, limit)


def render_neighbours(
    before: str | None, after: str | None, source: Rendered, *, limit: int = MESSAGE_LIMIT
) -> Rendered:
    """The paragraphs around a quote."""
    text = TextBuilder()
    room = (limit - _RESERVE - source.units) // 2
    for name, paragraph in (("before", before), ("after", after)):
        if paragraph is None:
            continue
        shown = cut_at_sentence(paragraph, room)
        text.line(say(f"answer.{name}"), "bold")
        text.quote(shown)
        if shown != paragraph:
            text.line(say("answer.cut"))
        text.line()
    return text.extend(source).build()


def source_line(quote: Mapping[str, Any], *, lead: str = "——") -> Rendered:
    """Where a quote stands: ``——《标题》作者 · 2026-01-18``, linked where there is an address."""
    text = TextBuilder().add(lead)
    title = f"《{cut_hard(quote['title'], 120)}》" if quote.get("title") else ""
    if title and quote.get("url"):
        text.add(title, "text_link", url=quote["url"])
    else:
        text.add(title)
    author = quote.get("author")
    if author and author not in title:
        text.add(cut_hard(author, 60))
    return text.add(f" · {quote.get('published') or say('answer.undated')}").build()


def article_line(article_id: str | None, published: str | None, articles: Articles) -> Rendered:
    """The same for a finding, which names its article by id."""
    article = articles.get(article_id or "")
    if article is None:
        return source_line({"title": "", "published": published})
    return source_line(
        {
            "title": article.title,
            "author": article.author or article.publisher,
            "url": article.url,
            "published": published,
        }
    )


class _Block:
    """Part of a message around one verbatim quote that may be cut: lead, quote, trail."""

    __slots__ = ("lead", "quote", "trail")

    def __init__(self, lead: Rendered, quote: str, trail: Rendered) -> None:
        self.lead = lead
        self.quote = quote
        self.trail = trail

    @property
    def fixed_units(self) -> int:
        return self.lead.units + self.trail.units + 12

    @property
    def entity_count(self) -> int:
        return len(self.lead.entities) + len(self.trail.entities) + 1

    @property
    def units(self) -> int:
        return self.fixed_units + utf16_len(self.quote)


def _pages(head: Rendered, blocks: list[_Block], tail: Rendered, limit: int) -> list[Rendered]:
    """Fill pages with blocks; caveats and receipt stay on the first, where they are read."""
    pages: list[Rendered] = []
    rest = list(blocks)
    opening, closing = head, tail
    while rest or not pages:
        room = limit - opening.units - closing.units - 8
        before = len(rest)
        body, rest = _fill(rest, room)
        pages.append(_stack(opening, body, closing))
        if rest and len(rest) == before and not (body.text or opening.text):
            break  # a block that no page can hold: never go round for ever
        opening = closing = Rendered("")
    return pages


def _stack(*parts: Rendered) -> Rendered:
    """The parts that say something, a blank line between them."""
    text = TextBuilder()
    for part in parts:
        if part.text:
            text.extend(part).add("\n\n")
    return text.build()


def _fill(blocks: list[_Block], room: int) -> tuple[Rendered, list[_Block]]:
    """As many *blocks* as fit into *room*, the last perhaps in part; and what is left."""
    text = TextBuilder()
    for position, block in enumerate(blocks):
        left = room - text.units
        if text.entity_count + block.entity_count > _PAGE_ENTITIES and position:
            return text.build(), blocks[position:]
        if block.units <= left:
            _write(text, block, block.quote, cut=False)
            continue
        part = cut_at_sentence(block.quote, left - block.fixed_units - utf16_len(say("answer.cut")))
        if not part and position == 0:  # a sentence longer than a page: never lose it
            part = cut_hard(block.quote, left - block.fixed_units)[:-1]
        if not part:
            return text.build(), blocks[position:]
        _write(text, block, part, cut=True)
        remaining = block.quote[len(part) :].lstrip()
        rest = _Block(Rendered(""), remaining, block.trail)
        return text.build(), [rest, *blocks[position + 1 :]]
    return text.build(), []


def _write(text: TextBuilder, block: _Block, quote: str, *, cut: bool) -> None:
    text.extend(block.lead)
    if block.lead.text:
        text.add("\n")
    if quote:
        text.quote(quote, expandable=utf16_len(quote) > _LONG_QUOTE)
    if cut:
        text.add(say("answer.cut"))
    text.extend(block.trail).add("\n\n")


def _quoted(passage: Result) -> _Block:
    return _Block(Rendered(""), passage["quote"], source_line(passage))


def _finding(finding: Result, number: int, articles: Articles) -> _Block:
    lead = TextBuilder()
    if number:
        verdict = say(f"verdict.{finding['verdict']}")
        lead.line(say("answer.finding", n=str(number), verdict=verdict), "bold")
    if finding["text"]:
        lead.quote(cut_hard(finding["text"], _SPAN_LIMIT))
    if finding["explanation"]:
        lead.line(finding["explanation"])
    elif finding["claimed"] and finding["known"]:
        lead.line(say("answer.compared", claimed=finding["claimed"], known=finding["known"]))
    if finding["quote"]:
        lead.line(say("answer.evidence"), "bold")
    trail = TextBuilder()
    if finding["quote"]:
        trail.extend(article_line(finding["article"], finding["published"], articles)).line()
    if finding["instead"]:
        trail.line().line(say("answer.instead"), "bold").line(finding["instead"])
    return _Block(lead.build(), finding["quote"] or "", trail.build())


def _near(text: TextBuilder, nearest: Iterable[Result]) -> None:
    """Neighbouring matters: named, but never dressed as evidence."""
    quotes = list(nearest)
    if quotes:
        text.line(say("answer.near"), "bold")
    for quote in quotes:
        words = " ".join(quote["quote"].split())
        head = cut_at_sentence(words, _NEAR_LIMIT) or cut_hard(words, _NEAR_LIMIT)
        text.line(f"· {head}").add("  ").extend(source_line(quote)).line()


def _tail(caveats: Iterable[Result], receipt: str | None, note: str) -> Rendered:
    text = TextBuilder()
    listed = list(caveats)
    if listed:
        text.line(say("answer.caveats"), "bold")
        for caveat in listed:
            text.line(f"· {caveat['text']}")
        text.line()
    if receipt:
        text.line(say("answer.receipt", id=receipt))
    if note:
        text.line(note)
    return text.build()


def _unique_caveats(findings: Iterable[Result]) -> list[Result]:
    """Each article's weakness of a kind is told once, however many findings rest on it."""
    told: dict[tuple[str, str | None], Result] = {}
    for finding in findings:
        for caveat in finding["caveats"]:
            told.setdefault((caveat["kind"], finding["article"]), caveat)
    return list(told.values())
