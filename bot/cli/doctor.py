"""``qingxing doctor``: what is well, what isn't, and how to mend it."""

from __future__ import annotations

import json
from dataclasses import asdict

import click


@click.command(help="检查配置：有什么、缺什么、怎么补；不改动任何东西。")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON")
@click.pass_context
def doctor(ctx: click.Context, as_json: bool) -> None:
    """Prints an item a line; exits with 1 where something that is needed is missing."""
    from bot.doctor import examine

    items = examine()
    if as_json:
        click.echo(json.dumps([asdict(item) for item in items], ensure_ascii=False, indent=2))
    else:
        for item in items:
            mark = "✓" if item.ok else ("–" if item.optional else "✗")
            click.echo(f"{mark} {item.name}：{item.state}")
            if item.remedy:
                click.echo(f"    → {item.remedy}")
    if any(not item.ok and not item.optional for item in items):
        ctx.exit(1)
