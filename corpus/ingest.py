"""Somebody's saved page → articles: furniture off, each text once, each brief by itself.

What is furniture on a site, and what only a person can know of an article, stands in
``imports.toml``; the repetitions are found here, because every page repeats in its own way.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpus.article import Article, Kind


class IngestError(ValueError):
    """The page can't be turned into articles; the message says why."""


@dataclass(frozen=True, slots=True)
class Site:
    """How pages of one site are built, as patterns over single lines."""

    name: str
    detect: re.Pattern[str]
    publisher: str
    furniture: tuple[re.Pattern[str], ...]
    published: re.Pattern[str] | None
    author: re.Pattern[str] | None
    url: re.Pattern[str] | None
    sidebar_start: re.Pattern[str] | None
    sidebar_end: re.Pattern[str] | None
    brief_body: re.Pattern[str] | None


@dataclass(frozen=True, slots=True)
class Imports:
    """The sites that are known, and what a person said of each article, by title."""

    sites: tuple[Site, ...]
    articles: Mapping[str, Mapping[str, Any]]


def load_imports(path: Path) -> Imports:
    """Reads ``imports.toml``; IngestError names a broken pattern and its site."""
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    sites = tuple(_site(table) for table in data.get("site", []))
    return Imports(sites, {table["title"]: table for table in data.get("article", [])})


def ingest(page: str, imports: Imports) -> list[Article]:
    """The articles of a saved *page*, the main one first, then its sidebar's briefs.

    Raises IngestError where no known site's pattern fits or no text is left.
    """
    lines = [line.strip() for line in page.splitlines()]
    site = next((s for s in imports.sites if any(s.detect.search(line) for line in lines)), None)
    if site is None:
        raise IngestError("认不出这是哪个网站的页面；请先在 imports.toml 里加一个 [[site]]")
    sidebar = _sidebar(lines, site)
    in_sidebar = set(sidebar)
    main = [line for number, line in enumerate(lines) if number not in in_sidebar]
    articles = [_main_article(main, site, imports)]
    articles += _briefs([lines[number] for number in sidebar], site, imports)
    return articles


def _site(table: Mapping[str, Any]) -> Site:
    def pattern(value: str | None) -> re.Pattern[str] | None:
        if value is None:
            return None
        try:
            return re.compile(value)
        except re.error as error:
            raise IngestError(f"imports.toml: {table.get('name')}: {value!r}: {error}") from error

    def required(value: str) -> re.Pattern[str]:
        compiled = pattern(value)
        assert compiled is not None
        return compiled

    sidebar = table.get("sidebar", {})
    return Site(
        name=table["name"],
        detect=required(table["detect"]),
        publisher=table["publisher"],
        furniture=tuple(required(value) for value in table.get("furniture", [])),
        published=pattern(table.get("published")),
        author=pattern(table.get("author")),
        url=pattern(table.get("url")),
        sidebar_start=pattern(sidebar.get("start")),
        sidebar_end=pattern(sidebar.get("end")),
        brief_body=pattern(table.get("brief_body")),
    )


def _sidebar(lines: list[str], site: Site) -> list[int]:
    if site.sidebar_start is None or site.sidebar_end is None:
        return []
    numbers: list[int] = []
    inside = False
    for number, line in enumerate(lines):
        if inside and site.sidebar_end.search(line):
            break
        if inside:
            numbers.append(number)
        inside = inside or bool(site.sidebar_start.search(line))
    return numbers


def _main_article(lines: list[str], site: Site, imports: Imports) -> Article:
    facts = {
        name: _first(pattern, lines)
        for name, pattern in (
            ("published", site.published),
            ("author", site.author),
            ("url", site.url),
        )
    }
    meta = [p for p in (site.published, site.author) if p is not None]
    kept = list(_once(line for line in lines if not _matches(line, (*site.furniture, *meta))))
    if len(kept) < 2:
        raise IngestError("页面里除了杂项没有正文")
    return _article(kept[0], kept[1:], site, imports, teaser_only=False, **facts)


def _briefs(lines: list[str], site: Site, imports: Imports) -> Iterator[Article]:
    """Headline and body (or teaser) stand in turn; each item is taken once."""
    texts = [line for line in lines if line and not _matches(line, site.furniture)]
    seen: set[str] = set()
    for headline, body in zip(texts[::2], texts[1::2], strict=False):
        if headline in seen:
            continue
        seen.add(headline)
        teaser = site.brief_body is None or not site.brief_body.search(body)
        yield _article(headline, [headline, body], site, imports, teaser_only=teaser)


def _article(
    title: str,
    paragraphs: Iterable[str],
    site: Site,
    imports: Imports,
    *,
    teaser_only: bool,
    published: str | None = None,
    author: str | None = None,
    url: str | None = None,
) -> Article:
    said = imports.articles.get(title, {})
    kind: Kind = said.get("kind", "secondary")
    return Article(
        id=said.get("id") or "article-" + hashlib.sha256(title.encode()).hexdigest()[:8],
        title=title,
        text="\n".join(paragraphs) + "\n",
        kind=kind,
        author=said.get("author", author),
        publisher=site.publisher,
        published=published,
        url=url,
        reliability=said.get("reliability", "导入的页面，可信度尚未评估。"),
        teaser_only=teaser_only,
    )


def _once(lines: Iterable[str]) -> Iterator[str]:
    seen: set[str] = set()
    for line in lines:
        if line and line not in seen:
            seen.add(line)
            yield line


def _matches(line: str, patterns: Iterable[re.Pattern[str]]) -> bool:
    return any(pattern.search(line) for pattern in patterns)


def _first(pattern: re.Pattern[str] | None, lines: Iterable[str]) -> str | None:
    if pattern is None:
        return None
    return next((found.group(1) for line in lines if (found := pattern.search(line))), None)
