"""Archives beyond one machine: each file to a worker of a Dask cluster, its results beside it.

The workers see the files under the same paths and have this package installed.  A file's results
are those of `bot.batch`, line by line.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from bot.batch import answer_line, expand, make_worker, read_lines
from bot.errors import InputError, QingxingError

_CONNECT_TIMEOUT_S = 10
_ENDING = ".out"

# What this process has made, by worker and config: one for all of the files that it is given.
_made: dict[tuple[str, str], Any] = {}


def run_cluster(
    inputs: Sequence[str], worker: str, config: Any = None, *, address: str
) -> Iterator[Path]:
    """Maps *worker* over *inputs* on the cluster at *address*; gives each file of results.

    They come in the order of the inputs, ``posts.jsonl`` as ``posts.jsonl.out``.  Raises
    InputError for inputs that can't be read here, QingxingError where there is no cluster.
    """
    paths = expand(inputs)
    for path in paths:
        if path == "-":
            raise InputError("--dask 要文件，不能用标准输入")
        if not Path(path).is_file():
            raise InputError(f"读不了 {path}：没有这个文件")
    absolute = [str(Path(path).resolve()) for path in paths]
    return _on_cluster(absolute, worker, config, address)


def _on_cluster(paths: Sequence[str], worker: str, config: Any, address: str) -> Iterator[Path]:
    client = _client(address)
    try:
        tasks = client.map(work_file, paths, worker=worker, config=config, pure=False)
        for task in tasks:
            yield Path(task.result())
    finally:
        client.close()


def work_file(path: str, worker: str, config: Any) -> str:
    """All lines of one file → the file of their results, which appears when it is whole."""
    key = (worker, repr(config))
    if key not in _made:
        _made[key] = make_worker(worker, config)
    out = Path(path + _ENDING)
    unfinished = Path(path + _ENDING + ".part")
    with unfinished.open("wb") as sink:
        sink.writelines(answer_line(line, _made[key])[0] for line in read_lines([path]))
    unfinished.replace(out)
    return str(out)


def _client(address: str) -> Any:
    try:
        distributed = import_module("distributed")
    except ImportError as error:
        raise QingxingError("用集群要先装 Dask：pip install 'qingxing[dask]'") from error
    try:
        return distributed.Client(address, timeout=_CONNECT_TIMEOUT_S)
    except (OSError, ValueError) as error:
        raise QingxingError(f"连不上 Dask 集群 {address}：{error}") from error
