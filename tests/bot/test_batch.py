"""Archives: a line out for every line in, in order, whatever the jobs, breaks and faults."""

import gzip
import io
import json
import os
import pty
import sys
from threading import Thread

import pytest

from bot.batch import Progress, expand, run_batch
from bot.errors import InputError, QingxingError

SHOUT = "tests.bot.batch_workers:shout"
CONFIG = {"end": "!"}


@pytest.fixture
def archive(tmp_path):
    def write(name, *lines):
        path = tmp_path / name
        data = b"\n".join(line if isinstance(line, bytes) else line.encode() for line in lines)
        path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
        return str(path)

    return write


def run(*inputs, **options):
    sink = io.BytesIO()
    run_batch(inputs, SHOUT, CONFIG, out=sink, **options)
    return [json.loads(line) for line in sink.getvalue().splitlines()]


def test_lines_in_order_over_several_files(archive):
    one = archive("b.jsonl", '{"id": 1, "text": "a"}', '{"id": 2, "text": "b"}')
    two = archive("a.jsonl.gz", '{"id": 3, "text": "c"}', "")
    assert [answer["id"] for answer in run(one, two)] == [1, 2, 3]


def test_globs_come_sorted_and_must_fit_something(archive, tmp_path):
    for name in ("x2.jsonl", "x10.jsonl", "y.jsonl"):
        archive(name, "{}")
    found = expand([str(tmp_path / "x*.jsonl"), "-"])
    assert [path.rpartition("/")[2] for path in found] == ["x10.jsonl", "x2.jsonl", "-"]
    with pytest.raises(InputError, match="没有文件符合"):
        expand([str(tmp_path / "z*.jsonl")])


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        pytest.param('{"id": "a", "text": ""}', {"id": "a", "error": "text 是空的"}, id="empty"),
        pytest.param("{", {"id": None, "error": "这一行不是有效的 JSON"}, id="no JSON"),
        pytest.param("   ", {"id": None, "error": "空行"}, id="blank"),
        pytest.param("[1]", {"id": None, "error": "这一行不是 JSON 对象"}, id="no object"),
        pytest.param(b"\xff{}", {"id": None, "error": "这一行不是 UTF-8"}, id="no UTF-8"),
        pytest.param(
            '{"id": NaN, "text": "a"}', {"id": None, "error": "这一行不是有效的 JSON"}, id="NaN"
        ),
        pytest.param(
            '{"id": 1e999, "text": "a"}',
            {"id": None, "error": "这一行不是有效的 JSON"},
            id="infinite",
        ),
        pytest.param("[" * 100_000, {"id": None, "error": "这一行不是有效的 JSON"}, id="too deep"),
        pytest.param(
            '{"id": 7, "text": "boom"}',
            {"id": 7, "error": "内部错误，这一行没有处理；详见日志"},
            id="a fault of ours",
        ),
        pytest.param('\ufeff{"id": 1, "text": "a"}', {"id": 1, "text": "A!"}, id="BOM"),
        pytest.param(
            '{"id": 1, "text": "\u2028a"}',
            {"id": 1, "text": "\u2028A!"},
            id="U+2028 is no line end",
        ),
        pytest.param(
            '{"id": "\\ud800", "text": "a"}', {"id": "\ud800", "text": "A!"}, id="surrogate"
        ),
    ],
)
def test_a_bad_line_gets_its_error_and_the_run_goes_on(archive, line, answer):
    good = '{"id": "end", "text": "z"}'
    assert run(archive("in.jsonl", line, good)) == [answer, {"id": "end", "text": "Z!"}]


def test_the_same_bytes_whatever_the_jobs(archive):
    lines = [json.dumps({"id": i, "text": "x" * (i % 40)}) for i in range(3000)]
    lines[5] = lines[2995] = "rubbish"
    path = archive("in.jsonl", *lines)
    outs = []
    for jobs in (1, 2, 3):
        sink = io.BytesIO()
        done = run_batch([path], SHOUT, CONFIG, out=sink, jobs=jobs)
        outs.append(sink.getvalue())
        assert (done.lines, done.errors) == (3000, 77)
    assert outs[0].count(b"\n") == 3000
    assert outs[0] == outs[1] == outs[2]


