"""The ledger: what the articles state in figures or flatly, each row with its verbatim source.

``ledger.toml`` is the knowledge, this module only reads it.  A broken ledger stops the start and
names every fault at once, so that whoever mends it needs one round.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, cast, get_args

from corpus.article import Article
from corpus.interval import Interval, parse_interval

Basis = Literal["firm", "weak"]
Direction = Literal["above", "below"]
RowCaveatKind = Literal[
    "single_source",
    "unnamed_source",
    "hearsay",
    "hypothesis",
    "prediction",
    "market_scope",
    "undated",
    "secondary_source",
    "conflicting_sources",
]
_CAVEAT_KINDS = frozenset(get_args(RowCaveatKind))

_TEXTS = ("subject", "metric", "known_text", "statement")
_OPTIONAL = ("unit", "known", "hyped", "instead", "caveats", "claims")
_KEYS = frozenset((*_TEXTS, *_OPTIONAL, "basis", "scope", "source"))


class LedgerError(ValueError):
    """The ledger's file can't be used; the message names every fault."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Where and when a row holds; ``bound`` rows say nothing of other markets."""

    platform: str
    market: str | None = None
    period: str | None = None
    bound: bool = False

    def as_json(self) -> dict[str, str | None]:
        return {"platform": self.platform, "market": self.market, "period": self.period}


@dataclass(frozen=True, slots=True)
class RowCaveat:
    """Why a row bears less weight than it seems to; ``text`` is for the reader."""

    kind: RowCaveatKind
    text: str


@dataclass(frozen=True, slots=True)
class Figure:
    """A ledger row: ``article`` holds ``quote`` at ``[start, end)``.

    ``known`` is absent where the source gives no number.  ``claims`` is what the guard knows of
    the row's wordings, as it stands in the file; ``source`` is the article itself.
    """

    id: str
    subject: str
    metric: str
    unit: str | None
    known: Interval | None
    known_text: str
    hyped: Direction
    basis: Basis
    scope: Scope
    article: str
    quote: str
    start: int
    end: int
    published: str | None
    statement: str
    instead: str | None
    caveats: tuple[RowCaveat, ...]
    claims: Mapping[str, Any] = field(repr=False, compare=False)
    source: Article = field(repr=False, compare=False)

    def as_json(self) -> dict[str, Any]:
        """The contract's object of ``figures --json``."""
        return {
            "id": self.id,
            "subject": self.subject,
            "metric": self.metric,
            "unit": self.unit,
            "known": self.known_text,
            "scope": self.scope.as_json(),
            "quote": self.quote,
            "article": self.article,
            "start": self.start,
            "end": self.end,
            "caveats": [{"kind": caveat.kind, "text": caveat.text} for caveat in self.caveats],
        }


@dataclass(frozen=True, slots=True)
class Ledger:
    """The rows in the file's order; ``ledger["aigc_gmv_share"]`` is one of them."""

    figures: tuple[Figure, ...]
    _by_id: Mapping[str, Figure] = field(init=False, repr=False, compare=False, hash=False)

    def __post_init__(self) -> None:
        by_id = MappingProxyType({figure.id: figure for figure in self.figures})
        object.__setattr__(self, "_by_id", by_id)

    def __getitem__(self, figure_id: str) -> Figure:
        return self._by_id[figure_id]

    def __contains__(self, figure_id: object) -> bool:
        return figure_id in self._by_id

    def __iter__(self) -> Iterator[Figure]:
        return iter(self.figures)

    def __len__(self) -> int:
        return len(self.figures)


def load_ledger(path: Path, articles: Mapping[str, Article]) -> Ledger:
    """The ledger of the file at *path*, each quote found in its article.

    Raises LedgerError, which names the file and each row, key and value at fault.
    """
    try:
        return parse_ledger(path.read_text(encoding="utf-8"), articles)
    except (OSError, UnicodeDecodeError) as err:
        raise LedgerError(f"{path}: {err}") from err
    except LedgerError as err:
        raise LedgerError(f"{path}: {err}") from err


def parse_ledger(text: str, articles: Mapping[str, Article]) -> Ledger:
    """The ledger written in *text*; faults as in :func:`load_ledger`, without the file's name."""
    try:
        rows = tomllib.loads(text)
    except tomllib.TOMLDecodeError as err:
        raise LedgerError(str(err)) from err
    faults: list[str] = []
    figures = [
        figure
        for figure_id, row in rows.items()
        if (figure := _Row(figure_id, row, faults).figure(articles)) is not None
    ]
    if not rows:
        faults.append("no rows")
    if faults:
        raise LedgerError("; ".join(faults))
    return Ledger(tuple(figures))


