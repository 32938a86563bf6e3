"""``qingxing doctor``: what is well, what isn't, and how to mend it."""

from __future__ import annotations

from dataclasses import asdict

import click


@click.command(help="检查配置：有什么、缺什么、怎么补；不改动任何东西。")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON")
@click.pass_context
def doctor(ctx: click.Context, as_json: bool) -> None:
    """Prints an item a line; exits with 1 where something that is needed is missing."""
    from bot.cli.render import print_json
    from bot.doctor import examine

    items = examine()
    if as_json:
        print_json([asdict(item) for item in items])
    else:
        for item in items:
            mark = "✓" if item.ok else ("–" if item.optional else "✗")
            click.echo(f"{mark} {item.name}：{item.state.replace(chr(10), chr(10) + '    ')}")
            if item.remedy:
                click.echo(f"    → {item.remedy}")
    missing = [item.name for item in items if not item.ok and not item.optional]
    if missing:
        click.echo(f"qingxing: 要处理的有 {len(missing)} 项：{'、'.join(missing)}", err=True)
        ctx.exit(1)
