"""Folding: what becomes equal, what stays apart, and the way back to the raw text."""

import sys
import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opencc import OpenCC

from index import normalise, t2s
from index.normalise import fold, fold_text

# Surrogates included; weighted towards what composes, expands or vanishes.
TRICKY = (
    "ＡＩ１０％㎏㈱½…ﬁßẞİıͅéé̂ｶﾞガ각가ㄱㅏ著顯甚麼乾𝟏𝐀🇨🇳"
    "\u200b\u202e\ufe0f\u20e3\u0301\u0327\ud800\udfff"
)
ANY_TEXT = st.text(st.one_of(st.characters(exclude_categories=()), st.sampled_from(TRICKY)))


@pytest.mark.parametrize(
    ("raw", "folded"),
    [
        pytest.param("ＡＩ视频，ＧＰＭ１０％", "ai视频,gpm10%", id="full width"),
        pytest.param("AIGC短視頻數量佔比", "aigc短视频数量占比", id="traditional"),
        pytest.param("乾燥之後", "干燥之后", id="one to many, the common reading"),
        pytest.param("看著顯著的著作", "看着显著的著作", id="著 by its neighbours"),
        pytest.param("甚麼是妳的", "什么是你的", id="variants that OpenCC keeps"),
        pytest.param("G\u200bM\u2060V\ufeff", "gmv", id="zero width"),
        pytest.param("\u202e10%\u202c", "10%", id="directions"),
        pytest.param("1\ufe0f\u20e30\ufe0f\u20e3%", "10%", id="keycaps"),
        pytest.param("𝐆𝐌𝐕 ①⑩ ㎏", "gmv 110 kg", id="compatibility forms"),
        pytest.param("Cafe\u0301 ｶﾞ", "café ガ", id="marks that compose"),
        pytest.param("Straße", "strasse", id="case folding expands"),
        pytest.param("第一行\n第二行", "第一行\n第二行", id="lines stay"),
        pytest.param("", "", id="empty"),
        pytest.param("\ud83d 坏", "\ud83d 坏", id="a lone surrogate"),
    ],
)
def test_fold(raw, folded):
    assert fold(raw).text == folded


@pytest.mark.parametrize(
    ("raw", "part", "span"),
    [
        pytest.param("ＡＩ贡献10％", "10%", (4, 7), id="same length"),
        pytest.param(
            "贡\u200b献1\u200b0%", "10%", (3, 7), id="inside a run with something invisible"
        ),
        pytest.param("\u200b1%\u200b", "1%", (1, 3), id="what is invisible at the edge stays out"),
        pytest.param("重㎏吗", "g", (1, 2), id="half of an expansion is all of its character"),
        pytest.param("e\u0301了", "é", (0, 2), id="composed from two"),
        pytest.param("é\u0301\u0301 10%", "10%", (4, 7), id="after a pile of marks"),
    ],
)
def test_way_back(raw, part, span):
    folded = fold(raw)
    start = folded.text.index(part)
    assert folded.raw_span(start, start + len(part)) == span


@given(ANY_TEXT)
def test_folding_twice_is_folding_once(text):
    once = fold_text(text)
    assert fold_text(once) == once


@given(ANY_TEXT)
def test_every_folded_span_leads_back(text):
    folded = fold(text)
    starts = list(folded.starts)
    assert len(starts) == len(folded.text) + 1
    assert starts == sorted(starts)
    assert starts[-1] == len(text)
    for i in range(len(folded.text)):
        start, end = folded.raw_span(i, i + 1)
        assert 0 <= start < end <= len(text)
    assert folded.raw_span(0, 0) == (starts[0], starts[0])


@given(ANY_TEXT, ANY_TEXT)
def test_a_line_break_keeps_texts_apart(left, right):
    assert fold_text(f"{left}\n{right}") == f"{fold_text(left)}\n{fold_text(right)}"


@given(st.text(st.characters(max_codepoint=0x7F)))
def test_ascii_is_only_lowered(text):
    assert fold_text(text) == text.lower()


def test_table_is_what_opencc_says():
    assert (t2s_file := t2s.render(t2s.pairs())).startswith("#")
    path = t2s.Path(t2s.__file__).parent / "data" / "t2s.txt"
    assert path.read_text(encoding="utf-8") == t2s_file


def test_characters_fold_as_opencc_simplifies():
    convert = OpenCC("t2s").convert
    kept_apart = set(t2s.OVERRIDES) | {"著"}
    for char in map(chr, range(0x4E00, 0xA000)):
        if char not in kept_apart:
            assert fold_text(char) == convert(convert(char))  # 薴 → 苧 → 苎


def test_every_character_that_composes_is_known():
    for code in range(sys.maxunicode + 1):
        parts = unicodedata.decomposition(chr(code)).split()
        if len(parts) == 2 and not parts[0].startswith("<"):
            first, second = (chr(int(part, 16)) for part in parts)
            if unicodedata.normalize("NFC", first + second) == chr(code):
                assert unicodedata.combining(second) or second in normalise._COMPOSING


def test_every_code_point_is_stable():
    for start in range(0, 0x32000, 64):
        for char in map(chr, range(start, start + 64)):
            once = normalise._TABLE._fold_char(char)
            assert normalise._TABLE._fold_char(once) == once


@pytest.mark.parametrize(
    "unit",
    [
        pytest.param("AI视频贡献了10％的GMV，", id="ordinary"),
        pytest.param("\u0301\u0327", id="marks out of order"),
        pytest.param("각", id="jamo"),
        pytest.param("\u200b", id="invisible"),
    ],
)
def test_time_grows_with_length_only(unit):
    def seconds(repeat):
        text = unit * repeat
        best = float("inf")
        for _ in range(3):
            begin = time.perf_counter()
            fold(text).raw_span(0, 0)
            best = min(best, time.perf_counter() - begin)
        return best

    seconds(10)
    assert seconds(20_000) < 60 * seconds(2_000) + 0.01  # ten times is linear, a hundred quadratic
