"""The words of a call: an argument, or standard input for ``-``."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

from bot.errors import InputError
from index.normalise import fold_text

MAX_CHARS = 100_000


def single(words: Sequence[str], what: str, example: str) -> str | None:
    """The one word of a call that takes one at most; InputError for several."""
    if len(words) > 1:
        raise InputError(f"{what}只能有一个（有空格时请加引号）；例如 {example}")
    return words[0] if words else None


def read_words(given: str | None, what: str, example: str) -> str:
    """The question or post that was given; InputError, in one line, where there is none.

    ``-`` reads standard input as UTF-8, and keeps every character: a check's offsets count in it.
    Text over ``MAX_CHARS`` code points is refused.
    """
    if given is None:
        raise InputError(f"没有{what}；例如 {example}")
    text = _standard_input(what) if given == "-" else given
    if len(text) > MAX_CHARS:
        raise InputError(_too_long(what))
    if not fold_text(text).strip():  # zero-width characters alone are nothing either
        raise InputError(f"{what}是空的；例如 {example}")
    return text


def _standard_input(what: str) -> str:
    if sys.stdin is None:
        raise InputError(f"标准输入是关着的，读不到{what}")
    if sys.stdin.isatty():
        click.echo(f"请输入{what}，按 Ctrl-D 结束：", err=True)
    # One code point is at most four bytes; the rest of a huge stream need not be read.
    raw = sys.stdin.buffer.read(4 * MAX_CHARS + 5)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if len(raw) > 4 * MAX_CHARS:
            raise InputError(_too_long(what)) from error
        raise InputError(f"{what}不是 UTF-8 文本；请转成 UTF-8 再试") from error
    if "\0" in text:
        raise InputError(f"{what}是二进制内容，不是文本")
    return text


def _too_long(what: str) -> str:
    return f"{what}超过 {MAX_CHARS} 个字；请截短，或用 --jsonl 分批"
