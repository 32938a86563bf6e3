"""Linear models over named features: one weight a feature and label, small enough to be shipped.

A label's margin is its bias and the sum of the weights of the features found, scaled by the root of
their number; above nought it speaks for the label.  The weights are files that the trainers of
``bot.eval`` make from labelled texts: a byte a weight.

A feature's weights for all labels are one whole number with a field each and a last one that
counts, so that a sum over features is an addition a feature, in C, and needs no library.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Iterable, Sequence

_FIELD = 2  # bytes: room for the sum of 257 weights, which are added up so many at a time
_AT_ONCE = 257
_MIDDLE = 128  # weights are stored from 0 to 255


class ModelError(ValueError):
    """The bytes aren't those of a model."""


class LinearModel:
    """Weights in steps of ``scale``: a row a feature, a column a label; each row is *labels* long.

    ``rows`` holds the rows of *names* one behind the other, each weight raised by 128.
    """

    __slots__ = ("_packed", "_size", "bias", "labels", "rows", "scale")

    def __init__(
        self,
        names: Iterable[str],
        labels: Sequence[str],
        rows: bytes,
        bias: Sequence[float],
        scale: float,
    ) -> None:
        self.labels = tuple(labels)
        self.rows = rows
        self._size = len(self.labels) + 1
        self.bias = tuple(bias)
        self.scale = scale
        names = list(names)
        packed = _packed(rows, len(self.labels)) if self.labels else [0] * len(names)
        self._packed = dict(zip(names, packed, strict=True))

    @property
    def names(self) -> list[str]:
        """The features in the order of their rows."""
        return list(self._packed)

    def margins(self, found: Iterable[str]) -> list[float]:
        """How far the features *found* speak for each label, in the order of ``labels``."""
        *sums, count = self._sums(list(found))
        if not count:
            return list(self.bias)
        step, middle = self.scale / count**0.5, _MIDDLE * count
        return [b + (s - middle) * step for b, s in zip(self.bias, sums, strict=True)]

    def _sums(self, found: list[str]) -> Sequence[int]:
        """The sum of the raised weights for each label, and how many features there were."""
        chunks = [self._sum(found[at : at + _AT_ONCE]) for at in range(0, len(found), _AT_ONCE)]
        if len(chunks) == 1:
            return chunks[0]
        return [sum(fields) for fields in zip(*chunks, strict=True)] or [0] * self._size

    def _sum(self, found: list[str]) -> tuple[int, ...]:
        total = sum(filter(None, map(self._packed.get, found)))
        return struct.unpack(f"<{self._size}H", total.to_bytes(_FIELD * self._size, "little"))

    def dump(self) -> bytes:
        """The file that :func:`parse_model` reads."""
        head = {"labels": self.labels, "names": self.names, "bias": self.bias, "scale": self.scale}
        return zlib.compress(json.dumps(head).encode() + b"\n" + self.rows, 9)


def _packed(rows: bytes, size: int) -> list[int]:
    """Each row of *size* weights as one number, with one more field that holds a one."""
    width = _FIELD * (size + 1)
    fields = bytearray(len(rows) // size * width)
    for column in range(size):
        fields[_FIELD * column :: width] = rows[column::size]
    fields[_FIELD * size :: width] = bytes([1]) * (len(rows) // size)
    return [
        int.from_bytes(fields[at : at + width], "little") for at in range(0, len(fields), width)
    ]


def parse_model(data: bytes) -> LinearModel:
    """The model in the bytes of a weights file; ModelError where they aren't one."""
    try:
        head, _, rows = zlib.decompress(data).partition(b"\n")
        table = json.loads(head)
        size = len(table["labels"])
        if len(rows) != len(table["names"]) * size or len(table["bias"]) != size:
            raise ModelError("no linear model: half of it is missing")
        return LinearModel(rows=rows, **table)
    except ModelError:
        raise
    except (zlib.error, LookupError, ValueError, TypeError) as error:
        raise ModelError(f"no linear model: {error}") from error
