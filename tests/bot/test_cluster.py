"""A real cluster of two workers on loopback gives what one process gives, line by line."""

import gzip
import io
import json
from importlib.util import find_spec

import pytest

from bot.batch import run_batch
from bot.cluster import run_cluster
from bot.errors import InputError, QingxingError

SHOUT = "tests.bot.batch_workers:shout"
CONFIG = {"end": "!"}


@pytest.fixture
def archive(tmp_path):
    for number in range(4):
        rows = [json.dumps({"id": i, "text": f"t{number}-{i}"}) for i in range(300)]
        rows[7] = "rubbish"
        (tmp_path / f"a{number}.jsonl").write_text("\n".join(rows), encoding="utf-8")
    (tmp_path / "b.jsonl.gz").write_bytes(gzip.compress(b'{"id": 1, "text": "z"}\n'))
    return tmp_path


@pytest.mark.filterwarnings("ignore")
def test_same_lines_as_one_process(archive):
    distributed = pytest.importorskip("distributed", reason="needs the extra `dask`")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None
    ) as cluster:
        inputs = [str(archive / "a*.jsonl"), str(archive / "b.jsonl.gz")]
        found = list(run_cluster(inputs, SHOUT, CONFIG, address=cluster.scheduler_address))
    names = [path.name for path in found]
    assert names == [*(f"a{number}.jsonl.out" for number in range(4)), "b.jsonl.gz.out"]
    for path in found:
        alone = io.BytesIO()
        run_batch([str(path).removesuffix(".out")], SHOUT, CONFIG, out=alone)
        assert path.read_bytes() == alone.getvalue()
    assert not list(archive.glob("*.part"))


@pytest.mark.filterwarnings("ignore")
def test_no_cluster_is_one_line(archive, monkeypatch):
    pytest.importorskip("distributed", reason="needs the extra `dask`")
    monkeypatch.setattr("bot.cluster._CONNECT_TIMEOUT_S", 1)
    with pytest.raises(QingxingError, match="连不上 Dask"):
        list(run_cluster([str(archive / "a0.jsonl")], SHOUT, CONFIG, address="tcp://127.0.0.1:1"))


def test_without_dask_the_way_out_is_named(archive):
    if find_spec("distributed") is not None:
        pytest.skip("the extra `dask` is installed")
    with pytest.raises(QingxingError, match=r"qingxing\[dask\]"):
        list(run_cluster([str(archive / "a0.jsonl")], SHOUT, CONFIG, address="tcp://127.0.0.1:1"))


@pytest.mark.parametrize(
    ("given", "says"),
    [
        pytest.param("-", "标准输入", id="standard input"),
        pytest.param("nowhere.jsonl", "没有这个文件", id="missing"),
        pytest.param("no*.jsonl", "没有文件符合", id="glob"),
    ],
)
def test_inputs_are_looked_at_first(given, says):
    with pytest.raises(InputError, match=says):
        run_cluster([given], SHOUT, CONFIG, address="tcp://127.0.0.1:1")
