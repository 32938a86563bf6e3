"""``qingxing ask``: one question, or a file of them."""

from __future__ import annotations

import json
from pathlib import Path

import click

from bot.cli.batch import batch_options, run_files


@click.command(help="回答一个问题：只凭文章原文和数据台账，附逐字引文。问题写 - 从标准输入读。")
@click.argument("question", required=False)
@click.option("--json", "as_json", is_flag=True, help="输出 JSON")
@batch_options
def ask(question: str | None, as_json: bool, files: tuple[str, ...], **batch: object) -> None:
    """Answers the question, or every line of the files."""
    if files:
        run_files("bot.workers:ask_worker", files, question, **batch)
        return
    from bot.cli.words import read_words

    text = read_words(question, "问题", "qingxing ask '你的问题'")
    from bot.config import home_dir
    from bot.knowledge import load_knowledge

    home = home_dir()
    knowledge = load_knowledge(home)
    answer = knowledge.answer(text)
    answer = _kept(home, knowledge, answer)
    if as_json:
        click.echo(json.dumps(answer.as_json(), ensure_ascii=False, indent=2))
        return
    from bot.cli.render import answer_lines, page

    page(answer_lines(answer))
