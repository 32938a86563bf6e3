"""Articles that a user adds, with their facts and figures: files under the home folder.

Everything is checked as one corpus before a byte is written, so that no command ever meets an
article, a fact or a row that can't be used.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from bot.drafts import draft_facts
from bot.errors import InputError
from bot.store.database import FILE_NAME
from corpus.article import Article, Kind
from corpus.load import (
    article_toml,
    packaged_root,
    parse_corpus,
    read_files,
    write_articles,
)

MAX_BYTES = 5_000_000
UNRATED = "用户添加的文章，可信度尚未评估。"
_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")


@dataclass(frozen=True, slots=True)
class About:
    """What a user tells of an article; what is absent is found in the text or left open."""

    article_id: str | None = None
    title: str | None = None
    author: str | None = None
    publisher: str | None = None
    published: str | None = None
    url: str | None = None
    kind: Kind = "secondary"
    reliability: str | None = None


def read_text(path: Path) -> str:
    """The file as text; InputError, in one line, where it isn't a UTF-8 text of bearable size."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise InputError(f"{path}：文件超过 {MAX_BYTES // 1_000_000} MB；请拆成几篇")
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError as error:
        raise InputError(f"{path}：没有这个文件") from error
    except IsADirectoryError as error:
        raise InputError(f"{path}：这是一个文件夹，不是文件") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path}：不是 UTF-8 文本；请转成 UTF-8 再试") from error
    except PermissionError as error:
        raise InputError(f"{path}：没有读的权限") from error
    if "\0" in text:
        raise InputError(f"{path}：是二进制文件，不是文本")
    return text


def add_article(
    home: Path,
    path: Path,
    about: About | None = None,
    *,
    facts: Path | None = None,
    ledger: Path | None = None,
) -> Article:
    """Keeps the text at *path* as an article under *home*, with its facts and rows if given.

    Without facts they are drafted from its sentences.  Raises InputError, and writes nothing,
    where any of it can't be used.
    """
    article = _article(path, about or About())
    known = read_files(packaged_root(), home)
    if f"articles/{article.id}.toml" in known:
        raise InputError(f"已经有 {article.id} 这篇文章；请用 --id 换一个 id")
    data = {
        f"{folder}/{article.id}.toml": _toml_text(given)
        for folder, given in (("facts", facts), ("ledger", ledger))
        if given is not None
    }
    data.setdefault(f"facts/{article.id}.toml", draft_facts(article))
    texts = {f"articles/{article.id}.txt": article.text}
    tomls = {f"articles/{article.id}.toml": article_toml(article)}
    _try(known | texts | tomls | data, f"{path} 没有添加")
    _refuse_flips(home, known, known | texts | tomls | data, f"{path} 没有添加")
    write_articles([article], home / "articles")
    for name, text in data.items():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text(text, encoding="utf-8", newline="\n")
    return article


def _refuse_flips(
    home: Path, before: Mapping[str, str], after: Mapping[str, str], what: str
) -> None:
    """InputError where the change would turn the verdict on a case that administrators settled."""
    if not (home / FILE_NAME).exists():
        return
    from bot.eval.cases import report_cases
    from bot.guard.guard import Guard

    def flips(files: Mapping[str, str]) -> set[str]:
        guard = Guard(parse_corpus(files).ledger)
        return {result.case.case_id for result in report_cases(home, guard.check).flips}

    if turned := sorted(flips(after) - flips(before)):
        names = "、".join(turned)
        raise InputError(
            f"{what}：群里定过的案例 {names} 会被判成另一样；"
            "先用 qingxing eval --cases --accept 编号 放弃这些案例"
        )


def remove_article(home: Path, article_id: str) -> None:
    """Removes an article that was added under *home*, with the facts and rows added with it.

    Raises InputError for any other, where something else still quotes it, and where its rows
    carry a case that administrators settled.
    """
    if not _ID.fullmatch(article_id) or not (home / "articles" / f"{article_id}.toml").is_file():
        if (packaged_root() / "articles" / f"{article_id}.toml").is_file():
            raise InputError(f"{article_id} 是自带的文章，不能删除")
        raise InputError(f"没有 {article_id} 这篇文章；qingxing corpus list 列出全部")
    names = [f"{folder}/{article_id}.toml" for folder in ("ledger", "facts", "articles")]
    names.append(f"articles/{article_id}.txt")
    known = read_files(packaged_root(), home)
    left = {name: text for name, text in known.items() if name not in names}
    _try(left, f"{article_id} 还被引用，没有删除")
    _refuse_flips(home, known, left, f"{article_id} 没有删除")
    # What quotes goes before what is quoted: stopped half-way, the rest is still a whole corpus.
    for name in names:
        (home / name).unlink(missing_ok=True)


def _article(path: Path, about: About) -> Article:
    lines = [line.strip() for line in read_text(path).splitlines() if line.strip()]
    if not lines:
        raise InputError(f"{path}：没有文字")
    if about.published is not None:
        _check_date(about.published)
    body = lines if about.title else lines[1:] or lines
    text = "\n".join(body) + "\n"
    article_id = about.article_id or _id_of(path, text)
    if not _ID.fullmatch(article_id):
        raise InputError("文章 id 只能用小写字母、数字和连字符；请用 --id 指定")
    return Article(
        id=article_id,
        title=about.title or lines[0],
        text=text,
        kind=about.kind,
        author=about.author,
        publisher=about.publisher,
        published=about.published,
        url=about.url,
        reliability=about.reliability or UNRATED,
    )


def _toml_text(path: Path) -> str:
    text = read_text(path)
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"line (\d+)", str(error))
        where = f"第 {line[1]} 行" if line else "末尾"
        raise InputError(f"{path}：不是有效的 TOML，错在{where}") from error
    return text


def _id_of(path: Path, text: str) -> str:
    """The file's name, or, where it has no Latin letters, a name made of its text."""
    name = re.sub(r"[^a-z0-9]+", "-", path.stem.lower()).strip("-")
    return name[:64] or f"article-{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def _try(files: Mapping[str, str], failing: str) -> None:
    """InputError with the first fault where *files* make no corpus that all commands can use."""
    from bot.guard.guard import Guard

    try:
        corpus = parse_corpus(files)
        Guard(corpus.ledger)
        _ = corpus.facts
    except ValueError as error:
        faults = [line for line in str(error).splitlines() if line.strip()]
        more = f"（共 {len(faults)} 处）" if len(faults) > 1 else ""
        raise InputError(f"{failing}：{faults[0]}{more}") from error


def _check_date(value: str) -> None:
    try:
        date.fromisoformat(value)
    except ValueError as error:
        raise InputError(f"日期 {value} 写得不对，要像 2026-01-18") from error
