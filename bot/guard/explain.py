"""A judgement in plain Chinese, with the arithmetic shown and the evidence's weakness told."""

from __future__ import annotations

import tomllib
from datetime import date
from decimal import Decimal
from functools import cache, lru_cache
from importlib.resources import files

from bot.caveats import caveats_for
from bot.guard.judge import Judgement
from bot.guard.normalise import Normalised
from bot.guard.quantity import Quantity
from bot.guard.types import Finding
from bot.types import Caveat
from corpus.ledger import Figure

_UNITS = {"percent": "%", "times": "倍", "ratio": ""}
_LARGE = ((Decimal(100_000_000), "亿"), (Decimal(10_000), "万"))


def finding(
    judgement: Judgement, figure: Figure | None, normal: Normalised, raw: str, now: date
) -> Finding:
    """The finding of *judgement* on the post *raw*, its span in raw offsets."""
    claim = judgement.claim
    start, end = normal.raw_span(claim.start, claim.end)
    start, end = _trimmed(raw, start, end)
    claimed = _claimed(judgement)
    if figure is None:
        text = _wording()["unsupported"][judgement.reason or "metric"]
        return Finding(
            "unsupported", None, raw[start:end], start, end, claimed, None, text, None, None, None
        )
    needs_wording = judgement.verdict in ("conflict", "lacks_context")
    return Finding(
        verdict=judgement.verdict,
        figure=figure.id,
        text=raw[start:end],
        start=start,
        end=end,
        claimed=claimed,
        known=figure.known_text,
        explanation=_explanation(judgement, figure, claimed),
        quote=figure.quote,
        article=figure.article,
        published=figure.published,
        instead=figure.instead if needs_wording else None,
        caveats=_caveats(figure, now),
    )


@lru_cache(maxsize=256)
def _caveats(figure: Figure, now: date) -> tuple[Caveat, ...]:
    # The same for every post of a day.
    return caveats_for(figure.source, figure.quote, figure, now=now)


def _explanation(judgement: Judgement, figure: Figure, claimed: str | None) -> str:
    wording = _wording()[judgement.verdict]
    key = _template(judgement, figure, claimed)
    return str(wording[key]).format(
        claimed=_spoken(claimed or ""),
        known=_spoken(figure.known_text),
        statement=figure.statement,
        who=_who(figure),
        gap=_gap(judgement, figure),
    )


def _spoken(text: str) -> str:
    """ "< 1%" as one says it: 不足1%."""
    for sign, word in _wording()["signs"].items():
        if text.startswith(sign):
            return word + text.removeprefix(sign).lstrip()
    return text


def _template(judgement: Judgement, figure: Figure, claimed: str | None) -> str:
    if judgement.verdict == "lacks_context":
        return judgement.reason or "weak"
    if claimed is None or judgement.claim.leaning != "value" or figure.known is None:
        return "words"
    if judgement.claim.factor is not None and judgement.verdict == "conflict":
        return "ratio"
    return "number"


def _who(figure: Figure) -> str:
    who: dict[str, str] = _wording()["who"]
    kinds = [caveat.kind for caveat in figure.caveats]
    return next((who[kind] for kind in kinds if kind in who), who["default"])


def _gap(judgement: Judgement, figure: Figure) -> str:
    gap = _wording()["gap"]
    quantity, known = judgement.claim.quantity, figure.known
    if quantity is None or known is None:
        return ""
    if figure.hyped == "below":
        return str(gap["below"])
    if known.high and quantity.stated >= 2 * known.high:
        return str(gap["times"]).format(times=int(quantity.stated / known.high))
    return str(gap["above"])


def _claimed(judgement: Judgement) -> str | None:
    claim = judgement.claim
    if claim.factor is not None:
        return f"≈ {_plain(claim.factor)}"
    if claim.quantity is None:
        return None
    return render_quantity(claim.quantity)


def render_quantity(quantity: Quantity) -> str:
    """ "= 10%", "< 5%", "≥ 50", "10–16": what the poster states."""
    low, high = quantity.low, quantity.high
    unit = _UNITS.get(quantity.unit, "")
    is_strict = not quantity.is_inclusive
    if low is None and high is not None:
        return f"{'<' if is_strict else '≤'} {_plain(high)}{unit}"
    if high is None and low is not None:
        return f"{'>' if is_strict and quantity.open_low else '≥'} {_plain(low)}{unit}"
    if low is None or high is None:
        return ""
    if low == high:
        return f"= {_plain(low)}{unit}"
    return f"{_plain(low)}–{_plain(high)}{unit}"


def _plain(value: Decimal) -> str:
    for size, name in _LARGE:
        if value >= size:
            return _plain(value / size) + name
    text = f"{value.quantize(Decimal('0.01')):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _trimmed(raw: str, start: int, end: int) -> tuple[int, int]:
    while start < end and raw[start].isspace():
        start += 1
    while end > start and raw[end - 1].isspace():
        end -= 1
    return start, end


@cache
def _wording() -> dict[str, dict[str, str]]:
    text = files("bot.guard").joinpath("wording.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
