"""What a verdict leads to, by mode, limits, age and ladder."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.guard.types import Check, Finding
from bot.moderation.policy import decide, has_room, next_room
from bot.moderation.types import GroupSettings, PostFacts, Standing

NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
AT = NOW.timestamp()
CONFLICT = Finding(
    "conflict",
    "aigc_gmv_share",
    "AI视频贡献10%的GMV",
    0,
    13,
    "= 10%",
    "< 1%",
    "对不上",
    "实际的GMV贡献不足1%",
    "tk-2026-01-18",
    "2026-01-18",
)
WATCH, REMIND, DELETE = (GroupSettings(mode=mode) for mode in ("watch", "remind", "delete"))
LADDER = replace(DELETE, ladder=True)


def judged(*verdicts, published="2026-01-18"):
    return Check(tuple(replace(CONFLICT, verdict=v, published=published) for v in verdicts))


def act(check, settings, standing=None, facts=None, now=NOW):
    standing, facts = standing or Standing(), facts or PostFacts()
    return decide(check, settings, standing, facts, now, stale_days=365)


@pytest.mark.parametrize(
    ("settings", "kind"),
    [
        pytest.param(WATCH, "none", id="watch only records"),
        pytest.param(REMIND, "notice", id="remind"),
        pytest.param(DELETE, "delete", id="delete"),
        pytest.param(replace(DELETE, paused_until=AT + 1), "none", id="paused"),
        pytest.param(replace(DELETE, paused_until=AT - 1), "delete", id="pause is over"),
    ],
)
def test_a_conflict_by_mode(settings, kind):
    assert act(judged("conflict"), settings).kind == kind


@pytest.mark.parametrize("verdict", ["lacks_context", "unsupported", "consistent", "no_claim"])
@pytest.mark.parametrize("settings", [WATCH, REMIND, DELETE, LADDER])
def test_only_a_conflict_leads_to_more_than_a_record(verdict, settings):
    action = act(judged(verdict), settings)
    assert (action.kind, action.notify, action.strike, action.soft) == (
        "none",
        False,
        False,
        "none",
    )


@pytest.mark.parametrize(
    ("soft", "verdict", "expected"),
    [
        pytest.param("reaction", "lacks_context", ("reaction", False), id="reaction"),
        pytest.param("reply", "unsupported", ("reply", True), id="reply"),
        pytest.param("reply", "consistent", ("none", False), id="agreement needs no word"),
    ],
)
def test_a_group_may_want_a_soft_word(soft, verdict, expected):
    action = act(judged(verdict), replace(REMIND, soft=soft))
    assert (action.soft, action.notify) == expected


@pytest.mark.parametrize(
    ("check", "standing", "facts", "reason"),
    [
        pytest.param(
            judged("conflict", published="2025-11-20"), None, None, "stale", id="366 days old"
        ),
        pytest.param(judged("conflict", published=None), None, None, "stale", id="undated"),
        pytest.param(judged("conflict", published="2024"), None, None, "stale", id="year only"),
        pytest.param(judged("conflict"), None, PostFacts(is_forward=True), "forward", id="forward"),
        pytest.param(judged("conflict"), Standing(can_delete=False), None, "no_right", id="right"),
        pytest.param(judged("conflict"), Standing(disarmed=True), None, "disarmed", id="disarmed"),
    ],
)
def test_what_weakens_a_deletion_leaves_a_notice_without_a_strike(check, standing, facts, reason):
    action = act(check, LADDER, standing, facts)
    assert (action.kind, action.notify, action.strike, action.reason) == (
        "notice",
        True,
        False,
        reason,
    )


def test_a_source_of_a_year_may_still_delete():
    assert act(judged("conflict", published="2025-11-21"), DELETE).kind == "delete"


def test_one_fresh_conflict_among_stale_ones_may_delete():
    stale = judged("conflict", published="2020-01-01").findings
    assert act(Check((*stale, *judged("conflict").findings)), DELETE).kind == "delete"


@pytest.mark.parametrize(
    ("ages", "room"),
    [
        pytest.param([], True, id="quiet"),
        pytest.param([59.0], False, id="one in the minute"),
        pytest.param([60.0], True, id="a minute ago"),
        pytest.param([120.0 * n for n in range(1, 11)], False, id="ten in the hour"),
        pytest.param([3600.0 * n for n in range(1, 11)], True, id="ten over ten hours"),
    ],
)
def test_limits(ages, room):
    assert has_room([AT - age for age in ages], REMIND, AT) is room


def test_next_room_is_when_the_limits_allow_it_again():
    sent = [AT - 120.0 * n for n in range(1, 11)]
    at = next_room(sent, REMIND, AT)
    assert at == sent[-1] + 3600.0
    assert has_room(sent, REMIND, at)


def test_past_the_limit_remind_records_and_delete_deletes_and_tells_later():
    full = Standing(notices=(AT - 1,))
    assert act(judged("conflict"), REMIND, full).kind == "none"
    deleted = act(judged("conflict"), DELETE, full)
    assert (deleted.kind, deleted.notify, deleted.collect) == ("delete", False, True)


@pytest.mark.parametrize(
    ("ages_days", "channel", "mute", "ban"),
    [
        pytest.param([], False, False, False, id="first"),
        pytest.param([1], False, True, False, id="second mutes"),
        pytest.param([1, 2], False, False, True, id="third bans"),
        pytest.param([31, 40], False, False, False, id="strikes expire"),
        pytest.param([1], True, False, False, id="a channel can't be muted"),
        pytest.param([1, 2], True, False, True, id="a channel can be banned"),
    ],
)
def test_ladder(ages_days, channel, mute, ban):
    strikes = tuple(AT - 86400.0 * days for days in ages_days)
    action = act(
        judged("conflict"), LADDER, Standing(strikes=strikes), PostFacts(is_channel=channel)
    )
    assert action.kind == "delete"
    assert action.strike
    assert (action.mute_until == AT + 86400.0, action.ban) == (mute, ban)


def test_without_the_ladder_nothing_is_counted():
    action = act(judged("conflict"), DELETE, Standing(strikes=(AT - 1, AT - 2)))
    assert (action.strike, action.mute_until, action.ban) == (False, None, False)


def test_a_post_has_one_notice_however_often_it_is_edited():
    assert act(judged("conflict"), REMIND, Standing(noticed=True)).kind == "none"
    deleted = act(judged("conflict"), DELETE, Standing(noticed=True))
    assert (deleted.kind, deleted.notify, deleted.collect) == ("delete", False, False)


def test_what_waited_for_hours_is_not_answered_but_still_deleted():
    late = PostFacts(is_late=True)
    later = NOW + timedelta(hours=7)
    assert act(judged("conflict"), REMIND, facts=late, now=later).kind == "none"
    assert act(judged("conflict"), DELETE, facts=late, now=later).kind == "delete"
