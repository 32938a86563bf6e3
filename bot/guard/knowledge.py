"""Everything that the guard knows, compiled: vocabulary, cues, scopes and the ledger's rows.

The general language is this package's data; what is said of a row stands with the row in the
ledger (``claims``).  Both are checked here, with one error that names table, key and value.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from importlib.resources import files
from typing import Any

from bot.guard.lexicon import Lexicon, LexiconBuilder
from bot.guard.normalise import Spellings, compile_spellings
from bot.guard.quantity import QuantityWords, compile_words
from corpus.ledger import Figure, Ledger

_WORD_KEYS = ("hype", "sober", "hype_alone", "sober_alone")
_CLAIM_KEYS = {
    "about",
    "also",
    "number",
    "order",
    "source_words",
    "over",
    "case",
    "luck",
    "tempered_by",
    *_WORD_KEYS,
}
_NUMBER_KEYS = {
    "metric",
    "faint",
    "units",
    "relation",
    "rest",
    "needs",
    "above",
    "not_about",
    "nouns",
}
_ORDER_KEYS = {"left", "right", "metric", "optional", "but_not", "never_with"}
_ORDER_WORDS = {"apart", "adverbs", "measures", "one_sided", "away", "differs", "utmost", "among"}
# Longer words speak of these too, wherever they hold one of their words.
_IMPLIED = ("subjects", "metrics", "cases", "elsewhere")
_RELATIONS = ("share", "level", "lift", "amount", "ratio")


@dataclass(frozen=True, slots=True)
class NumberRule:
    """How a row's number is told."""

    metric: int
    faint: int
    units: frozenset[str]
    relation: str
    rest: int
    needs: int
    above: Decimal | None
    not_about: int
    nouns: frozenset[str]


@dataclass(frozen=True, slots=True)
class OrderRule:
    """How two things are compared; ``left`` is the one that hype puts above ``right``."""

    left: int
    right: int
    metric: int
    optional: bool
    but_not: int
    never_with: int


@dataclass(frozen=True, slots=True)
class Row:
    """A ledger row with the bits of its words."""

    figure: Figure
    about: int
    also: int
    hype: int
    sober: int
    hype_alone: int
    sober_alone: int
    source_words: int
    number: NumberRule | None
    order: OrderRule | None
    over: frozenset[str]
    case: str
    luck: bool
    tempered_by: frozenset[str]


@dataclass(frozen=True, slots=True)
class StanceBits:
    """The bits of the cues, as :mod:`bot.guard.stance` reads them."""

    ask: int
    push: int
    rhetorical: int
    confirm: int
    deny: int
    mock: int
    laugh: int
    refute: int
    scoff: int
    aloof: int
    other: int
    reset: int
    dont_listen: int
    ask_before: int
    affirm: int
    frame: int
    leaning: int
    pessimism: int
    wish: int
    plan: int
    forecast: int
    deny_or_mock: int


@dataclass(frozen=True, slots=True)
class ClaimBits:
    """The bits that readers and judge ask for by name."""

    ai: int
    above: int
    equal: int
    below: int
    order: int
    up: int
    down: int
    change: int
    neg: int
    neg_after: int
    other_metric: int
    other_subject: int
    order_count: int
    ratio_metric: int
    any_metric: int
    level_subjects: int
    one_video: int
    one_case: int
    own: int
    own_luck: int
    promise: int
    many: int
    category: int
    shop: int
    past_year: int
    currency: int
    generalise: int


@dataclass(frozen=True, slots=True)
class OrderWords:
    """The words by which things are compared; each stands for itself, whatever is compared."""

    apart: re.Pattern[str]  # before 六倍 in 差了有六倍
    measures: tuple[str, ...]  # before the side that the other is measured by
    one_sided: tuple[str, ...]  # 不输 says no more than that
    away: tuple[str, ...]  # 离50 is how far it is from there
    differs: tuple[str, ...]  # 比AI高三十 is a difference
    utmost: tuple[str, ...]  # 最低30 is a value all the same
    among: tuple[str, ...]  # 五万条里一千条 is a share


