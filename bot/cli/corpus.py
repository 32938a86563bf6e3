"""``qingxing corpus``: the articles, and how one is added without touching code."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bot.errors import InputError

if TYPE_CHECKING:
    from bot.cli.render import Line
    from corpus.article import Article
    from corpus.load import Corpus

_KINDS = {"opinion": "署名观点", "secondary": "二手改写", "news_brief": "短讯"}
_FILE = click.Path(path_type=Path)


@click.group(help="文章：列出、查看、添加、删除、导入网页。")
def corpus() -> None:
    """Groups the commands on articles."""


@corpus.command("list", help="列出全部文章。")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON")
def list_articles(as_json: bool) -> None:
    """Prints each article's id, date, kind, passages and title."""
    from bot.cli.render import print_json
    from bot.cli.tables import table

    known = _load()
    rows = [_about(article, known) for article in known.articles.values()]
    if as_json:
        print_json(rows)
        return
    cells = [
        (
            row["id"],
            row["published"] or "未注明日期",
            _KINDS[row["kind"]],
            f"{row['passages']} 段",
            row["title"],
        )
        for row in rows
    ]
    click.echo("\n".join(table(cells, indent="", align="lllrl")))


@corpus.command(help="显示一篇文章的信息和全文，逐段。")
@click.argument("article_id", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON")
def show(article_id: str, as_json: bool) -> None:
    """Prints what is known of the article, then its text, passage by passage."""
    from bot.cli.render import page, print_json

    known = _load()
    article = known.articles.get(article_id)
    if article is None:
        raise InputError(f"没有 {article_id} 这篇文章；qingxing corpus list 列出全部")
    if as_json:
        passages = [asdict(p) for p in known.passages if p.article == article_id]
        print_json(_about(article, known) | {"text": article.text, "passages": passages})
    else:
        page(_article_lines(article, known))


@corpus.command(help="添加一篇文章（UTF-8 纯文本，一行一段），可以连同它的事实和数字。")
@click.argument("file", metavar="FILE", type=_FILE)
@click.option("--id", "article_id", metavar="ID", help="文章的 id，默认取文件名")
@click.option("--title", metavar="TEXT", help="标题，默认取第一行")
@click.option("--author", metavar="TEXT", help="作者")
@click.option("--publisher", metavar="TEXT", help="发布方")
@click.option("--published", metavar="DATE", help="日期，如 2026-01-18")
@click.option("--url", metavar="URL", help="链接")
@click.option(
    "--kind",
    type=click.Choice(list(_KINDS)),
    metavar="KIND",
    default="secondary",
    help="opinion 署名观点，secondary 二手改写（默认），news_brief 短讯",
)
@click.option("--reliability", metavar="TEXT", help="可信度和理由，一句话")
@click.option(
    "--facts", metavar="FILE", type=_FILE, help="这篇文章回答哪些问题（facts 格式），不写就按句起草"
)
@click.option("--ledger", metavar="FILE", type=_FILE, help="这篇文章的数字（台账格式）")
def add(file: Path, facts: Path | None, ledger: Path | None, **told: Any) -> None:
    """Puts the article under the home folder, where every command finds it."""
    from bot.articles import About, add_article
    from bot.home import home_dir

    home = home_dir()
    article = add_article(home, file, About(**told), facts=facts, ledger=ledger)
    click.echo(f"已添加 {article.id}：《{article.title}》；索引会在下次提问时自动更新")
    if facts is None:
        drafted = home / "facts" / f"{article.id}.toml"
        click.echo(f"它回答哪些问题，已按句起草在 {drafted}；照人们的问法补充，会找得更准")


@corpus.command(help="删除一篇自己添加的文章。")
@click.argument("article_id", metavar="ID")
def remove(article_id: str) -> None:
    """Removes an added article; those that come with the package stay."""
    from bot.articles import remove_article
    from bot.home import home_dir

    remove_article(home_dir(), article_id)
    click.echo(f"已删除 {article_id}")


@corpus.command("import", help="把保存的网页变成文章文件（维护者）。")
@click.argument("page", metavar="PAGE", type=_FILE)
@click.option("--into", type=_FILE, metavar="FOLDER", required=True, help="写到哪个文件夹")
def import_page(page: Path, into: Path) -> None:
    """Writes each article that the page holds, and says which."""
    from bot.articles import read_text
    from corpus.ingest import IngestError, ingest, load_imports
    from corpus.load import packaged_root, write_articles

    try:
        articles = ingest(read_text(page), load_imports(packaged_root() / "imports.toml"))
    except IngestError as error:
        raise InputError(f"{page}：{error}") from error
    for path in write_articles(articles, into):
        click.echo(str(path))


def _load() -> Corpus:
    from bot.home import home_dir
    from corpus.load import load_corpus

    return load_corpus(home_dir())


def _about(article: Article, known: Corpus) -> dict[str, Any]:
    return {
        "id": article.id,
        "title": article.title,
        "author": article.author,
        "publisher": article.publisher,
        "published": article.published,
        "url": article.url,
        "kind": article.kind,
        "reliability": article.reliability,
        "teaser_only": article.teaser_only,
        "passages": sum(1 for passage in known.passages if passage.article == article.id),
    }


def _article_lines(article: Article, known: Corpus) -> Iterator[Line]:
    from bot.cli.render import Line

    told = [article.author, article.publisher, article.published or "未注明日期", article.url]
    yield Line(article.title, "strong")
    yield Line(" · ".join([article.id, _KINDS[article.kind], *filter(None, told)]), "dim")
    yield Line(article.reliability, "warn")
    for passage in known.passages:
        if passage.article == article.id:
            yield Line()
            yield Line(f"[{passage.position}]", "dim")
            for text in passage.text.splitlines():
                yield Line(text, "quote", bar=True)
