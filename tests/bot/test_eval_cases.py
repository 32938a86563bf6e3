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
from bot.store import Database, moderation
from bot.store.moderation import Case, Labelled

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
    report = judge_cases([case], lambda _: check, lambda _: exempt)
    assert [(r.outcome, r.flipped) for r in report.results] == [(outcome, flipped)]
    assert "K7Q2M9XA" in report.as_text()
    assert report.as_json()["flips"] == flipped


def test_a_home_without_a_database_has_no_cases(tmp_path):
    assert report_cases(tmp_path, lambda text, now: CONFLICT).as_json()["cases"] == 0


def test_cases_of_a_home(tmp_path):
    case = Case("K7Q2M9XA", -1, 5, (5,), None, 7, False, "Anna", "conflict", (), TEXT, 0.0)
    with Database.open(tmp_path) as db, db.transaction() as tx:
        moderation.label(tx.conn, case, wrong=False, keys=(), now=tx.now)
    report = report_cases(tmp_path, lambda text, now: Check())
    assert [result.outcome for result in report.flips] == ["lost"]


def test_an_added_row_that_turns_a_settled_case_is_refused(home, tmp_path):
    readme = Path(str(files("corpus").joinpath("README.md"))).read_text(encoding="utf-8")
    (text,) = re.findall(r"^```text\n(.*?)^```", readme, re.M | re.S)
    facts, rows = re.findall(r"^```toml\n(.*?)^```", readme, re.M | re.S)
    given = {"dubbing.txt": text, "facts.toml": facts, "rows.toml": rows}
    for name, body in given.items():
        (tmp_path / name).write_text(body, encoding="utf-8")
    settled = "AI配音完播率提升50%"
    case = Case("K7Q2M9XB", -1, 6, (6,), None, 7, False, "Anna", "conflict", (), settled, 0.0)
    with Database.open(home) as db, db.transaction() as tx:
        moderation.label(tx.conn, case, wrong=True, keys=(), now=tx.now)
    with pytest.raises(InputError, match="K7Q2M9XB"):
        add_article(
            home,
            tmp_path / "dubbing.txt",
            About(published="2026-02-01", kind="opinion"),
            facts=tmp_path / "facts.toml",
            ledger=tmp_path / "rows.toml",
        )
    assert not (home / "articles").exists()
