"""``qingxing figures``: the ledger, for people or as JSON."""

from __future__ import annotations

import click


@click.command(help="列出数据台账：每个数字、它的范围和逐字出处。")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON")
def figures(as_json: bool) -> None:
    """Prints every row of the ledger in its order."""
    from bot.cli.render import figure_lines, page, print_json
    from bot.home import home_dir
    from corpus.load import load_corpus

    ledger = load_corpus(home_dir()).ledger
    if as_json:
        print_json([figure.as_json() for figure in ledger])
    else:
        page(figure_lines(ledger))
