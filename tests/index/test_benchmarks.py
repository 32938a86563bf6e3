"""The benchmarks run on made-up text where nobody's collections are, and say what they measured."""

import json

import pytest

from benchmarks import report, searching
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
    assert "r1" not in warm  # the right passages aren't all there: quality would say nothing


def test_the_page_and_the_charts(tmp_path):
    row = {
        "engine": "qingxing", "collection": "made-up", "size": 2500, "r1": 99.0, "r5": 100.0,
        "mrr": 99.5, "p50": 0.5, "p50_spread": [0.4, 0.6], "p99": 2.0, "p99_spread": [2.0, 2.0],
        "cold_ms": 50.0, "cold_spread": [45.0, 60.0], "build_s": 3.0, "disk": 7_000_000,
        "build_mb": 400.0, "search_mb": 40.0,
    }  # fmt: skip
    command = {"what": "an answer, warm", "value": 1.0, "spread": [0.9, 1.2], "unit": "ms"}
    page = report.markdown([row], [command])
    assert "| qingxing | 2,500 | 99.0 | 100.0 | 99.5 | 0.5 (0.4–0.6) | 2 |" in page
    assert "| an answer, warm | 1 (0.9–1.2) ms |" in page
    for path in report.charts([row, {**row, "size": 100_000}], tmp_path):
        assert path.read_bytes().startswith(b"\x89PNG")
