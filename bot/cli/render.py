"""Values → lines for a terminal: quotes set off, sources dim, Chinese counted two columns wide.

Piped output is the same lines, unstyled and unwrapped.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal
from unicodedata import east_asian_width

import click

from bot.answer.types import Answer
from bot.guard.types import Check, Verdict
from bot.types import Caveat, Quote

if TYPE_CHECKING:
    from corpus.ledger import Figure

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
_NEVER_FIRST = frozenset(",.;:!?)]}%，。；：！？、）】》”’…—")
# Control characters but for the tab, and those that set the direction of writing.
_COMMANDING = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
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
    """A line of output; ``lead`` stands before it, and wrapped parts are indented as far.

    ``bar`` sets it off as a quotation: the lead is repeated before every part.
    """

    text: str = ""
    style: Style = "plain"
    bar: bool = False
    lead: str = ""


def answer_lines(answer: Answer, *, numbered: bool = False) -> Iterator[Line]:
    """An answer as a person reads it in a terminal; *numbered* offers can be picked by number."""
    for sentence in answer.answer.splitlines():
        yield Line(sentence, "strong")
    for quote in answer.passages:
        yield from _quote_lines(quote)
    if answer.nearest:
        yield Line()
        yield Line("文章里相近的内容，不算依据：")
        for quote in answer.nearest:
            yield from _quote_lines(quote)
    yield from _caveat_lines(answer.caveats)
    if answer.suggestions:
        yield Line()
        yield from offer_lines(answer.suggestions, numbered=numbered)
    yield from _receipt_lines(answer.receipt)


def offer_lines(offers: Iterable[str], *, numbered: bool) -> Iterator[Line]:
    """The questions that may be asked next."""
    yield Line("还可以问（输入序号即可）：" if numbered else "还可以问：")
    for number, offer in enumerate(offers, 1):
        yield Line(offer, lead=f"  {number}. " if numbered else "  · ")


def check_lines(check: Check, titles: Mapping[str, str] | None = None) -> Iterator[Line]:
    """A check as a person reads it: the verdict, then finding by finding.

    *titles* are those of the articles by id, for telling where a quote comes from.
    """
    yield Line(VERDICT_WORDS[check.verdict], _VERDICT_STYLES[check.verdict])
    if not check.findings:
        yield Line("没有读到需要核对的说法。")
    for finding in check.findings:
        yield Line()
        said = " ".join(finding.text.split())
        yield Line(f"[{VERDICT_WORDS[finding.verdict]}] “{said}”", "strong")
        yield Line(finding.explanation)
        if finding.quote:
            yield from _bar_lines(finding.quote)
            article = finding.article or ""
            title = f"《{titles[article]}》" if titles and article in titles else article
            yield Line(f"{title} · {finding.published or '未注明日期'}", "dim", lead="  —— ")
        if finding.instead:
            yield Line("可以这样说：", "dim")
            yield Line(finding.instead, "good", lead="  ")
        yield from _caveat_lines(finding.caveats)
    yield from _receipt_lines(check.receipt)


def figure_lines(ledger: Iterable[Figure]) -> Iterator[Line]:
    """The ledger's rows: id, what is known, where it stands."""
    for figure in ledger:
        yield Line(f"{figure.id}  {figure.subject} · {figure.metric}", "strong")
        basis = "确述" if figure.basis == "firm" else "弱依据，不用来反驳"
        yield Line(f"{figure.known_text}（{basis}）", lead="  ")
        yield from _bar_lines(figure.quote)
        yield Line(f"{figure.article} · {figure.published or '未注明日期'}", "dim", lead="  —— ")
        for caveat in figure.caveats:
            yield Line(caveat.text, lead="  · ")
        yield Line()


def page(lines: Iterable[Line]) -> None:
    """Prints the lines: styled and wrapped on a terminal, plain when piped."""
    if sys.stdout is None or not sys.stdout.isatty():
        for line in lines:
            click.echo((_lead(line) + printable(line.text)).rstrip())
        return
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False)
    for line in lines:
        lead = _lead(line)
        room = max(console.width - cell_len(lead) - 1, 20)
        parts = wrapped(printable(line.text), room)
        for number, part in enumerate(parts):
            before = lead if line.bar or not number else " " * cell_len(lead)
            mark = (before, "cyan" if line.bar else "dim")
            console.print(Text.assemble(mark, (part, _RICH[line.style])), soft_wrap=True)


def print_json(value: object) -> None:
    """As JSON for programs that read it; a lone surrogate comes out as its escape."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


def printable(text: str) -> str:
    """*text* without what could command a terminal or turn its line round; a post may hold it."""
    return _COMMANDING.sub("\ufffd", text)


def wrapped(text: str, width: int) -> list[str]:
    """*text* in lines of at most *width* columns, no word torn and no line begun by a comma."""
    lines: list[str] = []
    line, used = "", 0
    for piece in _pieces(text, width):
        size = cell_len(piece)
        if line and used + size > width:
            carried = line[-1] if piece[0] in _NEVER_FIRST and len(line) > 1 else ""
            lines.append(line[: len(line) - len(carried)])
            line = carried if carried else ""
            piece = piece if carried else piece.lstrip()
            used = cell_len(carried)
        line += piece
        used += cell_len(piece)
    return [*lines, line]


def _pieces(text: str, width: int) -> Iterator[str]:
    for piece in re.findall(r"[!-~]+|[^!-~]", text):
        yield from (piece[at : at + width - 2] for at in range(0, len(piece), width - 2))


def cell_len(text: str) -> int:
    """The columns of a terminal that *text* takes: full-width characters count twice."""
    return sum(2 if east_asian_width(char) in "WF" else 1 for char in text)


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
    yield from _bar_lines(quote.quote)
    yield Line(source_line(quote), "dim", lead="  —— ")
    if quote.url:
        yield Line(quote.url, "dim", lead="     ")


def _bar_lines(quote: str) -> Iterator[Line]:
    for paragraph in quote.splitlines():
        yield Line(paragraph, "quote", bar=True)


def _lead(line: Line) -> str:
    return "  ▎ " if line.bar else line.lead


def _caveat_lines(caveats: tuple[Caveat, ...]) -> Iterator[Line]:
    if caveats:
        yield Line()
        yield Line("提醒", "warn")
        for caveat in caveats:
            yield Line(caveat.text, lead="  · ")


def _receipt_lines(receipt: str | None) -> Iterator[Line]:
    if receipt:
        yield Line()
        yield Line(f"编号 {receipt}（qingxing why {receipt} 可重新推导）", "dim")
