"""The knowledge of a home, opened for a person who may have to wait while it is indexed."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from bot.knowledge import Knowledge


def open_for_questions(home: Path) -> Knowledge:
    """The knowledge of *home*; on a terminal, says so where the first question takes longer."""
    from bot.knowledge import load_knowledge
    from index.store import current_file

    first = current_file(home / "index" / "passages") is None
    if first and sys.stderr is not None and sys.stderr.isatty():
        click.echo("第一次提问，先建索引，约十秒……", err=True)
    return load_knowledge(home)
