"""An article → its passages, as spans of the article's text.

A paragraph is a passage; a long one breaks at sentence ends; a numbered item stays whole and
knows the lead-in that announces its list.  A brief is one passage, headline included.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from corpus.article import Article, Passage

MAX_CHARS = 400
_HEADING_MAX = 48
_SENTENCE = re.compile(r"[^。!?！？;；]*[。!?！？;；]+[”’」』）)]*|[^。!?！？;；]+$")
_NUMBERED = re.compile(r"^\d{1,2}[、.．]\s*\D")


def chunk(article: Article, *, max_chars: int = MAX_CHARS) -> tuple[Passage, ...]:
    """The passages of *article*, in order: ``article.text[p.start:p.end] == p.text``.

    A paragraph longer than *max_chars* breaks at sentence ends into runs as long as fit; a single
    sentence or numbered item may be longer.  Headings are no passages.
    """
    if article.kind == "news_brief" and len(article.text) <= max_chars:
        start, end = _trim(article.text, 0, len(article.text))
        spans = [(start, end, article.title)] if start < end else []
    else:
        spans = list(_spans(article, max_chars))
    return tuple(
        Passage(
            id=f"{article.id}#{position}",
            article=article.id,
            start=start,
            end=end,
            text=article.text[start:end],
            heading=heading,
            position=position,
        )
        for position, (start, end, heading) in enumerate(spans, 1)
    )


def is_heading(paragraph: str) -> bool:
    """Whether a paragraph stands as a heading: short, one line, and no statement's full stop."""
    return len(paragraph) <= _HEADING_MAX and not re.search(r"[。;；:：,，!！]$|。", paragraph)


def _spans(article: Article, max_chars: int) -> Iterator[tuple[int, int, str]]:
    section = article.title
    lead_in = ""
    before = ""
    for start, end in paragraphs(article.text):
        text = article.text[start:end]
        if _NUMBERED.match(text):
            lead_in = lead_in or before
            yield start, end, lead_in or section
            continue
        lead_in = ""
        if is_heading(text):
            section, before = text, ""
            continue
        before = text
        for piece in _break(article.text, start, end, max_chars):
            yield *_trim(article.text, *piece), section


def paragraphs(text: str) -> Iterator[tuple[int, int]]:
    """Spans of the non-empty lines, without the white space around them."""
    for match in re.finditer(r"[^\n]+", text):
        start, end = _trim(text, *match.span())
        if start < end:
            yield start, end


def sentences(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Spans of the sentences in ``text[start:end]``; together they are all of it."""
    for match in _SENTENCE.finditer(text, start, end):
        yield match.start(), match.end()


def _break(text: str, start: int, end: int, max_chars: int) -> Iterator[tuple[int, int]]:
    if end - start <= max_chars:
        yield start, end
        return
    piece_start = piece_end = start
    for sentence_start, sentence_end in sentences(text, start, end):
        if sentence_end - piece_start > max_chars and piece_end > piece_start:
            yield piece_start, piece_end
            piece_start = sentence_start
        piece_end = sentence_end
    yield piece_start, piece_end


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    """The span without the white space at its ends; empty where there is nothing else."""
    inner = text[start:end]
    left = len(inner) - len(inner.lstrip())
    return start + left, max(start + left, start + len(inner.rstrip()))
