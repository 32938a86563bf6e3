"""Whatever went wrong → one Chinese line with the way out, and the exit status."""

from __future__ import annotations

import click

from bot.cli.usage import usage_line
from bot.errors import QingxingError, os_reason

INTERRUPTED = "已中断"


def fault(error: BaseException) -> tuple[str, int]:
    """The line for standard error, and the exit status: 2 the words are wrong, 1 anything else."""
    line, status = _told(error)
    return " ".join(line.split()), status


def os_line(error: OSError) -> str:
    """Which file, and why not, in Chinese whatever the system's language."""
    return f"{error.filename or '输入输出'}：{os_reason(error)}"


def sqlite_line(error: BaseException) -> str:
    """Why a database of the home can't be used, and what to do."""
    name = getattr(error, "sqlite_errorname", None) or ""
    if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
        return "数据库文件已损坏；运行 qingxing doctor 看是哪一个，把它移走即可重建"
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return "数据库正被另一个进程占用；稍后再试"
    if name == "SQLITE_ERROR":
        return "数据库的结构和程序对不上（另一个版本建的？）；升级程序，或把数据库文件移走"
    if name.startswith("SQLITE_FULL"):
        return "磁盘满了，数据库写不进去；腾出空间再试"
    if name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM")):
        return "数据库打不开或不可写；检查数据目录的权限，或用 QINGXING_HOME 换一个"
    return f"数据库出错（{name or error}）；运行 qingxing doctor 看看"


def is_sqlite(error: BaseException) -> bool:
    """Whether *error* is SQLite's, without loading SQLite to find out."""
    return any(kind.__module__ == "sqlite3" for kind in type(error).__mro__)


def _told(error: BaseException) -> tuple[str, int]:
    match error:
        case QingxingError():
            return str(error), error.exit_status
        case click.UsageError():
            return usage_line(error), 2
        case click.FileError():
            return usage_line(error), 2
        case KeyboardInterrupt() if str(error):
            return f"{INTERRUPTED}；{error}", 1
        case click.Abort() | KeyboardInterrupt() | EOFError():
            return INTERRUPTED, 1
        case RuntimeError() if isinstance(error.__cause__, KeyboardInterrupt):
            return INTERRUPTED, 1  # Ctrl-C while a class was made, before Python 3.12
        case MemoryError():
            return "内存不够", 1
        case OSError():
            return f"读写失败：{os_line(error)}", 1
        case _ if is_sqlite(error):
            return sqlite_line(error), 1
        case ValueError():
            return f"数据有误：{_first_fault(str(error))}", 1
    kind = type(error).__name__
    return f"内部错误（{kind}: {error}）；请把这一行和所用的命令报告给维护者", 1


def _first_fault(message: str) -> str:
    lines = [line for line in message.splitlines() if line.strip()]
    if len(lines) < 2:
        return message
    return f"{lines[0]}（共 {len(lines)} 处，qingxing doctor 列出全部）"
