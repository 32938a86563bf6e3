"""Regular work for groups: collected notices, the weekly picture, settled cases, retention.

All of it looks at rows with a time, so that a restart or a slept-through hour loses nothing.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from bot.eval.cases import CaseReport
from bot.moderation.numbers import Week, iso_week, week_of
from bot.moderation.policy import has_room, next_room
from bot.moderation.settings import from_rows
from bot.moderation.types import DAY_S, GroupSettings
from bot.store import Database, Transaction, examples, groups, moderation, moderation_log
from bot.store.examples import Labelled
from bot.store.moderation import Case
from bot.telegram import effects
from bot.telegram.context import Services
from bot.telegram.handlers import group_effects, group_files, group_settled
from bot.telegram.handlers.group_buttons import batch_keyboard
from bot.telegram.handlers.group_notice import Library, collected_text
from bot.telegram.persist import Persist

_DIGEST_LATE: Final = timedelta(days=2)  # a digest is still news so long after its hour
_CASES_EVERY_S: Final = 3600.0

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _State:
    """What goes on outside the transactions; nothing in it is missed after a restart."""

    library: Library | None = None
    drawing: dict[tuple[int, str], asyncio.Task[Path]] = field(default_factory=dict)
    cases: Future[CaseReport] | None = None
    cases_at: float = 0.0
    cases_key: list[Labelled] | None = None


_state = _State()


def upkeep(tx: Transaction, services: Services) -> None:
    """Everything regular, every half minute."""
    knowledge = services.knowledge
    _state.library = Library(knowledge.ledger, knowledge.corpus.articles)
    collect(tx)
    _purge(tx)
    _watch_cases(tx, services)
    _digests(tx, services)


# --- collected deletions ---


def collect_now(db: Database) -> None:
    """The sender's local work: tell collected deletions as soon as there is room."""
    with db.transaction() as tx:
        collect(tx)


def collect(tx: Transaction) -> None:
    """One notice for each group whose deletions wait for one and whose limits leave room."""
    if _state.library is None:
        return
    waiting: dict[int, list[Case]] = {}
    for case in moderation.untold(tx.conn):
        waiting.setdefault(case.chat_id, []).append(case)
    for chat_id, cases in waiting.items():
        settings = from_rows(groups.settings_rows(tx.conn, chat_id))
        now = tx.now + groups.load(tx.conn, chat_id).clock_ahead
        sent = moderation.notices(tx.conn, chat_id, now)
        if settings.paused_until > now or settings.mode == "watch":
            continue
        if has_room(sent, settings, now):
            _tell_collected(tx, chat_id, cases, settings, now)
        else:
            due_at = tx.now + next_room(sent, settings, now) - now
            name = f"{chat_id}:{int(due_at)}"
            tx.plan(group_effects.collect_later(name, chat_id, due_at))


def _tell_collected(
    tx: Transaction, chat_id: int, cases: list[Case], settings: GroupSettings, now: float
) -> None:
    assert _state.library is not None
    # The same however often it is made: by the first of its cases.
    batch = hashlib.sha256(cases[0].id.encode()).hexdigest()[:10]
    for case in cases:
        moderation.update(tx.conn, case.id, batch=batch)
    minutes = round((now - cases[0].at) / 60)
    key = f"collected:{batch}"
    moderation.add_notice(tx.conn, key, chat_id, now)
    moderation_log.note(tx.conn, chat_id, "collected", tx.now, n=len(cases), batch=batch)
    tx.plan(
        effects.send(
            key,
            chat_id,
            collected_text(cases, minutes, _state.library),
            batch_keyboard(batch, cases),
            silent=True,
            hook="collected",
            hook_args={"keep": settings.keep_notices},
        )
    )


# --- settled cases ---


async def judge_at_start(services: Services, persist: Persist) -> None:
    """Judge settled cases before anything is acted on: ledger or lexicon may have changed."""
    report = await asyncio.wrap_future(group_settled.judge_settled(services.conn, services))
    await persist.write(lambda tx: group_settled.arm(tx, services, report))


