"""Documents → index → hits, on a file of its own; rank-bm25 is the oracle of every score."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index import store
from index.build import bags_of, build_index, open_or_build, weigh
from index.engine import Document, Hit, SearchError, Settings
from index.engines import sqlite
from index.lexicon import Lexicon, Matcher
from index.search import Index, open_index
from index.tokenizer import load_words
from index.weights import FieldBM25, add_fields, average_lengths

PLAIN = Settings(fields={"text": 1.0})
WORDS = [chr(0x4E00 + i) for i in range(60)]


@pytest.fixture(scope="module")
def index(tmp_path_factory, documents, lexicon):
    with build_index(tmp_path_factory.mktemp("index"), documents, lexicon=lexicon) as built:
        yield built


@pytest.mark.parametrize(
    ("query", "first"),
    [
        pytest.param("猫喜欢什么", "b-1", id="simplified"),
        pytest.param("報白號", "a-2", id="traditional query"),
        pytest.param("ＧＭＶ", "a-1", id="full width"),
        pytest.param("销售额", "a-1", id="by concept"),
        pytest.param("shadow ban", "a-2", id="by concept, in English"),
        pytest.param("100+", "a-1", id="number"),
        pytest.param("Quick FOX", "a-3", id="English"),
    ],
)
def test_finds(index, query, first):
    assert index.search(query, 3)[0].id == first


@pytest.mark.parametrize("query", ["", "蝴蝶", "!?", "\ud800"])
def test_nothing_shared_gives_nothing(index, query):
    assert index.search(query) == []


def test_k_below_one_is_refused(index):
    with pytest.raises(SearchError, match="k"):
        index.search("猫", 0)


def test_terms_cut_stopwords_and_name_concepts(index):
    assert index.terms("请问gmv什么") == {"gmv": 1, "#gmv": 1}


def test_explanations_add_up_to_the_score(index):
    (hit, *_) = index.search("猫喜欢晒太阳")
    parts = index.explain("猫喜欢晒太阳", hit.id)
    assert sum(part.score for part in parts) == pytest.approx(hit.score)
    assert parts == sorted(parts, key=lambda part: -part.score)
    assert index.explain("猫", "nobody") == []


def test_whole_words_may_count_more_in_a_query(tmp_path, documents):
    chosen = Settings(whole=2.0)
    with build_index(tmp_path, documents, settings=chosen, lexicon=Lexicon()) as index:
        counts = {part.term: part.count for part in index.explain("fox懒狗", "a-3")}
    assert counts == {"fox": 2.0, "懒": 1.0, "狗": 1.0, "懒狗": 1.0}


def test_ties_rank_by_id(tmp_path):
    texts = [Document(f"d{number}", {"text": "一样"}) for number in (3, 1, 2, 10)]
    with build_index(tmp_path, texts, lexicon=Lexicon()) as index:
        assert [hit.id for hit in index.search("一样", 3)] == ["d1", "d10", "d2"]


def test_an_id_that_comes_twice_is_refused(tmp_path):
    with pytest.raises(SearchError, match="'d'"):
        build_index(tmp_path, [Document("d", {"text": "猫"})] * 2, lexicon=Lexicon())


def test_no_documents_at_all(tmp_path):
    with build_index(tmp_path, [], lexicon=Lexicon()) as index:
        assert index.search("猫") == []
        assert index.stats()["documents"] == 0


def test_a_sequence_is_cut_part_by_part(tmp_path):
    parts = Document("d", {"text": ["短视", "频道"]})
    with build_index(tmp_path, [parts], lexicon=Lexicon(), settings=PLAIN) as index:
        assert index.known({"短视": 1, "频道": 1, "视频": 1}) == {"短视": 1, "频道": 1}


TEXTS = st.lists(st.text("甲乙丙丁 gmv", min_size=0, max_size=30), min_size=1, max_size=12)


@settings(deadline=None, max_examples=15)
@given(texts=TEXTS, query=st.text("甲乙丙丁 gmv", min_size=1, max_size=12))
def test_scores_are_rank_bm25s(tmp_path_factory, texts, query):
    folder = tmp_path_factory.mktemp("oracle")
    documents = [Document(f"{i:02}", {"text": text}) for i, text in enumerate(texts)]
    with build_index(folder, documents, settings=PLAIN, lexicon=Lexicon()) as index:
        bags = [bags_of(one, load_words(), Matcher.of(Lexicon()), PLAIN) for one in documents]
        average = average_lengths(bags)
        oracle = FieldBM25([add_fields(bag, average, PLAIN) for bag in bags], k1=PLAIN.k1)
        terms = [term for term, count in index.terms(query).items() for _ in range(count)]
        expected = {f"{i:02}": s for i, s in enumerate(oracle.get_scores(terms)) if s > 0}
        hits = {hit.id: hit.score for hit in index.search(query, 100)}
        assert hits == pytest.approx(expected, rel=1e-3)


def test_numpy_and_python_add_up_bit_for_bit(tmp_path, monkeypatch):
    draw = random.Random(7)
    words = [chr(0x4E00 + i) for i in range(60)]
    documents = [
        Document(f"{i:04}", {"text": "".join(draw.choices(words, k=draw.randint(1, 40)))})
        for i in range(700)
    ]
    queries = ["".join(draw.choices(words, k=8)) for _ in range(40)]
    with build_index(tmp_path, documents, lexicon=Lexicon()) as index:
        monkeypatch.setattr(sqlite, "_NUMPY_POSTINGS", 10**9)
        plain = [index.search(query, k) for query in queries for k in (1, 10, 700)]
        monkeypatch.setattr(sqlite, "_NUMPY_POSTINGS", 0)
        assert [index.search(query, k) for query in queries for k in (1, 10, 700)] == plain
        for module in ("plain", "summing"):
            monkeypatch.setattr(f"index.engines.{module}._SHORT", 0)
        assert [index.search(query, k) for query in queries for k in (1, 10, 700)] == plain
        monkeypatch.setattr(sqlite, "_NUMPY_POSTINGS", 10**9)
        assert [index.search(query, k) for query in queries for k in (1, 10, 700)] == plain


@pytest.mark.parametrize(
    ("short", "dense", "many"),
    [
        pytest.param(50, 16, 300, id="as it comes"),
        pytest.param(50, 0, 300, id="lists only"),
        pytest.param(50, 10**9, 300, id="a place for every document"),
        pytest.param(90, 6, 5, id="both, and asking often which still matter"),
        pytest.param(0, 6, 5, id="one by one"),
        pytest.param(10**9, 6, 5, id="all at once"),
    ],
)
def test_pruning_and_layout_change_no_bit(tmp_path, monkeypatch, short, dense, many):
    draw = random.Random(11)
    words = [chr(0x4E00 + i) for i in range(80)]
    odds = [1 / (i + 2) for i in range(80)]  # some in nearly all documents, some in few
    documents = [
        Document(f"{i:04}", {"text": "".join(draw.choices(words, odds, k=draw.randint(1, 30)))})
        for i in range(900)
    ]
    queries = ["".join(draw.choices(words, k=draw.randint(1, 12))) for _ in range(60)]
    with build_index(tmp_path, documents, lexicon=Lexicon()) as index:
        monkeypatch.setattr(sqlite, "_NUMPY_POSTINGS", 10**9)
        plain = [index.search(query, k) for query in queries for k in (1, 10, 900)]
        monkeypatch.setattr(sqlite, "_NUMPY_POSTINGS", 0)
        for name, value in {"_SHORT": short, "_DENSE": dense, "_MANY": many}.items():
            monkeypatch.setattr(f"index.engines.summing.{name}", value)
        for _ in range(2):  # read from the file, then from what is kept
            assert [index.search(query, k) for query in queries for k in (1, 10, 900)] == plain


def test_what_is_kept_is_bounded(tmp_path, monkeypatch):
    monkeypatch.setattr(sqlite, "_NUMPY_POSTINGS", 0)
    documents = [Document(f"{i:04}", {"text": "".join(WORDS[i % 7 :: 2])}) for i in range(500)]
    with build_index(tmp_path, documents, lexicon=Lexicon()) as built:
        plain = [built.search(word * 2, 5) for word in WORDS]
    engine = sqlite.SqliteEngine(tmp_path, cache_bytes=20_000)
    with Index(engine) as index:
        for _ in range(2):
            assert [index.search(word * 2, 5) for word in WORDS] == plain
        kept = [term for term in engine._cache.values() if term]
        assert sum(term.held_bytes for term in kept) == engine._cached_bytes
        assert engine._cached_bytes < 40_000


class Counting:
    """Documents that know how often they were asked for."""

    def __init__(self, documents):
        self.documents, self.asked = documents, 0

    def __call__(self):
        self.asked += 1
        return self.documents


def test_rebuilt_when_and_only_when_something_changed(tmp_path, documents):
    make, data = Counting(documents), tmp_path / "data"
    data.mkdir()
    folder = tmp_path / "index"

    def asked(digest, settings=PLAIN):
        with open_or_build(folder, digest, make, settings=settings, data=data) as index:
            assert index.search("猫")[0].id == "b-1"
        return make.asked

    assert asked("one") == 1
    assert asked("one") == 1
    assert asked("two") == 2
    assert asked("two", Settings(fields={"text": 1.0}, k1=0.9)) == 3
    (data / "stopwords.txt").write_text("吗", encoding="utf-8")
    assert asked("two") == 4


@pytest.mark.parametrize(
    "harm",
    [
        pytest.param(lambda path: path.write_bytes(b"rubbish" * 1000), id="overwritten"),
        pytest.param(lambda path: path.write_bytes(b""), id="emptied"),
        pytest.param(lambda path: path.unlink(), id="gone"),
        pytest.param(lambda path: os.truncate(path, 5000), id="cut short"),
    ],
)
def test_a_broken_file_is_rebuilt(tmp_path, documents, harm):
    def first():
        with open_or_build(tmp_path, "one", lambda: documents) as index:
            return index.search("猫")[0].id

    assert first() == "b-1"
    harm(store.current_file(tmp_path))
    assert first() == "b-1"


def test_no_index_says_so(tmp_path):
    with pytest.raises(SearchError, match="没有索引"):
        open_index(tmp_path / "nowhere").search("猫")


def test_who_has_the_old_index_open_keeps_it(tmp_path, documents):
    with build_index(tmp_path, documents, lexicon=Lexicon()) as old:
        assert old.search("猫")[0].id == "b-1"
        build_index(tmp_path, [Document("new", {"text": "猫"})], lexicon=Lexicon()).close()
        assert old.search("散步")[0].id == "b-2"
    with open_index(tmp_path) as new:
        assert [hit.id for hit in new.search("猫")] == ["new"]


BUILD = """
import sys
from pathlib import Path
from index.build import build_index
from index.engine import Document
from index.lexicon import Lexicon
name = sys.argv[2]
documents = [Document(f"{name}{i}", {"text": f"猫 {name} {i}" * 20}) for i in range(800)]
print("ready", flush=True)
build_index(Path(sys.argv[1]), documents, lexicon=Lexicon()).close()
"""


def _building(folder, name):
    return subprocess.Popen(
        [sys.executable, "-c", BUILD, str(folder), name], stdout=subprocess.PIPE, text=True
    )


def test_killed_while_building_leaves_a_whole_index(tmp_path):
    build_index(tmp_path, [Document("old", {"text": "猫"})], lexicon=Lexicon()).close()
    for pause in (0.0, 0.9, 1.3):
        with _building(tmp_path, "new") as building:
            building.stdout.readline()
            time.sleep(pause)
            building.send_signal(signal.SIGKILL)
        with open_index(tmp_path) as index:
            hits = index.search("猫", 1)
            assert [hit.id for hit in hits] == (["old"] if hits[0].id == "old" else ["new0"])


def test_two_builders_at_once_leave_one_whole_index(tmp_path):
    with _building(tmp_path, "a") as one, _building(tmp_path, "b") as two:
        one.stdout.read()
        two.stdout.read()
    assert (one.returncode, two.returncode) == (0, 0)
    with open_index(tmp_path) as index:
        assert len(index.search("猫", 5000)) == 800
    assert len(list(tmp_path.glob("*.sqlite"))) == 2  # the index and the writer's lock


def test_postings_take_four_bytes(tmp_path):
    documents = [Document(f"{i:05}", {"text": "猫"}) for i in range(5000)]
    with build_index(tmp_path, documents, lexicon=Lexicon(), settings=PLAIN) as index:
        assert index.stats() | {"bytes": 0} == {
            "documents": 5000, "terms": 1, "postings": 5000, "bytes": 0,
        }  # fmt: skip
    connection = sqlite3.connect(store.current_file(tmp_path))
    assert connection.execute("SELECT sum(length(entries)) FROM postings").fetchone() == (20_000,)
    connection.close()


def test_weights_stay_within_the_ceiling(documents, lexicon):
    chosen = Settings(fields={"text": 1.0, "title": 50.0})
    vectors, _ = weigh(documents, frozenset(), Matcher.of(lexicon), chosen)
    for vector in vectors:
        assert all(0 < weight < chosen.k1 + 1 for weight in vector.weights.values())


def test_hits_are_values():
    assert Hit("a", 1.0) == Hit("a", 1.0)
