"""Cutting: the same code for documents and queries, and no dictionary for a query."""

import subprocess
import sys
from collections import Counter

import pytest

from index.tokenizer import candidates, cut, load_words


@pytest.mark.parametrize(
    ("text", "bag"),
    [
        pytest.param("短视频", "短 视 频 短视 视频 短视频", id="characters, bigrams, words"),
        pytest.param("gpm 10-16", "gpm 10-16 10 16", id="a range and its ends"),
        pytest.param("100+", "100+ 100", id="open number"),
        pytest.param("5%", "5% 5", id="percent"),
        pytest.param("1.5 y2k", "1.5 y2k", id="decimal, letters with digits"),
        pytest.param("ai短视", "ai 短 视 短视", id="scripts don't mix"),
        pytest.param("短,视", "短 视", id="no bigram across punctuation"),
        pytest.param("カナ", "カ ナ カナ", id="kana like Chinese"),
        pytest.param("!?… \ud800", "", id="nothing to find"),
    ],
)
def test_cut(text, bag):
    assert cut(text, {"短视频"}) == Counter(bag.split())


def test_a_query_needs_only_the_words_that_documents_hold():
    text = "短视频带货的短视频"
    words = {"短视频", "视频带货", "从没出现"}
    assert cut(text, words) == cut(text, words & candidates(text))


def test_dictionary_has_long_words_and_the_extra_ones():
    words = load_words(["報白號", "ab", "gpm"])
    assert {"报白号", "人工智能"} <= words
    assert "gpm" not in words
    assert all(3 <= len(word) <= 6 for word in words)


def test_asking_loads_neither_jieba_nor_numpy(tmp_path, documents, lexicon):
    from index.build import build_index

    build_index(tmp_path, documents, lexicon=lexicon).close()
    code = (
        "import sys; from index.search import open_index\n"
        f"with open_index({str(tmp_path)!r}) as index: print(index.search('报白号')[0].id)\n"
        "unwanted = 'jieba numpy sqlite_utils rank_bm25 tomllib'.split()\n"
        "print(sorted(set(unwanted) & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:2] == ["a-2", "[]"]
