"""Where a home is: the one setting that every command needs, read without the settings library.

``bot.config`` reads the same setting for whatever needs the others too; validating them takes
longer to load than a whole check.
"""

from __future__ import annotations

import os
from pathlib import Path

from bot.errors import QingxingError

VARIABLE = "QINGXING_HOME"


def default_home() -> Path:
    """The platform's folder for user data."""
    from platformdirs import user_data_path  # here: whoever names a home never needs it

    return user_data_path("qingxing", appauthor=False)


def home_dir() -> Path:
    """The home folder: the environment over ``.env`` over the default; QingxingError for a file."""
    given = os.environ.get(VARIABLE) or _from_dotenv()
    home = Path(given).expanduser() if given else default_home()
    if home.exists() and not home.is_dir():
        raise QingxingError(f"{VARIABLE} 要是一个文件夹，{home} 不是")
    return home


def _from_dotenv() -> str | None:
    try:
        text = Path(".env").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):  # whoever needs the other settings tells what is wrong
        return None
    if VARIABLE not in text:
        return None
    from dotenv import dotenv_values

    return dotenv_values(".env", encoding="utf-8").get(VARIABLE)
