"""``qingxing index``: the index of the articles, or one of anybody's passages."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bot.errors import InputError, QingxingError

if TYPE_CHECKING:
    from index.engine import Hit
    from index.search import Index

_FOLDER = click.Path(path_type=Path, file_okay=False)
_WHERE = "索引所在的文件夹；不写就是文章自己的索引"


@click.group(help="索引：建立、统计、检索。")
def index() -> None:
    """The group; its commands import what they need."""


@index.command("build", help="建索引：文章自己的，或 --passages 文件里任何人的段落。")
@click.option(
    "--passages", type=click.Path(path_type=Path), help="JSON 行：id、title（可无）、text；可 .gz"
)
@click.option("--index", "folder", type=_FOLDER, help=_WHERE)
@click.option("--engine", default="sqlite", show_default=True, help="sqlite，或一个 Milvus 的地址")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON")
def build_command(passages: Path | None, folder: Path | None, engine: str, as_json: bool) -> None:
    """Builds, then says what there is."""
    from index.open import is_engine

    if not is_engine(engine):
        raise InputError(
            f"没有叫 {engine} 的引擎；可用 sqlite，或一个 Milvus 的地址（http://… 或 ….db）"
        )
    if passages is None:
        if folder is not None:
            raise InputError("--index 要和 --passages 文件 一起用")
        if engine != "sqlite":
            raise InputError(
                "--engine 要和 --passages 文件 一起用；文章自己的索引看 QINGXING_INDEX"
            )
        _show(_published_stats(), as_json)
        return
    if folder is None:
        raise InputError("要说建在哪里：--index 文件夹")
    _show(_told(lambda: _build_passages(passages, folder, engine)), as_json)


@index.command("stats", help="索引有多大。")
@click.option("--index", "folder", type=_FOLDER, help=_WHERE)
@click.option("--json", "as_json", is_flag=True, help="输出 JSON")
def stats_command(folder: Path | None, as_json: bool) -> None:
    """Prints the figures."""
    if folder is None:
        _show(_corpus_stats(), as_json)
        return
    _show(_told(lambda: _stats(folder)), as_json)


@index.command("search", help="检索：打印排好序的段落编号和得分。")
@click.argument("query", required=False)
@click.option("--index", "folder", type=_FOLDER, help=_WHERE)
@click.option("-k", type=click.IntRange(1, 10_000), default=10, show_default=True, help="取前几条")
@click.option(
    "--jsonl", "files", multiple=True, help="每行 id 和 q；可多次，可通配，可 .gz，- 是标准输入"
)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="写到这个文件")
@click.option("--jobs", type=click.IntRange(0), default=1, help="进程数；0 是全部核")
@click.option("--resume", is_flag=True, help="从 --out 停下的地方接着跑")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON")
def search_command(
    query: str | None,
    folder: Path | None,
    k: int,
    files: tuple[str, ...],
    out: Path | None,
    jobs: int,
    resume: bool,
    as_json: bool,
) -> None:
    """Prints hits, or a line of hits for each line of the files."""
    if files:
        from bot.batch import run_batch

        config = (str(folder) if folder else None, k)
        sink = out or sys.stdout.buffer
        worker = "bot.cli.index:search_worker"
        run_batch(files, worker, config, out=sink, jobs=jobs, resume=resume)
        return
    from bot.cli.words import read_words

    words = read_words(query, "检索词", "qingxing index search 限流")
    work = search_worker((str(folder) if folder else None, k))
    hits = work({"q": words})["hits"]
    if as_json:
        click.echo(json.dumps(hits, ensure_ascii=False, indent=2))
        return
    for place, hit in enumerate(hits, 1):
        click.echo(f"{place:>3}  {hit['score']:8.3f}  {hit['id']}")
    if not hits:
        click.echo("没有共同的词", err=True)


def search_worker(config: tuple[str | None, int]) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    """A line of ``{"id", "q"}`` → ``{"id", "hits"}`` on one open index."""
    folder, k = config
    opened: Index = _told(lambda: _open(Path(folder) if folder else None))

    def work(record: Mapping[str, Any]) -> dict[str, Any]:
        query = record.get("q")
        if not isinstance(query, str) or not query.strip():
            raise InputError("q 是空的或不是字符串")
        hits: list[Hit] = _told(lambda: opened.search(query, k))
        return {
            "id": record.get("id"),
            "hits": [{"id": hit.id, "score": hit.score} for hit in hits],
        }

    return work


def _open(folder: Path | None) -> Index:
    from index.open import open_home

    if folder is None:
        from bot.home import home_dir
        from bot.knowledge import load_knowledge

        return load_knowledge(home_dir()).passages
    _refuse_missing(folder)
    found = open_home(folder)
    found.stats()  # a broken index is told now, not line by line
    return found


def _refuse_missing(folder: Path) -> None:
    from index.store import current_file

    if current_file(folder) is None:
        raise InputError(f"{folder} 里没有索引；先用 qingxing index build 建一个")


def _build_passages(passages: Path, folder: Path, engine: str) -> dict[str, int]:
    from index.open import build_home
    from index.passages import read_passages

    with closing(build_home(folder, read_passages(passages), engine=engine)) as built:
        return built.stats()


def _stats(folder: Path) -> dict[str, int]:
    from index.open import open_home

    _refuse_missing(folder)
    with closing(open_home(folder)) as opened:
        return opened.stats()


def _published_stats() -> dict[str, Any]:
    """The same, with a Milvus given anew what the local copies hold."""
    from bot.home import home_dir
    from bot.knowledge import load_knowledge

    with load_knowledge(home_dir()) as knowledge:
        knowledge.publish()
        return dict(knowledge.index_stats())


def _corpus_stats() -> dict[str, Any]:
    from bot.home import home_dir
    from bot.knowledge import load_knowledge

    with load_knowledge(home_dir()) as knowledge:
        return dict(knowledge.index_stats())


def _told(act: Callable[[], Any]) -> Any:
    """What *act* gives; a fault of the index, or of its input, as the error of a command."""
    from index.engine import PassagesError, SearchError

    try:
        return act()
    except PassagesError as error:
        raise InputError(str(error)) from error
    except SearchError as error:
        raise QingxingError(str(error)) from error


_NAMES = {"documents": "段落", "terms": "词项", "postings": "倒排", "bytes": "字节"}


def _show(stats: Mapping[str, Any], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(stats, ensure_ascii=False, indent=2))
        return
    for name, value in stats.items():
        click.echo(f"{_NAMES.get(name, name)}\t{value}")
