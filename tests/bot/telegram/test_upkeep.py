"""Regular work: what is past its time goes, also from the journal."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from bot.store import Database, Transaction, conversation
from bot.store.conversation import Question
from bot.telegram.app import LOCAL
from bot.telegram.handlers import upkeep

NOW = 1_000_000.0
WORDS = "暗号紫水晶七号门牌"


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    with Database.open(tmp_path) as database:
        yield database


def purge(db: Database, now: float) -> Transaction:
    with db.transaction(now) as tx:
        upkeep.purge(tx, cast("Any", None))
    return tx


def test_a_question_is_gone_from_all_files_after_half_an_hour(db: Database, tmp_path: Path) -> None:
    with db.transaction(NOW) as tx:
        conversation.add_question(tx.conn, 5, Question(WORDS, "AAAA2222"), NOW)
    assert purge(db, NOW + 60).planned == []
    tx = purge(db, NOW + 1801)
    assert len(tx.planned) == 1
    LOCAL["tidy"](db)
    assert not any(WORDS.encode() in path.read_bytes() for path in tmp_path.iterdir())


def test_the_journal_is_cut_at_most_every_five_minutes(db: Database) -> None:
    planned = 0
    for number in range(10):
        with db.transaction(NOW) as tx:
            conversation.add_question(tx.conn, 5, Question(WORDS, "AAAA2222"), NOW)
        planned += len(purge(db, NOW + 1801 + number * 30).planned)
    assert planned <= 2
