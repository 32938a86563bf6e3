"""Settings: read once, wrong values named together, secrets never shown."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.config import load_settings, variables
from bot.errors import QingxingError

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in variables():
        monkeypatch.delenv(name, raising=False)


def test_defaults() -> None:
    settings = load_settings()
    assert settings.token is None
    assert settings.api_base_url == "https://api.telegram.org/bot"
    assert (settings.index, settings.log, settings.stale_days) == ("sqlite", "text", 365)
    assert not settings.webhook


def test_the_environment_goes_over_the_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text("QINGXING_LOG=json\nQINGXING_STALE_DAYS=7\nOTHER=1\n")
    monkeypatch.setenv("QINGXING_STALE_DAYS", "9")
    settings = load_settings()
    assert (settings.log, settings.stale_days) == ("json", 9)


@pytest.mark.parametrize("given", ["1,22", "1，22", " 1, 22 "])
def test_owners(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setenv("QINGXING_OWNERS", given)
    assert load_settings().owners == (1, 22)


def test_empty_values_count_as_absent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", "")
    with pytest.raises(QingxingError, match="没有 TELEGRAM_BOT_TOKEN"):
        load_settings().require_token()


def test_every_wrong_value_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = {
        "TELEGRAM_BOT_TOKEN": "no-token-at-all",
        "TELEGRAM_API_BASE_URL": "ftp://x",
        "QINGXING_OWNERS": "me",
        "QINGXING_LOG": "xml",
        "QINGXING_STALE_DAYS": "soon",
        "QINGXING_INDEX": "postgres",
        "QINGXING_WEBHOOK_LISTEN": "8443",
        "QINGXING_WEBHOOK_SECRET": "含中文",
    }
    for name, value in wrong.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(QingxingError) as caught:
        load_settings()
    for name in wrong:
        assert name in str(caught.value)
    assert "no-token-at-all" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_webhook_needs_all_three(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QINGXING_WEBHOOK_URL", "https://example.org/hook")
    with pytest.raises(QingxingError, match="三个要么都写"):
        load_settings()
    monkeypatch.setenv("QINGXING_WEBHOOK_LISTEN", "[::1]:8443")
    monkeypatch.setenv("QINGXING_WEBHOOK_SECRET", "abc_-1")
    settings = load_settings()
    assert settings.webhook
    assert settings.listen == ("::1", 8443)


def test_secrets_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", "123:very-secret")
    settings = load_settings()
    assert "very-secret" not in repr(settings)
    assert settings.require_token() == "123:very-secret"


def test_the_example_file_names_every_setting_and_no_other() -> None:
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    assert tuple(re.findall(r"^# ([A-Z_]+)=", text, re.M)) == variables()
