"""``--jsonl`` and what goes with it: files in, one result line out for every line.

With ``--jsonl`` the words of the call are further files, so that a shell's ``*.jsonl`` works too.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TypeVar

import click

from bot.errors import InputError
from bot.home import home_dir

if TYPE_CHECKING:
    from bot.batch import Progress

Command = TypeVar("Command", bound=Callable[..., Any])

_OPTIONS = (
    click.option(
        "--jsonl", "files", multiple=True, metavar="FILE", help="逐行处理 JSONL 文件，- 为标准输入"
    ),
    click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="结果写进这个文件"),
    click.option(
        "--jobs", type=click.IntRange(min=0), default=1, metavar="N", help="几个进程，0 为全部核心"
    ),
    click.option("--resume", is_flag=True, help="接着 --out 里已有的结果往下跑"),
    click.option("--dask", metavar="ADDRESS", help="交给 Dask 集群，结果写在各文件旁边（加 .out）"),
)


def batch_options(command: Command) -> Command:
    """Adds the options of a batch to *command*."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def run_files(
    worker: str,
    files: Sequence[str],
    *,
    out: Path | None,
    jobs: int,
    resume: bool,
    dask: str | None,
) -> None:
    """Runs *worker* over all lines of *files*, with a bar on a terminal and a word at the end."""
    home = str(home_dir())
    if dask is not None:
        if out is not None or resume or jobs != 1:
            raise InputError("--dask 的结果写在各文件旁边，不能和 --out、--jobs、--resume 一起用")
        _run_on_cluster(worker, files, home, dask)
        return
    from bot.batch import expand, run_batch

    paths = expand(files)
    _refuse_overwriting(paths, out)
    if out is None and resume:
        raise InputError("--resume 要有输出文件：请加 --out 文件名")
    with _progress(to_terminal=out is None, live=out is None and "-" in paths) as tell:
        try:
            end = run_batch(
                paths,
                worker,
                home,
                out=out or _standard_output(),
                jobs=jobs,
                resume=resume,
                progress=tell,
            )
        except KeyboardInterrupt:
            if out is None:
                raise
            raise KeyboardInterrupt(f"做完的都在 {out} 里，加 --resume 接着跑") from None
    if end.errors or out is not None:
        bad = f"，其中 {end.errors} 行不能用（结果里写明了原因）" if end.errors else ""
        click.echo(f"qingxing: 处理了 {end.lines} 行{bad}", err=True)


def refuse_batch_words(*, out: Path | None, jobs: int, resume: bool, dask: str | None) -> None:
    """InputError where a single call has an option that only a batch knows."""
    given = {"--out": out is not None, "--jobs": jobs != 1, "--resume": resume, "--dask": dask}
    for name, is_given in given.items():
        if is_given:
            raise InputError(f"{name} 要和 --jsonl 一起用")


def refuse_json(*, as_json: bool) -> None:
    """InputError where a batch is told to print JSON: its lines are, and a lone one isn't."""
    if as_json:
        raise InputError("--json 和 --jsonl 不能一起用；--jsonl 的结果本来就是一行一个 JSON")


def _run_on_cluster(worker: str, files: Sequence[str], home: str, address: str) -> None:
    from bot.cluster import run_cluster

    for path in run_cluster(files, worker, home, address=address):
        click.echo(str(path))


def _refuse_overwriting(paths: Sequence[str], out: Path | None) -> None:
    if out is None or not out.exists():
        return
    for path in paths:
        if path != "-" and Path(path).exists() and out.samefile(path):
            raise InputError(f"--out 和输入是同一个文件 {path}，会把它冲掉；请换一个")


def _standard_output() -> IO[bytes]:
    if sys.stdout is None:
        raise InputError("标准输出是关着的；请加 --out 文件名")
    sys.stdout.flush()
    return sys.stdout.buffer


@contextmanager
def _progress(*, to_terminal: bool, live: bool) -> Iterator[Callable[[Progress], None] | None]:
    """A bar where a person watches; *live* flushes each line to whoever reads the other end.

    Where the results themselves scroll over the terminal, a bar would only tear them.
    """
    scrolls = to_terminal and sys.stdout is not None and sys.stdout.isatty()
    if sys.stderr is None or not sys.stderr.isatty() or scrolls:
        yield (lambda _: sys.stdout.buffer.flush()) if live else None
        return
    from bot.cli.bar import bar

    with bar() as show:

        def tell(progress: Progress) -> None:
            if live:
                sys.stdout.buffer.flush()
            show(progress)

        yield tell