@dataclass(frozen=True, slots=True)
class Knowledge:
    """The compiled whole; ``gate`` are the bits without which a post claims nothing."""

    lexicon: Lexicon
    quantities: QuantityWords
    order_words: OrderWords
    spellings: Spellings
    rows: tuple[Row, ...]
    markets: Mapping[int, str]
    platforms: Mapping[int, str]
    gate: int
    foreign: int
    home_markets: frozenset[str]
    places: int  # the bits of all markets and platforms
    stance_bits: StanceBits
    claim_bits: ClaimBits
    number_rows: tuple[Row, ...]
    order_rows: tuple[Row, ...]
    leaning_gate: int
    by_figure: Mapping[str, Row]
    names: Mapping[int, str]
    steps: Mapping[str, tuple[Decimal, ...]]
    leaning_cache: dict[int, tuple[Row, ...]] = field(default_factory=dict, compare=False)

    def leaning_rows(self, mask: int) -> tuple[Row, ...]:
        """The rows that a word with these bits can speak for; each mask is worked out once."""
        found = self.leaning_cache.get(mask)
        if found is None:
            found = tuple(
                row
                for row in self.rows
                if mask & (row.hype | row.sober | row.hype_alone | row.sober_alone)
            )
            self.leaning_cache[mask] = found
        return found


def load_knowledge(ledger: Ledger) -> Knowledge:
    """The package's data and *ledger*'s rows, compiled.

    Raises ValueError, which names the file or row, the key and the value at fault.
    """
    builder = LexiconBuilder()
    general, scopes, quantities = map(_read, ("lexicon.toml", "scopes.toml", "quantities.toml"))
    _add_words(builder, general, scopes)
    implied = [name for table in _IMPLIED for name in general[table]] + ["share"]
    rows = tuple(_row(figure, builder) for figure in ledger)
    builder.imply("ai", "ai")
    builder.imply("ai", "aigc")
    builder.imply_inner(implied)
    lexicon = builder.build()
    gate = lexicon.mask(
        "ai", "ai_video", "gpm", "per_thousand", "domain", "official", "third_party"
    )
    for row in rows:
        gate |= row.about | row.hype_alone | row.sober_alone
    return Knowledge(
        number_rows=tuple(row for row in rows if row.number),
        by_figure={row.figure.id: row for row in rows},
        names={bit: concept for concept, bit in lexicon.bits.items()},
        steps=_steps(quantities),
        order_rows=tuple(row for row in rows if row.order),
        leaning_gate=_leaning_gate(rows),
        claim_bits=_claim_bits(lexicon, rows),
        lexicon=lexicon,
        quantities=compile_words(quantities),
        order_words=_order_words(quantities["order"]),
        spellings=compile_spellings(_read("variants.toml"), lexicon.inner),
        rows=rows,
        markets={lexicon.bits[f"markets.{place}"]: place for place in scopes["markets"]},
        platforms={lexicon.bits[f"platforms.{place}"]: place for place in scopes["platforms"]},
        places=lexicon.mask(
            *(f"markets.{m}" for m in scopes["markets"]),
            *(f"platforms.{p}" for p in scopes["platforms"]),
        ),
        gate=gate,
        foreign=lexicon.mask("foreign"),
        home_markets=frozenset(
            row.figure.scope.market
            for row in rows
            if row.figure.scope.bound and row.figure.scope.market
        ),
        stance_bits=_stance_bits(lexicon, rows),
    )


