"""Folded text → its bag of terms; documents and queries are cut by this same code.

A run of Chinese gives its characters, its bigrams and every dictionary word of three characters or
more that occurs in it; other words and numbers stay whole.  Words of two characters are bigrams
already.  A query needs no dictionary: a longer substring is a word exactly where the index holds
it as a term, so that only building loads jieba.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container, Iterable, Iterator
from functools import cache

from index.normalise import fold_text

# Part of every index's digest.
VERSION = "2"

MIN_WORD, MAX_WORD = 3, 6

HAN = "\u3005\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\U00020000-\U000323af"
# A word or number of another script, with what belongs to it: 10-16, 1.5, 100+, 5%, tt123.com.
_WHOLE = rf"(?:(?!_)[^\W{HAN}])+(?:[.,\-/'_](?:(?!_)[^\W{HAN}])+)*[+%]?"
_RUN = re.compile(rf"(?P<han>[{HAN}]+)|{_WHOLE}")
_PART = re.compile(r"[^\-/_+%']+")


def cut(folded: str, words: Container[str]) -> Counter[str]:
    """The bag of *folded*: term → count.  *words* says which substrings of 3 to 6 are words."""
    bag: Counter[str] = Counter()
    for run, is_han in runs(folded):
        if is_han:
            bag.update(run)
            bag.update([run[i : i + 2] for i in range(len(run) - 1)])
            bag.update([word for word in _substrings(run) if word in words])
        else:
            bag.update(with_parts(run))
    return bag


def with_parts(whole: str) -> list[str]:
    """A word that isn't Chinese, and its parts: 10-16 is 10 and 16 as well."""
    return [whole, *(part for part in _PART.findall(whole) if part != whole)]


def whole_words(folded: str) -> Iterator[re.Match[str]]:
    """The words of *folded* that aren't Chinese."""
    return re.finditer(_WHOLE, folded)


def candidates(folded: str) -> set[str]:
    """Every substring of *folded* that could be a word of three characters or more."""
    return {word for run, is_han in runs(folded) if is_han for word in _substrings(run)}


def runs(folded: str) -> Iterator[tuple[str, bool]]:
    """The runs of *folded* and whether each is Chinese."""
    for match in _RUN.finditer(folded):
        yield match[0], match["han"] is not None


def _substrings(run: str) -> Iterator[str]:
    size = len(run)
    for start in range(size - MIN_WORD + 1):
        for end in range(start + MIN_WORD, min(start + MAX_WORD, size) + 1):
            yield run[start:end]


def load_words(extra: Iterable[str] = ()) -> frozenset[str]:
    """jieba's dictionary and *extra*, folded: its Chinese words of 3 to 6 characters.

    About a second the first time.
    """
    folded = (fold_text(word) for word in extra)
    return _dictionary().union(word for word in folded if _is_word(word))


@cache
def _dictionary() -> frozenset[str]:
    # Here and nowhere else: asking must not wait for it.
    import jieba

    jieba.setLogLevel("WARNING")
    jieba.initialize()
    known = (fold_text(word) for word, freq in jieba.dt.FREQ.items() if freq and len(word) > 2)
    return frozenset(word for word in known if _is_word(word))


def dictionary() -> Iterator[tuple[str, int, str]]:
    """jieba's dictionary, folded: (word, frequency, part of speech); only building reads it."""
    import jieba

    from index.normalise import fold_text

    with jieba.get_dict_file() as file:
        for line in file:
            word, frequency, part = line.decode("utf-8").split()
            yield fold_text(word), int(frequency), part


def _is_word(word: str) -> bool:
    return re.fullmatch(rf"[{HAN}]{{{MIN_WORD},{MAX_WORD}}}", word) is not None
