"""Articles from the command line: looked at, added with facts and rows, refused, removed."""

import json
import tomllib
from pathlib import Path

import pytest

TEXT = "配音实测\n我们测了两百条，AI配音视频的完播率比真人配音最多高5%。\n字幕还是要自己校对。\n"
FACTS = """
[[fact]]
id = "dubbing-completion"
article = "dubbing"
quote = "AI配音视频的完播率比真人配音最多高5%"
kinds = ["share", "comparison"]
asks = ["AI配音能把完播率提高多少？", "用AI配音完播会高多少", "AI配音比真人配音完播好多少"]
offer = "AI配音能提高多少完播率？"
"""
ROWS = """
[ai_dubbing_completion]
subject = "AI配音视频"
metric = "完播率比真人配音高"
unit = "percent"
known = { high = "5" }
known_text = "≤ 5%"
hyped = "above"
basis = "firm"
scope = { platform = "TikTok" }
source = { article = "dubbing", quote = "AI配音视频的完播率比真人配音最多高5%" }
statement = "一次两百条的实测：AI配音的完播率最多高5%。"
instead = "有人测了两百条，AI配音的完播率最多高5%。"

[ai_dubbing_completion.claims]
about = ["ai配音"]
number = { metric = ["完播率", "完播"], units = ["percent"], relation = "lift" }
"""


@pytest.fixture
def added(tmp_path):
    """The article's three files, and the words that add them."""
    for name, text in (("dubbing.txt", TEXT), ("facts.toml", FACTS), ("rows.toml", ROWS)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    told = ["--published", "2026-02-01", "--author", "某人", "--kind", "opinion"]
    return ["corpus", "add", "dubbing.txt", *told, "--facts", "facts.toml", "--ledger", "rows.toml"]


def test_list_and_show(run_cli):
    listed = json.loads(run_cli("corpus", "list", "--json").out)
    assert {article["id"] for article in listed} >= {"tk-2026-01-18", "xiaochuan-tiktok-ai"}
    assert run_cli("corpus", "list").out.count("\n") == len(listed)
    shown = json.loads(run_cli("corpus", "show", "tk-2026-01-18", "--json").out)
    assert shown["published"] == "2026-01-18"
    assert len(shown["passages"]) == next(
        article["passages"] for article in listed if article["id"] == "tk-2026-01-18"
    )
    for passage in shown["passages"]:
        assert shown["text"][passage["start"] : passage["end"]] == passage["text"]


def test_show_prints_every_passage(run_cli):
    out = run_cli("corpus", "show", "brief-eu-dsa").out
    assert "短讯" in out
    assert "[1]" in out
    assert "欧盟委员会" in out


def test_an_added_article_answers_and_refutes_without_code(qingxing, added):
    assert qingxing(*added).out.startswith("已添加 dubbing：《配音实测》")
    answer = json.loads(qingxing("ask", "AI配音能把完播率提高多少？", "--json").out)
    assert answer["status"] == "answered"
    assert answer["passages"][0]["article"] == "dubbing"
    assert answer["passages"][0]["published"] == "2026-02-01"
    (finding,) = json.loads(qingxing("check", "AI配音完播率提升50%", "--json").out)["findings"]
    assert (finding["verdict"], finding["figure"]) == ("conflict", "ai_dubbing_completion")
    assert "ai_dubbing_completion" in qingxing("figures").out


def test_an_article_alone_answers_from_a_draft_of_its_facts(qingxing, home, tmp_path):
    (tmp_path / "my.txt").write_text(
        "马来西亚站新规\n从2026年4月起,马来西亚站点要求卖家在发布AI生成的商品视频时勾选AIGC标签。\n"
        "没有勾选的视频会被下架,累计三次的店铺暂停发布七天。\n",
        encoding="utf-8",
    )
    assert str(home / "facts" / "my.toml") in qingxing("corpus", "add", "my.txt").out
    told = json.loads(qingxing("ask", "马来西亚站发AI视频没勾选AIGC标签会怎样？", "--json").out)
    assert told["passages"][0]["article"] == "my"
    price = json.loads(qingxing("ask", "马来西亚站勾选AIGC标签要交多少钱？", "--json").out)
    assert price["status"] == "no_evidence"


def test_what_was_added_can_be_removed(run_cli, added, bare_home):
    before = run_cli("corpus", "list").out
    run_cli(*added)
    assert run_cli("corpus", "remove", "dubbing").out == "已删除 dubbing\n"
    assert run_cli("corpus", "list").out == before
    assert not [path for path in bare_home.rglob("*") if path.is_file()]


def test_an_article_that_is_still_quoted_stays(run_cli, added, bare_home):
    run_cli(*added)
    (bare_home / "ledger.toml").write_text(
        ROWS.replace("ai_dubbing_completion", "another"), encoding="utf-8"
    )
    ran = run_cli("corpus", "remove", "dubbing")
    assert ran.status == 2
    assert "还被引用" in ran.err
    assert run_cli("corpus", "show", "dubbing").status == 0


@pytest.mark.parametrize(
    ("file", "text", "told"),
    [
        pytest.param("facts.toml", FACTS.replace("最多高5%", "高5%"), "quote", id="no such quote"),
        pytest.param("facts.toml", FACTS.replace('"share"', '"x"'), "kinds", id="no such kind"),
        pytest.param("rows.toml", ROWS.replace("firm", "sure"), "basis", id="no such basis"),
        pytest.param("rows.toml", ROWS.replace("最多高5%", "高5%"), "quote", id="row's quote"),
        pytest.param("rows.toml", ROWS.replace("relation", "x"), "claims", id="the guard's key"),
        pytest.param("rows.toml", "[", "rows.toml", id="no TOML"),
        pytest.param("dubbing.txt", " \n", "没有文字", id="no text"),
        pytest.param("dubbing.txt", "限\0流", "二进制", id="binary"),
    ],
)
def test_nothing_is_written_where_anything_is_wrong(run_cli, added, bare_home, file, text, told):
    Path(file).write_text(text, encoding="utf-8")
    ran = run_cli(*added)
    assert (ran.status, ran.out) == (2, "")
    assert told in ran.err
    assert ran.err.count("\n") == 1
    assert not bare_home.exists()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        pytest.param(["--published", "2026年2月"], "要像 2026-01-18", id="date"),
        pytest.param(["--id", "大写"], "--id", id="id"),
        pytest.param(["--id", "tk-2026-01-18"], "已经有", id="taken"),
    ],
)
def test_wrong_words_about_an_article(run_cli, tmp_path, words, told):
    (tmp_path / "a.txt").write_text(TEXT, encoding="utf-8")
    ran = run_cli("corpus", "add", "a.txt", *words)
    assert ran.status == 2
    assert told in ran.err


