"""``qingxing eval``: the project's own labelled sets, scored and printed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.errors import InputError

if TYPE_CHECKING:
    from bot.eval.guard import GuardScore
    from bot.eval.run import QaPart, Report
    from bot.knowledge import Knowledge

_QA_HEAD = ("题型", "题数", "答了", "拒了", "第一段对", "前三段有", "要点齐")


@click.command("eval", help="跑自带的标注集，打印成绩：调参用的部分和只测量的部分分开。")
@click.option(
    "--set",
    "which",
    type=click.Choice(["all", "qa", "guard"]),
    default="all",
    metavar="qa|guard",
    help="只跑问题（qa）或只跑帖子（guard）",
)
@click.option("--json", "as_json", is_flag=True, help="输出 JSON，比例在 0 到 1 之间")
@click.option("--failures", is_flag=True, help="逐条列出没做对的（只列调参部分）")
@click.option(
    "--cases", is_flag=True, help="改为报告群管理员标记的案例，现在怎么判；有变了的，退出状态是 1"
)
@click.option(
    "--accept", multiple=True, metavar="ID", help="同 --cases：放弃这个案例，按新的算；可以多次"
)
@click.option(
    "--keep", multiple=True, metavar="ID", help="同 --cases：这个案例照旧，不再问；可以多次"
)
@click.pass_context
def evaluate(
    ctx: click.Context,
    which: str,
    as_json: bool,
    failures: bool,
    cases: bool,
    accept: tuple[str, ...],
    keep: tuple[str, ...],
) -> None:
    """Scores questions and posts, tuning part and measured part apart; or settled cases."""
    if (accept or keep) and not cases:
        raise InputError("--accept 和 --keep 要和 --cases 一起用")
    from bot.cli.render import print_json
    from bot.home import home_dir
    from bot.knowledge import load_knowledge

    home = home_dir()
    with load_knowledge(home) as knowledge:
        if cases:
            if _cases(home, knowledge, accept, keep, as_json=as_json):
                ctx.exit(1)
            return
        from bot.eval.run import report

        found = report(knowledge, which=which, failures=failures)
    if as_json:
        print_json(found.as_json())
    else:
        click.echo("\n".join(_lines(found)))


def _cases(
    home: Path,
    knowledge: Knowledge,
    accept: Sequence[str],
    keep: Sequence[str],
    *,
    as_json: bool,
) -> bool:
    """Settles what is to be settled and prints all cases; whether some wait for a decision."""
    from bot.cli.render import print_json
    from bot.eval.cases import report_cases, settle_cases

    if accept or keep:
        settle_cases(home, knowledge.check, accept=_ids(accept), keep=_ids(keep))
    settled = report_cases(home, knowledge.check)
    print_json(settled.as_json()) if as_json else click.echo(settled.as_text())
    return bool(settled.flips)


def _ids(words: Sequence[str]) -> list[str]:
    from bot.receipts import clean_id

    return [clean_id(word) or word for word in words]


def _lines(found: Report) -> Iterator[str]:
    from bot.eval.run import PARTS

    for name, part in found.qa.items():
        yield from _qa_lines(PARTS[name], part)
    for name, score in found.guard.items():
        yield from _guard_lines(PARTS[name], score)
    for failure in found.failures or ():
        words = " ".join((failure.get("question") or failure["text"]).split())
        yield f"{failure['id']}  {failure['kind']}  {failure['what']}  {words}"


def _guard_lines(name: str, score: GuardScore) -> Iterator[str]:
    from bot.cli.render import VERDICT_WORDS
    from bot.cli.tables import table
    from bot.guard.types import WORST_FIRST

    yield f"帖子，{name}：{score.cases} 条（有争议的不算），位置不对的 {score.bad_offsets} 处"
    rows: list[tuple[str, object]] = [
        ("冲突，判得准（精确率）", score.precision),
        ("冲突，找得全（召回率）", score.recall),
        ("　其中变形躲避的", score.evasion_recall),
        ("　其中没有变形的", score.clean_recall),
        ("五种结论判对", score.accuracy),
        ("台账行对", score.right_figure),
        ("片段对", score.right_span),
        ("无辜的被判冲突（条）", score.alarms),
    ]
    yield from table(rows, align="lr")
    names = [VERDICT_WORDS[verdict] for verdict in WORST_FIRST]
    counts = [(name, *row) for name, row in zip(names, score.table(), strict=True)]
    yield from table([("实际＼判成", *names), *counts], align="lrrrrr")
    yield ""


def _qa_lines(name: str, part: QaPart) -> Iterator[str]:
    from bot.cli.tables import table

    score = part.score
    yield f"问题，{name}：{len(score.outcomes)} 题，引文不逐字的 {part.not_verbatim} 处"
    rows = [
        (kind, len(of.outcomes), of.answered, of.refused, of.first, of.top3, of.must)
        for kind, of in [("全部", score), *score.by_kind().items()]
    ]
    yield from table([_QA_HEAD, *rows], align="lrrrrrr")
    yield ""