def _add_words(
    builder: LexiconBuilder, general: Mapping[str, Any], scopes: Mapping[str, Any]
) -> None:
    """The general language, the cues of stance, and the places."""
    for name, tables in (("lexicon.toml", general), ("cues.toml", _read("cues.toml"))):
        for table, concepts in tables.items():
            for concept, words in concepts.items():
                builder.add(concept, _words(words, f"{name}: {table}.{concept}"))
    for kind in ("markets", "platforms"):
        for place, words in scopes[kind].items():
            builder.add(f"{kind}.{place}", _words(words, f"scopes.toml: {kind}.{place}"))
    for kind, words in scopes["narrow"].items():
        builder.add(f"narrow.{kind}", _words(words, f"scopes.toml: narrow.{kind}"))


def _order_words(data: Mapping[str, Any]) -> OrderWords:
    if unknown := set(data) - _ORDER_WORDS:
        raise ValueError(f"quantities.toml: order: unknown {sorted(unknown)}")
    words = {
        name: tuple(_words(data.get(name), f"quantities.toml: order.{name}"))
        for name in _ORDER_WORDS
    }
    # The longest first, or 差 would be read in 差距.
    heads, adverbs = (
        "|".join(sorted(map(re.escape, words.pop(name)), key=len, reverse=True))
        for name in ("apart", "adverbs")
    )
    return OrderWords(apart=re.compile(f"(?:{heads})(?:{adverbs}){{0,2}}$"), **words)


def _leaning_gate(rows: tuple[Row, ...]) -> int:
    """The words of any row that lean to hype or to soberness."""
    gate = 0
    for row in rows:
        gate |= row.hype | row.sober | row.hype_alone | row.sober_alone
    return gate


def _claim_bits(lexicon: Lexicon, rows: tuple[Row, ...]) -> ClaimBits:
    any_metric = lexicon.mask("other_metric")
    level_subjects = 0
    for row in rows:
        if row.number:
            any_metric |= row.number.metric
            if row.number.relation == "level":
                level_subjects |= row.about
    return ClaimBits(
        ai=lexicon.mask("ai"),
        above=lexicon.mask("above"),
        equal=lexicon.mask("equal"),
        below=lexicon.mask("below"),
        order=lexicon.mask("above", "equal", "below"),
        up=lexicon.mask("up"),
        down=lexicon.mask("down"),
        change=lexicon.mask("up", "down"),
        neg=lexicon.mask("neg"),
        neg_after=lexicon.mask("neg_after"),
        other_metric=lexicon.mask("other_metric"),
        other_subject=lexicon.mask("other_subject"),
        order_count=lexicon.mask("order_count"),
        ratio_metric=lexicon.mask("ratio_metric"),
        any_metric=any_metric,
        level_subjects=level_subjects,
        one_video=lexicon.mask("one_video"),
        one_case=lexicon.mask("one_case"),
        own=lexicon.mask("own"),
        own_luck=lexicon.mask("own_luck"),
        promise=lexicon.mask("promise"),
        many=lexicon.mask("many_cases"),
        category=lexicon.mask("narrow.category"),
        shop=lexicon.mask("narrow.shop"),
        past_year=lexicon.mask("past_year"),
        currency=lexicon.mask("narrow.currency"),
        generalise=lexicon.mask("generalise"),
    )


def _stance_bits(lexicon: Lexicon, rows: tuple[Row, ...]) -> StanceBits:
    return StanceBits(
        ask=lexicon.mask("ask"),
        push=lexicon.mask("push"),
        rhetorical=lexicon.mask("rhetorical"),
        confirm=lexicon.mask("confirm"),
        deny=lexicon.mask("deny"),
        mock=lexicon.mask("mock"),
        laugh=lexicon.mask("laugh"),
        refute=lexicon.mask("refute"),
        scoff=lexicon.mask("scoff"),
        aloof=lexicon.mask("trade", "doom"),
        other=lexicon.mask("other_speaker"),
        reset=lexicon.mask("reset"),
        dont_listen=lexicon.mask("dont_listen"),
        ask_before=lexicon.mask("ask_before"),
        affirm=lexicon.mask("affirm"),
        frame=lexicon.mask("frame"),
        leaning=_leaning_gate(rows),
        pessimism=lexicon.mask("pessimism"),
        wish=lexicon.mask("wish"),
        plan=lexicon.mask("plan"),
        forecast=lexicon.mask("forecast"),
        deny_or_mock=lexicon.mask("deny", "mock"),
    )


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads(files("bot.guard").joinpath(name).read_text(encoding="utf-8"))


