"""Anybody's passages: what is read, and which line is named when one is wrong."""

import gzip
import json

import pytest

from index.engine import Document, PassagesError
from index.passages import read_passages


def test_reads_lines_packed_or_not(tmp_path):
    lines = (
        b'\xef\xbb\xbf{"id": "a", "text": "x", "lang": "zh"}\n\n{"id": 7, "title": "t", "text": ""}'
    )
    (tmp_path / "p.jsonl").write_bytes(lines)
    (tmp_path / "p.jsonl.gz").write_bytes(gzip.compress(lines))
    expected = [
        Document("a", {"text": "x", "title": ""}),
        Document("7", {"text": "", "title": "t"}),
    ]
    assert list(read_passages(tmp_path / "p.jsonl")) == expected
    assert list(read_passages(tmp_path / "p.jsonl.gz")) == expected


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param("{", id="no JSON"),
        pytest.param("[]", id="no object"),
        pytest.param(json.dumps({"text": "x"}), id="no id"),
        pytest.param(json.dumps({"id": True, "text": "x"}), id="id is no name"),
        pytest.param(json.dumps({"id": "a"}), id="no text"),
        pytest.param(json.dumps({"id": "a", "text": "x", "title": 3}), id="title is no text"),
    ],
)
def test_a_wrong_line_is_named(tmp_path, wrong):
    path = tmp_path / "p.jsonl"
    path.write_text(json.dumps({"id": "ok", "text": "x"}) + "\n" + wrong, encoding="utf-8")
    with pytest.raises(PassagesError, match="第 2 行"):
        list(read_passages(path))


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(PassagesError, match="nowhere"):
        list(read_passages(tmp_path / "nowhere"))
    torn = tmp_path / "torn.gz"
    torn.write_bytes(gzip.compress(b'{"id": "a", "text": "x"}')[:20])
    with pytest.raises(PassagesError, match=r"torn\.gz"):
        list(read_passages(torn))
