"""Verdicts that a group's administrators called wrong, kept from coming again.

A reversed case leaves keys of its findings.  What has such a key is no finding in that group any
more; the guard itself is not changed by it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection
from dataclasses import replace

from bot.guard.types import Check, Finding
from index.normalise import fold

_NOT_WORDS = re.compile(r"[\W_]+")


def claim_key(figure: str | None, text: str) -> str:
    """The same for the same words about the same figure, whatever their marks and spaces."""
    words = _NOT_WORDS.sub("", fold(text).text)
    told = f"{figure}|{words}"
    return hashlib.sha256(told.encode("utf-8", "replace")).hexdigest()[:24]


def without_exempt(check: Check, exempt: Collection[str]) -> Check:
    """*check* less the findings whose keys are *exempt*."""
    if not exempt:
        return check
    kept = tuple(found for found in check.findings if _key(found) not in exempt)
    return replace(check, findings=kept) if len(kept) < len(check.findings) else check


def _key(finding: Finding) -> str:
    return claim_key(finding.figure, finding.text)
