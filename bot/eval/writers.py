"""A folder of ``<writer>.txt`` files with a labelled text a line → what is read of each line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

Read = TypeVar("Read")


def read_lines(folder: Path, parse: Callable[[str, str, int], Read]) -> Iterator[Read]:
    """What *parse* makes of (line, writer, number); ValueError names file and line at fault."""
    for path in sorted(folder.glob("*.txt")):
        for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
            if line.strip():
                try:
                    yield parse(line, path.stem, number)
                except ValueError as error:
                    raise ValueError(f"{path.name}:{number}: {error}") from error
