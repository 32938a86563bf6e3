"""``qingxing replay``: a back-test over a Telegram Desktop export."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from bot.replay import ChatReplay

_SHOWN_SPANS = 5
_SPAN_CHARS = 60
_ACTIONS = {"notice": "提醒", "delete": "删除", "none": "不动"}


@click.command(
    help="用 Telegram Desktop 导出的 result.json 回测：本来会提醒或删除哪些。不改动任何东西。"
)
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.option(
    "--mode", default="提醒", show_default=True, metavar="观察|提醒|删除", help="按哪个模式推演"
)
@click.option("--protect", default="", metavar="user1,…", help="管理员的编号，逗号隔开，不核对")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON")
def replay(file: Path, mode: str, protect: str, as_json: bool) -> None:
    """Judges every post of the export and prints what would have come of it."""
    from bot.config import load_settings
    from bot.knowledge import load_knowledge
    from bot.moderation.settings import parse_mode
    from bot.moderation.types import GroupSettings
    from bot.replay import load_export, replay_chat

    chosen = parse_mode(mode)
    if chosen is None:
        raise click.BadParameter("只能是 观察、提醒 或 删除", param_hint="--mode")
    chats = load_export(file)
    settings = load_settings()
    knowledge = load_knowledge(settings.home)
    protected = [name.strip() for name in protect.replace("，", ",").split(",") if name.strip()]
    reports = [
        replay_chat(
            chat,
            lambda text, now: knowledge.check(text, now=now),
            GroupSettings(mode=chosen),
            protect=protected,
            stale_days=settings.stale_days,
        )
        for chat in chats
    ]
    if as_json:
        found = {"chats": [report.as_json() for report in reports]}
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    for report in reports:
        click.echo("\n".join(report_lines(report)))


def report_lines(report: ChatReplay) -> list[str]:
    """A chat's report for people."""
    verdicts, actions, skipped = report.verdicts, report.actions, report.skipped
    name = report.name or f"未命名（{report.id}）"
    lines = [
        f"{name}：{report.messages} 条消息，核对了 {report.posts} 条"
        f"（跳过：服务消息 {skipped['service']}，没有文字 {skipped['no_text']}，"
        f"受保护 {skipped['protected']}）",
        f"  冲突 {verdicts['conflict']}　缺背景 {verdicts['lacks_context']}"
        f"　无依据 {verdicts['unsupported']}　相符 {verdicts['consistent']}"
        f"　无主张 {verdicts['no_claim']}",
        f"  会提醒 {actions['notice']} 条，会删除 {actions['delete']} 条",
    ]
    for figure, flagged in report.by_figure.items():
        lines.append(f"  {figure}：{len(flagged)} 条")
        lines += [
            f"    #{one.message_id} {_ACTIONS[one.action]} "
            f"{' '.join(one.text.split())[:_SPAN_CHARS]}"
            for one in flagged[:_SHOWN_SPANS]
        ]
        if len(flagged) > _SHOWN_SPANS:
            lines.append(f"    …… 还有 {len(flagged) - _SHOWN_SPANS} 条，--json 看全部")
    return lines
