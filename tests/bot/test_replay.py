"""The back-test over a Telegram Desktop export."""

from __future__ import annotations

import json

import pytest

from bot.errors import InputError
from bot.guard.guard import Guard
from bot.moderation.types import GroupSettings
from bot.replay import load_export, replay_chat
from corpus.load import load_corpus

HYPE = "AI视频已经贡献了美区10%的GMV"
START = 1_790_000_000


@pytest.fixture(scope="module")
def judge(tmp_path_factory):
    guard = Guard(load_corpus(tmp_path_factory.mktemp("home")).ledger)
    return lambda text, now: guard.check(text, now=now)


def message(number, text, *, after_s=0, **fields):
    return {
        "id": number,
        "type": "message",
        "date_unixtime": str(START + after_s),
        "from_id": "user7",
        "text": text,
    } | fields


def chat(*messages):
    return {"name": "卖家群", "type": "private_supergroup", "id": 42, "messages": list(messages)}


def replayed(judge, *messages, mode="remind", **options):
    settings = GroupSettings(mode=mode, **options.pop("settings", {}))
    return replay_chat(chat(*messages), judge, settings, stale_days=365, **options)


def test_every_message_is_judged_or_skipped(judge):
    report = replayed(
        judge,
        message(1, HYPE),
        message(2, "大家早"),
        {"id": 3, "type": "service", "action": "join_group_by_link", "text": ""},
        message(4, "", photo="photos/1.jpg"),
        message(5, HYPE, from_id="user1"),
        message(6, HYPE, from_id="channel42"),
        message(7, HYPE, via_bot="@gif"),
        "nonsense",
        protect=["user1"],
    )
    assert report.as_json() == {
        "name": "卖家群",
        "id": 42,
        "messages": 8,
        "posts": 2,
        "verdicts": {
            "conflict": 1,
            "lacks_context": 0,
            "unsupported": 0,
            "consistent": 0,
            "no_claim": 1,
        },
        "actions": {"notice": 1, "delete": 0},
        "flagged": [
            {
                "message_id": 1,
                "from_id": "user7",
                "verdict": "conflict",
                "figure": "aigc_gmv_share",
                "text": report.flagged[0].text,
                "action": "notice",
            }
        ],
        "skipped": {"service": 2, "no_text": 1, "protected": 3},
    }
    assert report.flagged[0].text in HYPE


@pytest.mark.parametrize(
    ("text", "extra", "conflicts"),
    [
        pytest.param(["听说", {"type": "bold", "text": HYPE}], {}, 1, id="runs"),
        pytest.param([{"type": "blockquote", "text": HYPE}, "\n假的吧"], {}, 0, id="quoted"),
        pytest.param("", {"poll": {"question": HYPE, "answers": [{"text": "信"}]}}, 1, id="poll"),
        pytest.param("看", {"inline_bot_buttons": [[{"text": HYPE}]]}, 1, id="button"),
        pytest.param([17, None, {"type": "bold"}], {}, 0, id="odd runs"),
    ],
)
def test_texts_of_an_export(judge, text, extra, conflicts):
    assert len(replayed(judge, message(1, text, **extra)).flagged) == conflicts


@pytest.mark.parametrize(
    ("mode", "actions"),
    [
        pytest.param("watch", ["none"] * 3, id="watch"),
        pytest.param("remind", ["notice", "none", "notice"], id="one notice a minute"),
        pytest.param("delete", ["delete"] * 3, id="deletions have no limit"),
    ],
)
def test_modes_and_limits(judge, mode, actions):
    report = replayed(
        judge,
        message(1, HYPE),
        message(2, HYPE, after_s=30),
        message(3, HYPE, after_s=61),
        mode=mode,
    )
    assert [flagged.action for flagged in report.flagged] == actions
    assert report.actions == {
        "notice": actions.count("notice"),
        "delete": actions.count("delete"),
    }


def test_a_source_that_was_old_by_then_only_reminds(judge):
    report = replayed(judge, message(1, HYPE, after_s=400 * 86400), mode="delete")
    assert report.flagged[0].action == "notice"


def test_a_forward_only_reminds(judge):
    report = replayed(judge, message(1, HYPE, forwarded_from="某频道"), mode="delete")
    assert report.flagged[0].action == "notice"


@pytest.mark.parametrize(
    ("data", "names"),
    [
        pytest.param(chat(), ["卖家群"], id="one chat"),
        pytest.param(
            {"chats": {"list": [chat(), {**chat(), "name": "二群"}]}},
            ["卖家群", "二群"],
            id="account",
        ),
    ],
)
def test_both_kinds_of_export(tmp_path, data, names):
    path = tmp_path / "result.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    assert [found["name"] for found in load_export(path)] == names


@pytest.mark.parametrize("text", ["{", "[]", '{"chats": 3}', "\xff"])
def test_what_is_no_export_is_said_so(tmp_path, text):
    path = tmp_path / "result.json"
    path.write_text(text, encoding="latin-1")
    with pytest.raises(InputError, match=r"result\.json"):
        load_export(path)
    with pytest.raises(InputError, match="读不了"):
        load_export(tmp_path / "missing.json")
