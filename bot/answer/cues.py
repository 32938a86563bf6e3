"""``cues.toml``: the words by which a question is read, as patterns that are compiled once."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path


@cache
def cue(name: str) -> re.Pattern[str]:
    """The pattern *name*; ValueError names one that isn't there or doesn't compile."""
    try:
        return re.compile(_texts()[name])
    except (KeyError, re.error) as error:
        raise ValueError(f"bot/answer/cues.toml: {name}: {error}") from error


@cache
def _texts() -> dict[str, str]:
    path = Path(__file__).parent / "cues.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))
