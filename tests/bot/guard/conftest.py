"""The guard on the packaged corpus, compiled once."""

from __future__ import annotations

from datetime import date

import pytest

from bot.guard.guard import Guard
from bot.guard.knowledge import load_knowledge
from corpus.load import load_corpus

NOW = date(2026, 11, 21)


@pytest.fixture(scope="session")
def corpus():
    return load_corpus()


@pytest.fixture(scope="session")
def knowledge(corpus):
    return load_knowledge(corpus.ledger)


@pytest.fixture(scope="session")
def check(corpus):
    guard = Guard(corpus.ledger)
    return lambda text: guard.check(text, now=NOW)
