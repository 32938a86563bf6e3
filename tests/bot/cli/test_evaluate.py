"""``qingxing eval`` from the command line: the posts' figures, and the settled cases."""

import json


def test_posts_as_json(run_cli):
    ran = run_cli("eval", "--set", "guard", "--json", "--failures")
    assert (ran.status, ran.err) == (0, "")
    found = json.loads(ran.out)
    assert set(found) == {"guard", "failures"}
    assert set(found["guard"]) == {"tuning", "measured"}
    for part in found["guard"].values():
        assert part["bad_offsets"] == 0
        assert 0 < part["precision"] <= 1
        assert sum(map(sum, part["confusion"])) == part["cases"]
    wrong = {failure["id"] for failure in found["failures"]}
    tuning = found["guard"]["tuning"]
    right = sum(row[at] for at, row in enumerate(tuning["confusion"]))
    assert len(wrong) == tuning["cases"] - right


def test_cases_where_no_group_has_settled_any(run_cli):
    assert run_cli("eval", "--cases").out == "还没有群管理员标记过的案例。\n"
    found = json.loads(run_cli("eval", "--cases", "--json").out)
    assert found == {"cases": 0, "flips": 0, "results": []}
