"""JSON lines → JSON lines: a worker mapped over archives, in order, on as many cores as asked for.

Every line in has its line out, in the same order and with the same bytes whatever the number of
jobs.  A line that can't be used gets ``{"id": …, "error": …}`` in its place.  A worker is named by
where it is made (``package.module:factory``), so that each process makes its own.
"""

from __future__ import annotations

import glob
import gzip
import io
import json
import logging
import os
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib import import_module
from itertools import chain, islice
from math import isinf
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NoReturn

from bot.errors import InputError, QingxingError, os_reason

if TYPE_CHECKING:
    from concurrent.futures import Future

Record = Mapping[str, Any]
Worker = Callable[[Record], Mapping[str, Any]]

# Below this many lines other processes would take longer to start than to help.
_TINY = 400
_BATCH_BYTES = 1 << 15
_PENDING_PER_JOB = 4

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is; ``total_bytes`` is None where an input has no size (standard input)."""

    lines: int
    errors: int
    read_bytes: int
    total_bytes: int | None


def run_batch(
    inputs: Sequence[str],
    worker: str,
    config: Any = None,
    *,
    out: Path | IO[bytes],
    jobs: int = 1,
    resume: bool = False,
    progress: Callable[[Progress], None] | None = None,
) -> Progress:
    """Maps the worker that *worker* (``package.module:factory``) makes of *config* over *inputs*.

    *inputs* are paths, globs or ``-``; ``.gz`` is unpacked.  With *resume* the whole lines that the
    file *out* already has are kept and as many inputs skipped.  *jobs* = 0 takes every core.
    Gives the last `Progress`; raises InputError for an input that can't be read and for an *out*
    that doesn't belong to these inputs.
    """
    paths = expand(inputs)
    jobs = jobs or core_count()
    source = _Source(paths)
    with ExitStack() as stack:
        # One by one where there is one job, so that a pipe sees each answer at once.
        blocks = source.blocks(_BATCH_BYTES if jobs > 1 else 0)
        if isinstance(out, Path):
            sink, done = _open_out(out, resume)
            stack.enter_context(sink)
            blocks = _skipped(blocks, done, out)
        elif resume:
            raise InputError("--resume 要有输出文件：请加 --out 文件名")
        else:
            sink, done = out, 0
        errors = 0
        for text, count, bad in _mapped(blocks, worker, config, jobs):
            sink.write(text)
            done += count
            errors += bad
            if progress:
                progress(Progress(done, errors, source.read_bytes, source.total_bytes))
        sink.flush()
    return Progress(done, errors, source.read_bytes, source.total_bytes)


def expand(inputs: Iterable[str]) -> list[str]:
    """Paths and globs → paths, each glob in the order of its names; InputError where none fits."""
    found: list[str] = []
    for pattern in inputs:
        if pattern == "-" or Path(pattern).exists() or not glob.has_magic(pattern):
            found.append(pattern)
            continue
        matches = sorted(
            path
            for path in glob.glob(pattern, recursive=True)  # noqa: PTH207 (absolute ones too)
            if Path(path).is_file()
        )
        if not matches:
            raise InputError(f"没有文件符合 {pattern}")
        found += matches
    return found


def core_count() -> int:
    """The cores that this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on macOS or Windows
        return os.cpu_count() or 1


def answer_line(line: bytes, work: Worker) -> tuple[bytes, bool]:
    """One line out for one line in, and whether it is an error."""
    record_id: Any = None
    try:
        record = _parse(line)
        record_id = record.get("id")
        return _dump(work(record)), False
    except (QingxingError, ValueError) as error:
        return _dump({"id": record_id, "error": str(error)}), True
    except Exception:
        # One odd line must not end a run over millions; the log keeps what it was.
        logger.exception("a line of a batch failed, id %r", record_id)
        return _dump({"id": record_id, "error": "内部错误，这一行没有处理；详见日志"}), True


def read_lines(paths: Sequence[str]) -> Iterator[bytes]:
    """The lines of files one after the other, unpacked; InputError for one that can't be read."""
    return chain.from_iterable(_Source(paths).blocks(0))


