"""Batches from the command line: several files, globs, .gz, jobs, resume, and what refuses."""

import gzip
import json

import pytest

POSTS = ["AI视频已经贡献了10%的GMV", "早上好", "AI视频GPM轻松破50", "新手闭眼All in AI"]


@pytest.fixture
def archive(bare_home, tmp_path):
    """Two files of posts in the working folder, one of them packed."""
    lines = [json.dumps({"id": n, "text": post}) + "\n" for n, post in enumerate(POSTS)]
    (tmp_path / "a.jsonl").write_text("".join(lines[:2]), encoding="utf-8")
    (tmp_path / "b.jsonl.gz").write_bytes(gzip.compress("".join(lines[2:]).encode()))
    return tmp_path


def ids(text):
    return [json.loads(line)["id"] for line in text.splitlines()]


@pytest.mark.parametrize(
    "files",
    [
        pytest.param(["--jsonl", "a.jsonl", "--jsonl", "b.jsonl.gz"], id="each with its option"),
        pytest.param(["--jsonl", "a.jsonl", "b.jsonl.gz"], id="as a shell expands *"),
        pytest.param(["--jsonl", "*.jsonl*"], id="a quoted glob"),
    ],
)
def test_several_files_in_order(run_cli, archive, files):
    ran = run_cli("check", *files)
    assert (ran.status, ran.err) == (0, "")
    assert ids(ran.out) == [0, 1, 2, 3]


def test_out_and_resume(run_cli, archive):
    out = archive / "out.jsonl"
    assert run_cli("check", "--jsonl", "a.jsonl", "b.jsonl.gz", "--out", out).status == 0
    whole = out.read_text(encoding="utf-8")
    first, *_ = whole.splitlines(keepends=True)
    out.write_text(first + '{"id": 1, "verd', encoding="utf-8")  # stopped in the middle of a line
    ran = run_cli("check", "--jsonl", "a.jsonl", "b.jsonl.gz", "--out", out, "--resume")
    assert (ran.status, ran.out) == (0, "")
    assert "处理了 4 行" in ran.err
    assert out.read_text(encoding="utf-8") == whole


def test_bad_lines_are_told_of_and_the_run_goes_on(run_cli, archive):
    ran = run_cli("check", "--jsonl", "-", stdin=b'{"id": 1, "text": ""}\n{"id": 2, "text": "x"}\n')
    assert ran.status == 0
    assert ids(ran.out) == [1, 2]
    assert "1 行不能用" in ran.err


def test_an_input_is_never_overwritten(run_cli, archive):
    before = (archive / "a.jsonl").read_bytes()
    ran = run_cli("check", "--jsonl", "a.jsonl", "--out", "./a.jsonl")
    assert ran.status == 2
    assert "同一个文件" in ran.err
    assert (archive / "a.jsonl").read_bytes() == before


@pytest.mark.parametrize(
    ("data", "told"),
    [
        pytest.param(b"no gzip at all", "读不了 c.jsonl.gz：内容已损坏", id="not packed"),
        pytest.param(gzip.compress(b'{"id":1}\n' * 99)[:-9], "读不了 c.jsonl.gz", id="cut short"),
    ],
)
def test_a_broken_archive(run_cli, archive, data, told):
    (archive / "c.jsonl.gz").write_bytes(data)
    ran = run_cli("check", "--jsonl", "c.jsonl.gz")
    assert ran.status == 2
    assert told in ran.err
    assert ran.err.count("\n") == 1


def test_more_jobs_give_the_same_bytes(run_cli, archive):
    lines = [json.dumps({"id": n, "text": POSTS[n % 4]}) + "\n" for n in range(450)]
    (archive / "many.jsonl").write_text("".join(lines), encoding="utf-8")
    one = run_cli("check", "--jsonl", "many.jsonl")
    two = run_cli("check", "--jsonl", "many.jsonl", "--jobs", "2")
    assert two.status == 0
    assert two.out == one.out


def test_batches_leave_no_receipts(run_cli, archive, bare_home):
    run_cli("check", "--jsonl", "a.jsonl")
    assert not (bare_home / "bot.sqlite").exists()


@pytest.mark.parametrize(
    ("record", "told"),
    [
        pytest.param({"id": 1}, "没有 text", id="missing"),
        pytest.param({"id": 1, "text": 5}, "text 要是一段文字", id="a number"),
        pytest.param({"id": 1, "text": None}, "text 要是一段文字", id="null"),
        pytest.param({"id": 1, "text": " \n"}, "text 是空的", id="blank"),
        pytest.param({"id": 1, "text": "字" * 100_001}, "超过 100000 个字", id="huge"),
    ],
)
def test_lines_that_cannot_be_used(run_cli, record, told):
    ran = run_cli("check", "--jsonl", "-", stdin=json.dumps(record).encode())
    result = json.loads(ran.out)
    assert result["id"] == 1
    assert told in result["error"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        pytest.param(["--json", "--jsonl", "a.jsonl"], "--json 和 --jsonl 不能一起用", id="both"),
        pytest.param(["问题", "--json", "--jsonl", "a.jsonl"], "不能一起用", id="and a question"),
        pytest.param(["--jsonl", "."], "读不了 .：这是一个文件夹", id="a folder"),
    ],
)
@pytest.mark.parametrize("command", ["ask", "check"])
def test_calls_that_are_refused(run_cli, archive, command, words, told):
    ran = run_cli(command, *words)
    assert (ran.status, ran.out) == (2, "")
    assert told in ran.err
    assert ran.err.count("\n") == 1


def test_a_blank_line_keeps_its_place(run_cli):
    ran = run_cli(
        "check", "--jsonl", "-", stdin=b'{"id": 1, "text": "x"}\n\n{"id": 2, "text": "x"}\n'
    )
    assert ids(ran.out) == [1, None, 2]
    assert json.loads(ran.out.splitlines()[1])["error"] == "空行"
