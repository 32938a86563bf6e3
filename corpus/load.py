"""Files → the corpus: articles, passages, ledger, facts, and the digest that names this version.

A corpus is a mapping of relative path to text, so that a version can be kept as one blob and
opened again later exactly as it was.
"""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import Any, cast

from corpus.article import Article, Passage
from corpus.chunk import chunk
from corpus.facts import Fact, FactsError, parse_facts
from corpus.ledger import Ledger, LedgerError, parse_ledger

_FIELDS = {
    "title", "kind", "author", "publisher", "published", "url", "reliability", "via", "teaser_only",
}  # fmt: skip
_KINDS = {"opinion", "secondary", "news_brief"}


class CorpusError(ValueError):
    """A file of the corpus is missing, unreadable or wrong; the message names it."""


@dataclass(frozen=True)
class Corpus:
    """What is known, frozen.  ``digest`` changes with any byte of any file."""

    files: Mapping[str, str]
    articles: Mapping[str, Article]
    passages: tuple[Passage, ...]

    @cached_property
    def digest(self) -> str:
        """Names this version: 16 hexadecimal digits over all files."""
        hasher = hashlib.sha256()
        for name in sorted(self.files):
            hasher.update(f"{name}\0{self.files[name]}\0".encode())
        return hasher.hexdigest()[:16]

    @cached_property
    def by_id(self) -> Mapping[str, Passage]:
        """The passages by id."""
        return MappingProxyType({passage.id: passage for passage in self.passages})

    @cached_property
    def ledger(self) -> Ledger:
        """The ledger of figures, each tied to its quote; LedgerError names every fault."""
        return parse_ledger(self._joined("ledger.toml", "ledger/"), self.articles)

    @cached_property
    def facts(self) -> tuple[Fact, ...]:
        """What the passages answer, in the words of those who ask."""
        texts = {name: text for name, text in self.files.items() if name.startswith("facts/")}
        return parse_facts(texts, self.articles, self.passages)

    def _joined(self, name: str, folder: str) -> str:
        parts = [self.files.get(name, "")]
        parts += [text for path, text in sorted(self.files.items()) if path.startswith(folder)]
        return "\n".join(parts)


def read_files(*roots: Path) -> dict[str, str]:
    """Relative path → text of the corpus files below each of *roots*; later roots add to the first.

    Raises CorpusError for a file that isn't UTF-8 or that two roots both bring.
    """
    found: dict[str, str] = {}
    for root in roots:
        for path in sorted(_corpus_paths(root)):
            name = path.relative_to(root).as_posix()
            if name == "ledger.toml" and name in found:
                name = f"ledger/{root.name}.toml"
            if name in found:
                raise CorpusError(f"{path}: 与已有的 {name} 重名；请换一个 id")
            try:
                found[name] = path.read_text(encoding="utf-8")
            except UnicodeDecodeError as error:
                raise CorpusError(f"{path}: 不是 UTF-8 文本；请转成 UTF-8 再试") from error
    return found


def packaged_root() -> Path:
    """The folder of the corpus that comes with the package."""
    return Path(str(files("corpus")))


def load_corpus(*extra_roots: Path) -> Corpus:
    """The packaged corpus, with the articles added under *extra_roots*."""
    roots = [root for root in extra_roots if root.is_dir()]
    packaged = packaged_root()
    corpus = parse_corpus(read_files(packaged, *roots))
    _check_added(corpus, roots)
    return corpus


def _check_added(corpus: Corpus, roots: Iterable[Path]) -> None:
    """CorpusError for facts and rows that were added and can't be used.

    Those that come with the package are held to the same by its tests; reading them all again
    takes longer than a whole check.
    """
    for root in roots:
        added = read_files(root)
        facts = {name: text for name, text in added.items() if name.startswith("facts/")}
        for name in added:
            if name.startswith("ledger"):
                _toml(str(root / name), added[name])
        if any(name.startswith("ledger") for name in added):
            try:
                _ = corpus.ledger
            except LedgerError as error:
                raise CorpusError(f"{root / 'ledger'}：{error}") from error
        for name, text in facts.items():
            _toml(str(root / name), text)
        try:
            parse_facts(facts, corpus.articles, corpus.passages)
        except FactsError as error:
            raise CorpusError(f"{root}：{error}") from error


