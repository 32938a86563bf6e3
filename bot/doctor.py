"""What is configured, what is missing and how to mend it; looks only, changes nothing."""

from __future__ import annotations

import re
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from bot.errors import QingxingError
from bot.home import home_dir

_EXTRAS = {"milvus": "Milvus 索引", "ocr": "认图片里的字", "dask": "把批处理交给集群"}
_EXTRA = re.compile(r"(?P<package>[A-Za-z0-9_.-]+).*;.*extra == [\"'](?P<extra>[a-z]+)[\"']")


@dataclass(frozen=True, slots=True)
class Item:
    """One thing looked at: its state, and the way out where it isn't well.

    An optional thing that is missing is no fault.
    """

    name: str
    ok: bool
    state: str
    remedy: str | None = None
    optional: bool = False


def examine() -> list[Item]:
    """Everything that a run depends on, in the order in which one would mend it."""
    return [item for look in _LOOKS for item in look()]


def _python() -> Iterator[Item]:
    number = ".".join(str(part) for part in sys.version_info[:3])
    ok = sys.version_info >= (3, 11)
    yield Item("Python", ok, number, None if ok else "需要 Python 3.11 以上")


def _settings() -> Iterator[Item]:
    from bot.config import load_settings

    try:
        settings = load_settings()
    except QingxingError as error:
        yield Item("设置", False, str(error), "改正环境变量或 .env，对照 .env.example")
        return
    except (OSError, UnicodeDecodeError):
        yield Item("设置", False, ".env 读不了或不是 UTF-8", "照着 .env.example 重写一份")
        return
    yield Item("设置", True, "读了 .env" if Path(".env").is_file() else "全用默认值和环境变量")
    if settings.token is None:
        remedy = "向 @BotFather 要一个，写进 .env 的 TELEGRAM_BOT_TOKEN；只用命令行则不需要"
        yield Item("机器人令牌", False, "没有", remedy, optional=True)
    else:
        yield Item("机器人令牌", True, "有（不显示）")
    yield Item("接收方式", True, "webhook" if settings.webhook else "长轮询")
    yield Item("索引引擎", True, settings.index)


def _home() -> Iterator[Item]:
    try:
        home = home_dir()
    except QingxingError as error:
        yield Item("数据目录", False, str(error), "用 QINGXING_HOME 换一个可写的目录")
        return
    existing = next(path for path in (home, *home.parents) if path.exists())
    if not _is_writable(existing):
        yield Item("数据目录", False, f"{home} 不可写", "用 QINGXING_HOME 换一个可写的目录")
        return
    yield Item("数据目录", True, str(home) if home.exists() else f"{home}（用到时再建）")
    yield from _database("数据库", home / "bot.sqlite", "把它移走，下次运行会另建一个")
    yield from _knowledge(home)


def _is_writable(folder: Path) -> bool:
    """By trying: permissions alone don't tell of a system's own folders or a full disk."""
    try:
        with tempfile.TemporaryDirectory(dir=folder, prefix=".qingxing-"):
            return True
    except OSError:
        return False


def _knowledge(home: Path) -> Iterator[Item]:
    from bot.guard.guard import Guard
    from corpus.load import load_corpus

    try:
        corpus = load_corpus(home)
        ledger, facts = corpus.ledger, corpus.facts
        Guard(ledger)
    except (ValueError, OSError) as error:
        yield Item("语料", False, str(error), "改正所说的文件，或删掉自己添加的那一个")
        return
    passages = len(corpus.passages)
    yield Item("语料", True, f"{len(corpus.articles)} 篇文章，{passages} 段，版本 {corpus.digest}")
    yield Item("台账", True, f"{len(ledger)} 行，逐字出处都核对过")
    yield Item("问法", True, f"{len(facts)} 条事实，{sum(len(fact.asks) for fact in facts)} 种问法")
    for name, folder in (("段落索引", "passages"), ("问法索引", "asks")):
        yield from _index(name, home / "index" / folder, corpus.digest)


def _index(name: str, folder: Path, digest: str) -> Iterator[Item]:
    from index.store import current_file

    fault = next((p for p in (folder.parent, folder) if p.exists() and not p.is_dir()), None)
    if fault is not None:
        yield Item(name, False, f"{fault} 不是文件夹", "把它移走，下次提问会重建")
        return
    if folder.exists() and not _is_writable(folder):
        yield Item(name, False, f"{folder} 不可写", "改它的权限，或用 QINGXING_HOME 换一个目录")
        return
    path = current_file(folder)
    if path is None:
        yield Item(name, False, "还没有", "第一次提问时自动建，不用管", optional=True)
        return
    (item,) = _database(name, path, f"删掉 {folder}，下次提问会重建")
    if not item.ok:
        yield item
        return
    try:
        with closing(_read_only(path)) as conn:
            made_from = conn.execute("SELECT value FROM meta WHERE key = 'digest'").fetchone()
    except sqlite3.Error:  # whole, but not an index
        yield Item(name, False, "内容不对", "下次提问时自动重建，不用管", optional=True)
        return
    if made_from is None or not made_from[0].startswith(digest):
        yield Item(name, False, "语料变了", "下次提问时自动更新，不用管", optional=True)
        return
    yield Item(name, True, f"{path.stat().st_size / 1e6:.1f} MB")


def _database(name: str, path: Path, remedy: str) -> Iterator[Item]:
    if not path.exists():
        yield Item(name, True, "还没有（用到时再建）")
        return
    try:
        with closing(_read_only(path)) as conn:
            found = conn.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.Error as error:
        found = str(error)
    ok = found == "ok"
    yield Item(name, ok, "完好" if ok else f"{path} 已损坏或打不开", None if ok else remedy)


def _read_only(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)


def _extras() -> Iterator[Item]:
    """What can be installed beside: one item an extra, there if all its packages are."""
    try:
        found = [match for line in requires("qingxing") or () if (match := _EXTRA.match(line))]
    except PackageNotFoundError:  # run from a checkout that was never installed
        return
    for extra, use in _EXTRAS.items():
        packages = [match["package"] for match in found if match["extra"] == extra]
        if packages:
            ok = all(_is_installed(package) for package in packages)
            remedy = None if ok else f"要{use}才需要：pip install 'qingxing[{extra}]'"
            yield Item(f"可选：{extra}", ok, "已装" if ok else "没装", remedy, optional=True)


def _is_installed(package: str) -> bool:
    try:
        version(package)
    except PackageNotFoundError:
        return False
    return True


_LOOKS: tuple[Callable[[], Iterator[Item]], ...] = (_python, _settings, _home, _extras)
