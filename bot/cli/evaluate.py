"""``qingxing eval``: the project's own labelled sets, scored and printed."""

from __future__ import annotations

import json

import click


@click.command("eval", help="跑自带的标注集，打印成绩：调参用的一半和只测量的一半分开。")
@click.option("--set", "which", type=click.Choice(["all", "qa", "guard"]), default="all")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON")
@click.option("--failures", is_flag=True, help="把答错的逐条列出（只列调参用的部分）")
@click.option("--cases", is_flag=True, help="改为报告群管理员标记的误判案例")
def evaluate(which: str, as_json: bool, failures: bool, cases: bool) -> None:
    """Scores questions and posts, tuning part and measured part apart."""
    from bot.eval.run import report
    from bot.home import home_dir
    from bot.knowledge import load_knowledge

    home = home_dir()
    found = report(load_knowledge(home), home, which=which, failures=failures, cases=cases)
    if as_json:
        click.echo(json.dumps(found.as_json(), ensure_ascii=False, indent=2))
    else:
        click.echo(found.as_text())
