"""/digest, /export and /replay: what the record comes to, as a picture, files and numbers.

Files are written under the home folder, sent, and removed once they are.
"""

from __future__ import annotations

import asyncio
import csv
import io
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from bot.digest import draw
from bot.guard.types import Check
from bot.moderation.numbers import Tally, Week, week_numbers, week_of
from bot.moderation.post import Post
from bot.moderation.settings import MODE_LABELS
from bot.moderation.types import DAY_S, GroupSettings, Mode, PostFacts
from bot.replay import ChatReplay, Told, run
from bot.settled import Settled, settled_in
from bot.store import Transaction, groups, moderation, moderation_log
from bot.store.moderation import Case
from bot.store.moderation_log import Entry
from bot.store.outbox import Effect
from bot.telegram import effects
from bot.telegram.context import Context
from bot.telegram.handlers import group_company
from bot.telegram.handlers.admin_commands import for_admins, reply
from bot.telegram.handlers.group_buttons import library_of
from bot.telegram.handlers.group_notice import Library
from bot.telegram.sender import Outcome
from bot.telegram.text import Rendered, TextBuilder, cut_hard, plain
from bot.telegram.wording import say

FOLDER: Final = "outgoing"
_COLUMNS: Final = (
    "time",
    "event",
    "case",
    "actor",
    "verdict",
    "figures",
    "action",
    "reason",
    "punish",
    "state",
    "settled_by",
    "sender",
    "sender_name",
    "message",
    "text",
    "detail",
)


# --- /digest ---


@for_admins
async def on_digest(ctx: Context) -> None:
    """/digest: this week's picture now."""
    chat_id = ctx.chat.id
    settings = group_company.settings_of(ctx, chat_id)
    today = ctx.now.astimezone(ZoneInfo(settings.timezone)).date()
    week = week_numbers_of(ctx.conn, chat_id, week_of(today), settings)
    if week.claims == 0:
        reply(ctx, plain(say("g.digest.empty")))
        return
    name = f"digest{chat_id}-{ctx.row.seq}.png"
    path = await write_picture(ctx.services.settings.home, name, week, library_of(ctx))
    title = groups.load(ctx.conn, chat_id).title
    ctx.plan(picture_effect(ctx.key("digest"), chat_id, path, week, title))


def week_numbers_of(conn: Any, chat_id: int, first: date, settings: GroupSettings) -> Week:
    """A group's week from its record."""
    zone = ZoneInfo(settings.timezone)
    since = datetime(first.year, first.month, first.day, tzinfo=zone).timestamp()
    tallies = [
        Tally(case.at, case.verdict, next(iter(case.figures), None), case.action, case.state)
        for case in moderation.recent(conn, chat_id, since)
    ]
    counted = groups.counts(conn, chat_id, first.isoformat())
    return week_numbers(tallies, counted, first, settings.timezone)


async def write_picture(home: Path, name: str, week: Week, library: Library) -> Path:
    """Draw the week off the loop; where the picture lies."""
    picture = await asyncio.to_thread(draw, week, chart_label(library))
    return _write(home, name, picture)


def chart_label(library: Library) -> Callable[[str | None], str]:
    """A figure's name on two lines."""

    def label(figure: str | None) -> str:
        matter = library.matter(figure)
        return (
            f"{matter['subject']}\n{matter['metric']}" if matter["subject"] else library.label(None)
        )

    return label


def picture_effect(key: str, chat_id: int, path: Path, week: Week, title: str) -> Effect:
    """Send a digest's picture."""
    caption = say(
        "g.digest.caption",
        title=cut_hard(title, 100),
        week=week.label,
        posts=str(week.posts),
        conflict=str(week.totals["conflict"]),
        notice=str(week.notices),
        delete=str(week.deletions),
        reversed=str(week.reversals),
    )
    payload = {"chat_id": chat_id, "photo": {"path": str(path)}, "caption": caption}
    return effects.call(key, "sendPhoto", payload, hook="sent_file", life_s=6 * 3600.0)


# --- /export ---


@for_admins
async def on_export(ctx: Context) -> None:
    """/export: the audit as CSV and as JSON lines."""
    await send_export(ctx, ctx.chat.id, ctx.chat.id)


async def send_export(ctx: Context, chat_id: int, to: int) -> None:
    """Send a group's record to *to*."""
    entries = list(reversed(moderation_log.entries(ctx.conn, chat_id)))
    if not entries:
        ctx.send(plain(say("g.export.empty")))
        return
    rows = [_row(entry, moderation.load(ctx.conn, entry.case_id or "")) for entry in entries]
    title = groups.load(ctx.conn, chat_id).title
    caption = say("g.export.caption", title=cut_hard(title, 100), n=str(len(rows)))
    home = ctx.services.settings.home
    stem = f"qingxing{chat_id}-{ctx.now:%Y%m%d}-{ctx.row.seq}"
    for ending, content in (("csv", to_csv(rows)), ("jsonl", to_jsonl(rows))):
        path = await asyncio.to_thread(_write, home, f"{stem}.{ending}", content)
        payload = {"chat_id": to, "document": {"path": str(path)}, "caption": caption}
        ctx.plan(effects.call(ctx.key(ending), "sendDocument", payload, hook="sent_file"))


