"""Text and entities in UTF-16, whatever the text holds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.telegram.text import (
    TextBuilder,
    cut_at_sentence,
    cut_hard,
    from_utf16,
    scrub,
    utf16_len,
    utf16_offset,
)

TEXTS = st.text(st.one_of(st.characters(codec="utf-8"), st.sampled_from("🚀👨‍👩‍👧中，。\n 🇨🇳")))


def covered(text: str, entity: dict) -> str:
    units = text.encode("utf-16-le")
    start, length = entity["offset"], entity["length"]
    return units[2 * start : 2 * (start + length)].decode("utf-16-le")


@pytest.mark.parametrize(("text", "units"), [("中文", 2), ("涨🚀", 3), ("\ud83d", 1), ("", 0)])
def test_length_in_units(text: str, units: int) -> None:
    assert utf16_len(text) == units


@given(TEXTS)
def test_length_is_that_of_the_encoding(text: str) -> None:
    assert utf16_len(text) == len(text.encode("utf-16-le")) // 2


@given(TEXTS, st.integers(0, 30))
def test_offsets_there_and_back(text: str, index: int) -> None:
    index = min(index, len(text))
    assert from_utf16(text, utf16_offset(text, index)) == index


def test_a_lone_surrogate_becomes_one_unit_that_can_be_encoded() -> None:
    assert scrub("坏\ud83d的").encode() == "坏\ufffd的".encode()


@given(st.lists(st.tuples(TEXTS, st.sampled_from(["bold", "blockquote", None])), max_size=8))
def test_every_entity_covers_its_piece_and_lies_within_the_text(pieces: list) -> None:
    builder = TextBuilder()
    for text, kind in pieces:
        builder.add(text, kind)
    message = builder.build()
    wanted = [text.strip() for text, kind in pieces if kind and text.strip()]
    assert [covered(message.text, entity) for entity in message.entities] == wanted
    assert message.text == message.text.strip()


@given(TEXTS, st.integers(1, 40))
def test_a_cut_keeps_whole_sentences(text: str, limit: int) -> None:
    part = cut_at_sentence(text, limit)
    assert text.startswith(part)
    assert utf16_len(part) <= limit


def test_a_cut_ends_where_a_sentence_does() -> None:
    assert cut_at_sentence("一句话。“两句话！”三句话很长很长", 12) == "一句话。“两句话！”"
    assert cut_at_sentence("没有句号的长句子", 4) == ""


@given(TEXTS, st.integers(2, 20))
def test_a_hard_cut_fits_and_can_be_encoded(text: str, limit: int) -> None:
    assert utf16_len(cut_hard(text, limit)) <= limit
    cut_hard(text, limit).encode()


def test_no_more_entities_than_telegram_takes() -> None:
    builder = TextBuilder()
    for _ in range(150):
        builder.line("x", "bold")
    assert len(builder.build().entities) == 100


def test_a_strangers_direction_marks_end_with_the_quote() -> None:
    message = TextBuilder().quote("\u202e反着写").line("我们的话").build()
    assert message.text == "\u2068\u202e反着写\u2069\n我们的话"
    assert covered(message.text, message.entities[0]) == "\u202e反着写"
