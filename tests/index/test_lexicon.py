"""Words as data: what is cut from a question, what means the same, what is refused."""

import pytest

from index.lexicon import Lexicon, LexiconError, Matcher, lexicon_fingerprint, load_lexicon


@pytest.fixture(scope="module")
def matcher(lexicon):
    return Matcher.of(lexicon)


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        pytest.param("请问gmv是什么", "gmv是", id="politeness and question word"),
        pytest.param("为什么限流", "限流", id="the longer word goes first"),
        pytest.param("what is the gpm?", "gpm?", id="latin words as wholes"),
        pytest.param("island", "island", id="not inside a latin word"),
        pytest.param("什么", "什么", id="nothing else left"),
    ],
)
def test_stopwords(matcher, query, kept):
    assert matcher.without_stopwords(query).split() == kept.split()


@pytest.mark.parametrize(
    ("text", "concepts"),
    [
        pytest.param("成交额和销售额", {"#gmv": 2}, id="each form counts"),
        pytest.param("my gmv", {"#gmv": 1}, id="latin word"),
        pytest.param("xgmvx gmv2", {}, id="inside another latin word"),
        pytest.param("总gmv高", {"#gmv": 1}, id="between chinese"),
        pytest.param("shadow\n ban", {"#throttling": 1}, id="white space is one space"),
        pytest.param("猫", {}, id="none"),
    ],
)
def test_concepts(matcher, text, concepts):
    assert matcher.concepts(text) == concepts


def test_of_nested_forms_the_longest_counts():
    matcher = Matcher.of(Lexicon(concepts={"try": ("试穿", "虚拟试穿"), "virtual": ("虚拟",)}))
    assert matcher.concepts("虚拟试穿") == {"#try": 1, "#virtual": 1}


def test_travels_in_the_index(lexicon):
    matcher = Matcher.load(lexicon.dump())
    assert matcher.concepts("销售额") == {"#gmv": 1}
    assert matcher.without_stopwords("请问") == "请问"


@pytest.mark.parametrize(
    ("toml", "says"),
    [
        pytest.param("gmv = '成交额'", "gmv", id="not a list"),
        pytest.param("gmv = []", "gmv", id="empty list"),
        pytest.param("gmv = [3]", "3", id="not a word"),
        pytest.param("gmv = [", "TOML", id="not toml"),
        pytest.param("'a b' = ['x']", "a b", id="white space in a name"),
    ],
)
def test_a_wrong_file_is_named(tmp_path, toml, says):
    (tmp_path / "synonyms.toml").write_text(toml, encoding="utf-8")
    with pytest.raises(LexiconError, match=r"synonyms\.toml") as caught:
        load_lexicon(tmp_path)
    assert says in str(caught.value)


def test_no_data_is_an_empty_lexicon(tmp_path):
    assert load_lexicon(tmp_path) == Lexicon(concepts={})


def test_the_packaged_words_load():
    lexicon = load_lexicon()
    assert {"报白号", "自然流", "测品"} <= set(lexicon.words)
    assert "为什么" in lexicon.stopwords
    assert "成交额" in lexicon.concepts["gmv"]


def test_fingerprint_changes_with_a_byte(tmp_path):
    before = lexicon_fingerprint(tmp_path)
    (tmp_path / "stopwords.txt").write_text("吗", encoding="utf-8")
    assert lexicon_fingerprint(tmp_path) != before
