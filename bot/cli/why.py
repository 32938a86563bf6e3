"""``qingxing why ID``: an earlier answer or verdict, derived again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from bot.cli.render import Line
    from bot.why import Why

_OUTCOMES = {
    True: "用当时的语料重新推导：结果一样。",
    False: "用当时的语料重新推导：结果不一样（程序后来改过）。下面是当时给出的：",
    None: "原话已按期删除，不能重新推导；下面是当时存下的结论。",
}
_KINDS = {"answer": "回答", "check": "核对"}


@click.command("why", help="按编号重新推导以前的回答或核对，用的是当时的语料版本。")
@click.argument("receipt_id", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON")
def why_command(receipt_id: str, as_json: bool) -> None:
    """Looks the receipt up in the home's database and derives it again."""
    why = _find(receipt_id)
    if as_json:
        click.echo(json.dumps(why.as_json(), ensure_ascii=False, indent=2))
        return
    from bot.cli.render import page

    page(_lines(why))


def _find(receipt_id: str) -> Why:
    from bot.errors import InputError
    from bot.home import home_dir
    from bot.knowledge import load_knowledge
    from bot.receipts import clean_id
    from bot.store import Database, receipts
    from bot.store.database import FILE_NAME
    from bot.why import look_up

    clean = clean_id(receipt_id)
    if clean is None:
        raise InputError(f"{receipt_id!r} 不像一个编号（8 个字母和数字，写在回答末尾）")
    home = home_dir()
    if not (home / FILE_NAME).exists():
        raise InputError(f"没有编号 {clean}：{home} 里还没有任何记录")
    with Database.open(home) as db:
        now = datetime.now(UTC).timestamp()
        receipt = receipts.load(db.conn, clean, now)
        receipt = receipts.with_context(db.conn, receipt, now) if receipt else None
        blob = receipts.load_version(db.conn, receipt.corpus) if receipt else None
    if receipt is None:
        raise InputError(f"没有编号 {clean}")
    with load_knowledge(home) as knowledge:
        return look_up(receipt, blob, home, knowledge)


def _lines(why: Why) -> Iterator[Line]:
    from bot.cli.render import Line, answer_lines, check_lines
    from bot.receipts import answer_of, check_of

    receipt = why.receipt
    given = datetime.fromtimestamp(receipt.given_at, UTC).astimezone()
    kind = _KINDS[receipt.kind]
    yield Line(f"编号 {receipt.id}：{kind}，{given:%Y-%m-%d %H:%M} 给出，语料 {receipt.corpus}")
    yield Line(_OUTCOMES[why.same])
    if receipt.text is not None:
        yield Line(f"{'问题' if receipt.kind == 'answer' else '帖子'}：{receipt.text}", "dim")
    yield Line()
    if receipt.kind == "answer":
        yield from answer_lines(answer_of(receipt.result))
    else:
        yield from check_lines(check_of(receipt.result))
