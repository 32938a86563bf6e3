"""``qingxing index`` on anybody's passages, through the command itself."""

import json

import pytest

from bot.cli.main import run


@pytest.fixture
def passages(tmp_path):
    path = tmp_path / "passages.jsonl"
    rows = [
        {"id": "cat", "title": "猫", "text": "貓喜歡曬太陽"},
        {"id": "dog", "text": "狗喜欢散步"},
    ]
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), "utf-8")
    return path


@pytest.fixture
def built(passages, tmp_path, capfd):
    folder = tmp_path / "index"
    assert run(["index", "build", "--passages", str(passages), "--index", str(folder)]) == 0
    capfd.readouterr()
    return folder


def test_build_says_what_there_is(passages, tmp_path, capfd):
    folder = str(tmp_path / "index")
    assert run(["index", "build", "--passages", str(passages), "--index", folder, "--json"]) == 0
    assert json.loads(capfd.readouterr().out)["documents"] == 2


def test_search_one_query(built, capfd):
    assert run(["index", "search", "猫喜欢什么", "--index", str(built), "-k", "1", "--json"]) == 0
    (hit,) = json.loads(capfd.readouterr().out)
    assert hit["id"] == "cat"
    assert hit["score"] > 0


def test_search_lines_in_order_with_errors_in_place(built, tmp_path, capfd):
    queries = tmp_path / "queries.jsonl"
    queries.write_text('{"id": 1, "q": "散步"}\n{"id": 2}\n{"id": 3, "q": "量子"}', "utf-8")
    assert run(["index", "search", "--index", str(built), "-k", "10", "--jsonl", str(queries)]) == 0
    answers = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
    assert [answer["id"] for answer in answers] == [1, 2, 3]
    assert answers[0]["hits"][0]["id"] == "dog"
    assert "error" in answers[1]
    assert answers[2]["hits"] == []


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        pytest.param(
            ["build", "--passages", "nowhere", "--index", "x"], 2, "没有这个文件", id="input"
        ),
        pytest.param(["build", "--passages", "nowhere"], 2, "--index", id="where to"),
        pytest.param(["build", "--index", "x"], 2, "--passages", id="of what"),
        pytest.param(["search", "猫", "--index", "nowhere"], 2, "没有索引", id="no index"),
        pytest.param(["search", "", "--index", "nowhere"], 2, "空", id="empty query"),
        pytest.param(["stats", "--index", "nowhere"], 2, "没有索引", id="no index to count"),
        pytest.param(
            ["build", "--passages", "nowhere", "--index", "x", "--engine", "lucene"],
            2,
            "没有叫 lucene 的引擎；可用 sqlite",
            id="unknown engine",
        ),
    ],
)
def test_faults_are_one_chinese_line(arguments, status, says, capfd, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run(["index", *arguments]) == status
    (line,) = capfd.readouterr().err.splitlines()
    assert says in line
