"""Streaming gives, row by row, the index that the plain way gives."""

import json
import sqlite3

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index import build, stream
from index.build import build_index, pack_source, weigh
from index.engine import Document, PassagesError, SearchError, Settings
from index.lexicon import Lexicon, Matcher
from index.stream import write_stream
from index.writing import write_vectors

FIELDS = Settings(
    fields={"text": 1.0, "title": 2.0, "notes": 0.5}, k1=0.9, b=0.4, flat=frozenset({"title"})
)
WORDS = frozenset({"人工智", "人工智能", "智能生成", "生成内容甲乙", "报白号"})
TEXT = st.text(
    st.sampled_from("人工智能生成内容甲乙丙カ𠮷 \n,.%-_'10abgmv\0é\u0301報白號\u200b"), max_size=40
)
DOCUMENTS = st.lists(
    st.fixed_dictionaries({"text": TEXT, "title": TEXT, "notes": st.lists(TEXT, max_size=3)}),
    max_size=12,
)


def rows(path):
    connection = sqlite3.connect(path)
    found = {
        table: connection.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall()
        for table in ("docs", "terms", "postings", "meta")
    }
    connection.close()
    # Rows of long lists are numbered as they come: compared by what they hold.
    blocks = dict(found.pop("postings"))
    found["meta"] = dict(found["meta"])
    found["meta"]["average"] = json.loads(found["meta"]["average"])
    found["terms"] = [
        (key, df, top, entries or [blocks[row] for row in sorted(blocks) if row >> 16 == heavy])
        for key, df, top, heavy, entries in found["terms"]
    ]
    return found


def both_ways(folder, documents, chosen, lexicon):
    matcher = Matcher.of(lexicon)
    meta = {"ceiling": repr(chosen.k1 + 1.0)}
    vectors, average = weigh(documents, WORDS, matcher, chosen)
    write_vectors(folder / "plain", vectors, {**meta, "average": json.dumps(average)})
    write_stream(folder / "stream", documents, WORDS, matcher, chosen, meta, pack_source)
    return rows(folder / "plain"), rows(folder / "stream")


@settings(deadline=None, max_examples=40)
@given(fields=DOCUMENTS)
def test_same_rows(tmp_path_factory, lexicon, fields):
    documents = [Document(f"{i:02}", one) for i, one in enumerate(fields)]
    plain, streamed = both_ways(tmp_path_factory.mktemp("both"), documents, FIELDS, lexicon)
    assert streamed == plain


def test_same_rows_over_several_parts(tmp_path, lexicon, monkeypatch):
    monkeypatch.setattr(stream, "_BATCH", 50)
    monkeypatch.setattr(stream, "_PART", 300)
    texts = [f"猫{chr(0x4E00 + i % 90)}喜欢gmv{i % 7}" for i in range(700)]
    documents = [Document(f"{i:04}", {"text": text}) for i, text in enumerate(texts)]
    plain, streamed = both_ways(tmp_path, documents, Settings(), lexicon)
    assert streamed == plain


def test_same_rows_over_several_blocks(tmp_path):
    texts = [f"猫{chr(0x4E00 + i % 20_000)}" for i in range(66_000)]
    documents = [Document(f"{i:05}", {"text": text}) for i, text in enumerate(texts)]
    plain, streamed = both_ways(tmp_path, documents, Settings(), Lexicon())
    assert streamed == plain


def test_an_id_that_comes_twice_is_refused(tmp_path, lexicon, monkeypatch):
    monkeypatch.setattr(build, "PLAIN", -1)
    with pytest.raises(PassagesError, match="'d'"):
        build_index(tmp_path, [Document("d", {"text": "猫"})] * 2, lexicon=lexicon)
    assert [path.name for path in tmp_path.iterdir()] == ["lock.sqlite"]


def test_too_many_fields_are_refused(tmp_path):
    many = Settings(fields={f"f{i}": 1.0 for i in range(5)})
    with pytest.raises(SearchError, match="字段"):
        both_ways(tmp_path, [], many, Lexicon())
