"""``qingxing check``: one post, or files of them, held against the ledger."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import click

from bot.cli.batch import batch_options, refuse_batch_words, refuse_json, run_files


@click.command(help="核对一条帖子里的说法：对照数据台账，逐条给出依据。帖子写 - 从标准输入读。")
@click.argument("words", metavar="TEXT", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="输出 JSON")
@batch_options
def check(words: tuple[str, ...], as_json: bool, files: tuple[str, ...], **batch: Any) -> None:
    """Checks the post, or every line of the files."""
    if files:
        refuse_json(as_json=as_json)
        run_files("bot.workers:check_worker", (*files, *words), **batch)
        return
    refuse_batch_words(**batch)
    from bot.cli.words import read_words, single

    told = ("帖子", "qingxing check '群里看到的说法'")
    text = read_words(single(words, *told), *told)
    from bot.cli.keep import kept
    from bot.cli.render import check_lines, page, print_json
    from bot.home import home_dir
    from bot.knowledge import load_knowledge

    home, now = home_dir(), datetime.now(UTC)
    with load_knowledge(home) as knowledge:
        found = kept(home, knowledge.check(text, now=now), text, knowledge, now)
        titles = {article.id: article.title for article in knowledge.corpus.articles.values()}
    if as_json:
        print_json(found.as_json())
    else:
        page(check_lines(found, titles))
