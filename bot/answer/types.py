"""The answer object of the contract, as a value."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

from bot.types import Caveat, Quote

Status = Literal["answered", "no_evidence"]


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said to one question.

    ``passages`` are best first and empty with ``no_evidence``, where ``nearest`` may hold up to
    two on neighbouring matters.  ``suggestions`` are questions that the corpus can answer.
    """

    question: str
    status: Status
    answer: str
    passages: tuple[Quote, ...] = ()
    figures: tuple[str, ...] = ()
    caveats: tuple[Caveat, ...] = ()
    suggestions: tuple[str, ...] = ()
    nearest: tuple[Quote, ...] = ()
    receipt: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The contract's object; ``nearest`` only where nothing was found."""
        data: dict[str, Any] = {
            "question": self.question,
            "status": self.status,
            "answer": self.answer,
            "passages": [asdict(passage) for passage in self.passages],
            "figures": list(self.figures),
            "caveats": [asdict(caveat) for caveat in self.caveats],
            "suggestions": list(self.suggestions),
            "receipt": self.receipt,
        }
        if self.status == "no_evidence":
            data["nearest"] = [asdict(passage) for passage in self.nearest]
        return data
