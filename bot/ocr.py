"""A picture → the text on it, with the optional extra ``ocr`` and without a network.

The work is done by a process of its own, ``python -m bot.ocr``: it may be slow, it may use much
memory, and a hostile picture may bring it down.  Its time is limited from outside, the picture's
size before anything is decoded.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import io
import sys
from functools import cache
from typing import Any, Final

TIME_LIMIT_S: Final = 30.0
MAX_BYTES: Final = 10 << 20
MAX_PIXELS: Final = 25_000_000
MAX_CHARS: Final = 8000
_MEMORY_BYTES: Final = 3 << 30
# Packages that do the same, their models inside the wheel: the first that is there.
_PACKAGES: Final = ("rapidocr_onnxruntime", "rapidocr")


class UnreadableError(ValueError):
    """The picture can't be read: not a picture, too large, or too slow."""


@cache
def available() -> bool:
    """Whether the extra is installed."""
    return any(importlib.util.find_spec(name) is not None for name in _PACKAGES)


async def read(data: bytes) -> str:
    """The lines of text on the picture *data*; UnreadableError if there is no reading it."""
    if len(data) > MAX_BYTES:
        raise UnreadableError("too many bytes")
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot.ocr",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        out, _ = await asyncio.wait_for(process.communicate(data), TIME_LIMIT_S)
    except TimeoutError as err:
        raise UnreadableError("too slow") from err
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    if process.returncode != 0:
        raise UnreadableError(f"exit status {process.returncode}")
    return out.decode("utf-8", "replace")[:MAX_CHARS]


def read_here(data: bytes) -> str:
    """The same in this process, without a limit on time."""
    from PIL import Image

    # Only the header is read for this.
    with Image.open(io.BytesIO(data)) as picture:
        if picture.width * picture.height > MAX_PIXELS:
            raise UnreadableError("too many pixels")
    return "\n".join(line for line in _lines(_engine(), data) if line.strip())


def _engine() -> Any:
    for name in _PACKAGES:
        if importlib.util.find_spec(name) is not None:
            return importlib.import_module(name).RapidOCR()
    raise UnreadableError("the extra ocr is not installed")


def _lines(engine: Any, data: bytes) -> list[str]:
    found = engine(data)
    if isinstance(found, tuple):  # rapidocr_onnxruntime: ([(box, text, score), …], times)
        return [str(line[1]) for line in found[0] or []]
    return [str(text) for text in getattr(found, "txts", None) or ()]


def _limit_memory() -> None:
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))


def main() -> int:
    """Read a picture from standard input, print its text; exit status 1 if it can't be read."""
    _limit_memory()
    try:
        text = read_here(sys.stdin.buffer.read(MAX_BYTES + 1))
    except Exception:  # whatever a decoder trips over
        return 1
    sys.stdout.buffer.write(text.encode("utf-8", "replace"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
