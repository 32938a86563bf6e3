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
