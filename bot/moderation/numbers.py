"""What a week came to: claims by figure and verdict, reversals, the days."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.guard.types import WORST_FIRST


@dataclass(frozen=True, slots=True)
class Tally:
    """A recorded claim, as far as a digest needs it."""

    at: float
    verdict: str
    figure: str | None
    action: str
    state: str


@dataclass(frozen=True, slots=True)
class Week:
    """A week of a group; ``by_figure`` most frequent first, ``by_day`` seven conflict counts."""

    first: date
    posts: int
    totals: Mapping[str, int]
    by_figure: tuple[tuple[str | None, Mapping[str, int]], ...]
    by_day: tuple[int, ...]
    notices: int
    deletions: int
    reversals: int

    @property
    def label(self) -> str:
        """``11月16日–22日``."""
        last = self.first + timedelta(days=6)
        end = f"{last.day}日" if last.month == self.first.month else f"{last.month}月{last.day}日"
        return f"{self.first.month}月{self.first.day}日–{end}"

    @property
    def claims(self) -> int:
        """How many posts claimed something."""
        return sum(self.totals.values())


def week_numbers(
    tallies: Iterable[Tally], counts: Mapping[tuple[str, str], int], first: date, timezone: str
) -> Week:
    """The week that begins on *first*; *counts* are (day, name) → number."""
    zone = ZoneInfo(timezone)
    days = [first + timedelta(days=n) for n in range(7)]
    told = [t for t in tallies if datetime.fromtimestamp(t.at, zone).date() in days]
    figures: dict[str | None, dict[str, int]] = {}
    by_day = dict.fromkeys(days, 0)
    for tally in told:
        row = figures.setdefault(tally.figure, dict.fromkeys(WORST_FIRST[:-1], 0))
        row[tally.verdict] = row.get(tally.verdict, 0) + 1
        if tally.verdict == "conflict":
            by_day[datetime.fromtimestamp(tally.at, zone).date()] += 1

    def counted(name: str) -> int:
        return sum(counts.get((day.isoformat(), name), 0) for day in days)

    totals: dict[str, int] = {
        verdict: sum(tally.verdict == verdict for tally in told) for verdict in WORST_FIRST[:-1]
    }
    ranked = sorted(figures.items(), key=lambda item: (-sum(item[1].values()), item[0] or "~"))
    return Week(
        first=first,
        posts=counted("posts"),
        totals=totals,
        by_figure=tuple(ranked),
        by_day=tuple(by_day.values()),
        notices=sum(tally.action == "notice" for tally in told),
        deletions=sum(tally.action == "delete" for tally in told),
        reversals=sum(tally.state == "reversed" for tally in told),
    )


def week_of(day: date) -> date:
    """The Monday of the week of *day*."""
    return day - timedelta(days=day.weekday())


def iso_week(day: date) -> str:
    """``2026-W47``."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"
