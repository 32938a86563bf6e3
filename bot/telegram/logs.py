"""Log lines to standard error, as text or JSON, without the token.

The HTTP client logs whole addresses, which hold the token, and errors repeat them: so every line is
cleaned after it is formatted, tracebacks included.
"""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Literal

_NOISY = ("httpx", "httpcore", "telegram", "tornado", "jieba", "asyncio", "matplotlib")


class _Clean(logging.Formatter):
    def __init__(self, secrets: tuple[str, ...]) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")
        self._secrets = secrets

    def format(self, record: logging.LogRecord) -> str:
        return self.clean(super().format(record))

    def clean(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return text


class _Json(_Clean):
    def format(self, record: logging.LogRecord) -> str:
        data = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            data["exception"] = self.formatException(record.exc_info)
        return self.clean(json.dumps(data, ensure_ascii=False))


def set_up(style: Literal["text", "json"], secrets: tuple[str, ...]) -> None:
    """Send all log lines to standard error, with none of *secrets* in them."""
    kept = tuple(secret for secret in secrets if secret)
    # A token's second half alone opens the bot as well.
    kept += tuple(tail for secret in kept if len(tail := secret.partition(":")[2]) >= 8)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Json(kept) if style == "json" else _Clean(kept))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    for name in _NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)
