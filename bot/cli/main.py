"""The command ``qingxing``: words → one function → print.

Commands are imported when they are called, so that ``ask`` never pays for the Telegram library.
Here alone errors become one Chinese line and an exit status.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence
from importlib import import_module

# Ctrl-C while these load finds no `main` yet to catch it.
try:
    import click

    from bot.cli.chinese import localise
    from bot.cli.faults import INTERRUPTED, fault
except KeyboardInterrupt:
    sys.stderr.write("qingxing: 已中断\n")
    sys.exit(1)

# name → where its click command lives, in the order in which help lists them.
COMMANDS = {
    "ask": ("bot.cli.ask:ask", "回答一个问题，附原文"),
    "check": ("bot.cli.check:check", "核对一条帖子里的说法"),
    "chat": ("bot.cli.chat:chat", "在终端里连续问答"),
    "figures": ("bot.cli.figures:figures", "数据台账：每个数字和它的出处"),
    "corpus": ("bot.cli.corpus:corpus", "文章：list / show / add / remove / import"),
    "index": ("bot.cli.index:index", "索引：build / stats / search"),
    "bot": ("bot.cli.bot:bot_command", "运行 Telegram 机器人"),
    "replay": ("bot.cli.replay:replay", "用群聊导出文件回测，不改动任何东西"),
    "why": ("bot.cli.why:why_command", "按编号重新推导以前的回答或核对"),
    "eval": ("bot.cli.evaluate:evaluate", "跑自带的标注集，打印成绩"),
    "doctor": ("bot.cli.doctor:doctor", "检查配置：有什么、缺什么、怎么补"),
}

START = """清醒：AI 短视频的说法，先看数据再下注。

先试这三条：
  qingxing ask 'AI短视频在美区贡献了多少GMV？'
  qingxing check 'AI视频已经贡献了10%的GMV'
  qingxing chat

全部命令：qingxing --help"""


class LazyGroup(click.Group):
    """A group whose commands are imported only when one of them is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name][0].partition(":")
        command = getattr(import_module(module), name)
        assert isinstance(command, click.Command)
        return localise(command)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("命令"):
            formatter.write_dl([(name, summary) for name, (_, summary) in COMMANDS.items()])


@click.group(
    cls=LazyGroup,
    invoke_without_command=True,
    help="清醒：只凭文章原文和数据台账说话。",
    context_settings={"max_content_width": 100},
)
@click.version_option(package_name="qingxing", message="qingxing %(version)s", help="显示版本")
@click.pass_context
def qingxing(ctx: click.Context) -> None:
    """The group itself: alone it shows how to begin."""
    if ctx.invoked_subcommand is None:
        click.echo(START)


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the command and exits: 0 done, 2 the words are wrong, 1 anything else."""
    try:
        status = _main(sys.argv[1:] if arguments is None else list(arguments))
    except KeyboardInterrupt:  # before or after the command itself, or while a fault was told
        click.echo(f"qingxing: {INTERRUPTED}", err=True)
        status = 1
    sys.exit(status)


def _main(arguments: Sequence[str]) -> int:
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A lone surrogate comes out as its escape, which is JSON's way of writing it too.
            stream.reconfigure(
                encoding=None if stream.isatty() else "utf-8", errors="backslashreplace"
            )
    status = run(arguments)
    _let_go_of_output()
    return status


def run(arguments: Sequence[str]) -> int:
    """Runs the command; the exit status.  Errors go to standard error, one line each."""
    try:
        status = _invoke(arguments)
        if sys.stdout is not None:
            sys.stdout.flush()
    except BrokenPipeError:
        # The reader left (`… | head`): nothing is wrong, and nobody is there to be told.
        return 0
    except (Exception, KeyboardInterrupt) as error:
        if sys.flags.dev_mode:  # python -X dev: whoever mends the program wants the traceback
            raise
        line, status = fault(error)
        click.echo(f"qingxing: {line}", err=True)
    return status


def _invoke(arguments: Sequence[str]) -> int:
    try:
        with localise(qingxing).make_context("qingxing", list(arguments)) as ctx:
            qingxing.invoke(ctx)
    except click.exceptions.Exit as done:
        return done.exit_code
    return 0


def _let_go_of_output() -> None:
    """What can't be written goes nowhere, or the interpreter would complain of it at its end."""
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except OSError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
