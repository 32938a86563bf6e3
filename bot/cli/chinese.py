"""click's own English (Usage, Options, Show this message …) → Chinese, for every command alike.

A command is localised once, when it is loaded, through what click offers for that: a context class
with a formatter of ours, metavars, and a help option of ours in place of the built-in one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import click

_HEADINGS = {"Options": "选项", "Commands": "命令", "Positional arguments": "参数"}
_EXTRAS = {
    "[default: ": "[默认 ",
    "[required]": "[必填]",
    "; required]": "；必填]",
    "[x>=": "[不小于 ",
}


class Formatter(click.HelpFormatter):
    """Help with Chinese headings."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        super().write_usage(prog, args, prefix or "用法：")

    @contextmanager
    def section(self, name: str) -> Iterator[None]:
        with super().section(_HEADINGS.get(name, name)):
            yield

    def write_heading(self, heading: str) -> None:
        self.write(f"{'':>{self.current_indent}}{heading}：\n")

    def write_dl(
        self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2
    ) -> None:
        super().write_dl([(name, _extras(text)) for name, text in rows], col_max, col_spacing)


class Context(click.Context):
    """A context whose help is written by `Formatter`."""

    formatter_class = Formatter


def localise(command: click.Command) -> click.Command:
    """*command* with all its subcommands, from now on in Chinese."""
    if command.context_class is Context:
        return command
    command.context_class = Context
    command.options_metavar = "[选项]" if command.params else ""
    command.add_help_option = False
    command.params.append(_help_option())
    if isinstance(command, click.Group):
        command.subcommand_metavar = "命令 …"
        for name in command.commands:
            localise(command.commands[name])
    return command


def _help_option() -> click.Option:
    return click.Option(
        ["-h", "--help"],
        is_flag=True,
        is_eager=True,
        expose_value=False,
        help="显示这段说明",
        callback=_show_help,
    )


def _show_help(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    if value:
        click.echo(ctx.get_help())
        ctx.exit()


def _extras(text: str) -> str:
    for english, chinese in _EXTRAS.items():
        text = text.replace(english, chinese)
    return text
