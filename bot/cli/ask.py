"""``qingxing ask``: one question, or files of them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import click

from bot.cli.batch import batch_options, refuse_batch_words, refuse_json, run_files


@click.command(help="回答一个问题：只凭文章原文和数据台账，附逐字引文。问题写 - 从标准输入读。")
@click.argument("words", metavar="QUESTION", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="输出 JSON")
@batch_options
def ask(words: tuple[str, ...], as_json: bool, files: tuple[str, ...], **batch: Any) -> None:
    """Answers the question, or every line of the files."""
    if files:
        refuse_json(as_json=as_json)
        run_files("bot.workers:ask_worker", (*files, *words), **batch)
        return
    refuse_batch_words(**batch)
    from bot.cli.words import read_words, single

    told = ("问题", "qingxing ask '你的问题'")
    question = read_words(single(words, *told), *told).strip()
    from bot.cli.keep import kept
    from bot.cli.opening import open_for_questions
    from bot.cli.render import answer_lines, page, print_json
    from bot.home import home_dir

    home, now = home_dir(), datetime.now(UTC)
    with open_for_questions(home) as knowledge:
        answer = kept(home, knowledge.answer(question, now=now), question, knowledge, now)
    if as_json:
        print_json(answer.as_json())
    else:
        page(answer_lines(answer))
