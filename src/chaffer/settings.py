"""The environment, read once and here alone. Each setting stands in `.env.example` and docs/settings.md too."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, Final, Literal
from urllib.parse import quote

from pydantic import AliasChoices, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from chaffer.errors import ChafferError, Code, Detail
from chaffer.validation import details_of, refusal


def _comma_separated(value: Any) -> Any:  # noqa: ANN401  The environment gives text, a caller a list.
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


# A name and a password in a URL; a careless password has a slash or an @ in it.
_CREDENTIALS: Final = re.compile(r"(?<=://)\S*@")
_OFF: Final = "off"

Texts = Annotated[list[str], NoDecode, BeforeValidator(_comma_separated)]


class Settings(BaseSettings):
    """What the environment and `.env` say, checked."""

    model_config = SettingsConfigDict(
        env_file=".env",
        env_file_encoding="utf-8",
        case_sensitive=False,
        extra="ignore",
        frozen=True,
        env_ignore_empty=True,
    )

    app_name: str = Field("Multi-Agent Marketplace", description="Name shown by `/` and `/api/v1/health`.")
    app_version: str = Field("", description="Version shown by `/api/v1/health`; empty: that of the package.")
    environment: Literal["development", "production"] = Field("development", description="Shown by `/`.")
    debug: bool = Field(default=True, description="The log tells in which lines a fault happened (`at`).")

    host: str = Field(
        "127.0.0.1", validation_alias=AliasChoices("host", "api_host"), description="Address to listen on."
    )
    port: int = Field(
        8000,
        ge=0,
        le=65_535,
        validation_alias=AliasChoices("port", "api_port"),
        description="Port; 0 takes a free one.",
    )
    workers: int = Field(1, description="Must be 1: one process owns the rooms.")
    unsafe_no_auth: bool = Field(default=False, description="Serve peers beyond loopback without authentication.")
    dev_mode: bool = Field(default=False, description="Authentication and limits off, loopback peers only.")

    cors_origins: Texts = Field(
        ["http://localhost:3000", "http://localhost:5173"], description="Front ends that may call, comma-separated."
    )
    cors_allow_credentials: bool = Field(default=True, description="Whether browsers may send cookies along.")
    max_body_bytes: int = Field(1_000_000, ge=1_000, description="Largest request body.")

    llm_provider: Literal["builtin", "lm_studio"] = Field(
        "builtin", description="Provider of scenarios that name none."
    )
    lm_studio_base_url: str = Field(
        "http://localhost:1234/v1", pattern=r"^https?://\S+$", description="Where LM Studio listens."
    )
    lm_studio_default_model: str = Field("llama-3-8b-instruct", description="Model of scenarios that name none.")
    lm_studio_timeout: float = Field(
        30, gt=0, le=3600, description="Seconds to the first token, and for a whole reply."
    )
    openrouter_api_key: SecretStr | None = Field(None, description="Read; the provider itself is not served yet.")
    openrouter_base_url: str = Field("https://openrouter.ai/api/v1", description="Read; not served yet.")
    openrouter_default_model: str = Field("meta-llama/llama-3-70b-instruct", description="Read; not served yet.")
    llm_default_temperature: float = Field(0.7, ge=0, le=1, description="Temperature of scenarios that name none.")
    llm_default_max_tokens: int = Field(500, ge=1, le=32_000, description="Longest reply, in tokens.")
    llm_max_retries: int = Field(3, ge=0, le=10, description="Retries of a failed call to a model.")
    llm_retry_delay: float = Field(2, ge=0, le=60, description="Seconds before the first retry; then doubled.")
    builtin_chars_per_second: float = Field(
        0, ge=0, le=100_000, description="Pace at which built-in agents speak; 0: at once."
    )

    max_negotiation_rounds: int = Field(10, ge=1, le=50, description="Rounds of a room whose scenario names none.")
    max_sellers_per_session: int = Field(10, ge=1, le=10, description="Most sellers of a session.")
    negotiation_timeout_minutes: float = Field(30, gt=0, le=1440, description="Longest time of a room.")
    session_cleanup_hours: float = Field(1, ge=0, description="Hours a completed session answers; 0: for ever.")
    session_abandoned_hours: float = Field(
        2, ge=0, description="Hours after which a session neither started nor called is removed; 0: never."
    )
    currency: str = Field("USD", pattern=r"^[A-Z]{3}$", description="Currency of all amounts.")

    sse_heartbeat_interval: float = Field(15, gt=0, le=300, description="Seconds between heartbeats of a stream.")
    sse_retry_timeout: float = Field(5, gt=0, le=300, description="Seconds a browser waits before it comes back.")
    sse_send_timeout: float = Field(
        10, gt=0, le=300, description="Seconds after which a reader that does not read goes."
    )

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="Least level logged.")
    log_format: Literal["json", "text"] = Field("json", description="Form of the log's lines.")
    log_file: Path = Field(
        Path("logs/app.log"),
        description="File that `chaffer serve` logs to too, at most 10 MB and two older ones; `off`: none.",
    )

    data_dir: Path = Field(Path("data"), description="Folder of the embedded database.")
    database_url: SecretStr | None = Field(None, description="PostgreSQL in place of the embedded database.")
    lease_seconds: float = Field(6, ge=0.5, le=300, description="After a crash, rooms are picked up this much later.")
    logs_dir: Path = Field(Path("logs/sessions"), description="Folder of the negotiations' logs.")
    log_retention_days: float = Field(7, ge=0, description="Days a negotiation's log stays on disk; 0: for ever.")
    log_api_hours: float = Field(
        24, ge=0, description="Hours a negotiation's log is served; 0: as long as it is there."
    )
    auto_save_negotiations: bool = Field(default=True, description="Write a log when a negotiation ends.")

    rate_limit_enabled: bool | None = Field(None, description="Default: on where authentication is on.")
    rate_limit_per_minute: int = Field(60, ge=1, description="Calls a minute, where limits are on.")

    @property
    def log_path(self) -> Path | None:
        """Return the file to log to, or None where that is switched off."""
        return None if str(self.log_file).lower() == _OFF else self.log_file

    @property
    def store_url(self) -> str:
        """Return the database's URL, which may hold a password."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return f"sqlite:///{quote((self.data_dir / 'chaffer.db').as_posix(), safe='/:')}"


def load_settings(**overrides: object) -> Settings:
    """Return the settings of the environment, with those of a command line in place of them.

    Raises VALIDATION_ERROR naming each variable that is wrong and its limit, never its value.
    """
    given: dict[str, Any] = {key: value for key, value in overrides.items() if value is not None}
    try:
        settings = Settings(**given)
    except ValidationError as error:
        details = tuple(Detail(wrong.field.upper(), wrong.issue) for wrong in details_of(error.errors()))
        what = "A setting"
        raise refusal(what, details) from None
    if settings.workers != 1:
        msg = f"WORKERS is {settings.workers}, but one process owns the rooms, and several would fight: set WORKERS=1."
        raise ChafferError(Code.VALIDATION_ERROR, msg)
    return settings


def masked(settings: Settings) -> dict[str, str]:
    """Return every setting's effective value as text by its variable's name, secrets masked."""
    return {name.upper(): _shown(getattr(settings, name)) for name in type(settings).model_fields}


def _shown(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, SecretStr):
        return "********"
    return ",".join(without_credentials(str(part)) for part in (value if isinstance(value, list) else [value]))


def without_credentials(text: str) -> str:
    """Return the text with the name and the password of a URL masked."""
    return _CREDENTIALS.sub("********@", text)
