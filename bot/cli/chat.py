"""``qingxing chat``: the conversation, in the terminal or through a pipe.

The same turns as in Telegram's private chat: a question is answered with the earlier ones in mind,
a post is checked, an offer's number asks it; what was shown is not offered again.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli.words import MAX_CHARS

if TYPE_CHECKING:
    from bot.cli.render import Line
    from bot.knowledge import Knowledge

GREETING = """直接输入问题，或贴一条帖子来核对。/help 看命令，/quit 退出。"""
HELP = """  /ask 问题     当作问题来回答
  /check 帖子   当作帖子来核对
  /new          换个话题：忘掉前面的问题
  /quit         退出（Ctrl-D 也行）
  更多          还可以问什么
  1、2、3       问列出的那一条"""
PROMPT = "清醒> "
BYE = "再见。"
_QUIT = {"/quit", "/exit", "/q", "/退出", "quit", "exit", "退出"}
_MORE = {"更多", "/more", "/更多"}
_REMEMBERED = 8
_LONGEST_PICK = 3


@dataclass(slots=True)
class Conversation:
    """What was asked and shown so far, and what to say next."""

    home: Path
    knowledge: Knowledge
    asked: list[str] = field(default_factory=list)
    shown: set[str] = field(default_factory=set)
    offered: tuple[str, ...] = ()

    def reply(self, text: str) -> Iterator[Line]:
        """The lines that answer one turn."""
        from bot.cli.render import Line

        word, _, rest = text.partition(" ")
        match word.lower():
            case "/help" | "/start" | "/h" | "/?":
                yield from (Line(line) for line in HELP.splitlines())
            case _ if text.lower() in _MORE:
                yield from self._more()
            case "/new":
                self.asked.clear()
                self.shown.clear()
                self.offered = ()
                yield Line("好，换个话题。")
            case "/ask" | "/check" if not rest.strip():
                yield Line(f"{word} 后面要有内容。", "warn")
            case "/ask":
                yield from self._answer(rest.strip())
            case "/check":
                yield from self._check(rest.strip())
            case command if command.startswith("/"):
                yield Line(f"没有 {word} 这个命令；/help 看有哪些。", "warn")
            case _:
                yield from self._either(text)

    def _either(self, text: str) -> Iterator[Line]:
        from bot.routing import route

        if text.isdecimal() and len(text) < _LONGEST_PICK:
            yield from self._pick(int(text))
        elif route(text, self.knowledge.check(text)) == "check":
            yield from self._check(text)
        else:
            yield from self._answer(text)

    def _pick(self, number: int) -> Iterator[Line]:
        from bot.cli.render import Line

        if 1 <= number <= len(self.offered):
            yield from self._answer(self.offered[number - 1])
        else:
            yield Line(f"没有第 {number} 条可选；直接输入问题就行。", "warn")

    def _more(self) -> Iterator[Line]:
        """What can still be asked; what was said already isn't said again."""
        from bot.cli.render import Line, offer_lines

        if self.offered:
            yield from offer_lines(self.offered, numbered=True)
        else:
            yield Line("没有更多了；直接输入问题就行。", "warn")

    def _answer(self, question: str) -> Iterator[Line]:
        from bot.answer.smalltalk import smalltalk
        from bot.cli.keep import kept
        from bot.cli.render import answer_lines

        now, context, shown = datetime.now(UTC), tuple(self.asked), tuple(sorted(self.shown))
        given = self.knowledge.answer(question, context=context, shown=self.shown, now=now)
        if smalltalk(question) is not None:  # thanks in between don't end a thread
            yield from answer_lines(replace(given, suggestions=()))
            return
        given = kept(self.home, given, question, self.knowledge, now, context=context, shown=shown)
        self.asked = [*self.asked, question][-_REMEMBERED:]
        self.shown.update(quote.id for quote in (*given.passages, *given.nearest))
        self.shown.update(given.suggestions)
        self.offered = given.suggestions
        yield from answer_lines(given, numbered=True)

    def _check(self, text: str) -> Iterator[Line]:
        from bot.cli.keep import kept
        from bot.cli.render import check_lines

        now = datetime.now(UTC)
        found = kept(self.home, self.knowledge.check(text, now=now), text, self.knowledge, now)
        articles = self.knowledge.corpus.articles.values()
        yield from check_lines(found, {article.id: article.title for article in articles})


@click.command(help="在终端里连续问答：记得前面问过什么，不重复给过的内容。")
def chat() -> None:
    """Reads turns until /quit, Ctrl-D or the end of the pipe."""
    from bot.cli.opening import open_for_questions
    from bot.cli.render import Line, page
    from bot.home import home_dir

    home = home_dir()
    with open_for_questions(home) as knowledge:
        conversation = Conversation(home, knowledge)
        for text in _turns():
            if text.lower() in _QUIT:
                break
            page((*conversation.reply(text), Line()))
            sys.stdout.flush()


def _turns() -> Iterator[str]:
    """What is said, turn by turn, blank turns left out; with prompts where a person types."""
    typed = sys.stdin is not None and sys.stdin.isatty()
    if typed:
        with suppress(ImportError):  # not everywhere; it gives `input` history and editing
            import readline  # noqa: F401

        click.echo(GREETING)
    for text in _typed() if typed else _piped():
        if len(text) > MAX_CHARS:
            click.echo(f"qingxing: 这一句超过 {MAX_CHARS} 个字，跳过了", err=True)
        elif text.strip():
            yield text.strip()
    if typed:
        click.echo(BYE)


def _typed() -> Iterator[str]:
    while True:
        try:
            yield input(PROMPT)
        except EOFError:
            click.echo()
            return
        except UnicodeDecodeError:
            click.echo("qingxing: 这一句不是 UTF-8，跳过了", err=True)


def _piped() -> Iterator[str]:
    for line in sys.stdin.buffer if sys.stdin is not None else ():
        try:
            yield line.decode("utf-8-sig")
        except UnicodeDecodeError:
            click.echo("qingxing: 有一行不是 UTF-8，跳过了", err=True)
