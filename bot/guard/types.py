"""The check object of the contract, as a value."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

from bot.types import Caveat

Verdict = Literal["conflict", "lacks_context", "unsupported", "consistent", "no_claim"]

WORST_FIRST: tuple[Verdict, ...] = (
    "conflict",
    "lacks_context",
    "unsupported",
    "consistent",
    "no_claim",
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One claim held against one figure; ``start``/``end`` are code points of the raw post."""

    verdict: Verdict
    figure: str | None
    text: str
    start: int
    end: int
    claimed: str | None
    known: str | None
    explanation: str
    quote: str | None
    article: str | None
    published: str | None
    instead: str | None = None
    caveats: tuple[Caveat, ...] = ()


@dataclass(frozen=True, slots=True)
class Check:
    """What a post claims, judged: its findings in the order of the post."""

    findings: tuple[Finding, ...] = ()
    receipt: str | None = None

    @property
    def verdict(self) -> Verdict:
        """The worst finding's verdict; ``no_claim`` without findings."""
        found = {finding.verdict for finding in self.findings}
        return next((verdict for verdict in WORST_FIRST if verdict in found), "no_claim")

    def as_json(self) -> dict[str, Any]:
        """The contract's object."""
        return {
            "verdict": self.verdict,
            "findings": [asdict(finding) for finding in self.findings],
            "receipt": self.receipt,
        }
