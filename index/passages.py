"""Anybody's passages: JSON lines of ``{"id", "title" (optional), "text"}`` → documents."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from index.engine import Document, PassagesError


def read_passages(path: Path) -> Iterator[Document]:
    """The documents of *path* (``.gz`` is unpacked), one by one; blank lines are passed over.

    PassagesError names the line that isn't such an object: an index that silently lacks passages
    would be worse than none.
    """
    try:
        with path.open("rb") as file:
            packed = path.suffix == ".gz"
            lines: IO[bytes] = gzip.GzipFile(fileobj=file) if packed else file  # type: ignore[assignment]
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield _document(line.removeprefix(b"\xef\xbb\xbf"), f"{path} 第 {number} 行")
    except (OSError, EOFError, zlib.error) as error:
        raise PassagesError(f"读不了 {path}：{_reason(error)}") from error


def _reason(error: Exception) -> str:
    match error:
        case FileNotFoundError():
            return "没有这个文件"
        case IsADirectoryError():
            return "这是一个文件夹，不是文件"
        case PermissionError():
            return "没有权限"
    return "内容已损坏，或磁盘读写出错"


def _document(line: bytes, where: str) -> Document:
    try:
        record = json.loads(line.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise PassagesError(f"{where}不是有效的 JSON（UTF-8）") from error
    if not isinstance(record, dict):
        raise PassagesError(f"{where}不是 JSON 对象")
    doc_id, text, title = record.get("id"), record.get("text"), record.get("title") or ""
    if isinstance(doc_id, bool) or not isinstance(doc_id, str | int) or doc_id == "":
        raise PassagesError(f"{where}的 id 不是字符串：{doc_id!r}")
    if not isinstance(text, str) or not isinstance(title, str):
        raise PassagesError(f"{where}（id {doc_id!r}）的 text 和 title 要是字符串")
    return Document(str(doc_id), {"text": text, "title": title})
