"""A question → which thing it asks about, what about it, and where and when.

Three things let a person say "that isn't in here": the thing, what is asked of it, and the market,
platform or measure.  They are read from the part that asks; what comes before it (who I am, my
budget, my accounts) is the setting and binds nothing.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from bot.answer.cues import cue
from index.normalise import fold_text

_SENTENCE = re.compile(r".+?(?:[。!?;\n]+|\.\s+|$)", re.DOTALL)
_CLAUSE = re.compile(r"[^,:、]+[,:、]*")
# A proper name: a Latin word that is no term of the trade, a foreign name, a title in 《》.
_NAME = r"(?i:(?<![a-z])(?!(?:%s)(?![a-z]))[a-z][a-z0-9]{2,})|·|《"
_LEAST_FOCUS = 8


@dataclass(frozen=True, slots=True)
class Slot:
    """A word that fixes the question to one thing: ``value`` of ``category``, as ``form``."""

    category: str
    value: str
    form: str


@dataclass(frozen=True, slots=True)
class Kind:
    """A closed kind of question: how it asks, and what a fact must be and show to answer it."""

    name: str
    patterns: tuple[re.Pattern[str], ...]
    accepts: frozenset[str]
    shows: re.Pattern[str] | None

    def answered_by(self, kinds: Collection[str], quote: str) -> bool:
        """Whether a fact of *kinds* whose quote is *quote* can answer it."""
        fitting = not self.accepts.isdisjoint(kinds)
        return fitting and (self.shows is None or self.shows.search(quote) is not None)


@dataclass(frozen=True, slots=True)
class Question:
    """``focus`` is the sentence that asks, ``clause`` its asking clauses; both folded.

    ``kinds`` holds the closed kind of each asking clause that has one.
    """

    text: str
    folded: str
    focus: str
    clause: str
    kinds: tuple[str, ...]
    slots: tuple[Slot, ...]
    years: frozenset[str]


def read_question(text: str) -> Question:
    """Reads *text*; never raises, whatever it holds."""
    folded = fold_text(text)
    focus = _focus(folded)
    clause = _clause(focus)
    return Question(
        text=text,
        folded=folded,
        focus=focus,
        clause=clause,
        kinds=tuple(dict.fromkeys(_kinds(clause))),
        slots=tuple(dict.fromkeys(_slots(focus, clause))),
        years=frozenset(re.findall(r"(?<!\d)(20[0-4]\d)(?!\d)", focus)),
    )


def asks(folded: str) -> bool:
    """Whether a folded clause holds a question word or mark."""
    return cue("asks").search(folded) is not None


def _focus(folded: str) -> str:
    """The sentence that asks: the last with a cue, with what stands before it if it is a stub."""
    sentences = [match.group().strip() for match in _SENTENCE.finditer(folded)]
    asking = [number for number, sentence in enumerate(sentences) if cue("asks").search(sentence)]
    if not asking:
        return folded.strip()
    # Questions in a row ask together ("占比多少?成本呢?").
    first = last = asking[-1]
    while first - 1 in asking and sentences[first - 1].endswith("?"):
        first -= 1
    if last and len(sentences[first]) < 7 and first == last and len(sentences) > 1:
        first -= 1
    return _without_setting("".join(sentences[first : last + 1]))


def _without_setting(focus: str) -> str:
    """*focus* less the clauses that only tell who asks, where enough is left."""
    clauses = _CLAUSE.findall(focus)
    kept = [c for c in clauses if cue("question_word").search(c) or not cue("setting").match(c)]
    rest = "".join(kept)
    return rest if len(rest) >= _LEAST_FOCUS and cue("question_word").search(rest) else focus


def _clause(focus: str) -> str:
    """The clauses of *focus* that hold a question word, else all of it."""
    clauses = [match.group() for match in _CLAUSE.finditer(focus)]
    asking = [clause for clause in clauses if cue("question_word").search(clause)]
    return "".join(asking) or focus


def _kinds(clause: str) -> Iterator[str]:
    """The kind of each asking clause; 几个 in an earlier one seldom asks (打几个字,多久能出?)."""
    parts = _CLAUSE.findall(clause)
    for number, part in enumerate(parts):
        for kind, table in kind_table().items():
            if any(pattern.search(part) for pattern in table.patterns):
                if kind != "count" or _counts(part, last=number == len(parts) - 1):
                    yield kind
                break


def _counts(part: str, *, last: bool) -> bool:
    """Whether 几个 asks for a number there, and isn't said by the way or inside a yes or no."""
    return "多少" in part or (last and not re.search("吗|是不是|有没有", part))


