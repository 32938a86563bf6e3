"""Reading pictures: in a process of its own, within limits, and only where the extra is."""

from __future__ import annotations

import asyncio

import pytest

from bot import ocr
from tests.fakes.people import tiny_png

STAND_IN = '''
"""Reads every picture as the same words, as the real package's result looks."""
import os, time

class Result:
    txts = ("内部消息", "AI视频贡献10%的GMV")

class RapidOCR:
    def __call__(self, data):
        time.sleep(float(os.environ.get("OCR_SLOW", "0")))
        return Result()
'''


@pytest.fixture
def extra(tmp_path, monkeypatch):
    """Something in the place of the extra's package."""
    (tmp_path / "rapidocr.py").write_text(STAND_IN, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))


def read(data):
    return asyncio.run(ocr.read(data))


def test_the_lines_of_a_picture(extra):
    assert read(tiny_png()) == "内部消息\nAI视频贡献10%的GMV"


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"no picture", id="no picture"),
        pytest.param(tiny_png(6000, 5000), id="too many pixels"),
        pytest.param(b"x" * (ocr.MAX_BYTES + 1), id="too many bytes"),
    ],
)
def test_what_cannot_be_read(extra, data):
    with pytest.raises(ocr.UnreadableError):
        read(data)


def test_a_slow_picture_is_given_up(extra, monkeypatch):
    monkeypatch.setenv("OCR_SLOW", "60")
    monkeypatch.setattr(ocr, "TIME_LIMIT_S", 0.5)
    with pytest.raises(ocr.UnreadableError, match="slow"):
        read(tiny_png())


def test_without_the_extra_nothing_is_read():
    assert ocr.available() is False
    with pytest.raises(ocr.UnreadableError):
        read(tiny_png())