def _words(value: object, where: str) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(word, str) and word for word in value):
        raise ValueError(f"{where} = {value!r}: must be a list of words")
    return value


def _row(figure: Figure, builder: LexiconBuilder) -> Row:
    table = figure.claims
    where = f"{figure.id}.claims"
    _reject_unknown(table, _CLAIM_KEYS, where)
    masks = {
        key: _mask(table.get(key, []), f"{where}.{key}", builder)
        for key in ("about", "also", "source_words", *_WORD_KEYS)
    }
    return Row(
        figure=figure,
        number=_number(table.get("number"), f"{where}.number", builder),
        order=_order(table.get("order"), f"{where}.order", builder),
        over=frozenset(_words(table.get("over", []), f"{where}.over")),
        case=str(table.get("case", "")),
        luck=table.get("luck") is True,
        tempered_by=frozenset(_words(table.get("tempered_by", []), f"{where}.tempered_by")),
        **masks,
    )


def _mask(words: object, where: str, builder: LexiconBuilder) -> int:
    """The bits of the concepts named by ``@`` and of the other words together."""
    mask = 0
    own = []
    for word in _words(words, where):
        if not word.startswith("@"):
            own.append(word)
            continue
        if word[1:] not in builder.bits:
            raise ValueError(f"{where} = {word!r}: no such concept")
        mask |= builder.bits[word[1:]]
    if own:
        builder.add(where, own)
        mask |= builder.bits[where]
    return mask


def _number(table: object, where: str, builder: LexiconBuilder) -> NumberRule | None:
    if table is None:
        return None
    rule = _table(table, _NUMBER_KEYS, where)
    relation = rule.get("relation")
    if relation not in _RELATIONS:
        raise ValueError(f"{where}.relation = {relation!r}: one of {', '.join(_RELATIONS)}")
    masks = {
        key: _mask(rule.get(key, []), f"{where}.{key}", builder)
        for key in ("metric", "faint", "rest", "needs", "not_about")
    }
    return NumberRule(
        units=frozenset(_words(rule.get("units"), f"{where}.units")),
        relation=relation,
        above=_bound(rule.get("above"), f"{where}.above"),
        nouns=frozenset(_words(rule.get("nouns", []), f"{where}.nouns")),
        **masks,
    )


def _order(table: object, where: str, builder: LexiconBuilder) -> OrderRule | None:
    if table is None:
        return None
    rule = _table(table, _ORDER_KEYS, where)
    masks = {
        key: _mask(rule.get(key, []), f"{where}.{key}", builder)
        for key in ("left", "right", "metric", "but_not", "never_with")
    }
    return OrderRule(optional=rule.get("optional") is True, **masks)


def _steps(quantities: Mapping[str, Any]) -> dict[str, tuple[Decimal, ...]]:
    return {unit: tuple(map(Decimal, steps)) for unit, steps in quantities["steps"].items()}


def _bound(value: object, where: str) -> Decimal | None:
    if value is None:
        return None
    try:
        return Decimal(str(value))
    except InvalidOperation:
        raise ValueError(f"{where} = {value!r}: not a decimal") from None


def _table(value: object, keys: set[str], where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"{where} = {value!r}: must be a table")
    _reject_unknown(value, keys, where)
    return value


def _reject_unknown(table: Mapping[str, Any], keys: set[str], where: str) -> None:
    for key in _unknown(table, keys):
        raise ValueError(f"{where}.{key} = {table[key]!r}: unknown key")


def _unknown(table: Mapping[str, Any], keys: set[str]) -> Iterator[str]:
    return (key for key in table if key not in keys)
