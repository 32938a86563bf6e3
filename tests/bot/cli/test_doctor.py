"""The doctor looks, tells how to mend, and changes nothing."""

import json

import pytest


def items(ran):
    return {item["name"]: item for item in json.loads(ran.out)}


def test_a_fresh_home_is_well_and_stays_untouched(run_cli, bare_home):
    ran = run_cli("doctor", "--json")
    assert (ran.status, ran.err) == (0, "")
    assert not bare_home.exists()
    found = items(ran)
    assert found["台账"]["ok"]
    assert found["机器人令牌"] == {
        "name": "机器人令牌",
        "ok": False,
        "state": "没有",
        "remedy": found["机器人令牌"]["remedy"],
        "optional": True,
    }
    assert "TELEGRAM_BOT_TOKEN" in found["机器人令牌"]["remedy"]


def test_a_built_index_is_well(qingxing):
    found = items(qingxing("doctor", "--json"))
    assert found["段落索引"]["ok"]
    assert found["问法索引"]["ok"]


def test_the_token_is_never_shown(run_cli, monkeypatch):
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", "123456:SECRET-of-the-bot")
    ran = run_cli("doctor")
    assert "有（不显示）" in ran.out
    assert "SECRET" not in ran.out + ran.err


@pytest.mark.parametrize(
    ("file", "name", "way_out"),
    [
        pytest.param("bot.sqlite", "数据库", "移走", id="database"),
        pytest.param("facts/x.toml", "语料", "改正", id="facts"),
        pytest.param("articles/x.toml", "语料", "改正", id="article"),
    ],
)
def test_what_is_broken_is_named_with_the_way_out(run_cli, bare_home, file, name, way_out):
    path = bare_home / file
    path.parent.mkdir(parents=True)
    path.write_text("[[[ nonsense", encoding="utf-8")
    ran = run_cli("doctor", "--json")
    item = items(ran)[name]
    assert ran.status == 1
    assert not item["ok"]
    assert way_out in item["remedy"]
    assert name in ran.err
    assert path.read_text(encoding="utf-8") == "[[[ nonsense"


def test_a_wrong_setting_is_named(run_cli, monkeypatch):
    monkeypatch.setenv("QINGXING_STALE_DAYS", "bald")
    ran = run_cli("doctor")
    assert ran.status == 1
    assert "QINGXING_STALE_DAYS" in ran.out


def test_a_home_that_cannot_be_made(run_cli, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("x", encoding="utf-8")
    monkeypatch.setenv("QINGXING_HOME", str(tmp_path / "file" / "home"))
    ran = run_cli("doctor", "--json")
    assert (ran.status, items(ran)["数据目录"]["ok"]) == (1, False)


def test_an_index_that_is_a_file(run_cli, bare_home):
    bare_home.mkdir()
    (bare_home / "index").write_text("x", encoding="utf-8")
    ran = run_cli("doctor", "--json")
    assert (ran.status, items(ran)["段落索引"]["ok"]) == (1, False)
    assert (bare_home / "index").read_text(encoding="utf-8") == "x"
