"""An earlier answer or verdict, derived again from the corpus version that it was given from.

Where the words it was given for are no longer kept there is nothing to derive from: then the stored
result is shown, and said to be that.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.receipts import check_of
from bot.settled import as_settled
from bot.store import Database, moderation
from bot.store.database import FILE_NAME
from bot.store.receipts import Receipt
from corpus.load import unpack

if TYPE_CHECKING:
    from bot.knowledge import Knowledge


@dataclass(frozen=True, slots=True)
class Why:
    """A receipt looked up; ``same`` is None where it couldn't be derived again."""

    receipt: Receipt
    same: bool | None

    def as_json(self) -> dict[str, Any]:
        """The contract's object."""
        given_at = datetime.fromtimestamp(self.receipt.given_at, UTC)
        return {
            "id": self.receipt.id,
            "kind": self.receipt.kind,
            "given_at": given_at.isoformat(timespec="seconds"),
            "corpus": self.receipt.corpus,
            "question" if self.receipt.kind == "answer" else "text": self.receipt.text,
            "result": self.receipt.result,
            "same": self.same,
        }


def look_up(receipt: Receipt, blob: bytes | None, home: Path, current: Knowledge | None) -> Why:
    """*receipt* derived again where its words and its corpus version (*blob*) are still there.

    *current* saves opening its own version again; *home* is where indexes are kept.
    """
    if receipt.text is None:
        return Why(receipt, None)
    if current is not None and current.corpus.digest == receipt.corpus:
        return Why(receipt, _is_same(receipt, current, home))
    if blob is None:
        return Why(receipt, None)
    from bot.knowledge import version_knowledge

    with version_knowledge(unpack(blob), home) as knowledge:
        return Why(receipt, _is_same(receipt, knowledge, home))


def _is_same(receipt: Receipt, knowledge: Knowledge, home: Path) -> bool:
    """Whether it comes out the same, but for what the group's settled cases leave out or add."""
    derived = derive(receipt, knowledge)
    if derived == receipt.result:
        return True
    settled = _settled(receipt, derived, home)
    if settled is None or settled == receipt.result:
        return settled is not None
    given, found, left = (part["findings"] for part in (receipt.result, derived, settled))
    # Called wrong before or since: what is missing must be left out, what was given was found.
    return all(one in found for one in given) and all(one in given for one in left)


def _settled(receipt: Receipt, derived: dict[str, Any], home: Path) -> dict[str, Any] | None:
    """What the receipt's group makes of *derived* now; None for a receipt of no group's post."""
    if receipt.kind != "check" or not (home / FILE_NAME).exists():
        return None
    with Database.open(home) as db:
        case = moderation.load(db.conn, receipt.id)
        if case is None:
            return None
        check = as_settled(db.conn, case.chat_id, receipt.text or "", check_of(derived))
    return _plain_result(check.as_json(), receipt)


def derive(receipt: Receipt, knowledge: Knowledge) -> dict[str, Any]:
    """What the same words lead to, asked at the same moment of *knowledge*; under the same id."""
    if receipt.text is None:
        raise ValueError("nothing to derive from")
    given_at = datetime.fromtimestamp(receipt.given_at, UTC)
    if receipt.kind == "check":
        result = knowledge.check(receipt.text, now=given_at).as_json()
    else:
        result = knowledge.answer(
            receipt.text,
            context=receipt.context,
            shown=frozenset(receipt.shown),
            now=given_at,
        ).as_json()
    return _plain_result(result, receipt)


def _plain_result(result: dict[str, Any], receipt: Receipt) -> dict[str, Any]:
    """As it looks after a round through JSON, which knows no tuples."""
    plain: dict[str, Any] = _plain(result | {"receipt": receipt.id})
    return plain


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value
