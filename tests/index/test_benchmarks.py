"""The benchmarks run on made-up text where nobody's collections are, and say what they measured."""

import json

import pytest

from benchmarks import report, searching
from benchmarks.__main__ import _sizes
from benchmarks.collections import enlarged, load_collections, made_up


@pytest.fixture
def nowhere(tmp_path, monkeypatch):
    monkeypatch.setenv("QINGXING_COLLECTIONS", str(tmp_path / "nowhere"))


@pytest.mark.usefixtures("nowhere")
def test_made_up_text_stands_in_and_is_always_the_same():
    (collection,) = load_collections()
    assert collection.name == "made-up"
    assert collection == made_up()
    assert len({one.id for one in enlarged(collection, 3000)}) == 3000


@pytest.mark.usefixtures("nowhere")
def test_a_step_prints_its_figures(tmp_path, capsys):
    call = ("qingxing", "made-up", "300", str(tmp_path))
    searching.main("build", *call)
    searching.main("warm", *call)
    built, warm = map(json.loads, capsys.readouterr().out.splitlines())
    assert built["disk"] > 100_000
    assert 0 < warm["p50"] <= warm["p99"]
    assert warm["queries"] == warm["asked"] == 300
    assert "r1" not in warm  # the right passages aren't all there: quality would say nothing


def test_the_page_and_the_charts(tmp_path):
    row = {
        "engine": "qingxing", "collection": "made-up", "size": 2500, "r1": 99.0, "r5": 100.0,
        "mrr": 99.5, "p50": 0.5, "p50_spread": [0.4, 0.6], "p99": 2.0, "p99_spread": [2.0, 2.0],
        "cut_p50": 0.1, "cut_p50_spread": [0.1, 0.1],
        "cold_ms": 50.0, "cold_ms_spread": [45.0, 60.0], "build_s": 3.0,
        "disk": 7_000_000, "build_mb": 400.0, "search_mb": 40.0,
    }  # fmt: skip
    command = {"what": "an answer, warm", "value": 1.0, "spread": [0.9, 1.2], "unit": "ms"}
    slow = {"engine": "rank_bm25", "collection": "made-up", "size": 2500, "missed": "over 9 s"}
    page = report.markdown([row, slow], [command])
    assert "| qingxing | 2,500 | 99.0 | 100.0 | 99.5 | 0.5 (0.4–0.6) | 2 |" in page
    assert "| rank_bm25 | 2,500 | – |" in page
    assert "| over 9 s |" in page
    assert "| an answer, warm | 1 (0.9–1.2) ms |" in page
    for path in report.charts([row, {**row, "size": 100_000}, slow], tmp_path):
        assert path.read_bytes().startswith(b"\x89PNG")


@pytest.mark.usefixtures("nowhere")
def test_what_takes_too_long_is_told_and_the_others_go_on(tmp_path, monkeypatch):
    peers = {peer.name: peer for peer in searching.PEERS}
    monkeypatch.setattr(searching, "PEERS", [peers["rank_bm25"], peers["SQLite FTS5"]])
    real = searching._process

    def process(step, engine, *call, limit_s):
        return real(step, engine, *call, limit_s=0.001 if engine == "rank_bm25" else limit_s)

    monkeypatch.setattr(searching, "_process", process)
    plan = searching.Plan(rounds=1)
    slow, done = searching.measure(plan, tmp_path)
    assert slow["missed"] == "build: over 0 s"
    assert done["engine"] == "SQLite FTS5"
    assert 0 < done["p50"] <= done["p99"]
    assert done["r1"] > 50


@pytest.mark.usefixtures("nowhere")
def test_what_was_built_is_built_no_more(tmp_path, capsys):
    call = ("SQLite FTS5", "made-up", "300", str(tmp_path))
    searching.main("build", *call)
    searching.main("build", *call)
    first, second = capsys.readouterr().out.splitlines()
    assert first == second


@pytest.mark.usefixtures("nowhere")
def test_the_full_product_finds_the_same(tmp_path):
    pytest.importorskip("scipy", reason="needs the extra `bench`")
    (collection,) = load_collections()
    ours, product = searching.PEERS[:2]
    found = []
    for peer in (ours, product):
        searching.main("build", peer.name, "made-up", "2500", str(tmp_path))
        opened = peer.open(tmp_path / peer.folder)
        found.append([opened.search(opened.cut(query.text), 10) for query in collection.queries])
    assert found[0] == found[1]


@pytest.mark.parametrize(
    ("words", "sizes"),
    [("", []), ("4k,100k,1M", [4_000, 100_000, 1_000_000]), ("2500", [2500])],
)
def test_sizes_are_read_as_people_write_them(words, sizes):
    assert _sizes(words) == sizes
