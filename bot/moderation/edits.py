"""What an edit changes: nothing, for the worse, or a post put right."""

from __future__ import annotations

from typing import Literal

from bot.guard.types import WORST_FIRST, Verdict

Change = Literal["same", "worse", "better", "corrected"]


def compare(
    before: Verdict | None, before_digest: str | None, after: Verdict, after_digest: str
) -> Change:
    """How the edited post stands to what was judged before; a post never judged is new.

    ``corrected`` is a conflict that is none any more.
    """
    if before is None or before_digest is None:
        return "worse"
    if before_digest == after_digest:
        return "same"
    if before == "conflict" and after != "conflict":
        return "corrected"
    return "worse" if WORST_FIRST.index(after) < WORST_FIRST.index(before) else "better"
