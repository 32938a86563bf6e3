"""A single answer or check gets its number and is kept; failing that, it is given all the same."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from bot.cli.faults import is_sqlite, os_line, sqlite_line

if TYPE_CHECKING:
    from bot.answer.types import Answer
    from bot.guard.types import Check
    from bot.knowledge import Knowledge

Given = TypeVar("Given", "Answer", "Check")


def kept(
    home: Path,
    given: Given,
    text: str,
    knowledge: Knowledge,
    now: datetime,
    *,
    context: tuple[str, ...] = (),
    shown: tuple[str, ...] = (),
) -> Given:
    """*given* with its number; without one, and a line on standard error, where the home is ill."""
    from bot.receipts import record

    try:
        return record(home, given, text, knowledge, now, context=context, shown=shown)
    except OSError as error:
        reason = os_line(error)
    except UnicodeEncodeError:  # a lone surrogate: bytes on the command line that were no text
        reason = "里面有不成字的字节，存不下来"
    except Exception as error:
        if not is_sqlite(error):
            raise
        reason = sqlite_line(error)
    click.echo(f"qingxing: 这次没有编号：{reason}", err=True)
    return given
