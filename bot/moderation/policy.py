"""Check → action: what a group's settings make of a verdict.

Only a conflict leads to more than a record, a reaction or a reply.  Everything that weakens it (an
old source, a forward, a missing right, a limit) takes something away and never adds.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime

from bot.guard.types import Check, Finding
from bot.moderation.types import (
    MUTE_S,
    STRIKE_LIFE_S,
    Action,
    GroupSettings,
    PostFacts,
    Reason,
    Standing,
)

NOTHING = Action()


def decide(
    check: Check,
    settings: GroupSettings,
    standing: Standing,
    facts: PostFacts,
    now: datetime,
    *,
    stale_days: int,
) -> Action:
    """What *check* leads to in a group with *settings*."""
    at = now.timestamp()
    if check.verdict == "no_claim":
        return NOTHING
    if settings.paused_until > at:
        return Action(reason="paused")
    if settings.mode == "watch":
        return Action(reason="watch")
    if check.verdict != "conflict":
        return _soft(check, settings, standing, facts, at)
    weaker = _why_not_delete(check, settings, standing, facts, now.date(), stale_days)
    if settings.mode == "delete" and not weaker:
        return _delete(settings, standing, facts, at)
    return _remind(settings, standing, facts, at, weaker)


def has_room(notices: Iterable[float], settings: GroupSettings, at: float) -> bool:
    """Whether the group's limits leave room for one more notice at *at*."""
    ages = [at - sent for sent in notices]
    in_minute = sum(age < 60 for age in ages)
    in_hour = sum(age < 3600 for age in ages)
    return in_minute < settings.per_minute and in_hour < settings.per_hour


def next_room(notices: Iterable[float], settings: GroupSettings, at: float) -> float:
    """The first moment from *at* on at which the limits leave room again."""
    sent = sorted(notices)
    moments = [at, *(time + span for time in sent for span in (60.0, 3600.0) if time + span > at)]
    return next(
        (moment for moment in sorted(moments) if has_room(sent, settings, moment)), at + 3600.0
    )


def is_stale(finding: Finding, today: date, stale_days: int) -> bool:
    """Whether the finding's source is too old, or of unknown age, to delete by."""
    if finding.published is None:
        return True
    # Known to the month or the year only, it is counted from its first day.
    year, month, day = (*(int(part) for part in finding.published[:10].split("-")), 1, 1)[:3]
    published = date(year, month, day)
    return (today - published).days > stale_days


def active_strikes(strikes: Iterable[float], at: float) -> tuple[float, ...]:
    """The strikes that still count at *at*."""
    return tuple(time for time in strikes if at - time < STRIKE_LIFE_S)


def _why_not_delete(
    check: Check,
    settings: GroupSettings,
    standing: Standing,
    facts: PostFacts,
    today: date,
    stale_days: int,
) -> Reason:
    conflicts = [finding for finding in check.findings if finding.verdict == "conflict"]
    if all(is_stale(finding, today, stale_days) for finding in conflicts):
        return "stale"
    if facts.is_forward and settings.forwards == "soft":
        return "forward"
    if standing.disarmed:
        return "disarmed"
    return "" if standing.can_delete else "no_right"


def _delete(settings: GroupSettings, standing: Standing, facts: PostFacts, at: float) -> Action:
    room = has_room(standing.notices, settings, at)
    notify = room and not standing.noticed and not facts.is_late
    action = Action(
        "delete", notify=notify, collect=not notify and not standing.noticed, strike=settings.ladder
    )
    return _climb(action, standing, facts, at) if settings.ladder else action


def _climb(action: Action, standing: Standing, facts: PostFacts, at: float) -> Action:
    """The ladder: the second strike mutes, the third bans.  A channel can't be muted."""
    earlier = len(active_strikes(standing.strikes, at))
    if earlier >= 2:
        return replace(action, ban=True)
    if earlier == 1 and not facts.is_channel:
        return replace(action, mute_until=at + MUTE_S)
    return action


def _remind(
    settings: GroupSettings, standing: Standing, facts: PostFacts, at: float, weaker: Reason
) -> Action:
    if standing.noticed:
        return Action(reason="noticed")
    if facts.is_late:
        return Action(reason="late")
    if not has_room(standing.notices, settings, at):
        return Action(reason="limit")
    reason = weaker if settings.mode == "delete" else ""
    return Action("notice", notify=True, reason=reason)


def _soft(
    check: Check, settings: GroupSettings, standing: Standing, facts: PostFacts, at: float
) -> Action:
    soft = settings.soft
    quiet = check.verdict == "consistent" or standing.noticed or facts.is_late
    if soft == "none" or quiet:
        return Action(reason="not_conflict")
    if soft == "reply" and not has_room(standing.notices, settings, at):
        return Action(reason="limit")
    return Action(soft=soft, notify=soft == "reply", reason="not_conflict")
