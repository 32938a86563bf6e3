"""The contract of an engine, held by every home: same hits, same order, same explanations."""

import logging
import random
import socket
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

import pytest

from index.build import build_into, open_or_build
from index.engine import Document, SearchError, Settings
from index.engines.milvus import MilvusEngine
from index.engines.sqlite import SqliteEngine
from index.lexicon import Lexicon
from index.open import build_home, make_engine, open_home
from index.search import Index

NEEDS_MILVUS = pytest.mark.skipif(
    find_spec("pymilvus") is None or find_spec("milvus_lite") is None,
    reason="needs pymilvus and milvus-lite: pip install 'qingxing[milvus]'",
)
# pymilvus and its file engine warn of their own matters.
MILVUS_WARNS = pytest.mark.filterwarnings("ignore")
WORDS = [chr(0x4E00 + i) for i in range(40)]


def documents():
    draw = random.Random(3)
    made = [
        Document(f"d{i:03}", {"text": "".join(draw.choices(WORDS, k=draw.randint(0, 12)))})
        for i in range(300)
    ]
    return [*made, *(Document(f"twin{i}", {"text": "同样的话"}) for i in range(40))]


def queries():
    draw = random.Random(4)
    asked = {"同样": 0, "无": 0, "𠮷": 0, "同样的话": 0}
    while len(asked) < 300:
        asked["".join(draw.choices(WORDS, k=draw.randint(1, 12)))] = 0
    return list(asked)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """Milvus Lite's server, on loopback: by itself it would listen on every address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder = tmp_path_factory.mktemp("milvus")
    command = Path(sys.executable).with_name("milvus-lite")
    process = subprocess.Popen(
        [command, "server", "--data-dir", folder, "--host", "127.0.0.1", "--port", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.1)
    yield process, f"http://127.0.0.1:{port}"
    process.terminate()
    process.wait(10)


@pytest.fixture(scope="module", params=["sqlite", "milvus file", "milvus server"])
def home(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("home")
    if request.param == "sqlite":
        engine = SqliteEngine(folder)
    elif find_spec("pymilvus") is None:
        pytest.skip("needs pymilvus and milvus-lite: pip install 'qingxing[milvus]'")
    elif request.param == "milvus file":
        engine = MilvusEngine(str(folder / "milvus.db"), folder, timeout_s=20)
    else:
        engine = MilvusEngine(request.getfixturevalue("server")[1], folder, timeout_s=20)
    build_into(engine, documents(), settings=Settings(fields={"text": 1.0}), lexicon=Lexicon())
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def oracle(tmp_path_factory):
    engine = SqliteEngine(tmp_path_factory.mktemp("oracle"))
    build_into(engine, documents(), settings=Settings(fields={"text": 1.0}), lexicon=Lexicon())
    yield engine
    engine.close()


@MILVUS_WARNS
class TestEngine:
    def test_same_hits_scores_and_order(self, home, oracle):
        for number, query in enumerate(queries()):
            bag = Index(oracle).terms(query)
            for k in (10, (1, 40, 400)[number % 3]):
                assert home.search(bag, k) == oracle.search(bag, k)

    def test_ties_rank_by_id(self, home):
        hits = home.search({"同样": 1}, 5)
        assert [hit.id for hit in hits] == ["twin0", "twin1", "twin10", "twin11", "twin12"]

    def test_same_explanations(self, home, oracle):
        bag = Index(oracle).terms(queries()[0])
        (first, *_) = home.search(bag, 1)
        assert home.explain(bag, first.id) == oracle.explain(bag, first.id)

    def test_same_figures(self, home, oracle):
        assert home.stats() == oracle.stats()
        assert home.known(["同样", "无人知"]) == {"同样": 40}

    def test_nothing_found_and_wrong_k(self, home):
        assert home.search({"无人知": 1}, 3) == []
        assert home.search({}, 3) == []
        with pytest.raises(SearchError):
            home.search({"同样": 1}, 0)

    def test_only_milvus_itself_answered(self, home, caplog):
        with caplog.at_level(logging.WARNING):
            home.search({"同样": 1}, 5)
        assert caplog.records == []


def test_a_dead_milvus_is_told_and_the_copy_answers(tmp_path, caplog):
    pytest.importorskip("pymilvus", reason="needs the extra `milvus`")
    engine = MilvusEngine("http://127.0.0.1:1", tmp_path, timeout_s=0.5)
    build_into(engine.copy, documents(), lexicon=Lexicon())
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            assert engine.search({"同样": 1}, 1)[0].id == "twin0"
    (record,) = caplog.records  # told once, then left alone for a while
    assert "本机副本" in record.getMessage()
    engine.close()


@NEEDS_MILVUS
@MILVUS_WARNS
def test_a_milvus_that_dies_is_told_and_the_copy_answers(server, tmp_path, caplog):
    process, uri = server
    with Index(MilvusEngine(uri, tmp_path)) as index:
        build_into(index.engine, documents(), lexicon=Lexicon())
        before = index.search("同样的话", 5)
        process.terminate()
        process.wait(10)
        with caplog.at_level(logging.WARNING):
            assert index.search("同样的话", 5) == before
        assert any("本机副本" in record.getMessage() for record in caplog.records)


def test_a_bot_starts_without_milvus_and_a_build_fails(tmp_path, caplog):
    pytest.importorskip("pymilvus", reason="needs the extra `milvus`")
    dead = "http://127.0.0.1:1"
    with pytest.raises(SearchError, match="没有收下索引"):
        build_home(tmp_path, documents(), engine=dead, lexicon=Lexicon())
    with caplog.at_level(logging.WARNING):
        engine = make_engine(tmp_path, dead, lenient=True)
        with open_or_build(tmp_path, "one", documents, engine=engine) as index:
            assert index.search("同样的话", 1)[0].id == "twin0"
            assert not engine.is_published
    assert "先由本机副本回答" in caplog.text


def test_without_the_client_the_way_out_is_named(tmp_path):
    if find_spec("pymilvus") is not None:
        pytest.skip("the extra `milvus` is installed")
    with pytest.raises(SearchError, match=r"qingxing\[milvus\]"):
        build_home(tmp_path, documents(), engine="http://127.0.0.1:1", lexicon=Lexicon())


def test_a_folder_remembers_its_engine(tmp_path):
    build_home(tmp_path, documents(), lexicon=Lexicon()).close()
    with open_home(tmp_path) as index:
        assert isinstance(index.engine, SqliteEngine)
    (tmp_path / "ENGINE").write_text("http://127.0.0.1:1\n", encoding="utf-8")
    with open_home(tmp_path) as index:
        assert isinstance(index.engine, MilvusEngine)
    with pytest.raises(SearchError, match="lucene"):
        build_home(tmp_path, [], engine="lucene", lexicon=Lexicon())
