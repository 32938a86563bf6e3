"""Labelled questions in running text: four fields a line, parted by tabs.

``A`` or ``N`` (the articles answer it or don't), the kind, verbatim runs of the articles of which
one answers it (parted by `` || ``; ``-`` for none), and the question, after the earlier ones of
the conversation, each followed by ``>>``.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bot.eval.qa import QaCase
from bot.eval.writers import read_lines

_FIELDS = 4


def parse_question(line: str, case_id: str, writer: str) -> QaCase:
    """The case of one line; ValueError where it isn't one."""
    fields = line.split("\t")
    if len(fields) != _FIELDS or fields[0] not in ("A", "N"):
        raise ValueError(f"not four fields that begin with A or N: {line}")
    sign, kind, golds, asked = fields
    if sign == "A" and "-" in golds.split(" || "):
        raise ValueError(f"answerable, but by nothing: {line}")
    *context, question = (part.strip() for part in asked.split(">>"))
    if not question:
        raise ValueError(f"asks nothing: {line}")
    return QaCase(
        id=case_id,
        question=question,
        kind=kind,
        answerable=sign == "A",
        gold=tuple(golds.split(" || ")) if sign == "A" else (),
        context=tuple(context),
        writer=writer,
    )


def read_questions(folder: Path) -> Iterator[QaCase]:
    """The cases of ``<writer>.txt`` files; ValueError names file and line of a broken one."""
    return read_lines(
        folder, lambda line, writer, number: parse_question(line, f"{writer}_{number}", writer)
    )