def make_worker(path: str, config: Any) -> Worker:
    """The worker that the factory at *path* (``package.module:factory``) makes of *config*."""
    module, _, name = path.partition(":")
    factory: Callable[[Any], Worker] = getattr(import_module(module), name)
    return factory(config)


class _Source:
    """The lines of several inputs, one after the other, and how many bytes have been read."""

    def __init__(self, paths: Sequence[str]) -> None:
        self._paths = paths
        self._finished_bytes = 0
        self._file: IO[bytes] | None = None
        self.total_bytes: int | None = 0
        for path in paths:
            if path == "-":
                self.total_bytes = None
            elif Path(path).is_dir():
                raise InputError(f"读不了 {path}：这是一个文件夹，不是文件")
            elif not Path(path).exists():
                raise InputError(f"读不了 {path}：没有这个文件")
            elif self.total_bytes is not None:
                self.total_bytes += Path(path).stat().st_size

    @property
    def read_bytes(self) -> int:
        """Of the files as they lie there, packed or not."""
        return self._finished_bytes + (self._file.tell() if self._file else 0)

    def blocks(self, size: int) -> Iterator[list[bytes]]:
        """All lines, in lists of neighbours from one file that pass *size* bytes; 0: one by one."""
        for path in self._paths:
            try:
                if path == "-":
                    yield from _blocks(sys.stdin.buffer, size)
                else:
                    yield from self._file_blocks(Path(path), size)
            except (OSError, EOFError, gzip.zlib.error) as error:  # type: ignore[attr-defined]
                raise InputError(f"读不了 {path}：{os_reason(error)}") from error

    def _file_blocks(self, path: Path, size: int) -> Iterator[list[bytes]]:
        with path.open("rb") as file:
            self._file = file
            packed = path.suffix == ".gz"
            lines: IO[bytes] = gzip.GzipFile(fileobj=file) if packed else file  # type: ignore[assignment]
            try:
                yield from _blocks(lines, size)
            finally:
                self._file = None
        self._finished_bytes += path.stat().st_size


def _blocks(file: IO[bytes], size: int) -> Iterator[list[bytes]]:
    first = [line.removeprefix(b"\xef\xbb\xbf") for line in islice(file, 1)]
    if first:
        yield first
    if not size:
        yield from ([line] for line in file)
        return  # asked again, a terminal would wait for a second Ctrl-D
    while block := file.readlines(size):
        yield block


def _mapped(
    blocks: Iterator[list[bytes]], worker: str, config: Any, jobs: int
) -> Iterator[tuple[bytes, int, int]]:
    """(lines out, how many, how many of them errors), in order."""
    first: list[list[bytes]] = []
    count = 0
    while jobs > 1 and count < _TINY and (block := next(blocks, None)):
        first.append(block)
        count += len(block)
    rest = chain(first, blocks)
    if count < _TINY:
        work: Worker | None = None
        for line in chain.from_iterable(rest):
            work = work or make_worker(worker, config)
            text, bad = answer_line(line, work)
            yield text, 1, int(bad)
        return
    yield from _mapped_by_processes(rest, worker, config, jobs)


