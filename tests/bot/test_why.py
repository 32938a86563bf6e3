"""An earlier result, derived again from the corpus version that it was given from."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.knowledge import Knowledge, load_knowledge
from bot.receipts import clean_id, new_id, record
from bot.store import Database, receipts
from bot.why import look_up
from corpus.load import pack, parse_corpus

QUESTION = "AI短视频在美区贡献了多少GMV？"
POST = "AI视频已经贡献了10%的GMV"
NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)


@pytest.fixture
def knowledge(home):
    with load_knowledge(home) as opened:
        yield opened


def give(home: Path, knowledge: Knowledge, kind: str, now: datetime = NOW) -> str:
    if kind == "answer":
        given = record(home, knowledge.answer(QUESTION, now=now), QUESTION, knowledge, now)
    else:
        given = record(home, knowledge.check(POST, now=now), POST, knowledge, now)
    assert given.receipt is not None
    return given.receipt


def find(home: Path, receipt_id: str, now: datetime):
    with Database.open(home) as db:
        receipt = receipts.load(db.conn, receipt_id, now.timestamp())
        return receipt, receipts.load_version(db.conn, receipt.corpus)


@pytest.mark.parametrize("kind", ["answer", "check"])
def test_the_same_words_lead_to_the_same(home, knowledge, kind: str) -> None:
    receipt, blob = find(home, give(home, knowledge, kind), NOW)
    assert look_up(receipt, blob, home, knowledge).same is True


def test_it_is_derived_from_the_corpus_it_was_given_from(home, knowledge) -> None:
    files = dict(knowledge.corpus.files)
    files["articles/tk-2026-01-18.toml"] += "# another version\n"
    changed = parse_corpus(files)
    assert changed.digest != knowledge.corpus.digest
    receipt, blob = find(home, give(home, knowledge, "check"), NOW)
    with Knowledge(changed, home / "index") as newer:
        why = look_up(receipt, blob, home, newer)
    assert why.receipt.corpus == knowledge.corpus.digest
    assert why.same is True


def test_another_result_is_told_apart(home, knowledge) -> None:
    receipt, _ = find(home, give(home, knowledge, "check"), NOW)
    other = replace(receipt, result=receipt.result | {"verdict": "consistent"})
    assert look_up(other, pack(knowledge.corpus), home, knowledge).same is False


def test_without_the_words_the_stored_result_is_shown(home, knowledge) -> None:
    receipt, blob = find(home, give(home, knowledge, "check"), NOW + timedelta(days=31))
    why = look_up(receipt, blob, home, knowledge).as_json()
    assert why["same"] is None
    assert why["text"] is None
    assert why["result"]["verdict"] == "conflict"


def test_on_the_command_line(home, qingxing, knowledge) -> None:
    receipt_id = give(home, knowledge, "answer", datetime.now(UTC))
    shown = json.loads(qingxing("why", receipt_id, "--json").out)
    assert shown["id"] == receipt_id
    assert shown["kind"] == "answer"
    assert shown["question"] == QUESTION
    assert shown["corpus"] == knowledge.corpus.digest
    assert shown["same"] is True
    assert shown["result"]["receipt"] == receipt_id
    told = qingxing("why", receipt_id.lower()).out
    assert "结果一样" in told
    assert QUESTION in told


@pytest.mark.parametrize("given", ["ZZZZZZZZ", "不是编号", ""])
def test_an_unknown_id_is_an_input_error(qingxing, given: str) -> None:
    ran = qingxing("why", given)
    assert ran.status == 2
    assert len(ran.err.splitlines()) == 1


def test_ids_can_not_be_misread() -> None:
    ids = {new_id() for _ in range(500)}
    assert len(ids) == 500
    assert all(re.fullmatch("[2-9A-HJKMNP-Z]{8}", receipt_id) for receipt_id in ids)
    assert clean_id("编号 k7q2m9xa ") == "K7Q2M9XA"
    assert clean_id("k0q2m9xa") is None
