"""A progress bar on standard error: bytes where the inputs have a size, lines in any case."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

if TYPE_CHECKING:
    from bot import batch

_EVERY_S = 0.1


@contextmanager
def bar() -> Iterator[Callable[[batch.Progress], None]]:
    """What to call with each state of the run; it draws ten times a second at most."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task("0 行", total=None)
        due = 0.0

        def tell(state: batch.Progress) -> None:
            nonlocal due
            now = time.monotonic()
            if now < due and state.read_bytes != state.total_bytes:
                return
            due = now + _EVERY_S
            shown.update(
                task,
                completed=state.read_bytes,
                total=state.total_bytes,
                description=_told(state),
            )

        yield tell


def _told(state: batch.Progress) -> str:
    bad = f"，{state.errors} 行不能用" if state.errors else ""
    return f"{state.lines} 行{bad}"
