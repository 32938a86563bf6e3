"""Adding and removing: only what belongs to the document changes, and readers never wait."""

import sqlite3

import pytest

from index import store
from index.build import build_index
from index.engine import Document, SearchError, Settings
from index.engines import sqlite
from index.lexicon import Lexicon
from index.search import open_index
from index.update import update_index
from tests.index.test_stream import rows

PLAIN = Settings(fields={"text": 1.0}, b=0.4)
# All of one length: then the average stays what it was, and an update must equal a build.
TEXTS = [f"猫{chr(0x4E00 + i % 50)}狗{chr(0x5000 + i)}" for i in range(160)]
DOCUMENTS = [Document(f"{i:03}", {"text": text}) for i, text in enumerate(TEXTS)]


def built(folder, documents):
    build_index(folder, documents, settings=PLAIN, lexicon=Lexicon()).close()
    return folder


def without(table, *columns):
    return [tuple(v for i, v in enumerate(row) if i not in columns) for row in table]


@pytest.mark.parametrize("first", [0, 1, 60, 64, 100, 159])
def test_adding_gives_what_building_gives(tmp_path, first):
    whole = rows(store.current_file(built(tmp_path / "whole", DOCUMENTS)))
    part = built(tmp_path / "part", DOCUMENTS[:first])
    update_index(part, add=DOCUMENTS[first:])
    grown = rows(store.current_file(part))
    assert grown["terms"] == whole["terms"]
    assert grown["docs"] == whole["docs"]


@pytest.mark.parametrize("size", [3, 60, 64, 120])
def test_removing_undoes_adding(tmp_path, size):
    folder = built(tmp_path, DOCUMENTS[:size])
    before = rows(store.current_file(folder))
    queries = ["猫狗", TEXTS[1], TEXTS[-1]]
    with open_index(folder) as index:
        hits = [index.search(query, 200) for query in queries]
        update_index(folder, add=DOCUMENTS[size:])
        assert index.search(TEXTS[-1], 1)[0].id == DOCUMENTS[-1].id
        update_index(folder, remove=[one.id for one in DOCUMENTS[size:]])
        assert [index.search(query, 200) for query in queries] == hits
    after = rows(store.current_file(folder))
    assert without(after["terms"], 3) == without(before["terms"], 3)  # long lists stay long
    assert after["docs"] == before["docs"]


def test_only_the_documents_own_rows_change(tmp_path):
    folder = built(tmp_path, DOCUMENTS[:150])
    own_terms = 4 + 3  # characters and bigrams
    counts = 2
    frequent = 2  # 猫 and 狗 have rows of their own for their blocks
    assert update_index(folder, add=[DOCUMENTS[150]]) == 1 + own_terms + frequent + counts


def test_the_same_id_is_replaced(tmp_path):
    folder = built(tmp_path, DOCUMENTS[:5])
    update_index(folder, add=[Document("002", {"text": "兔子"})], digest="new")
    with open_index(folder) as index:
        assert [hit.id for hit in index.search("兔子")] == ["002"]
        assert "002" not in [hit.id for hit in index.search("猫狗")]
        assert index.stats()["documents"] == 5
        assert index.digest == "new"


def test_a_new_field_and_concepts_count_at_once(tmp_path, lexicon):
    two = Settings(fields={"text": 1.0, "title": 2.0})
    build_index(tmp_path, [Document("a", {"text": "猫"})], settings=two, lexicon=lexicon).close()
    update_index(tmp_path, add=[Document("b", {"title": "总成交额和报白号"})])
    with open_index(tmp_path) as index:
        assert [hit.id for hit in index.search("gmv")] == ["b"]
        assert "报白号" in index.terms("报白号")


def test_a_fault_changes_nothing(tmp_path):
    folder = built(tmp_path, DOCUMENTS[:5])
    before = rows(store.current_file(folder))
    with pytest.raises(SearchError, match="nobody"):
        update_index(folder, remove=["001", "nobody"])
    assert rows(store.current_file(folder)) == before
    with pytest.raises(SearchError, match="没有索引"):
        update_index(tmp_path / "nowhere", remove=["x"])


def test_readers_go_on_while_somebody_writes(tmp_path):
    folder = built(tmp_path, DOCUMENTS[:5])
    update_index(folder, add=[DOCUMENTS[5]])
    with open_index(folder) as index:
        before = index.search("猫狗", 10)
        writer = sqlite3.connect(store.current_file(folder), isolation_level=None)
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("DELETE FROM terms")
        assert index.search("猫狗", 10) == before
        writer.execute("COMMIT")
        assert index.search("猫狗", 10) == []
        writer.close()


def test_a_term_that_others_outgrow_is_still_added_up(tmp_path, monkeypatch):
    """Its postings stay in blocks, while a more frequent term may still have them in its row."""
    cats = [Document(f"c{i:03}", {"text": f"猫{chr(0x4E00 + i)}"}) for i in range(100)]
    dogs = [Document(f"d{i:03}", {"text": f"狗{chr(0x4E00 + i)}"}) for i in range(60)]
    built(tmp_path, cats + dogs)
    update_index(tmp_path, remove=[one.id for one in cats[50:]])
    with open_index(tmp_path) as index:
        plain = index.search("猫狗一", 200)
    assert len(plain) == 110
    monkeypatch.setattr(sqlite, "_NUMPY_POSTINGS", 0)
    monkeypatch.setattr(sqlite, "_NUMPY_QUERIES", 0)
    with open_index(tmp_path) as index:
        assert index.search("猫狗一", 200) == plain
