"""Settings: the environment over ``.env`` over the defaults, read once and passed down.

This and ``bot.home`` alone read the environment.  A wrong value stops the start; all of them
are named at once, in Chinese, without showing what was given for a secret.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.errors import QingxingError
from bot.home import default_home

_TOKEN = re.compile(r"[0-9]{1,20}:[^\s/:]+")
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
_LISTEN = re.compile(r"(?P<host>[^\s:]+|\[[0-9A-Fa-f:]+\]):(?P<port>[0-9]{1,5})")


class Settings(BaseSettings):
    """Everything that can be configured, frozen; secrets don't show in ``repr``."""

    model_config = SettingsConfigDict(
        env_file=".env",
        env_file_encoding="utf-8",
        extra="ignore",
        frozen=True,
        env_ignore_empty=True,
    )

    token: SecretStr | None = Field(default=None, validation_alias="TELEGRAM_BOT_TOKEN")
    api_base_url: str = Field(
        default="https://api.telegram.org/bot", validation_alias="TELEGRAM_API_BASE_URL"
    )
    api_base_file_url: str = Field(
        default="https://api.telegram.org/file/bot", validation_alias="TELEGRAM_API_BASE_FILE_URL"
    )
    home: Path = Field(default_factory=default_home, validation_alias="QINGXING_HOME")
    index: str = Field(default="sqlite", validation_alias="QINGXING_INDEX")
    owners: Annotated[tuple[int, ...], NoDecode] = Field(
        default=(), validation_alias="QINGXING_OWNERS"
    )
    webhook_url: str | None = Field(default=None, validation_alias="QINGXING_WEBHOOK_URL")
    webhook_listen: str | None = Field(default=None, validation_alias="QINGXING_WEBHOOK_LISTEN")
    webhook_secret: SecretStr | None = Field(
        default=None, validation_alias="QINGXING_WEBHOOK_SECRET"
    )
    log: Literal["text", "json"] = Field(default="text", validation_alias="QINGXING_LOG")
    stale_days: int = Field(default=365, ge=1, le=36500, validation_alias="QINGXING_STALE_DAYS")
    watchdog_s: float = Field(default=90.0, ge=1, le=3600, validation_alias="QINGXING_WATCHDOG_S")

    @field_validator("token")
    @classmethod
    def _token_shape(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not _TOKEN.fullmatch(value.get_secret_value()):
            raise ValueError("不像一个机器人令牌（形如 123456:ABC…，向 @BotFather 取）")
        return value

    @field_validator("api_base_url", "api_base_file_url", "webhook_url")
    @classmethod
    def _http_address(cls, value: str | None) -> str | None:
        if value is not None and not re.match(r"https?://[^\s/]+", value):
            raise ValueError("要以 http:// 或 https:// 开头")
        return value

    @field_validator("home")
    @classmethod
    def _home_folder(cls, value: Path) -> Path:
        home = value.expanduser()
        if home.exists() and not home.is_dir():
            raise ValueError("要是一个文件夹")
        return home

    @field_validator("index")
    @classmethod
    def _index_engine(cls, value: str) -> str:
        if value != "sqlite" and "://" not in value and not value.endswith(".db"):
            raise ValueError("要是 sqlite，或一个 Milvus 的地址")
        return value

    @field_validator("owners", mode="before")
    @classmethod
    def _owner_ids(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        words = [word for word in re.split(r"[,，\s]+", value) if word]
        if not all(re.fullmatch(r"[0-9]{1,19}", word) for word in words):
            raise ValueError("要是用户编号，逗号隔开")
        return tuple(int(word) for word in words)

    @field_validator("webhook_listen")
    @classmethod
    def _host_and_port(cls, value: str | None) -> str | None:
        match = _LISTEN.fullmatch(value) if value is not None else None
        if value is not None and (match is None or int(match["port"]) > 65535):
            raise ValueError("要写成 主机:端口，例如 127.0.0.1:8443")
        return value

    @field_validator("webhook_secret")
    @classmethod
    def _secret_shape(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not _SECRET.fullmatch(value.get_secret_value()):
            raise ValueError("只能用字母、数字、_ 和 -，1 到 256 个")
        return value

    @model_validator(mode="after")
    def _webhook_complete(self) -> Settings:
        given = (self.webhook_url, self.webhook_listen, self.webhook_secret)
        if any(given) and not all(given):
            raise ValueError("QINGXING_WEBHOOK_URL、_LISTEN、_SECRET 三个要么都写，要么都不写")
        return self

    @property
    def webhook(self) -> bool:
        """Whether updates come by webhook instead of polling."""
        return self.webhook_url is not None

    @property
    def listen(self) -> tuple[str, int]:
        """Host and port to listen on; only with a webhook."""
        host, _, port = (self.webhook_listen or "").rpartition(":")
        return host.strip("[]"), int(port)

    def require_token(self) -> str:
        """The bot's token; a :class:`QingxingError` says where to put one if there is none."""
        if self.token is None:
            raise QingxingError(
                "没有 TELEGRAM_BOT_TOKEN：向 @BotFather 取一个，写进环境变量或 .env"
            )
        return self.token.get_secret_value()


def load_settings() -> Settings:
    """The settings of this run; a :class:`QingxingError` names every wrong value."""
    try:
        return Settings()
    except ValidationError as err:
        faults = "；".join(_fault(error) for error in err.errors(include_input=False))
        raise QingxingError(f"设置有误：{faults}") from None


@cache
def variables() -> tuple[str, ...]:
    """The names of all the environment variables that are read, in order."""
    return tuple(str(field.validation_alias) for field in Settings.model_fields.values())


def _fault(error: Any) -> str:
    where = ".".join(str(part) for part in error["loc"])
    if error["type"] == "value_error":
        return f"{where} {error['ctx']['error']}".strip()
    return f"{where} {_KNOWN_FAULTS.get(error['type'], '写得不对')}".strip()


_KNOWN_FAULTS = {
    "literal_error": "只能是 text 或 json",
    "int_parsing": "要是一个整数",
    "float_parsing": "要是一个数",
    "greater_than_equal": "太小",
    "less_than_equal": "太大",
}