def parse_corpus(corpus_files: Mapping[str, str]) -> Corpus:
    """Files → Corpus; CorpusError names the file and the key that is wrong."""
    articles: dict[str, Article] = {}
    for name, text in sorted(corpus_files.items()):
        if name.startswith("articles/") and name.endswith(".toml"):
            stem = name.removeprefix("articles/").removesuffix(".toml")
            body = corpus_files.get(f"articles/{stem}.txt")
            if body is None:
                raise CorpusError(f"articles/{stem}.txt: 缺少正文文件")
            articles[stem] = _article(stem, _toml(name, text), body)
    if not articles:
        raise CorpusError("语料里一篇文章也没有；请用 qingxing corpus add 添加")
    passages = tuple(passage for article in articles.values() for passage in chunk(article))
    return Corpus(MappingProxyType(dict(corpus_files)), MappingProxyType(articles), passages)


def pack(corpus: Corpus) -> bytes:
    """The corpus as one compressed blob; ``unpack`` gives it back, digest and all."""
    text = json.dumps(dict(corpus.files), ensure_ascii=False, sort_keys=True)
    return zlib.compress(text.encode(), 9)


def unpack(blob: bytes) -> Corpus:
    """The corpus that ``pack`` kept; CorpusError where the blob is damaged."""
    try:
        data = json.loads(zlib.decompress(blob).decode())
    except (zlib.error, ValueError) as error:
        raise CorpusError("保存的语料版本已损坏") from error
    return parse_corpus(cast("dict[str, str]", data))


def article_toml(article: Article) -> str:
    """What stands in ``<id>.toml`` for *article*; absent values are left out."""
    lines = []
    for name in ("title", "kind", "author", "publisher", "published", "url", "reliability", "via"):
        value = getattr(article, name)
        if value is not None:
            # A JSON string is a TOML basic string.
            lines.append(f"{name} = {json.dumps(value, ensure_ascii=False)}")
    if article.teaser_only:
        lines.append("teaser_only = true")
    return "\n".join(lines) + "\n"


def write_articles(articles: Iterable[Article], folder: Path) -> list[Path]:
    """Writes each article's two files into *folder*; the paths of the texts come back."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for article in articles:
        path = folder / f"{article.id}.txt"
        path.write_text(article.text, encoding="utf-8", newline="\n")
        (folder / f"{article.id}.toml").write_text(
            article_toml(article), encoding="utf-8", newline="\n"
        )
        written.append(path)
    return written


def _corpus_paths(root: Path) -> Iterable[Path]:
    yield from (root / "articles").glob("*.toml")
    yield from (root / "articles").glob("*.txt")
    yield from (root / "facts").glob("*.toml")
    yield from (root / "ledger").glob("*.toml")
    if (root / "ledger.toml").is_file():
        yield root / "ledger.toml"


def _toml(name: str, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"line (\d+)", str(error))
        where = f"第 {line[1]} 行" if line else "末尾"
        raise CorpusError(f"{name}：不是有效的 TOML，错在{where}") from error


def _article(article_id: str, data: Mapping[str, Any], text: str) -> Article:
    name = f"articles/{article_id}.toml"
    if unknown := sorted(set(data) - _FIELDS):
        raise CorpusError(f"{name}: 不认识的键 {', '.join(unknown)}")
    for key in ("title", "kind", "reliability"):
        if not isinstance(data.get(key), str):
            raise CorpusError(f"{name}: 缺少 {key}")
    if data["kind"] not in _KINDS:
        raise CorpusError(f"{name}: kind = {data['kind']!r} 不在 {', '.join(sorted(_KINDS))} 之中")
    return Article(
        id=article_id,
        title=data["title"],
        text=text,
        kind=data["kind"],
        author=data.get("author"),
        publisher=data.get("publisher"),
        published=data.get("published"),
        url=data.get("url"),
        reliability=data["reliability"],
        via=data.get("via"),
        teaser_only=bool(data.get("teaser_only", False)),
    )