def _watch_cases(tx: Transaction, services: Services) -> None:
    """Judge settled cases again every hour and whenever they change."""
    if _state.cases is not None:
        if not _state.cases.done():
            return
        done, _state.cases = _state.cases, None
        group_settled.arm(tx, services, done.result())
    labelled = examples.labelled(tx.conn)
    if labelled == _state.cases_key and tx.now - _state.cases_at < _CASES_EVERY_S:
        return
    _state.cases_key, _state.cases_at = labelled, tx.now
    _state.cases = group_settled.judge_settled(tx.conn, services)


# --- the weekly picture ---


def _digests(tx: Transaction, services: Services) -> None:
    """Have due pictures drawn, and send what is drawn: once for each week and group."""
    for (chat_id, week), task in list(_state.drawing.items()):
        if task.done():
            del _state.drawing[chat_id, week]
            _send_digest(tx, services, chat_id, week, task)
    for chat_id in groups.all_active(tx.conn):
        settings = from_rows(groups.settings_rows(tx.conn, chat_id))
        first = due_week(datetime.fromtimestamp(tx.now, UTC), settings)
        if first is None or not settings.digest:
            continue
        week = iso_week(first)
        if (chat_id, week) in _state.drawing or moderation_log.digest_done(tx.conn, chat_id, week):
            continue
        numbers = group_files.week_numbers_of(tx.conn, chat_id, first, settings)
        if numbers.claims == 0:
            moderation_log.claim_digest(tx.conn, chat_id, week, tx.now)
            continue
        _state.drawing[chat_id, week] = _draw(services, chat_id, week, numbers)


def due_week(now: datetime, settings: GroupSettings) -> date | None:
    """The Monday of the week whose digest is due, the one before the last digest day.

    None where its hour was too long ago: an old week is no news.
    """
    local = now.astimezone(ZoneInfo(settings.timezone))
    back = (local.weekday() - settings.digest_day) % 7
    due = (local - timedelta(days=back)).replace(
        hour=settings.digest_hour, minute=0, second=0, microsecond=0
    )
    if due > local:
        due -= timedelta(days=7)
    if local - due > _DIGEST_LATE:
        return None
    return week_of(due.date() - timedelta(days=7))


def _draw(services: Services, chat_id: int, week: str, numbers: Week) -> asyncio.Task[Path]:
    assert _state.library is not None
    name = f"digest{chat_id}-{week}.png"
    drawing = group_files.write_picture(services.settings.home, name, numbers, _state.library)
    return asyncio.get_running_loop().create_task(drawing)


def _send_digest(
    tx: Transaction, services: Services, chat_id: int, week: str, task: asyncio.Task[Path]
) -> None:
    if task.exception() is not None:
        _log.error("digest of %d: %s", chat_id, type(task.exception()).__name__)
        return
    if not moderation_log.claim_digest(tx.conn, chat_id, week, tx.now):
        return
    settings = from_rows(groups.settings_rows(tx.conn, chat_id))
    group = groups.load(tx.conn, chat_id)
    first = date.fromisocalendar(int(week[:4]), int(week[6:]), 1)
    numbers = group_files.week_numbers_of(tx.conn, chat_id, first, settings)
    log_chat = group_effects.log_chat_of(tx.conn, settings)
    to = log_chat or chat_id
    if settings.mode == "watch" and log_chat is None:
        # A group that is only watched hears nothing: administrators who asked do.
        asked = groups.notified(tx.conn, chat_id) & (group.admins or frozenset())
        to = next(iter(groups.started(tx.conn, asked)), 0)
    moderation_log.note(tx.conn, chat_id, "digest", tx.now, week=week)
    if to:
        key = f"digest:{chat_id}:{week}"
        tx.plan(group_files.picture_effect(key, to, task.result(), numbers, group.title))


# --- retention ---


def _purge(tx: Transaction) -> None:
    """Take out what is past its time."""
    moderation.purge_short_lived(tx.conn, tx.now)
    moderation_log.purge_short_lived(tx.conn, tx.now)
    for chat_id in groups.all_known(tx.conn):
        settings = from_rows(groups.settings_rows(tx.conn, chat_id))
        keep_s = settings.retention_days * DAY_S
        moderation.purge(tx.conn, chat_id, keep_s, tx.now)
        moderation_log.purge(tx.conn, chat_id, keep_s, tx.now)
