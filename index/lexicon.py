"""Knowledge of words as data: the domain's own, those that mean the same, those that say nothing.

``userdict.txt``   one word a line, words of the field that a dictionary lacks
``stopwords.txt``  one a line: question words and politeness, cut from queries only
``synonyms.toml``  concept → its surface forms; a form that occurs in a text adds ``#concept``

All of it travels inside the index, so that asking reads no data file.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from index.normalise import fold_text

CONCEPT = "#"


class LexiconError(ValueError):
    """A data file of words is wrong; the message names file, key and value."""


@dataclass(frozen=True)
class Lexicon:
    """The words that a search knows, folded."""

    words: tuple[str, ...] = ()
    stopwords: tuple[str, ...] = ()
    concepts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @cached_property
    def digest(self) -> str:
        """Changes with anything that changes a cut."""
        text = f"{self.words}\0{self.dump()}"
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]

    def dump(self) -> str:
        """What asking needs, one entry a line: ``word`` or ``form<TAB>concept``."""
        lines = [*self.stopwords]
        lines += [f"{form}\t{name}" for name, forms in self.concepts.items() for form in forms]
        return "\n".join(lines)


class Matcher:
    """Stopwords and concepts, ready to be applied to folded text."""

    def __init__(self, stopwords: Iterable[str], concepts: Iterable[tuple[str, str]]) -> None:
        # Longest first, so that 为什么 goes before 什么.
        stops = sorted(set(stopwords), key=lambda word: (-len(word), word))
        self._latin_stops = frozenset(word for word in stops if word.isascii())
        self._stops = [word for word in stops if not word.isascii()]
        self._forms: dict[str, list[tuple[str, str]]] = {}
        for form, concept in sorted(set(concepts), key=lambda pair: (-len(pair[0]), pair)):
            self._forms.setdefault(form[0], []).append((form, CONCEPT + concept))

    @classmethod
    def load(cls, dumped: str) -> Matcher:
        """From `Lexicon.dump`."""
        stops: list[str] = []
        concepts: list[tuple[str, str]] = []
        for line in dumped.split("\n") if dumped else ():
            form, _, concept = line.partition("\t")
            if concept:
                concepts.append((form, concept))
            else:
                stops.append(line)
        return cls(stops, concepts)

    @classmethod
    def of(cls, lexicon: Lexicon) -> Matcher:
        """The same from the lexicon itself."""
        return cls.load(lexicon.dump())

    def without_stopwords(self, folded: str) -> str:
        """*folded* with its stopwords blanked; as it was where nothing else would be left."""
        kept = folded
        for word in self._stops:
            if word in kept:
                kept = kept.replace(word, " ")
        if self._latin_stops and not self._latin_stops.isdisjoint(parts := kept.split()):
            kept = " ".join(part for part in parts if part.strip("?.,!") not in self._latin_stops)
        return kept if any(char.isalnum() for char in kept) else folded

    def concepts(self, folded: str) -> Counter[str]:
        """``#concept`` → how often one of its forms occurs; of nested forms the longest counts."""
        found: Counter[str] = Counter()
        text = " ".join(folded.split())
        reach: dict[str, int] = {}
        for start, char in enumerate(text):
            for form, concept in self._forms.get(char, ()):
                end = start + len(form)
                if (
                    end > reach.get(concept, 0)
                    and text.startswith(form, start)
                    and _stands_alone(text, start, end)
                ):
                    reach[concept] = end
                    found[concept] += 1
        return found


def _stands_alone(text: str, start: int, end: int) -> bool:
    """A Latin form ends where its word does: ``ai`` isn't in ``email``."""
    before = start > 0 and _is_latin(text[start - 1]) and _is_latin(text[start])
    after = end < len(text) and _is_latin(text[end]) and _is_latin(text[end - 1])
    return not before and not after


def _is_latin(char: str) -> bool:
    return char.isascii() and char.isalnum()


def load_lexicon(folder: Path | None = None) -> Lexicon:
    """The data files of *folder* (the packaged ones by default); LexiconError names what is wrong.

    A missing file is an empty one: a general index needs none of them.
    """
    root = folder or Path(__file__).parent / "data"
    return Lexicon(
        words=_read_words(root / "userdict.txt"),
        stopwords=_read_words(root / "stopwords.txt"),
        concepts=_read_concepts(root / "synonyms.toml"),
    )


def lexicon_fingerprint(folder: Path | None = None) -> str:
    """Changes with any byte of the data files: cheaper than parsing them at every start."""
    root = folder or Path(__file__).parent / "data"
    hasher = hashlib.sha256()
    for name in ("userdict.txt", "stopwords.txt", "synonyms.toml"):
        path = root / name
        hasher.update(name.encode() + b"\0" + (path.read_bytes() if path.exists() else b""))
    return hasher.hexdigest()[:16]


def _read_words(path: Path) -> tuple[str, ...]:
    if not path.exists():
        return ()
    lines = (line.partition("#")[0].strip() for line in path.read_text("utf-8").splitlines())
    return tuple(dict.fromkeys(fold_text(line) for line in lines if line))


def _read_concepts(path: Path) -> dict[str, tuple[str, ...]]:
    if not path.exists():
        return {}
    import tomllib

    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise LexiconError(f"{path}: 不是有效的 TOML：{error}") from error
    return {name: _forms(path, name, forms) for name, forms in table.items()}


def _forms(path: Path, name: str, forms: object) -> tuple[str, ...]:
    if any(char.isspace() for char in name):
        raise LexiconError(f"{path}: 概念名 {name!r} 里不能有空白")
    if not isinstance(forms, list) or not forms:
        raise LexiconError(f"{path}: {name} 要写成一列词，现在是 {forms!r}")
    folded: list[str] = []
    for form in forms:
        if not isinstance(form, str) or not form.strip():
            raise LexiconError(f"{path}: {name} 里的 {form!r} 不是词")
        folded.append(" ".join(fold_text(form).split()))
    return tuple(dict.fromkeys(folded))
