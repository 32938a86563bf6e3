"""The body of a request as raw parameters: urlencoded, JSON or multipart."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import parse_qsl

from .errors import BAD_UTF8, ApiError, bad
from .signature import Upload


def parse_body(content_type: str, body: bytes) -> dict[str, Any]:
    """Names and values; a file of a multipart body is an Upload."""
    kind = content_type.split(";")[0].strip().lower()
    try:
        if not body:
            return {}
        if kind == "application/json":
            return _json(body)
        if kind == "multipart/form-data":
            return _multipart(content_type, body)
        if kind == "application/x-www-form-urlencoded":
            pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict")
            return dict(pairs)
    except UnicodeDecodeError as err:
        raise bad(BAD_UTF8) from err
    raise ApiError(400, f"Bad Request: unsupported content type {kind!r}")


def _json(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body.decode("utf-8"))
    except ValueError as err:
        if isinstance(err, UnicodeDecodeError):
            raise
        raise bad("can't parse JSON object") from err
    if not isinstance(value, dict):
        raise bad("object expected as request body")
    return value


def _header(head: str, name: str) -> str:
    match = re.search(rf'{name}="((?:[^"\\]|\\.)*)"', head)
    return match.group(1) if match else ""


def _multipart(content_type: str, body: bytes) -> dict[str, Any]:
    match = re.search(r'boundary="?([^";]+)', content_type)
    if not match:
        raise bad("wrong multipart body")
    values: dict[str, Any] = {}
    for part in (b"\r\n" + body).split(b"\r\n--" + match.group(1).encode())[1:-1]:
        head_bytes, found, data = part.partition(b"\r\n\r\n")
        if not found:
            raise bad("wrong multipart body")
        head = head_bytes.decode("utf-8")
        name = _header(head, r"\bname")
        if "filename=" in head:
            mime = re.search(r"(?i)content-type:\s*([^\s;]+)", head)
            kind = mime.group(1) if mime else "application/octet-stream"
            values[name] = Upload(_header(head, "filename"), data, kind)
        else:
            values[name] = data.decode("utf-8")
    return values
