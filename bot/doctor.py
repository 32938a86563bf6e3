"""What is configured, what is missing and how to mend it; looks only, changes nothing."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.errors import QingxingError


@dataclass(frozen=True, slots=True)
class Item:
    """One thing looked at: its state, and the way out where it isn't well.

    ``needed_for`` is what doesn't work without it; an optional thing missing is no fault.
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
    version = ".".join(str(part) for part in sys.version_info[:3])
    ok = sys.version_info >= (3, 11)
    yield Item("Python", ok, version, None if ok else "需要 Python 3.11 以上")


def _settings() -> Iterator[Item]:
    from bot.config import load_settings

    try:
        settings = load_settings()
    except QingxingError as error:
        yield Item("设置", False, str(error), "改正环境变量或 .env，对照 .env.example")
        return
    yield Item("设置", True, ".env 已读" if Path(".env").is_file() else "全用默认值和环境变量")
    if settings.token is None:
        remedy = "向 @BotFather 要一个，写进 .env 的 TELEGRAM_BOT_TOKEN；只用命令行则不需要"
        yield Item("机器人令牌", False, "没有", remedy, optional=True)
    else:
        yield Item("机器人令牌", True, "有（不显示）")
    mode = "webhook" if settings.webhook else "长轮询"
    yield Item("接收方式", True, mode)


def _home() -> Iterator[Item]:
    from bot.home import home_dir

    home = home_dir()
    existing = next(path for path in (home, *home.parents) if path.exists())
    if os.access(existing, os.W_OK) and existing.is_dir():
        yield Item("数据目录", True, str(home))
    else:
        yield Item("数据目录", False, f"{home} 不可写", "用 QINGXING_HOME 换一个可写的目录")


def _knowledge() -> Iterator[Item]:
    from bot.home import home_dir
    from corpus.load import load_corpus

    home = home_dir()
    try:
        corpus = load_corpus(home)
        ledger, facts = corpus.ledger, corpus.facts
    except (ValueError, OSError) as error:
        yield Item("语料", False, str(error).splitlines()[0], "改正所说的文件")
        return
    passages = len(corpus.passages)
    yield Item("语料", True, f"{len(corpus.articles)} 篇文章，{passages} 段，版本 {corpus.digest}")
    yield Item("台账", True, f"{len(ledger)} 行，逐字出处都核对过")
    yield Item("问法", True, f"{len(facts)} 条事实，{sum(len(fact.asks) for fact in facts)} 种问法")
    yield from _index(home)


def _index(home: Path) -> Iterator[Item]:
    from bot.knowledge import load_knowledge

    try:
        stats = load_knowledge(home).index_stats()
    except (QingxingError, ValueError, OSError) as error:
        yield Item("索引", False, str(error), "qingxing index build 重建")
        return
    yield Item("索引", True, "，".join(f"{name} {value}" for name, value in stats.items()))


_LOOKS: tuple[Callable[[], Iterator[Item]], ...] = (_python, _settings, _home, _knowledge)
