"""``qingxing bot``: the Telegram bot, in the foreground."""

from __future__ import annotations

import click


@click.command("bot", help="运行 Telegram 机器人（设置见 .env.example）。")
def bot_command() -> None:
    """Runs until SIGTERM or SIGINT."""
    from bot.config import load_settings

    settings = load_settings()
    settings.require_token()

    from bot.knowledge import load_knowledge
    from bot.telegram.app import run

    run(settings, load_knowledge)
