"""Receipts: the result stays, the person's words go."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.store import Database, conversation, receipts
from bot.store.conversation import Question
from bot.store.receipts import Receipt

NOW = 1_000_000.0
WORDS = "我家店叫紫水晶"
ANSWER = {
    "question": WORDS,
    "status": "no_evidence",
    "answer": f"没有关于{WORDS}的内容",
    "passages": [],
    "caveats": [],
    "suggestions": ["问别的"],
    "figures": [],
    "receipt": "AAAA2222",
}
CHECK = {
    "verdict": "conflict",
    "findings": [
        {
            "verdict": "conflict",
            "figure": "aigc_gpm",
            "text": WORDS,
            "claimed": WORDS,
            "explanation": WORDS,
            "instead": WORDS,
            "known": "10–16",
            "quote": "原文",
        }
    ],
    "receipt": "BBBB3333",
}


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    with Database.open(tmp_path) as database:
        yield database


def receipt(receipt_id: str, kind: str, result: dict, **fields: object) -> Receipt:
    defaults = {"text": WORDS, "context": (WORDS,), "owner": 5, "keep_until": NOW + 1800}
    return Receipt(receipt_id, kind, NOW, "digest", result, **defaults | fields)  # type: ignore[arg-type]


@pytest.fixture
def both(db: Database) -> Database:
    receipts.insert(db.conn, receipt("AAAA2222", "answer", ANSWER))
    receipts.insert(db.conn, receipt("BBBB3333", "check", CHECK))
    return db


def everything(db: Database) -> str:
    return "\n".join(db.conn.iterdump())


def test_a_receipt_comes_back_whole(both: Database) -> None:
    assert receipts.load(both.conn, "AAAA2222", NOW) == receipt("AAAA2222", "answer", ANSWER)


def test_after_its_time_it_is_read_without_the_words(both: Database) -> None:
    for receipt_id in ("AAAA2222", "BBBB3333"):
        found = receipts.load(both.conn, receipt_id, NOW + 1800)
        assert found is not None
        assert WORDS not in json.dumps([found.result, found.context], ensure_ascii=False)
        assert found.text is None


@pytest.mark.parametrize(
    "erase",
    [
        pytest.param(lambda conn: receipts.purge(conn, NOW + 1801), id="time"),
        pytest.param(lambda conn: receipts.forget(conn, 5), id="forget"),
    ],
)
def test_the_words_go_and_the_verdict_stays(both: Database, erase) -> None:
    assert erase(both.conn) == 2
    assert WORDS not in everything(both).encode().decode("unicode_escape", "ignore")
    assert WORDS not in everything(both)
    found = receipts.load(both.conn, "BBBB3333", NOW)
    assert found is not None
    assert found.result["findings"][0]["known"] == "10–16"


def test_forgetting_spares_others(both: Database) -> None:
    assert receipts.forget(both.conn, 6) == 0
    assert WORDS in everything(both)


def test_a_thumb_keeps_the_words_longer(both: Database) -> None:
    assert receipts.vote(both.conn, "AAAA2222", 5, "up", NOW)
    assert not receipts.vote(both.conn, "AAAA2222", 5, "up", NOW)
    assert receipts.purge(both.conn, NOW + 1801) == 1
    found = receipts.load(both.conn, "AAAA2222", NOW + 1801)
    assert found is not None
    assert found.text == WORDS
    assert receipts.purge(both.conn, NOW + 91 * 86400) == 1


def test_the_questions_before_are_known_by_receipt_and_only_while_kept(both: Database) -> None:
    later = receipt("CCCC4444", "answer", ANSWER, after=("AAAA2222",), context=())
    assert receipts.with_context(both.conn, later, NOW).context == (WORDS,)
    assert receipts.with_context(both.conn, later, NOW + 1800).text is None


def test_a_conversation_lasts_half_an_hour(db: Database) -> None:
    asked = Question("问", "AAAA2222")
    conversation.add_question(db.conn, 5, asked, NOW)
    conversation.add_shown(db.conn, 5, ["p1", "一个提议"], NOW)
    assert conversation.context(db.conn, 5, NOW + 1799) == (asked,)
    assert conversation.shown(db.conn, 5, NOW + 1799) == {"p1", "一个提议"}
    assert conversation.context(db.conn, 5, NOW + 1800) == ()
    assert conversation.shown(db.conn, 5, NOW + 1800) == frozenset()
    assert conversation.context(db.conn, 6, NOW) == ()
    assert conversation.purge(db.conn, NOW + 1800) == 3
