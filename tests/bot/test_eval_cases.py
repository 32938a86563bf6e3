"""Settled cases, judged again: which changes of verdict need somebody's word."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

import pytest

from bot.articles import About, add_article
from bot.errors import InputError
from bot.eval.cases import judge_cases, report_cases
from bot.guard.types import Check, Finding
from bot.moderation.exempt import claim_key
from bot.settled import Settled
from bot.store import Database, examples, groups, moderation_log
from bot.store.examples import Labelled
from bot.store.moderation import Case

TEXT = "AI视频GPM轻松破50"
CONFLICT = Check(
    (Finding("conflict", "aigc_gpm", TEXT, 0, 12, "> 50", "10–16", "", "q", "a", "2026-01-18"),)
)
EXEMPT = frozenset({claim_key("aigc_gpm", TEXT)})


@pytest.mark.parametrize(
    ("wrong", "check", "exempt", "outcome", "flipped"),
    [
        pytest.param(False, CONFLICT, frozenset(), "held", False, id="upheld, still a conflict"),
        pytest.param(False, Check(), frozenset(), "lost", True, id="upheld, lost by a change"),
        pytest.param(True, CONFLICT, EXEMPT, "covered", False, id="wrong, exempt here"),
        pytest.param(True, Check(), frozenset(), "mended", False, id="wrong, mended since"),
        pytest.param(True, CONFLICT, frozenset(), "back", True, id="wrong, and back in new words"),
    ],
)
def test_outcomes(wrong, check, exempt, outcome, flipped):
    case = Labelled("K7Q2M9XA", -1, TEXT, ("aigc_gpm",), wrong, 0.0)
    report = judge_cases([case], lambda _: check, lambda _: Settled(exempt=exempt))
    assert [(r.outcome, r.flipped) for r in report.results] == [(outcome, flipped)]
    assert "K7Q2M9XA" in report.as_text()
    assert report.as_json()["flips"] == flipped


def test_a_home_without_a_database_has_no_cases(tmp_path):
    assert report_cases(tmp_path, lambda text, now: CONFLICT).as_json()["cases"] == 0


def test_cases_of_a_home(tmp_path):
    case = Case("K7Q2M9XA", -1, 5, (5,), None, 7, False, "Anna", "conflict", (), TEXT, 0.0)
    with Database.open(tmp_path) as db, db.transaction() as tx:
        examples.label(tx.conn, case, wrong=False, keys=(), now=tx.now)
    report = report_cases(tmp_path, lambda text, now: Check())
    assert [result.outcome for result in report.flips] == ["lost"]


def test_what_was_upheld_stays_where_somebody_said_so():
    case = Labelled("K7Q2M9XA", -1, TEXT, ("aigc_gpm",), False, 0.0, kept=True)
    report = judge_cases([case], lambda _: Check(), lambda _: Settled())
    assert [(r.outcome, r.flipped) for r in report.results] == [("kept", False)]


@pytest.fixture
def lost(home):
    """A home with a case that was upheld and that the packaged ledger says nothing of."""
    case = Case("K7Q2M9XA", -1, 5, (5,), None, 7, False, "Anna", "conflict", (), "你好", 0.0)
    with Database.open(home) as db, db.transaction() as tx:
        examples.label(tx.conn, case, wrong=False, keys=(), now=tx.now)
        examples.set_flipped(tx.conn, "K7Q2M9XA", True)
        groups.save(tx.conn, -1, tx.now, disarmed=1)
    return home


def test_a_flipped_case_is_listed_and_the_exit_status_says_so(lost, qingxing):
    ran = qingxing("eval", "--cases")
    assert (ran.status, ran.err) == (1, "")
    assert "K7Q2M9XA  变了" in ran.out
    assert "--accept" in ran.out
    assert qingxing("eval", "--cases", "--json").status == 1


@pytest.mark.parametrize(
    ("way", "left", "event"),
    [pytest.param("--accept", 0, "unlabelled"), pytest.param("--keep", 1, "kept")],
)
def test_a_case_is_changed_on_purpose_and_the_group_deletes_again(lost, qingxing, way, left, event):
    ran = qingxing("eval", "--cases", way, "编号 k7q2m9xa")
    assert (ran.status, ran.err) == (0, "")
    assert qingxing("eval", "--cases").status == 0
    with Database.open(lost) as db:
        assert len(examples.labelled(db.conn)) == left
        assert not groups.load(db.conn, -1).disarmed
        events = [entry.event for entry in moderation_log.entries(db.conn, -1)]
    assert events == ["armed", event]


@pytest.mark.parametrize(("way", "left"), [("--accept", 0), ("--keep", 1)])
def test_a_case_named_twice_is_changed_once(lost, qingxing, way, left):
    ran = qingxing("eval", "--cases", way, "K7Q2M9XA", way, "编号 k7q2m9xa")
    assert (ran.status, ran.err) == (0, "")
    with Database.open(lost) as db:
        assert len(examples.labelled(db.conn)) == left
        assert len(moderation_log.entries(db.conn, -1)) == 2


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(
            ("--cases", "--accept", "K7Q2M9XA", "--keep", "k7q2m9xa"), id="both ways at once"
        ),
        pytest.param(("--cases", "--accept", "NOSUCH22"), id="no such case"),
        pytest.param(("--accept", "K7Q2M9XA"), id="without --cases"),
    ],
)
def test_what_can_not_be_changed_is_said_and_nothing_is(lost, qingxing, words):
    ran = qingxing("eval", *words)
    assert (ran.status, ran.err.count("\n")) == (2, 1)
    with Database.open(lost) as db:
        assert examples.labelled(db.conn)


@pytest.fixture
def dubbing(tmp_path):
    """The corpus README's own article with its row, as arguments of ``add_article``."""
    readme = Path(str(files("corpus").joinpath("README.md"))).read_text(encoding="utf-8")
    (text,) = re.findall(r"^```text\n(.*?)^```", readme, re.M | re.S)
    facts, rows = re.findall(r"^```toml\n(.*?)^```", readme, re.M | re.S)
    given = {"dubbing.txt": text, "facts.toml": facts, "rows.toml": rows}
    for name, body in given.items():
        (tmp_path / name).write_text(body, encoding="utf-8")
    about = About(published="2026-02-01", kind="opinion")
    rest = {"facts": tmp_path / "facts.toml", "ledger": tmp_path / "rows.toml"}
    return (tmp_path / "dubbing.txt", about), rest


