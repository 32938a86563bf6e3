"""Verdicts that a group's administrators called wrong, kept from coming again.

A reversed case leaves keys of its findings.  What has such a key is no finding in that group any
more; the guard itself is not changed by it.  While the case is kept, its words count too: a change
of ledger or lexicon that reads them otherwise doesn't bring the verdict back.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection
from dataclasses import replace

from bot.guard.types import Check, Finding
from index.normalise import fold

_NOT_WORDS = re.compile(r"[\W_]+")


def claim_key(figure: str | None, text: str) -> str:
    """The same for the same words about the same figure, whatever their marks and spaces."""
    told = f"{figure}|{bare_words(text)}"
    return hashlib.sha256(told.encode("utf-8", "replace")).hexdigest()[:24]


def bare_words(text: str) -> str:
    """*text* without marks and spaces, folded: what is compared with settled cases."""
    return _NOT_WORDS.sub("", fold(text).text)


def without_exempt(check: Check, exempt: Collection[str]) -> Check:
    """*check* less the findings whose keys are *exempt*."""
    if not exempt:
        return check
    kept = tuple(found for found in check.findings if _key(found) not in exempt)
    return replace(check, findings=kept) if len(kept) < len(check.findings) else check


def without_wrong(check: Check, is_wrong: Callable[[str], bool]) -> Check:
    """*check* less the conflicts whose bare words *is_wrong* knows as called wrong."""
    kept = tuple(
        found
        for found in check.findings
        if found.verdict != "conflict" or not is_wrong(bare_words(found.text))
    )
    return replace(check, findings=kept) if len(kept) < len(check.findings) else check


def as_upheld(text: str, upheld: Check, case_text: str) -> Check:
    """The conflicts that were *upheld* of *case_text*, in *text* of the same words."""
    conflicts = (found for found in upheld.findings if found.verdict == "conflict")
    return Check(tuple(_placed(text, found, case_text) for found in conflicts))


def _placed(text: str, found: Finding, case_text: str) -> Finding:
    # Its own words may be past their time; the case's are kept.
    span = found.text or case_text[found.start : found.end]
    start = text.find(span)
    if not span or start < 0:
        start, span = 0, text
    return replace(found, text=span, start=start, end=start + len(span))


def _key(finding: Finding) -> str:
    return claim_key(finding.figure, finding.text)