def test_the_same_bytes_over_files_that_end_anyhow(archive):
    many = [json.dumps({"id": i, "text": "x" * 90}) for i in range(500)]
    paths = [
        archive("a.jsonl", *many),  # ends without a line end
        archive("b.jsonl", '\ufeff{"id": "b", "text": "after a BOM"}', "", "", "rubbish"),
        archive("c.jsonl.gz", *many, ""),
        archive("d.jsonl"),
        archive("e.jsonl", b"\xef\xbb\xbf"),
        archive("f.jsonl", '{"id": "f", "text": "last"}\r', "\r"),
    ]
    outs = []
    for jobs in (1, 2):
        sink = io.BytesIO()
        run_batch(paths, SHOUT, CONFIG, out=sink, jobs=jobs)
        outs.append(sink.getvalue())
    assert outs[0].count(b"\n") == 500 + 4 + 500 + 1 + 2
    assert outs[0] == outs[1]


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize("cut", [0, 7, 5000, -1])
def test_resume_gives_what_one_run_gives(archive, tmp_path, jobs, cut):
    path = archive("in.jsonl", *(json.dumps({"id": i, "text": f"t{i}"}) for i in range(900)))
    whole, part = tmp_path / "whole", tmp_path / "part"
    run_batch([path], SHOUT, CONFIG, out=whole)
    part.write_bytes(whole.read_bytes()[:cut])
    done = run_batch([path], SHOUT, CONFIG, out=part, resume=True, jobs=jobs)
    assert part.read_bytes() == whole.read_bytes()
    assert done.lines == 900


def test_resume_of_a_finished_run_changes_nothing(archive, tmp_path):
    path, out = archive("in.jsonl", '{"id": 1, "text": "a"}'), tmp_path / "out"
    for _ in range(2):
        run_batch([path], SHOUT, CONFIG, out=out, resume=True)
    assert out.read_bytes() == b'{"id": 1, "text": "A!"}\n'


def test_resume_refuses_an_output_of_other_inputs(archive, tmp_path):
    out = tmp_path / "out"
    run_batch([archive("one", '{"id": 1, "text": "a"}')], SHOUT, CONFIG, out=out)
    with pytest.raises(InputError, match="接不上"):
        run_batch([archive("two", '{"id": 2, "text": "a"}')], SHOUT, CONFIG, out=out, resume=True)


@pytest.mark.parametrize("jobs", [1, 2])
def test_resume_refuses_an_output_longer_than_the_inputs(archive, tmp_path, jobs):
    path, out = archive("one", '{"id": 1, "text": "a"}'), tmp_path / "out"
    out.write_text('{"id": 1}\n' * 2, encoding="utf-8")
    with pytest.raises(InputError, match="接不上"):
        run_batch([path], SHOUT, CONFIG, out=out, resume=True, jobs=jobs)


def test_resume_needs_a_file():
    with pytest.raises(InputError, match="--out"):
        run_batch([], SHOUT, CONFIG, out=io.BytesIO(), resume=True)


def test_progress_ends_at_everything(archive):
    path = archive("in.jsonl.gz", *(json.dumps({"id": i, "text": "a"}) for i in range(50)))
    seen = []
    done = run_batch([path], SHOUT, CONFIG, out=io.BytesIO(), progress=seen.append)
    assert [step.lines for step in seen] == list(range(1, 51))
    assert done == Progress(50, 0, done.total_bytes, done.total_bytes)


def test_inputs_that_cannot_be_read_say_which(archive, tmp_path):
    with pytest.raises(InputError, match="没有这个文件"):
        run(str(tmp_path / "nowhere.jsonl"))
    torn = tmp_path / "torn.jsonl.gz"
    torn.write_bytes(gzip.compress(b'{"id": 1, "text": "a"}\n' * 1000)[:40])
    with pytest.raises(InputError, match=r"torn\.jsonl\.gz"):
        run(str(torn))
    plain = tmp_path / "not.gz"
    plain.write_bytes(b"{}")
    with pytest.raises(InputError, match=r"not\.gz"):
        run(str(plain))


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_worker_that_cannot_be_made_ends_the_run(archive, jobs):
    path = archive("in.jsonl", *["{}"] * 1000)
    with pytest.raises(InputError, match="装不起来"):
        run_batch([path], "tests.bot.batch_workers:broken", CONFIG, out=io.BytesIO(), jobs=jobs)


def test_a_process_that_dies_is_told(archive):
    path = archive("in.jsonl", *['{"text": "die"}'] * 1000)
    with pytest.raises(QingxingError, match="意外退出"):
        run(path, jobs=2)


def test_nothing_in_nothing_out(archive):
    assert run(archive("in.jsonl")) == []


def test_one_end_of_input_ends_a_terminal(monkeypatch):
    ours, theirs = pty.openpty()
    with io.FileIO(ours, "r+") as keys, io.TextIOWrapper(os.fdopen(theirs, "rb")) as terminal:
        monkeypatch.setattr(sys, "stdin", terminal)
        answers = []
        reading = Thread(target=lambda: answers.extend(run("-")), daemon=True)
        reading.start()
        keys.write(b'{"id": 1, "text": "a"}\n\x04')
        reading.join(5)
        ended = not reading.is_alive()
        keys.write(b"\x04")
        reading.join(5)
    assert ended
    assert answers == [{"id": 1, "text": "A!"}]
