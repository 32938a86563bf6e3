"""Words of a text, cut from a dictionary on disk as jieba cuts them."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.words import open_words


@pytest.fixture(scope="module")
def words(tmp_path_factory):
    book = open_words(tmp_path_factory.mktemp("words"), domain=("报白号", "自然流"))
    yield book
    book.close()


def test_words_and_their_parts_of_speech(words):
    found = [(word.text, word.part) for word in words.cut("员工做到多少")]
    assert ("员工", "n") in found


def test_words_of_the_domain_are_nouns(words):
    assert ("报白号", "n") in [(word.text, word.part) for word in words.cut("手里的报白号")]


def test_it_cuts_as_jieba_does_without_its_guesses(words):
    import jieba

    for text in ("欧盟委员会发言人在新闻发布会上指出", "商家能省下多少模特费和摄影费"):
        ours = [word.text for word in words.cut(text)]
        assert ours == list(jieba.cut(text, HMM=False))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.text("平台员工ABC，。🚀 会场做到", max_size=40))
def test_spans_slice_the_text_and_cover_all_its_chinese(words, text):
    cut = words.cut(text)
    assert all(text[word.start : word.end] == word.text for word in cut)
    assert sum(len(word.text) for word in cut) == sum("一" <= char <= "鿿" for char in text)


def test_it_is_made_once(words, tmp_path):
    open_words(tmp_path).close()
    (made,) = list(tmp_path.iterdir())
    before = made.stat().st_mtime_ns
    open_words(tmp_path).close()
    assert made.stat().st_mtime_ns == before
