"""An answer is given even where the home is ill; nothing of a batch or an old text stays."""

import json
import sqlite3
from contextlib import closing

import pytest

POST = "AI视频已经贡献了10%的GMV"


def test_a_broken_database_costs_the_number_alone(run_cli, bare_home):
    bare_home.mkdir()
    (bare_home / "bot.sqlite").write_bytes(b"no database" * 99)
    ran = run_cli("check", "--json", POST)
    check = json.loads(ran.out)
    assert (ran.status, check["verdict"], check["receipt"]) == (0, "conflict", None)
    assert "这次没有编号：数据库文件已损坏" in ran.err
    assert ran.err.count("\n") == 1


def test_a_home_that_cannot_be_made_costs_the_number_alone(run_cli, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("x", encoding="utf-8")
    monkeypatch.setenv("QINGXING_HOME", str(tmp_path / "file" / "home"))
    ran = run_cli("check", "--json", POST)
    assert (ran.status, json.loads(ran.out)["receipt"]) == (0, None)
    assert "不是文件夹" in ran.err


def test_a_broken_database_is_told_of_by_why(run_cli, bare_home):
    bare_home.mkdir()
    (bare_home / "bot.sqlite").write_bytes(b"no database" * 99)
    ran = run_cli("why", "ABCDEFGH")
    assert ran.status == 1
    assert ran.err == "qingxing: " + (
        "数据库文件已损坏；运行 qingxing doctor 看是哪一个，把它移走即可重建\n"
    )


@pytest.fixture
def database(bare_home):
    def rows(sql, *values):
        with closing(sqlite3.connect(bare_home / "bot.sqlite")) as conn, conn:
            return conn.execute(sql, values).fetchall()

    return rows


def test_expired_texts_go_with_the_next_call(run_cli, database):
    first = json.loads(run_cli("check", "--json", POST).out)["receipt"]
    ((text, kept_s),) = database("SELECT text, keep_until - given_at FROM receipt")
    assert text == POST
    assert kept_s == pytest.approx(30 * 86400)
    database("UPDATE receipt SET keep_until = 1")
    run_cli("check", "今天天气不错")
    assert database("SELECT text FROM receipt WHERE id = ?", first) == [(None,)]


@pytest.mark.parametrize("text", ["", " \n", "\u200b\ufeff"])
@pytest.mark.parametrize("command", ["ask", "check"])
def test_nothing_but_what_nobody_sees_is_told_as_empty(run_cli, command, text):
    ran = run_cli(command, text)
    assert (ran.status, ran.out) == (2, "")
    assert "是空的" in ran.err
    assert ran.err.count("\n") == 1
