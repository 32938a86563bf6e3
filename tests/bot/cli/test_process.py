"""The command as a process: what it loads, closed pipes, Ctrl-C, encodings, a full disk."""

import json
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
QUESTION = "AI短视频在美区贡献了多少GMV？"
POST = "AI视频已经贡献了10%的GMV"
# What costs a tenth of a second or more to load, or is another command's business.
HEAVY = {
    "jieba", "numpy", "pydantic", "sqlite_utils", "rich", "telegram", "matplotlib", "httpx",
    "rank_bm25", "platformdirs", "asyncio", "concurrent.futures",
}  # fmt: skip
PROBE = """
import sys
from bot.cli.main import run
status = run(sys.argv[1:])
print("\\n" + " ".join(sorted(sys.modules)), file=sys.stderr)
sys.exit(status)
"""


@pytest.fixture
def environment(home):
    """The variables of a process that finds the checkout and the test's own home."""
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "QINGXING_HOME": str(home),
        "PYTHONDONTWRITEBYTECODE": "1",
    }


@pytest.fixture
def start(environment, tmp_path):
    """Starts the command as its script does; extra variables by name."""

    def start(*words, **variables):
        return subprocess.Popen(
            [sys.executable, "-c", "from bot.cli.main import main; main()", *words],
            env=environment | variables,
            cwd=tmp_path,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )

    return start


@pytest.mark.parametrize(
    ("words", "unwanted"),
    [
        pytest.param(["ask", QUESTION], {"bot.telegram", "bot.config"}, id="ask"),
        pytest.param(
            ["check", POST], {"index.search", "index.build", "bot.answer.compose"}, id="check"
        ),
        pytest.param(["figures"], {"index.search", "bot.store"}, id="figures"),
        pytest.param(["--help"], {"bot.knowledge", "corpus.load", "sqlite3"}, id="help"),
    ],
)
def test_nothing_is_loaded_that_is_not_needed(environment, tmp_path, words, unwanted):
    ran = subprocess.run(
        [sys.executable, "-c", PROBE, *words],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    )
    loaded = set(ran.stderr.splitlines()[-1].split())
    assert not loaded & (HEAVY | unwanted)


def test_the_reader_may_leave(start):
    process = start("figures", "--json")
    process.stdout.close()
    _, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (0, b"")


@pytest.mark.parametrize("words", [["chat"], ["check", "-"], ["check", "--jsonl", "-"]])
def test_ctrl_c_is_one_line(start, words):
    process = start(*words)
    if "-" not in words:
        process.stdin.write(b"/help\n")
        process.stdin.flush()
        process.stdout.readline()  # it is in its loop now
    else:
        time.sleep(0.5)
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 1
    assert err.decode() == "qingxing: 已中断\n"


def test_ctrl_c_with_several_processes_keeps_what_is_done(start, tmp_path):
    lines = [json.dumps({"id": number, "text": POST}) + "\n" for number in range(20_000)]
    (tmp_path / "in.jsonl").write_text("".join(lines), encoding="utf-8")
    out = tmp_path / "out.jsonl"
    process = start("check", "--jsonl", "in.jsonl", "--out", str(out), "--jobs", "2")
    while not out.exists() and process.poll() is None:
        time.sleep(0.05)
    time.sleep(1)
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 1
    assert err.decode() == f"qingxing: 已中断；做完的都在 {out} 里，加 --resume 接着跑\n"
    done = [json.loads(line)["id"] for line in out.read_text(encoding="utf-8").splitlines()]
    assert done == list(range(len(done)))
    assert 0 < len(done) < len(lines)


INTERRUPTED_IMPORT = """
import sys
class Interrupted:
    def find_spec(self, name, *_):
        if name == sys.argv[1]:
            raise KeyboardInterrupt
sys.meta_path.insert(0, Interrupted())
from bot.cli.main import main
main(sys.argv[2:])
"""


