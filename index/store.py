"""An index on disk: a folder with one file per generation and a pointer to the current one.

A build writes a file of its own and then moves the pointer, both by atomic renames, so that
kill -9 at any moment leaves the old index or the new one.  Who has the old one open keeps it.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

POINTER = "CURRENT"
_STALE_S = 3600.0


def current_file(folder: Path) -> Path | None:
    """The file of *folder*'s current generation, or None where there is none.

    A pointer that can't be read points nowhere: an index can always be built anew.
    """
    try:
        name = (folder / POINTER).read_text(encoding="utf-8").strip()
        path = folder / name
        return path if name == path.name and path.is_file() else None
    except (OSError, ValueError):
        return None


def forget(folder: Path) -> None:
    """Lets go of *folder*'s current generation, so that whoever opens it next builds it anew."""
    with suppress(FileNotFoundError, NotADirectoryError):
        (folder / POINTER).unlink()


def new_file(folder: Path) -> Path:
    """A name for a file to build in *folder*, which is made if need be."""
    import secrets  # with its hashing, some milliseconds that whoever only asks can do without

    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{secrets.token_hex(6)}.sqlite"


def publish(folder: Path, path: Path) -> None:
    """Makes the finished file *path* the current generation and drops what nobody needs."""
    pointer = path.with_suffix(".pointer")
    with pointer.open("w", encoding="utf-8") as file:
        file.write(path.name)
        file.flush()
        os.fsync(file.fileno())
    pointer.replace(folder / POINTER)
    _sweep(folder, keep=path)


def discard(path: Path) -> None:
    """Removes a file and what SQLite may have left beside it."""
    for end in ("", "-journal", "-wal", "-shm"):
        path.with_name(path.name + end).unlink(missing_ok=True)


@contextmanager
def writing(folder: Path, timeout_s: float = 600.0) -> Iterator[None]:
    """One writer at a time in *folder*, across processes; let go of when the process dies."""
    folder.mkdir(parents=True, exist_ok=True)
    with closing(_locked(folder / "lock.sqlite", timeout_s)):
        yield


def _locked(path: Path, timeout_s: float) -> sqlite3.Connection:
    """A connection that holds the lock; a file that is no database can't be held by anybody."""
    for last in (False, True):
        lock = sqlite3.connect(path, timeout=timeout_s, isolation_level=None)
        try:
            lock.execute("BEGIN EXCLUSIVE")
            return lock
        except sqlite3.DatabaseError as error:
            lock.close()
            if last or isinstance(error, sqlite3.OperationalError):
                raise
            path.unlink(missing_ok=True)
    raise AssertionError("the second attempt returns or raises")


def _sweep(folder: Path, keep: Path) -> None:
    """Removes older generations, also those of builds that died; the writer's lock is held.

    An hour's grace on what isn't a finished generation would only matter without that lock.
    """
    for path in folder.iterdir():
        if path.name.startswith((keep.stem, "lock.sqlite", POINTER, "ENGINE", "milvus")):
            continue
        with suppress(OSError):
            if path.suffix == ".sqlite" or time.time() - path.stat().st_mtime > _STALE_S:
                discard(path)
