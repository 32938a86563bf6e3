"""What is kept beside the corpus can be made again: a damaged or missing file never ends a call."""

import json
import shutil

import pytest

from bot.errors import QingxingError
from bot.knowledge import load_knowledge

QUESTION = "AI短视频在美区贡献了多少GMV？"


def damaged(folder, damage):
    """Every file below *folder*, after *damage* to its bytes."""
    for path in [path for path in folder.rglob("*") if path.is_file()]:
        path.write_bytes(damage(path.read_bytes()))


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda data: b"\xff\x00garbage" * 99, id="garbage"),
        pytest.param(lambda data: data[: len(data) // 2], id="cut short"),
        pytest.param(lambda data: b"", id="emptied"),
    ],
)
def test_damaged_files_are_made_again(qingxing, home, damage):
    before = json.loads(qingxing("ask", QUESTION, "--json").out)
    damaged(home / "index", damage)
    assert "codec" not in qingxing("doctor").out
    ran = qingxing("ask", QUESTION, "--json")
    after = json.loads(ran.out)
    assert (ran.status, ran.err) == (0, "")
    assert after | {"receipt": None} == before | {"receipt": None}


def test_damage_in_the_middle_of_a_file_is_met_by_a_new_one(home):
    with load_knowledge(home) as knowledge:
        before = knowledge.answer(QUESTION)
    for path in (home / "index" / "asks").glob("*.sqlite"):
        data = path.read_bytes()
        if len(data) > 8192:
            path.write_bytes(data[:4096] + b"\xff" * (len(data) - 4096))
    with load_knowledge(home) as knowledge:
        assert knowledge.answer(QUESTION) == before


@pytest.mark.parametrize("words", [["ask", QUESTION], ["ask", "--jsonl", "questions.jsonl"]])
def test_an_index_that_is_a_file_is_told_once(qingxing, home, words):
    shutil.rmtree(home / "index")
    (home / "index").write_text("x", encoding="utf-8")
    lines = [json.dumps({"id": n, "question": QUESTION}) for n in range(3)]
    (home.parent / "questions.jsonl").write_text("\n".join(lines), encoding="utf-8")
    ran = qingxing(*words)
    assert (ran.status, ran.out) == (1, "")
    assert "索引建不了" in ran.err
    assert ran.err.count("\n") == 1


def test_the_engine_is_the_one_that_is_set(home, monkeypatch):
    monkeypatch.setenv("QINGXING_INDEX", "lucene")
    with pytest.raises(QingxingError, match="QINGXING_INDEX：没有叫 'lucene' 的引擎"):
        load_knowledge(home).ready()


def test_a_milvus_answers_as_the_embedded_engine_does(home, monkeypatch, caplog):
    pytest.importorskip("pymilvus")
    pytest.importorskip("milvus_lite")
    with load_knowledge(home) as knowledge:
        before = knowledge.answer(QUESTION)
    monkeypatch.setenv("QINGXING_INDEX", str(home / "milvus.db"))
    with load_knowledge(home) as knowledge:
        knowledge.publish()
        assert knowledge.answer(QUESTION) == before
        assert knowledge.index_stats()["引擎"] == str(home / "milvus.db")
    pointers = [home / "index" / name / "milvus.json" for name in ("passages", "asks")]
    collections = {json.loads(path.read_text(encoding="utf-8"))["collection"] for path in pointers}
    assert len(collections) == 2
    # The client's own server logs what it doesn't implement; a fall back to the copy is ours.
    assert not [record for record in caplog.records if record.name.startswith("index")]