@pytest.mark.parametrize("module", ["click", "bot.cli.faults", "bot.cli.ask", "index.search"])
def test_ctrl_c_while_modules_load_is_one_line(environment, tmp_path, module):
    ran = subprocess.run(
        [sys.executable, "-c", INTERRUPTED_IMPORT, module, "ask", QUESTION],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )
    assert (ran.returncode, ran.stderr.decode()) == (1, "qingxing: 已中断\n")


def test_ctrl_c_in_a_batch_keeps_what_is_done(start, tmp_path):
    line = json.dumps({"id": 1, "text": POST}) + "\n"
    out = tmp_path / "out.jsonl"
    process = start("check", "--jsonl", "-", "--out", str(out))
    process.stdin.write((line * 50).encode())
    process.stdin.flush()
    while not (out.exists() and out.stat().st_size) and process.poll() is None:
        time.sleep(0.05)  # fifty lines fill the file's buffer several times
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 1
    assert "--resume" in err.decode()
    done = out.read_text(encoding="utf-8").splitlines()
    assert done
    assert all(json.loads(line)["verdict"] == "conflict" for line in done)


@pytest.mark.parametrize(
    "variables",
    [
        pytest.param({"PYTHONIOENCODING": "ascii"}, id="ascii"),
        pytest.param({"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, id="C"),
    ],
)
def test_output_is_utf8_wherever_it_is_piped(start, variables):
    process = start("figures", "--json", **variables)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (0, b"")
    assert json.loads(out.decode("utf-8"))[0]["subject"] == "AIGC短视频"


def test_bytes_that_are_no_text_come_back_as_escapes(environment, start):
    process = start("check", "--json", b"AI\xff " + POST.encode(), PYTHONUTF8="1")
    out, err = process.communicate(timeout=30)
    assert process.returncode == 0
    assert "这次没有编号" in err.decode()
    check = json.loads(out)
    post = f"AI\udcff {POST}"
    for finding in check["findings"]:
        assert post[finding["start"] : finding["end"]] == finding["text"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a disk that is always full")
def test_a_full_disk_is_told(environment, tmp_path):
    with Path("/dev/full").open("wb") as full:
        ran = subprocess.run(
            [sys.executable, "-c", "from bot.cli.main import main; main()", "figures"],
            env=environment,
            cwd=tmp_path,
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert ran.returncode == 1
    assert ran.stderr.decode().rstrip() == "qingxing: 读写失败：输入输出：磁盘满了"


def test_closed_standard_output(environment, tmp_path):
    ran = subprocess.run(
        ["sh", "-c", 'exec "$0" -c "from bot.cli.main import main; main()" figures >&-',
         sys.executable],
        env=environment,
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        check=False,
    )  # fmt: skip
    assert (ran.returncode, ran.stderr) == (0, b"")


def on_a_terminal(environment, folder, *words):
    """What the command writes to standard error where that is a terminal."""
    ours, theirs = pty.openpty()
    with os.fdopen(ours, "rb", buffering=0) as terminal:
        subprocess.run(
            [sys.executable, "-c", "from bot.cli.main import main; main()", *words],
            env=environment | {"TERM": "xterm", "COLUMNS": "80"},
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=theirs,
            check=True,
        )
        os.write(theirs, b"\n")  # or reading a terminal that nobody wrote to would fail
        shown = terminal.read(65536).decode()
        os.close(theirs)
        return shown


def test_a_long_batch_shows_how_far_it_is(environment, tmp_path):
    line = json.dumps({"id": 1, "text": POST}) + "\n"
    (tmp_path / "posts.jsonl").write_text(line * 30 + "{\n", encoding="utf-8")
    shown = on_a_terminal(environment, tmp_path, "check", "--jsonl", "posts.jsonl", "--out", "o")
    assert "31 行，1 行不能用" in shown
    assert "100%" in shown
    assert shown.rstrip().endswith("处理了 31 行，其中 1 行不能用（结果里写明了原因）")
