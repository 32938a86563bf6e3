"""Help and click's complaints speak Chinese, for every command alike."""

import re

import click
import pytest

from bot.cli.chinese import localise
from bot.cli.main import COMMANDS, qingxing
from bot.cli.usage import usage_line

ENGLISH = re.compile(r"Usage|Options|Commands|Show |Error|Try |default|required|arguments")


def all_commands():
    """Every command and subcommand, as the words that call it."""
    group = localise(qingxing)
    ctx = click.Context(group)
    for name in COMMANDS:
        yield (name,)
        command = group.get_command(ctx, name)
        if isinstance(command, click.Group):
            yield from ((name, sub) for sub in command.list_commands(ctx))


@pytest.mark.parametrize("words", [(), *all_commands()], ids=" ".join)
def test_help_is_chinese(run_cli, words):
    ran = run_cli(*words, "--help")
    assert (ran.status, ran.err) == (0, "")
    assert ran.out.startswith("用法：qingxing")
    assert "显示这段说明" in ran.out
    assert not ENGLISH.search(ran.out)


def test_alone_it_shows_how_to_begin(run_cli):
    ran = run_cli()
    assert ran.status == 0
    assert "qingxing ask 'AI短视频在美区贡献了多少GMV？'" in ran.out


def test_version(run_cli):
    assert re.fullmatch(r"qingxing \d+\.\d+\.\d+\S*\n", run_cli("--version").out)


@pytest.mark.parametrize(
    ("error", "line"),
    [
        pytest.param(
            click.BadParameter("bad", param=click.Option(["--set"], type=click.Choice(["a", "b"]))),
            "--set 的值不能用：只能是 a、b；用法见 qingxing --help",
            id="choice",
        ),
        pytest.param(
            click.BadParameter("bad", param=click.Option(["-n", "--most"], type=click.INT)),
            "--most 的值不能用：要是整数；用法见 qingxing --help",
            id="whole number",
        ),
        pytest.param(
            click.BadParameter("bad", param=click.Option(["--most"], type=click.IntRange(1, 9))),
            "--most 的值不能用：要是整数，不小于 1，不大于 9；用法见 qingxing --help",
            id="range",
        ),
        pytest.param(
            click.BadParameter("bad", param=click.Option(["--share"], type=click.FLOAT)),
            "--share 的值不能用：要是一个数；用法见 qingxing --help",
            id="number",
        ),
        pytest.param(
            click.BadParameter("只能是 观察", param_hint="--mode"),
            "--mode 的值不能用：只能是 观察；用法见 qingxing --help",
            id="in our own words",
        ),
        pytest.param(
            click.MissingParameter(param=click.Argument(["file"])),
            "缺少 FILE；用法见 qingxing --help",
            id="missing",
        ),
        pytest.param(
            click.UsageError("Something new."),
            "命令写得不对；用法见 qingxing --help",
            id="a sentence of a later click",
        ),
    ],
)
def test_complaints(error, line):
    assert usage_line(error) == line
