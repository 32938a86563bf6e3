"""README, corpus/README, CHANGELOG, .env.example and the requirements, held against the code."""

import json
import re
import shlex
import tomllib
from pathlib import Path

import click
import pytest

from bot.cli.chinese import localise
from bot.cli.main import COMMANDS, qingxing
from bot.config import Settings, variables
from bot.receipts import OPERATOR_S, PERSON_S
from corpus.load import load_corpus

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
CORPUS_README = (ROOT / "corpus" / "README.md").read_text(encoding="utf-8")
CHANGELOG = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
ENV_EXAMPLE = (ROOT / ".env.example").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```", re.M | re.S)


def blocks(text, language):
    return [body for kind, body in BLOCK.findall(text) if kind == language]


def shell_lines(text):
    return [line for body in blocks(text, "sh") for line in body.splitlines() if line.strip()]


def calls():
    """Every call of the command in a code block, as its words."""
    for line in shell_lines(README) + shell_lines(CORPUS_README):
        _, found, words = line.rpartition("qingxing ")
        if found:
            yield shlex.split(words, comments=True)


def test_readme_begins_with_the_two_commands():
    first, second, *_ = blocks(README, "sh")
    assert first == "make ask Q='AI短视频在美区贡献了多少GMV？'\n"
    assert second == "make test\n"


def test_readme_ends_in_english():
    headings = re.findall(r"^## (.+)$", README, re.M)
    assert headings[-1] == "English"
    assert all(re.search(r"[\u4e00-\u9fff]", heading) for heading in headings[:-1])


@pytest.mark.parametrize("words", list(calls()), ids=" ".join)
def test_calls_in_the_readme_exist(words):
    group = localise(qingxing)
    ctx = click.Context(group)
    command = group.get_command(ctx, words[0])
    assert command is not None
    rest = words[1:]
    if isinstance(command, click.Group):
        command = command.get_command(ctx, rest.pop(0))
        assert command is not None
    known = {name for parameter in command.params for name in parameter.opts}
    assert {word for word in rest if word.startswith("--")} <= known


@pytest.mark.parametrize("text", [README, CHANGELOG, ENV_EXAMPLE], ids=["readme", "log", "env"])
def test_words_of_make_and_commands_exist(text):
    targets = set(re.findall(r"^([a-z]+):", MAKEFILE, re.M))
    assert set(re.findall(r"\bmake ([a-z]+)", text)) <= targets
    named = {word.partition("/")[0] for word in re.findall(r"\bqingxing ([a-z]+)", text)}
    assert named <= set(COMMANDS)


def test_files_that_are_linked_exist():
    for text, folder in ((README, ROOT), (CORPUS_README, ROOT / "corpus")):
        links = [link for link in re.findall(r"\]\(([^)]+)\)", text) if "://" not in link]
        assert all((folder / link).exists() for link in links)


def test_extras_in_the_readme_exist():
    table = re.findall(r"^\| `(\w+)` \|", README, re.M)
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"][
        "optional-dependencies"
    ]
    assert set(table) | set(re.findall(r"\.\[(\w+)\]", README)) == set(extras) - {"dev", "bench"}


def test_env_example_names_every_setting_and_no_other():
    named = re.findall(r"^# ([A-Z_]+)=", ENV_EXAMPLE, re.M)
    assert sorted(named) == sorted(variables())
    assert set(re.findall(r"(?:QINGXING|TELEGRAM)_[A-Z_]+", README)) <= set(variables())


def test_env_example_gives_the_defaults():
    given = dict(re.findall(r"^# ([A-Z_]+)=(.*)$", ENV_EXAMPLE, re.M))
    for field in Settings.model_fields.values():
        if field.default and isinstance(field.default, str | int | float):
            assert type(field.default)(given[field.validation_alias]) == field.default


def test_env_example_is_all_commented_out():
    assert all(line.startswith("#") for line in ENV_EXAMPLE.splitlines() if line.strip())


def test_changelog_is_kept_as_agreed():
    releases = re.findall(r"^## (.+)$", CHANGELOG, re.M)
    assert releases[0] == "[未发布]"
    assert all(re.fullmatch(r"\[\d+\.\d+\.\d+\] - \d{4}-\d\d-\d\d", name) for name in releases[1:])
    assert set(re.findall(r"^### (.+)$", CHANGELOG, re.M)) <= {
        "新增", "变更", "弃用", "移除", "修复", "安全",
    }  # fmt: skip


def test_what_the_readme_says_of_the_corpus_and_of_keeping():
    kinds = [article.kind for article in load_corpus().articles.values()]
    assert "八条短讯" in README
    assert (kinds.count("news_brief"), kinds.count("opinion"), kinds.count("secondary")) == (
        8,
        1,
        1,
    )
    assert "三十天后删除原文" in README
    assert OPERATOR_S == 30 * 86400
    assert "上文保留三十分钟" in README
    assert PERSON_S == 30 * 60


def test_the_example_article_works_as_told(qingxing, tmp_path):
    (text,) = blocks(CORPUS_README, "text")
    facts, rows = blocks(CORPUS_README, "toml")
    for name, body in (("dubbing.txt", text), ("facts.toml", facts), ("rows.toml", rows)):
        (tmp_path / name).write_text(body, encoding="utf-8")
    add, ask, check, remove = (
        shlex.split(line)[1:] for line in blocks(CORPUS_README, "sh")[-1].splitlines()
    )
    assert qingxing(*add).status == 0
    answer = json.loads(qingxing(*ask, "--json").out)
    assert answer["figures"] == ["ai_dubbing_completion"]
    found = json.loads(qingxing(*check, "--json").out)
    assert [(f["verdict"], f["figure"]) for f in found["findings"]] == [
        ("conflict", "ai_dubbing_completion")
    ]
    assert qingxing(*remove).status == 0


@pytest.mark.parametrize("name", ["build", "run", "dev"])
def test_requirements_are_locked_by_hash_and_name_no_host(name):
    text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
    assert "://" not in text
    pins = re.findall(r"^[A-Za-z0-9_.\[\]-]+==", text, re.M)
    assert pins
    assert len(pins) == len(re.findall(r"^[A-Za-z0-9_.\[\]-]+==[^\n]*\\\n    --hash=", text, re.M))


def test_requirements_hold_what_the_project_declares():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    locked = (ROOT / "requirements" / "run.txt").read_text(encoding="utf-8").lower()
    for line in project["dependencies"]:
        name = re.match(r"[A-Za-z0-9_.-]+", line)[0].lower()
        assert re.search(rf"^{re.escape(name)}(\[\w+\])?==", locked, re.M)
