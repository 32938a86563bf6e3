"""click's complaints about a call's words → one Chinese line."""

from __future__ import annotations

import click


def usage_line(error: click.ClickException) -> str:
    """What is wrong with the call and where help stands, in one line."""
    return " ".join(f"{_what(error)}；用法见 {_command(error)} --help".split())


def _what(error: click.ClickException) -> str:
    match error:
        case click.MissingParameter(param=param):
            name = param.human_readable_name if param is not None else ""
            return f"缺少 {name}"
        case click.NoSuchOption(option_name=name):
            return f"没有 {name} 这个选项"
        case click.BadOptionUsage(option_name=name):
            return f"选项 {name} 用得不对（是不是少了它的值）"
        case click.FileError():
            return f"打不开 {error.ui_filename}"
        case click.BadParameter(param=param):
            name = param.human_readable_name if param is not None else ""
            return f"{name} 的值不能用：{error.message}"
        case click.UsageError(message=message) if "No such command" in message:
            return f"没有这个命令：{message.split(chr(39))[1]}"
        case click.UsageError(message=message) if "unexpected extra argument" in message:
            return "多了参数（问题或帖子里有空格时请加引号）"
    return error.format_message()


def _command(error: click.ClickException) -> str:
    ctx = getattr(error, "ctx", None)
    return ctx.command_path if isinstance(ctx, click.Context) else "qingxing"