class _Row:
    """One table of the file while it is read; what is wrong goes to the shared *faults*."""

    def __init__(self, figure_id: str, row: object, faults: list[str]) -> None:
        self.id = figure_id
        self.faults = faults
        self.row = cast("dict[str, Any]", row) if isinstance(row, dict) else {}
        if not isinstance(row, dict):
            self.fault("", row, "must be a table")

    def fault(self, key: str, value: object, reason: str) -> None:
        where = f"{self.id}.{key}" if key else self.id
        self.faults.append(f"{where} = {value!r}: {reason}")

    def figure(self, articles: Mapping[str, Article]) -> Figure | None:
        before = len(self.faults)
        for key in sorted(set(self.row) - _KEYS):
            self.fault(key, self.row[key], "unknown key")
        texts = {key: self.text(self.row, key, key) for key in _TEXTS}
        known = self.known()
        scope = self.scope()
        caveats = tuple(self.caveats())
        basis = self.choice("basis", get_args(Basis))
        hyped = self.choice("hyped", get_args(Direction), default="above")
        article, quote, start = self.source(articles)
        optional = {key: self.optional_text(self.row, key) for key in ("unit", "instead")}
        claims = self.table("claims")
        if len(self.faults) > before or article is None or scope is None:
            return None
        return Figure(
            id=self.id,
            subject=texts["subject"],
            metric=texts["metric"],
            unit=optional["unit"],
            known=known,
            known_text=texts["known_text"],
            hyped=cast("Direction", hyped),
            basis=cast("Basis", basis),
            scope=scope,
            article=article.id,
            quote=quote,
            start=start,
            end=start + len(quote),
            published=article.published,
            statement=texts["statement"],
            instead=optional["instead"],
            caveats=caveats,
            claims=MappingProxyType(claims),
            source=article,
        )

    def text(self, table: Mapping[str, Any], key: str, name: str) -> str:
        value = table.get(key)
        if isinstance(value, str) and value.strip():
            return value
        self.fault(name, value, "must be a text")
        return ""

    def optional_text(self, table: Mapping[str, Any], key: str) -> str | None:
        return self.text(table, key, key) if key in table else None

    def choice(self, key: str, allowed: tuple[str, ...], default: str | None = None) -> str:
        value = self.row.get(key, default)
        if value in allowed:
            return cast("str", value)
        self.fault(key, value, f"must be one of {', '.join(allowed)}")
        return allowed[0]

    def table(self, key: str) -> dict[str, Any]:
        value = self.row.get(key, {})
        if isinstance(value, dict):
            return value
        self.fault(key, value, "must be a table")
        return {}

    def known(self) -> Interval | None:
        if "known" not in self.row:
            return None
        table = self.table("known")
        if not self.row.get("unit"):
            self.fault("unit", self.row.get("unit"), "a number needs its unit")
        try:
            return parse_interval(table)
        except ValueError as err:
            self.fault("known", table, str(err))
            return None

    def scope(self) -> Scope | None:
        table = self.table("scope")
        for key in sorted(set(table) - {"platform", "market", "period", "bound"}):
            self.fault(f"scope.{key}", table[key], "unknown key")
        bound = table.get("bound", False)
        if not isinstance(bound, bool):
            self.fault("scope.bound", bound, "must be true or false")
            return None
        if bound and not table.get("market"):
            self.fault("scope.market", table.get("market"), "a bound row names its market")
        return Scope(
            platform=self.text(table, "platform", "scope.platform"),
            market=self.optional_text(table, "market"),
            period=self.optional_text(table, "period"),
            bound=bound,
        )

    def caveats(self) -> Iterator[RowCaveat]:
        entries = self.row.get("caveats", [])
        if not isinstance(entries, list):
            self.fault("caveats", entries, "must be a list")
            return
        for number, entry in enumerate(entries):
            name = f"caveats[{number}]"
            if not isinstance(entry, dict) or entry.get("kind") not in _CAVEAT_KINDS:
                self.fault(name, entry, f"kind must be one of {', '.join(sorted(_CAVEAT_KINDS))}")
                continue
            yield RowCaveat(kind=entry["kind"], text=self.text(entry, "text", f"{name}.text"))

    def source(self, articles: Mapping[str, Article]) -> tuple[Article | None, str, int]:
        table = self.table("source")
        quote = self.text(table, "quote", "source.quote")
        article_id = self.text(table, "article", "source.article")
        article = articles.get(article_id)
        if article_id and article is None:
            self.fault("source.article", article_id, "no such article")
        start = article.text.find(quote) if article else -1
        if article and quote and start < 0:
            self.fault("source.quote", quote, f"doesn't stand in {article.id}")
        return article, quote, start
