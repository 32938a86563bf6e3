"""click's complaints about a call's words → one Chinese line."""

from __future__ import annotations

import click


def usage_line(error: click.ClickException) -> str:
    """What is wrong with the call and where help stands, in one line."""
    return f"{_what(error)}；用法见 {_command(error)} --help"


def _what(error: click.ClickException) -> str:
    match error:
        case click.MissingParameter(param=param):
            return f"缺少 {_name(param)}"
        case click.NoSuchOption(option_name=name):
            return f"没有 {name} 这个选项（文字以 - 开头时，在它前面加 -- ）"
        case click.exceptions.NoSuchCommand(command_name=name):
            return f"没有 {name} 这个命令"
        case click.exceptions.NoArgsIsHelpError(ctx=ctx):
            return f"{ctx.command_path if ctx else 'qingxing'} 后面要写命令{_subcommands(ctx)}"
        case click.BadOptionUsage(option_name=name):
            return f"选项 {name} 用得不对（少了它的值，或多给了值）"
        case click.BadParameter(param=param) if param is not None:
            return f"{_name(param)} 的值不能用：{_wanted(param.type, error.message)}"
        case click.BadParameter(param_hint=hint):
            return f"{hint} 的值不能用：{error.message}"
        case click.FileError():
            return f"打不开 {error.ui_filename}"
        case click.UsageError(message=message) if "extra argument" in message:
            return "多了参数（问题或帖子里有空格时请加引号）"
        case click.UsageError(message=message) if message.isascii():
            return "命令写得不对"
    return " ".join(error.format_message().split())


def _wanted(kind: click.ParamType[object], message: str) -> str:
    """What the parameter takes, by its type; click's own sentence where that is ours already."""
    match kind:
        case _ if not message.isascii() and not isinstance(kind, click.Choice):
            return message
        case click.Choice(choices=choices):
            return f"只能是 {'、'.join(str(choice) for choice in choices)}"
        case click.IntRange(min=low, max=high):
            return f"要是整数{_bounds(low, high)}"
        case click.types.IntParamType():
            return "要是整数"
        case click.types.FloatParamType():
            return "要是一个数"
        case click.Path():
            return "没有这个文件，或打不开"
    return "写得不对"


def _bounds(low: float | None, high: float | None) -> str:
    return (f"，不小于 {low}" if low is not None else "") + (
        f"，不大于 {high}" if high is not None else ""
    )


def _name(param: click.Parameter | None) -> str:
    if isinstance(param, click.Option):
        return max(param.opts, key=len)
    return param.human_readable_name if param is not None else "参数"


def _subcommands(ctx: click.Context | None) -> str:
    command = ctx.command if ctx else None
    if not isinstance(command, click.Group) or ctx is None:
        return ""
    return "：" + "、".join(command.list_commands(ctx))


def _command(error: click.ClickException) -> str:
    ctx = getattr(error, "ctx", None)
    return ctx.command_path if isinstance(ctx, click.Context) else "qingxing"
