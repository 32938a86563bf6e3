"""``qingxing replay`` as it is called."""

from __future__ import annotations

import json

import pytest

from bot.cli.main import run


@pytest.fixture
def export(tmp_path, monkeypatch):
    monkeypatch.setenv("QINGXING_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "result.json"
    post = {"id": 5, "type": "message", "from_id": "user7", "text": "AI视频已经贡献了10%的GMV"}
    data = {"name": "群", "id": 1, "messages": [post | {"date": "2026-11-20T08:00:00"}]}
    path.write_text(json.dumps(data), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("options", "action"),
    [([], "notice"), (["--mode", "删除"], "delete"), (["--mode", "watch"], "none")],
)
def test_json(export, capsys, options, action):
    assert run(["replay", str(export), "--json", *options]) == 0
    [found] = json.loads(capsys.readouterr().out)["chats"]
    assert [(one["message_id"], one["action"]) for one in found["flagged"]] == [(5, action)]


def test_protected_by_name(export, capsys):
    assert run(["replay", str(export), "--json", "--protect", "user1,user7"]) == 0
    [found] = json.loads(capsys.readouterr().out)["chats"]
    assert (found["flagged"], found["skipped"]["protected"]) == ([], 1)


def test_for_people(export, capsys):
    assert run(["replay", str(export)]) == 0
    out = capsys.readouterr().out
    assert "会提醒 1 条，会删除 0 条" in out
    assert "aigc_gmv_share：1 条" in out


@pytest.mark.parametrize("words", [["--mode", "踢"], ["missing.json"]])
def test_wrong_words(export, capsys, words):
    assert run(["replay", *([str(export)] if words[0] == "--mode" else []), *words]) == 2
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ({"chats": {"list": [7, None]}}, "第 1 个群不成样子"),
        ({"chats": {"list": [{"messages": []}, {"name": "x"}]}}, "第 2 个群不成样子"),
        ({"chats": {"list": []}}, "一个群也没有"),
    ],
)
def test_junk_is_told_of_in_one_line(export, capsys, data, told):
    export.write_text(json.dumps(data), encoding="utf-8")
    assert run(["replay", str(export)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert told in line


def test_people_read_chinese_and_a_name(export, capsys):
    data = json.loads(export.read_text(encoding="utf-8")) | {"name": None}
    export.write_text(json.dumps(data), encoding="utf-8")
    assert run(["replay", str(export)]) == 0
    out = capsys.readouterr().out
    assert out.startswith("未命名（1）：")
    assert "#5 提醒 " in out
    assert "notice" not in out
