"""The whole way: cold start of the command, warm answers, the guard at speed, memory."""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

QUESTION = "AI短视频在美区贡献了多少GMV？"
POSTS = (
    "AI视频已经贡献了10%的GMV，再不上车就晚了",
    "今天美区出了三十单，主要靠达人带，慢慢来",
    "报白号做AI稳得很，闭眼冲就行，申诉包过，限流都是瞎说的",
    "有人知道怎么寄样吗？仓库在洛杉矶，想找两个本地达人合作一下",
    "内部消息：AI短视频已经占了三成，AIGC的GPM轻松破50，实拍没有前途",
)
ROUNDS = 7
_POSTS = 200_000
_PAIRS = 3


def measure() -> list[dict]:
    """Rows of {"what", "value", "spread", "unit"}."""
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "QINGXING_HOME": home}
        python = [sys.executable, "-c"]
        entry = "from bot.cli.main import main; main({!r})"
        command = [*python, entry.format(["ask", QUESTION])]
        subprocess.run(command, env=environment, capture_output=True, check=True)  # builds
        jieba = "import jieba; jieba.setLogLevel(60); jieba.initialize()"
        rows = [
            _timed("`import jieba; jieba.initialize()`", [*python, jieba], environment),
            _timed("`qingxing ask`, cold", command, environment),
            _timed(
                "`qingxing check`, cold", [*python, entry.format(["check", POSTS[0]])], environment
            ),
        ]
        for what in ("answer", "guard", "jobs", "memory"):
            call = [sys.executable, "-m", "benchmarks.commands", what, home]
            done = subprocess.run(call, env=environment, capture_output=True, text=True, check=True)
            rows += json.loads(done.stdout.splitlines()[-1])
    return rows


def _timed(what: str, command: list[str], environment: dict[str, str]) -> dict:
    def run() -> None:
        subprocess.run(command, env=environment, capture_output=True, check=True)

    return _row(what, [_seconds(run) * 1e3 for _ in range(ROUNDS)], "ms")


def _row(what: str, values: list[float], unit: str) -> dict:
    spread = [min(values), max(values)]
    return {"what": what, "value": statistics.median(values), "spread": spread, "unit": unit}


def _seconds(act: Callable[[], object]) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


def answer(home: Path) -> list[dict]:
    """Warm answers to the project's own labelled questions."""
    from bot.knowledge import load_knowledge

    questions = [
        QUESTION,
        "限流了怎么申诉？",
        "报白号靠谱吗",
        "原创视频GPM能到多少",
        "今天天气怎么样",
    ]
    with load_knowledge(home) as knowledge:
        for question in questions:
            knowledge.answer(question)
        taken = [_seconds(lambda q=q: knowledge.answer(q)) * 1e3 for q in questions * 40]
    return [_row("an answer, warm", taken, "ms")]


def guard(home: Path) -> list[dict]:
    """Posts a second on one core, and time per character by length."""
    from bot.knowledge import load_knowledge

    knowledge = load_knowledge(home)
    knowledge.check(POSTS[0])
    rates = []
    for _ in range(ROUNDS):
        taken = _seconds(lambda: [knowledge.check(post) for post in POSTS * 40])
        rates.append(len(POSTS) * 40 / taken)
    rows = [_row("posts checked on one core", rates, "a second")]
    plain = "今天聊聊选品的事，仓库和物流都要看，别着急。AI视频已经贡献了10%的GMV。"
    for size in (10, 100, 1000, 10_000, 100_000):
        text = (plain * (size // len(plain) + 1))[:size]
        per = [_seconds(lambda t=text: knowledge.check(t)) / size * 1e6 for _ in range(ROUNDS)]
        rows.append(_row(f"a post of {size} characters", per, "µs a character"))
    knowledge.close()
    return rows


def jobs(home: Path) -> list[dict]:
    """A large archive with one job and with two."""
    path = home / "posts.jsonl"
    with path.open("w", encoding="utf-8") as file:
        for number in range(_POSTS):
            post = {"id": number, "text": POSTS[number % len(POSTS)]}
            file.write(json.dumps(post, ensure_ascii=False) + "\n")
    pairs = []
    for number in range(_PAIRS):
        order = (1, 2) if number % 2 == 0 else (2, 1)  # whoever comes first finds a cooler machine
        pairs.append({n: _archive(path, home, n) for n in order})
    path.unlink()
    return [
        _row(f"`check --jsonl` of {_POSTS:,} posts, one job",
             [_POSTS / pair[1]["wall"] for pair in pairs], "posts a second"),
        _row("… two jobs", [_POSTS / pair[2]["wall"] for pair in pairs], "posts a second"),
        _row("… two jobs against one, in pairs",
             [pair[1]["wall"] / pair[2]["wall"] for pair in pairs], "times"),
        # What others run on the same cores takes away from the figure above, but not from these.
        _row("… as the CPU time allows on two free cores",
             [2 * pair[1]["cpu"] / pair[2]["cpu"] for pair in pairs], "times"),
        _row("… the parent's share of the CPU time",
             [100 * pair[2]["parent"] / pair[2]["cpu"] for pair in pairs], "%"),
    ]  # fmt: skip


def _archive(path: Path, home: Path, jobs: int) -> dict[str, float]:
    """Seconds by the clock, of all processes' CPU time and of this one's, for one run."""
    from bot.batch import run_batch

    def spent(who: int) -> float:
        usage = resource.getrusage(who)
        return usage.ru_utime + usage.ru_stime

    parent, children = spent(resource.RUSAGE_SELF), spent(resource.RUSAGE_CHILDREN)
    with path.with_suffix(".out").open("wb") as out:
        wall = _seconds(
            lambda: run_batch(
                [str(path)], "bot.workers:check_worker", str(home), out=out, jobs=jobs
            )
        )
    parent = spent(resource.RUSAGE_SELF) - parent
    return {
        "wall": wall,
        "parent": parent,
        "cpu": parent + spent(resource.RUSAGE_CHILDREN) - children,
    }


def memory(home: Path) -> list[dict]:
    """Resident memory of a process that has loaded what the bot loads and has answered."""
    import bot.telegram.app  # noqa: F401
    from benchmarks.searching import _resident_mb
    from bot.knowledge import load_knowledge

    with load_knowledge(home) as knowledge:
        knowledge.answer(QUESTION)
        knowledge.check(POSTS[0])
        return [_row("resident memory with all that the bot loads", [_resident_mb()], "MB")]


if __name__ == "__main__":
    steps = {"answer": answer, "guard": guard, "jobs": jobs, "memory": memory}
    print(json.dumps(steps[sys.argv[1]](Path(sys.argv[2]))))
