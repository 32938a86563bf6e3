"""Who may import whom, held by reading every import: bot → index → corpus, never up or round."""

import ast
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from itertools import chain
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("bot", "corpus", "index")
MODULES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))

# package or subpackage → what it must never import.
FORBIDDEN = {
    "corpus": ("index", "bot"),
    "index": ("bot",),
    "bot.cli": ("bot.telegram",),
    "bot.telegram": ("bot.cli",),
}
# Inside bot everything but these is below them.
EDGES = ("bot.cli", "bot.telegram")
# `bot.cli.bot` starts the bot: the one door from the command line to Telegram.
DOORS = {("bot.cli.bot", "bot.telegram")}
# Values in, values out: no clock, environment, randomness, SQLite or Telegram.
PURE = (
    "bot.answer",
    "bot.guard",
    "bot.linear",
    "corpus.article",
    "corpus.chunk",
    "corpus.interval",
)
IMPURE = {"os", "sqlite3", "random", "secrets", "time", "telegram", "click", "sqlite_utils"}
# Who may load what: each of these makes a start-up slow, so one place has it.
ONLY = {
    "jieba": {"index.tokenizer"},
    "rank_bm25": {"index.weights"},
    "click": {"bot.cli"},
    "rich": {"bot.cli"},
    "telegram": {"bot.telegram"},
}


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def imports(path: Path) -> set[str]:
    """The full names that *path* imports, wherever in the file, annotations' imports left out."""
    found = set()
    for node in _run_nodes(parsed(path)):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            found.add(node.module)
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return found


def _run_nodes(tree: ast.AST) -> Iterator[ast.AST]:
    """All nodes but those under ``if TYPE_CHECKING``, which never run."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        yield node
        yield from _run_nodes(node)


def within(name: str, package: str) -> bool:
    return name == package or name.startswith(package + ".")


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_imports_point_downwards(path):
    name = module_name(path)
    for below, above in FORBIDDEN.items():
        if within(name, below):
            wrong = {used for used in imports(path) for top in above if within(used, top)}
            assert not {
                used for used in wrong if (name, ".".join(used.split(".")[:2])) not in DOORS
            }
    if within(name, "bot") and not any(within(name, edge) for edge in EDGES):
        assert not {used for used in imports(path) for edge in EDGES if within(used, edge)}


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_slow_libraries_have_one_place(path):
    name = module_name(path)
    for library, places in ONLY.items():
        if not any(within(name, place) for place in places):
            assert not {used for used in imports(path) if within(used, library)}


@pytest.mark.parametrize(
    "path",
    [path for path in MODULES if any(within(module_name(path), pure) for pure in PURE)],
    ids=module_name,
)
def test_the_middle_is_pure(path):
    assert not {used.partition(".")[0] for used in imports(path)} & IMPURE


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_only_two_modules_read_the_environment(path):
    reads = any(
        isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv")
        for node in ast.walk(parsed(path))
    )
    assert not reads or module_name(path) in ("bot.config", "bot.home")


def test_every_import_is_ours_or_declared_or_standard():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = chain(project["dependencies"], *project["optional-dependencies"].values())
    declared = {line.replace("-", "_").lower() for line in lines}
    # Import names that aren't their distribution's, and what comes with a declared one.
    known = {
        "telegram": "python_telegram_bot",
        "dotenv": "pydantic_settings",
        "tornado": "python_telegram_bot",
        "httpx": "python_telegram_bot",
        "PIL": "matplotlib",
        "fontTools": "matplotlib",
        "sklearn": "scikit_learn",
    }
    tops = {used.partition(".")[0] for path in MODULES for used in imports(path)}
    for top in tops - set(sys.stdlib_module_names) - set(PACKAGES):
        name = known.get(top, top).lower()
        assert any(line.startswith(name) for line in declared), f"{top} isn't declared"


def test_no_module_is_above_five_hundred_lines():
    lines = {
        str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines())
        for path in MODULES
    }
    assert {name: count for name, count in lines.items() if count > 500} == {}
