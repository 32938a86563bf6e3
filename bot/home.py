"""Where a home is, and by what it is indexed: read without the settings library.

``bot.config`` reads the same settings for whatever needs the others too; validating them takes
longer to load than a whole check.
"""

from __future__ import annotations

import os
from pathlib import Path

from bot.errors import QingxingError

VARIABLE = "QINGXING_HOME"
ENGINE_VARIABLE = "QINGXING_INDEX"
DEFAULT_ENGINE = "sqlite"


def default_home() -> Path:
    """The platform's folder for user data."""
    from platformdirs import user_data_path  # here: whoever names a home never needs it

    return user_data_path("qingxing", appauthor=False)


def home_dir() -> Path:
    """The home folder: the environment over ``.env`` over the default; QingxingError for a file."""
    given = _setting(VARIABLE)
    home = Path(given).expanduser() if given else default_home()
    if home.exists() and not home.is_dir():
        raise QingxingError(f"{VARIABLE} 要是一个文件夹，{home} 不是")
    return home


def index_engine() -> str:
    """The engine of the articles' index: ``sqlite`` unless a Milvus is named."""
    return _setting(ENGINE_VARIABLE) or DEFAULT_ENGINE


def _setting(name: str) -> str | None:
    return os.environ.get(name) or _from_dotenv(name)


def _from_dotenv(name: str) -> str | None:
    try:
        text = Path(".env").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):  # whoever needs the other settings tells what is wrong
        return None
    if name not in text:
        return None
    from dotenv import dotenv_values

    return dotenv_values(".env", encoding="utf-8").get(name)
