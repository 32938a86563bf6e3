"""A week's numbers, and when its picture is due."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from bot.moderation.numbers import Tally, iso_week, week_numbers, week_of
from bot.moderation.types import GroupSettings
from bot.telegram.handlers.group_work import due_week

MONDAY = date(2026, 11, 16)


def at(day, hour=12):
    return datetime(2026, 11, day, hour, tzinfo=UTC).timestamp()


def test_a_week_counts_by_figure_verdict_and_day():
    week = week_numbers(
        [
            Tally(at(16), "conflict", "aigc_gpm", "notice", "open"),
            Tally(at(16), "conflict", "aigc_gpm", "delete", "reversed"),
            Tally(at(22), "unsupported", None, "none", "open"),
            Tally(at(23), "conflict", "aigc_gpm", "notice", "open"),
            # Sunday in UTC, Monday in Shanghai.
            Tally(at(15, 17), "conflict", "gpm_gap", "none", "open"),
        ],
        {("2026-11-16", "posts"): 40, ("2026-11-23", "posts"): 9},
        MONDAY,
        "Asia/Shanghai",
    )
    assert (week.posts, week.claims, week.notices, week.deletions, week.reversals) == (
        40,
        4,
        1,
        1,
        1,
    )
    assert week.by_day == (3, 0, 0, 0, 0, 0, 0)
    assert [figure for figure, _ in week.by_figure] == ["aigc_gpm", "gpm_gap", None]
    assert week.label == "11月16日–22日"


def test_weeks_by_their_iso_name():
    assert week_of(date(2027, 1, 2)) == date(2026, 12, 28)
    assert iso_week(date(2027, 1, 2)) == "2026-W53"


@pytest.mark.parametrize(
    ("now", "due"),
    [
        pytest.param(datetime(2026, 11, 23, 0, 59, tzinfo=UTC), None, id="an hour early"),
        pytest.param(datetime(2026, 11, 23, 1, 1, tzinfo=UTC), MONDAY, id="Monday at nine there"),
        pytest.param(datetime(2026, 11, 25, 0, 0, tzinfo=UTC), MONDAY, id="slept through"),
        pytest.param(datetime(2026, 11, 26, 0, 0, tzinfo=UTC), None, id="no news any more"),
    ],
)
def test_the_week_before_is_due_on_its_day(now, due):
    assert due_week(now, GroupSettings()) == due