def _row(entry: Entry, case: Case | None) -> dict[str, Any]:
    row: dict[str, Any] = dict.fromkeys(_COLUMNS)
    row |= {
        "time": datetime.fromtimestamp(entry.at, UTC).isoformat(timespec="seconds"),
        "event": entry.event,
        "case": entry.case_id,
        "actor": entry.actor or None,
        "detail": entry.detail,
    }
    if case is not None:
        row |= {
            "verdict": case.verdict,
            "figures": list(case.figures),
            "action": case.action,
            "reason": case.reason,
            "punish": case.punish,
            "state": case.state,
            "settled_by": case.settled_by,
            "sender": case.sender_id,
            "sender_name": case.name,
            "message": case.message_id,
            "text": case.text,
        }
    return row


def to_csv(rows: Iterable[dict[str, Any]]) -> bytes:
    """A table for a spreadsheet: with a byte order mark, and nothing in it that is a formula."""
    out = io.StringIO()
    writer = csv.DictWriter(out, _COLUMNS)
    writer.writeheader()
    for row in rows:
        writer.writerow({name: _cell(value) for name, value in row.items()})
    return out.getvalue().encode("utf-8-sig", "replace")


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, int):
        return str(value)
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return f"'{text}" if text[:1] in tuple("=+-@\t\r") else text


def to_jsonl(rows: Iterable[dict[str, Any]]) -> bytes:
    """One object a line."""
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode(
        "utf-8", "replace"
    )


# --- /replay ---


@for_admins
async def on_replay(ctx: Context) -> None:
    """/replay: the recorded month judged again, under each mode."""
    chat_id = ctx.chat.id
    since = ctx.now.timestamp() - 30 * DAY_S
    told = recorded(reversed(moderation.recent(ctx.conn, chat_id, since)))
    if not told:
        reply(ctx, plain(say("g.replay.empty")))
        return
    settings = replace(group_company.settings_of(ctx, chat_id), paused_until=0.0)
    reports = await ctx.think(
        replays,
        told,
        ctx.services.knowledge.check,
        settled_in(ctx.conn, chat_id),
        settings,
        ctx.services.settings.stale_days,
    )
    reply(ctx, _replayed(reports, library_of(ctx)))


def recorded(cases: Iterable[Case]) -> list[Told]:
    """Recorded cases as posts to be judged again; without their text they can't be."""
    return [
        Told(
            case.message_id,
            str(case.sender_id),
            datetime.fromtimestamp(case.at, UTC),
            Post(case.text, len(case.text)),
            PostFacts(is_channel=case.is_channel, is_forward=case.reason == "forward"),
        )
        for case in cases
        if case.text
    ]


def replays(
    told: Sequence[Told],
    check: Callable[..., Check],
    settled: Settled,
    settings: GroupSettings,
    stale_days: int,
) -> dict[Mode, ChatReplay]:
    """The report of *told* under each mode that acts; each post is judged once."""
    judged = {
        (post.post.text, post.at): settled.judge(post.post.text, check(post.post.text, now=post.at))
        for post in told
    }

    def judge(text: str, now: datetime) -> Check:
        return judged[text, now]

    return {
        mode: again(told, judge, replace(settings, mode=mode), stale_days)
        for mode in MODE_LABELS
        if mode != "watch"
    }


def again(
    told: Sequence[Told],
    judge: Callable[[str, datetime], Check],
    settings: GroupSettings,
    stale_days: int,
) -> ChatReplay:
    """The report of *told* under *settings*."""
    report = ChatReplay("", 0, messages=len(told))
    run(told, judge, settings, report, stale_days=stale_days)
    return report


def _replayed(reports: dict[Any, ChatReplay], library: Library) -> Rendered:
    report = next(iter(reports.values()))
    text = TextBuilder().line(say("g.replay.head", posts=str(report.posts)), "bold")
    text.line(say("g.replay.verdicts", **{name: str(n) for name, n in report.verdicts.items()}))
    for mode, one in reports.items():
        done = {name: str(n) for name, n in one.actions.items()}
        text.line(say("g.replay.actions", mode=MODE_LABELS[mode], **done))
    for figure, flagged in list(report.by_figure.items())[:8]:
        text.line(say("g.replay.figure", label=library.label(figure), n=str(len(flagged))))
        for one_post in flagged[:2]:
            text.line(say("g.replay.span", text=cut_hard(" ".join(one_post.text.split()), 80)))
    return text.build()


# --- files on their way ---


def on_sent_file(_: Transaction, effect: Effect, __: Outcome) -> None:
    """The file was sent, or never will be."""
    for value in effect.payload.values():
        if isinstance(value, dict) and "path" in value:
            path = Path(value["path"])
            if path.parent.name == FOLDER:
                path.unlink(missing_ok=True)


def _write(home: Path, name: str, content: bytes) -> Path:
    folder = home / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    path = folder / name
    path.write_bytes(content)
    return path


COMMANDS: Final = {"digest": on_digest, "export": on_export, "replay": on_replay}