def test_a_chinese_file_name_gets_an_id(run_cli, tmp_path):
    (tmp_path / "配音.txt").write_text(TEXT, encoding="utf-8-sig")
    ran = run_cli("corpus", "add", "配音.txt")
    assert ran.status == 0
    assert ran.out.startswith("已添加 article-")


def test_text_in_another_encoding_is_refused(run_cli, tmp_path):
    (tmp_path / "gbk.txt").write_bytes(TEXT.encode("gbk"))
    ran = run_cli("corpus", "add", "gbk.txt")
    assert ran.status == 2
    assert "不是 UTF-8" in ran.err


def test_import_reproduces_the_packaged_articles(run_cli, tmp_path):
    page = Path(__file__).parents[2] / "fixtures" / "pages" / "tt123.txt"
    ran = run_cli("corpus", "import", page, "--into", tmp_path / "out")
    assert ran.status == 0
    assert len(ran.out.splitlines()) >= 1
    for path in map(Path, ran.out.splitlines()):
        about = tomllib.loads(path.with_suffix(".toml").read_text(encoding="utf-8"))
        assert about["title"]


@pytest.mark.parametrize("words", [["figures"], ["corpus", "list"], ["check", "早上好"]])
@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("ledger/mine.toml", "[[[ nonsense"),
        ("ledger/mine.toml", "[row]\nx = 1\n"),
        ("facts/mine.toml", "[[[ nonsense"),
        ("facts/mine.toml", "[[fact]]\nid = 'x'\n"),
    ],
)
def test_what_was_added_and_is_broken_is_named(run_cli, bare_home, words, file, text):
    path = bare_home / file
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")
    ran = run_cli(*words)
    assert (ran.status, ran.out) == (1, "")
    assert file.partition("/")[0] in ran.err
    if "nonsense" in text:
        assert f"{path}：不是有效的 TOML，错在第 1 行" in ran.err
    assert ran.err.count("\n") == 1
