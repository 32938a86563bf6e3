"""Articles that a user adds: two files under the home folder, checked before they are kept."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

from bot.errors import InputError
from corpus.article import Article, Kind
from corpus.load import load_corpus, packaged_root, write_articles

MAX_BYTES = 5_000_000
_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")


def read_text(path: Path) -> str:
    """The file as text; InputError, in one line, where it isn't a UTF-8 text of bearable size."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise InputError(f"{path}: 文件超过 {MAX_BYTES // 1_000_000} MB；请拆成几篇")
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError as error:
        raise InputError(f"{path}: 没有这个文件") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: 不是 UTF-8 文本；请转成 UTF-8 再试") from error
    except OSError as error:
        raise InputError(f"{path}: 读不了（{error.strerror}）") from error
    if "\0" in text:
        raise InputError(f"{path}: 是二进制文件，不是文本")
    return text


def add_article(
    home: Path,
    path: Path,
    *,
    article_id: str | None,
    title: str | None,
    author: str | None = None,
    publisher: str | None = None,
    published: str | None = None,
    url: str | None = None,
    kind: Kind = "secondary",
    reliability: str | None = None,
) -> Article:
    """Keeps the text at *path* as an article under *home*; nothing is written if it can't serve."""
    lines = [line.strip() for line in read_text(path).splitlines() if line.strip()]
    if not lines:
        raise InputError(f"{path}: 没有文字")
    new_id = article_id or re.sub(r"[^a-z0-9]+", "-", path.stem.lower()).strip("-")
    if not _ID.fullmatch(new_id):
        raise InputError("文章 id 只能用小写字母、数字和连字符；请用 --id 指定")
    if published is not None:
        _check_date(published)
    if new_id in load_corpus(home).articles:
        raise InputError(f"已经有 {new_id} 这篇文章；请用 --id 换一个 id")
    body = lines if title else lines[1:] or lines
    article = Article(
        id=new_id,
        title=title or lines[0],
        text="\n".join(body) + "\n",
        kind=kind,
        author=author,
        publisher=publisher,
        published=published,
        url=url,
        reliability=reliability or "用户添加的文章，可信度尚未评估。",
    )
    write_articles([article], home / "articles")
    return article


def remove_article(home: Path, article_id: str) -> None:
    """Removes an article that was added under *home*; InputError for any other."""
    text = home / "articles" / f"{article_id}.txt"
    if _ID.fullmatch(article_id) and text.is_file():
        facts = [p for p in (home / "facts").glob("*.toml") if p.stem.startswith(article_id)]
        for path in (text, text.with_suffix(".toml"), *facts):
            path.unlink(missing_ok=True)
        return
    if (packaged_root() / "articles" / f"{article_id}.txt").is_file():
        raise InputError(f"{article_id} 是自带的文章，不能删除")
    raise InputError(f"没有 {article_id} 这篇文章；qingxing corpus list 列出全部")


def _check_date(value: str) -> None:
    try:
        date.fromisoformat(value)
    except ValueError as error:
        raise InputError(f"日期 {value} 写得不对，要像 2026-01-18") from error
