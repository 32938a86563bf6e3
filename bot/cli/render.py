"""Values → lines for a terminal: quotes set off, sources dim, Chinese counted two columns wide.

Piped output is the same lines, unstyled and unwrapped.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

import click

from bot.answer.types import Answer
from bot.guard.types import Check, Verdict
from bot.types import Caveat, Quote

Style = Literal["plain", "strong", "quote", "dim", "warn", "bad", "good"]

VERDICT_WORDS: dict[Verdict, str] = {
    "conflict": "冲突",
    "lacks_context": "缺背景",
    "unsupported": "无依据",
    "consistent": "相符",
    "no_claim": "无主张",
}
_VERDICT_STYLES: dict[Verdict, Style] = {
    "conflict": "bad",
    "lacks_context": "warn",
    "unsupported": "warn",
    "consistent": "good",
    "no_claim": "dim",
}
_RICH = {
    "plain": "",
    "strong": "bold",
    "quote": "italic",
    "dim": "dim",
    "warn": "yellow",
    "bad": "bold red",
    "good": "green",
}


@dataclass(frozen=True, slots=True)
class Line:
    """A line of output; ``bar`` sets it off as a quotation."""

    text: str = ""
    style: Style = "plain"
    bar: bool = False


def answer_lines(answer: Answer) -> Iterator[Line]:
    """An answer as a person reads it in a terminal."""
    yield Line(answer.answer, "strong")
    for quote in answer.passages:
        yield from _quote_lines(quote)
    if answer.nearest:
        yield Line()
        yield Line("文章里相近的内容：")
        for quote in answer.nearest:
            yield from _quote_lines(quote)
    yield from _caveat_lines(answer.caveats)
    if answer.suggestions:
        yield Line()
        yield Line("还可以问：")
        for suggestion in answer.suggestions:
            yield Line(f"  · {suggestion}")
    yield from _receipt_lines(answer.receipt)


def check_lines(check: Check) -> Iterator[Line]:
    """A check as a person reads it: the verdict, then finding by finding."""
    yield Line(VERDICT_WORDS[check.verdict], _VERDICT_STYLES[check.verdict])
    if not check.findings:
        yield Line("没有读到需要核对的说法。")
    for finding in check.findings:
        yield Line()
        yield Line(f"[{VERDICT_WORDS[finding.verdict]}] “{finding.text}”", "strong")
        yield Line(finding.explanation)
        if finding.quote:
            yield Line(finding.quote, "quote", bar=True)
            yield Line(f"  —— {finding.article}，{finding.published or '未注明日期'}", "dim")
        if finding.instead:
            yield Line("可以这样说：", "dim")
            yield Line(finding.instead, "good")
        yield from _caveat_lines(finding.caveats)
    yield from _receipt_lines(check.receipt)


def figure_lines(ledger: Iterable[Any]) -> Iterator[Line]:
    """The ledger's rows: id, what is known, where it stands."""
    for figure in ledger:
        yield Line(f"{figure.id}  {figure.subject} · {figure.metric}", "strong")
        basis = "确述" if figure.basis == "firm" else "弱依据，不用来反驳"
        yield Line(f"{figure.known_text}（{basis}）")
        yield Line(figure.quote, "quote", bar=True)
        yield Line(f"  —— {figure.article}，{figure.published or '未注明日期'}", "dim")
        yield Line()


def page(lines: Iterable[Line]) -> None:
    """Prints the lines: styled and wrapped on a terminal, plain when piped."""
    if not sys.stdout.isatty():
        for line in lines:
            click.echo(("  ▎" if line.bar else "") + line.text)
        return
    from rich.console import Console
    from rich.padding import Padding
    from rich.text import Text

    console = Console(highlight=False)
    for line in lines:
        text = Text(line.text, style=_RICH[line.style])
        if not line.bar:
            console.print(text)
            continue
        for part in text.wrap(console, max(console.width - 6, 20)):
            console.print(Padding(Text("▎ ", style="cyan") + part, (0, 0, 0, 2)))


def source_line(quote: Quote) -> str:
    """Title, author, date and position, as told under a quote."""
    parts = [f"《{quote.title}》"]
    if quote.author:
        parts.append(quote.author)
    parts.append(quote.published or "未注明日期")
    parts.append(f"第{quote.id.rpartition('#')[2]}段")
    return " · ".join(parts)


def _quote_lines(quote: Quote) -> Iterator[Line]:
    yield Line()
    for paragraph in quote.quote.splitlines():
        yield Line(paragraph, "quote", bar=True)
    yield Line(f"  —— {source_line(quote)}", "dim")
    if quote.url:
        yield Line(f"     {quote.url}", "dim")


def _caveat_lines(caveats: tuple[Caveat, ...]) -> Iterator[Line]:
    if caveats:
        yield Line()
        yield Line("提醒", "warn")
        for caveat in caveats:
            yield Line(f"  · {caveat.text}")


def _receipt_lines(receipt: str | None) -> Iterator[Line]:
    if receipt:
        yield Line()
        yield Line(f"编号 {receipt}（qingxing why {receipt} 可重新推导）", "dim")