def settle(home, *, wrong):
    settled = "AI配音完播率提升50%"
    case = Case("K7Q2M9XB", -1, 6, (6,), None, 7, False, "Anna", "conflict", (), settled, 0.0)
    with Database.open(home) as db, db.transaction() as tx:
        examples.label(tx.conn, case, wrong=wrong, keys=(), now=tx.now)


def test_an_added_row_that_turns_a_settled_case_is_refused(home, dubbing, qingxing):
    given, rest = dubbing
    settle(home, wrong=True)
    with pytest.raises(InputError, match="K7Q2M9XB"):
        add_article(home, *given, **rest)
    assert not (home / "articles").exists()
    qingxing("eval", "--cases", "--accept", "K7Q2M9XB")
    assert add_article(home, *given, **rest).id == "dubbing"


def test_an_article_whose_row_carries_a_settled_case_stays(home, dubbing, qingxing):
    given, rest = dubbing
    add_article(home, *given, **rest)
    settle(home, wrong=False)
    ran = qingxing("corpus", "remove", "dubbing")
    assert ran.status == 2
    assert "K7Q2M9XB" in ran.err
    assert (home / "ledger" / "dubbing.toml").is_file()
    qingxing("eval", "--cases", "--keep", "K7Q2M9XB")
    assert qingxing("corpus", "remove", "dubbing").status == 0