def _slots(focus: str, clause: str) -> Iterator[Slot]:
    """The slots of the asking clauses and of what stands right before them.

    Of measures only those of the asking clauses count, if they name any.  Who only wants a yes
    ("是先在美国上线的吧?") may name the wrong market: that is what gets corrected.
    """
    asking = set(find_slots(clause))
    measured = any(slot.category == "metric" for slot in asking)
    for slot in find_slots(_near_asking(focus)):
        if slot.category == "metric" and measured and slot not in asking:
            continue
        if slot.category != "market" or not cue("tag").search(focus):
            yield slot


def _near_asking(focus: str) -> str:
    """The asking clauses of *focus*, each with the one before it."""
    clauses = _CLAUSE.findall(focus)
    asking = [n for n, clause in enumerate(clauses) if cue("question_word").search(clause)]
    near = sorted({m for n in asking for m in (n - 1, n) if m >= 0})
    return "".join(clauses[n] for n in near) or focus


def find_slots(folded: str) -> Iterator[Slot]:
    """The slots in a folded text; a longer form hides the shorter ones inside it."""
    taken: list[tuple[int, int]] = []
    for pattern, slots in _slot_patterns():
        for match in pattern.finditer(folded):
            if any(start <= match.start() < end for start, end in taken):
                continue
            taken.append(match.span())
            for category, value in slots[match.group()]:
                yield Slot(category, value, match.group())


def without_slots(text: str, slots: Collection[Slot]) -> str:
    """*text*, folded, less what *slots* now replace: after "GMV占多少", "那GPM呢" means no GMV."""
    folded = fold_text(text)
    replaced = {slot.category for slot in slots}
    for slot in find_slots(folded):
        if slot.category in replaced and slot not in slots:
            folded = folded.replace(slot.form, " ")
    return folded


def slots_digest() -> str:
    """Changes with any byte of the slots' file."""
    return hashlib.sha256(_slots_text().encode()).hexdigest()[:8]


def parents(value: str) -> tuple[str, ...]:
    """The wider markets that *value* lies in."""
    return _tables()[1].get(value, ())


def forms_of(category: str, value: str) -> tuple[str, ...]:
    """All surface forms of a slot's value."""
    return _tables()[0][category][value]


@cache
def kind_table() -> Mapping[str, Kind]:
    """The closed kinds of question, in the order in which they are tried."""
    text = (Path(__file__).parent / "kinds.toml").read_text(encoding="utf-8")
    return {
        name: Kind(
            name=name,
            patterns=tuple(re.compile(pattern) for pattern in entry["patterns"]),
            accepts=frozenset({name, *entry["accepts"]}),
            shows=_shown(entry["shows"]) if "shows" in entry else None,
        )
        for name, entry in tomllib.loads(text).items()
    }


def _shown(pattern: str) -> re.Pattern[str]:
    """NAME is a proper name, MARKET any market and PLATFORM any Chinese platform of the slots."""
    forms = [form for forms in _tables()[0]["market"].values() for form in forms]
    markets = "|".join(re.escape(form) for form in forms if not form.isascii())
    brands = "|".join(value for value in _tables()[0]["platform"] if not value.isascii())
    known = (
        pattern.replace("NAME", _NAME % cue("trade_terms").pattern)
        .replace("MARKET", markets)
        .replace("PLATFORM", brands)
    )
    return re.compile(known)


@cache
def _slots_text() -> str:
    return (Path(__file__).parent / "slots.toml").read_text(encoding="utf-8")


@cache
def _tables() -> tuple[dict[str, dict[str, tuple[str, ...]]], dict[str, tuple[str, ...]]]:
    data = tomllib.loads(_slots_text())
    wider = {value: tuple(names) for value, names in data.pop("parents").items()}
    slots = {
        category: {value: tuple(forms) for value, forms in values.items()}
        for category, values in data.items()
    }
    return slots, wider


@cache
def _slot_patterns() -> tuple[tuple[re.Pattern[str], dict[str, list[tuple[str, str]]]], ...]:
    """One alternation per category, longest form first; Latin forms only as whole words."""
    patterns = []
    for category, values in _tables()[0].items():
        forms: dict[str, list[tuple[str, str]]] = {}
        for value, surfaces in values.items():
            for surface in surfaces:
                forms.setdefault(surface, []).append((category, value))
        ordered = sorted(forms, key=len, reverse=True)
        patterns.append((re.compile("|".join(_bounded(form) for form in ordered)), forms))
    return tuple(patterns)


def _bounded(form: str) -> str:
    left = r"(?<![a-z0-9])" if re.match(r"[a-z0-9]", form) else ""
    right = r"(?![a-z0-9])" if re.search(r"[a-z0-9]$", form) else ""
    return left + re.escape(form) + right
