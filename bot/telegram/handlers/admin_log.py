"""/log: the latest of the audit for people, with a way back for what can be undone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from bot.moderation.settings import MODE_LABELS, from_rows
from bot.moderation.types import GroupSettings
from bot.store import moderation, moderation_log
from bot.telegram.context import Context
from bot.telegram.handlers import group_company, group_effects
from bot.telegram.handlers.admin_commands import for_admins, reply
from bot.telegram.handlers.group_buttons import library_of
from bot.telegram.text import TextBuilder, cut_hard, plain
from bot.telegram.wording import say

_LOG_LINES: Final = 10


@for_admins
async def on_log(ctx: Context) -> None:
    """/log: the latest of the audit, with 误判 for what can be undone."""
    chat_id = ctx.chat.id
    entries = moderation_log.entries(ctx.conn, chat_id, limit=_LOG_LINES)
    if not entries:
        reply(ctx, plain(say("g.log.empty")))
        return
    settings = group_company.settings_of(ctx, chat_id)
    library = library_of(ctx)
    text = TextBuilder().line(say("g.log.head"), "bold")
    ids = dict.fromkeys(entry.case_id for entry in entries if entry.case_id)
    cases = {case_id: moderation.load(ctx.conn, case_id) for case_id in ids}
    for entry in entries:
        name = _actor_name(entry, cases.get(entry.case_id or ""))
        at = datetime.fromtimestamp(entry.at, ZoneInfo(settings.timezone))
        line = say(
            "g.log.line", time=f"{at:%m-%d %H:%M}", what=event_text(entry, library.label, name=name)
        )
        text.line(cut_hard(line, 200))
    undoable = [
        case
        for case in cases.values()
        if case and _did_something(ctx, case) and case.state not in ("reversed", "corrected")
    ]
    reply(ctx, text.build(), group_effects.wrong_buttons(undoable[:8]))


def _did_something(ctx: Context, case: moderation.Case) -> bool:
    """Whether the post was answered or acted on, a soft word and a reaction included."""
    acted = case.action != "none" or case.has_notice
    return acted or group_effects.has_reaction(ctx.conn, case)


def _actor_name(entry: moderation_log.Entry, case: moderation.Case | None) -> str | None:
    if case is None or not entry.actor:
        return None
    if entry.actor == case.settled_by:
        return case.settled_name
    return case.name if entry.actor == case.sender_id else None


_EVENTS: Final = frozenset(
    (
        "allow",
        "appeal",
        "armed",
        "collected",
        "corrected",
        "delete_failed",
        "digest",
        "disallow",
        "disarmed",
        "joined",
        "kept",
        "left",
        "notice_failed",
        "picture",
        "punish_failed",
        "reversed",
        "setting",
        "undo_failed",
        "unlabelled",
        "upheld",
    )
)


def event_text(
    entry: moderation_log.Entry, label: Callable[[str | None], str], *, name: str | None = None
) -> str:
    """One line of the audit for people; *name* is the actor's where it is known."""
    detail = {name: str(value) for name, value in entry.detail.items()}
    case_id = entry.case_id or ""
    if entry.event in ("conflict", "lacks_context", "unsupported", "consistent"):
        figures = entry.detail.get("figures") or [None]
        done = [entry.detail.get("action"), entry.detail.get("punish")]
        action = "、".join(say(f"g.action.{name}") for name in done if name)
        verdict = say(f"verdict.{entry.event}")
        return f"{verdict} {case_id} {label(figures[0])}：{action}"
    if entry.event == "setting":
        detail = _setting_told(detail)
    key = entry.event if entry.event in _EVENTS else "other"
    text = say(f"g.event.{key}", id=case_id, event=entry.event, **detail)
    return text + (say("g.log.by", name=name or str(entry.actor)) if entry.actor else "")


def _setting_told(detail: dict[str, str]) -> dict[str, str]:
    """A changed setting in people's words."""
    setting, value = detail["setting"], detail["value"]
    if setting == "mode":
        value = MODE_LABELS[from_rows({"mode": value}).mode]
    elif isinstance(getattr(GroupSettings(), setting), bool):
        value = say(f"g.status.{'on' if value == '1' else 'off'}")
    elif setting == "paused_until":
        value = say(f"g.status.{'on' if float(value) else 'off'}")
    return {"setting": say(f"g.setting_name.{setting}"), "value": value}


COMMANDS: Final = {"log": on_log}