def _mapped_by_processes(
    blocks: Iterable[list[bytes]], worker: str, config: Any, jobs: int
) -> Iterator[tuple[bytes, int, int]]:
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool
    from multiprocessing import get_context

    # Forking a process that has threads can hang its child; spawning works everywhere.
    pool = ProcessPoolExecutor(
        jobs, get_context("spawn"), initializer=_prepare, initargs=(worker, config)
    )
    pending: deque[Future[tuple[bytes, int, int]]] = deque()
    try:
        for batch in _batches(blocks):
            with _uninterrupted():
                pending.append(pool.submit(_work_batch, batch))
            # No more than this ahead, or a long archive would lie in memory.
            if len(pending) >= jobs * _PENDING_PER_JOB:
                yield _first_of(pending)
        while pending:
            yield _first_of(pending)
    except KeyboardInterrupt:
        pool.shutdown(wait=True, cancel_futures=True)
        while pending and not pending[0].cancelled():
            yield _first_of(pending)  # what is done by now is not to be done again
        raise
    except BrokenProcessPool as error:
        raise QingxingError("一个处理进程意外退出了（内存不够？）；可加 --resume 接着跑") from error
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _first_of(pending: deque[Future[tuple[bytes, int, int]]]) -> tuple[bytes, int, int]:
    """The oldest one's result; it stays in its place while it is waited for."""
    done = pending[0].result()
    pending.popleft()
    return done


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Processes started within don't hear Ctrl-C, which is for this one to act on."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _batches(blocks: Iterable[list[bytes]]) -> Iterator[bytes]:
    """Blocks put together to what is worth sending: one run of bytes, every line with its end.

    A process is sent it in one piece, where a list would be pickled and unpickled line by line.
    """
    batch: list[bytes] = []
    size = 0
    for block in blocks:
        text = b"".join(block)
        batch.append(text if text.endswith(b"\n") else text + b"\n")
        size += len(text)
        if size >= _BATCH_BYTES:
            yield b"".join(batch)
            batch, size = [], 0
    if batch:
        yield b"".join(batch)


# What this process was told to make, and what it has made of it (at most one).
_told: list[tuple[str, Any]] = []
_made: list[Worker] = []


def _prepare(worker: str, config: Any) -> None:
    _told[:] = [(worker, config)]


def _work_batch(batch: bytes) -> tuple[bytes, int, int]:
    if not _made:  # here and not in `_prepare`, so that a fault reaches the parent as it is
        _made.append(make_worker(*_told[0]))
    work = _made[0]
    answers = [answer_line(line, work) for line in io.BytesIO(batch)]
    return b"".join(text for text, _ in answers), len(answers), sum(bad for _, bad in answers)


def _parse(line: bytes) -> Record:
    if not line.strip():
        raise InputError("空行")
    try:
        text = line.decode("utf-8")
        record = json.loads(text, parse_constant=_refuse_constant, parse_float=_finite)
    except UnicodeDecodeError as error:
        raise InputError("这一行不是 UTF-8") from error
    except (ValueError, RecursionError) as error:
        raise InputError("这一行不是有效的 JSON") from error
    if not isinstance(record, dict):
        raise InputError("这一行不是 JSON 对象")
    return record


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _finite(number: str) -> float:
    value = float(number)
    if isinf(value):
        raise ValueError(f"{number} is past any number")  # and would go out as Infinity
    return value


def _dump(value: Mapping[str, Any]) -> bytes:
    try:
        return json.dumps(value, ensure_ascii=False).encode() + b"\n"
    except UnicodeEncodeError:  # a lone surrogate came in by \ud800 and goes out the same way
        return json.dumps(value).encode() + b"\n"


def _open_out(path: Path, resume: bool) -> tuple[IO[bytes], int]:
    """The file to go on writing, and how many whole lines it has."""
    try:
        if not resume or not path.exists():
            return path.open("wb"), 0
        file = path.open("r+b")
    except OSError as error:
        raise InputError(f"写不了 {path}：{os_reason(error)}") from error
    lines = whole = 0
    for line in file:
        if line.endswith(b"\n"):
            lines += 1
            whole += len(line)
    file.seek(whole)
    file.truncate()
    return file, lines


def _skipped(blocks: Iterator[list[bytes]], done: int, out: Path) -> Iterator[list[bytes]]:
    """What comes after *done* lines, whose last one must be the one that *out* ends with."""
    last: bytes | None = None
    left = done
    rest: list[bytes] = []
    while left and (block := next(blocks, None)):
        last, rest = block[:left][-1], block[left:]
        left -= len(block) - len(rest)
    if done and (left or last is None or _id_of(last) != _id_of(_last_line(out))):
        raise InputError(f"{out} 不是由这些输入得来的，接不上；请换一个输出文件，或去掉 --resume")
    return chain([rest], blocks) if rest else blocks


def _last_line(path: Path) -> bytes:
    with path.open("rb") as file:
        return deque(file, maxlen=1)[0]


def _id_of(line: bytes) -> Any:
    try:
        return _parse(line).get("id")
    except InputError:
        return None
