"""What administrators called wrong doesn't come again, and claims are counted without words."""

from dataclasses import replace

from bot.guard.types import Check, Finding
from bot.moderation.echo import echo_key
from bot.moderation.exempt import claim_key, without_exempt

FINDING = Finding(
    "conflict", "aigc_gpm", "AI视频GPM轻松破50!", 3, 15, "> 50", "10–16", "", "", "a", "2026-01-18"
)
REWORDED = replace(FINDING, text="ai视频 GPM，轻松破５０")


def test_the_same_words_about_the_same_figure_are_exempt():
    exempt = {claim_key(FINDING.figure, FINDING.text)}
    assert without_exempt(Check((REWORDED,)), exempt).verdict == "no_claim"
    assert without_exempt(Check((replace(FINDING, figure="gpm_gap"),)), exempt).findings
    assert without_exempt(Check((replace(FINDING, text="GPM破60"),)), exempt).findings


def test_the_other_findings_stay():
    other = replace(FINDING, verdict="lacks_context", text="AI便宜")
    assert without_exempt(
        Check((FINDING, other)), {claim_key(FINDING.figure, FINDING.text)}
    ).findings == (other,)


def test_echo_keys_hold_no_words_and_differ_by_group_and_salt():
    keys = {echo_key(FINDING, b"s"), echo_key(FINDING, b"s", -1), echo_key(FINDING, b"t", -1)}
    assert len(keys) == 3
    assert echo_key(FINDING, b"s") == echo_key(replace(FINDING, text="GPM都到50了"), b"s")
