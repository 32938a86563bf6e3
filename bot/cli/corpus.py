"""``qingxing corpus``: the articles, and how one is added without touching code."""

from __future__ import annotations

import json
from pathlib import Path

import click

from bot.errors import InputError
from corpus.article import Article


@click.group(help="文章：列出、查看、添加、删除、导入网页。")
def corpus() -> None:
    """Groups the commands on articles."""


@corpus.command("list", help="列出全部文章。")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON")
def list_articles(as_json: bool) -> None:
    """Prints each article's id, kind, date, passages and title."""
    from bot.home import home_dir
    from corpus.load import load_corpus

    known = load_corpus(home_dir())
    rows = [
        {
            "id": article.id,
            "title": article.title,
            "author": article.author,
            "publisher": article.publisher,
            "published": article.published,
            "url": article.url,
            "kind": article.kind,
            "teaser_only": article.teaser_only,
            "passages": sum(1 for passage in known.passages if passage.article == article.id),
        }
        for article in known.articles.values()
    ]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for row in rows:
        date = row["published"] or "未注明日期"
        click.echo(f"{row['id']}  {date}  {row['passages']} 段  {row['title']}")


@corpus.command(help="显示一篇文章的信息和全文。")
@click.argument("article_id", metavar="ID")
def show(article_id: str) -> None:
    """Prints what is known of the article, then its text, passage by passage."""
    from bot.cli.render import Line, page
    from bot.home import home_dir
    from corpus.load import load_corpus

    known = load_corpus(home_dir())
    article = known.articles.get(article_id)
    if article is None:
        raise InputError(f"没有 {article_id} 这篇文章；qingxing corpus list 列出全部")
    lines = [
        Line(article.title, "strong"),
        Line(" · ".join(_about(article)), "dim"),
        Line(article.reliability, "warn"),
        Line(),
    ]
    for passage in known.passages:
        if passage.article == article_id:
            lines.append(Line(f"[{passage.position}]", "dim"))
            lines.extend(Line(text, "quote", bar=True) for text in passage.text.splitlines())
    page(lines)


@corpus.command(help="添加一篇文章（UTF-8 纯文本，一行一段）。")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--id", "article_id", help="文章的 id，默认取文件名")
@click.option("--title", help="标题，默认取第一行")
@click.option("--author", help="作者")
@click.option("--publisher", help="发布方")
@click.option("--published", help="日期，如 2026-01-18")
@click.option("--url", help="链接")
@click.option(
    "--kind", type=click.Choice(["opinion", "secondary", "news_brief"]), default="secondary"
)
@click.option(
    "--reliability", default="用户添加的文章，可信度尚未评估。", help="可信度和理由，一句话"
)
def add(file: Path, article_id: str | None, title: str | None, **known: str | None) -> None:
    """Puts the article under the home folder, where every command finds it."""
    from bot.articles import add_article
    from bot.home import home_dir

    article = add_article(home_dir(), file, article_id=article_id, title=title, **known)
    click.echo(f"已添加 {article.id}：《{article.title}》；索引会在下次提问时自动更新")


@corpus.command(help="删除一篇自己添加的文章。")
@click.argument("article_id", metavar="ID")
def remove(article_id: str) -> None:
    """Removes an added article; those that come with the package stay."""
    from bot.articles import remove_article
    from bot.home import home_dir

    remove_article(home_dir(), article_id)
    click.echo(f"已删除 {article_id}")


@corpus.command("import", help="把保存的网页变成文章文件（维护者）。")
@click.argument("page", type=click.Path(path_type=Path))
@click.option("--into", type=click.Path(path_type=Path), required=True, help="写到哪个文件夹")
def import_page(page: Path, into: Path) -> None:
    """Writes each article that the page holds, and says which."""
    from bot.articles import read_text
    from corpus.ingest import IngestError, ingest, load_imports
    from corpus.load import packaged_root, write_articles

    try:
        articles = ingest(read_text(page), load_imports(packaged_root() / "imports.toml"))
    except IngestError as error:
        raise InputError(f"{page}: {error}") from error
    for path in write_articles(articles, into):
        click.echo(str(path))


def _about(article: Article) -> list[str]:
    known = [article.author, article.publisher, article.published or "未注明日期", article.url]
    return [article.id, article.kind, *(value for value in known if value)]
