"""The environment, read once and here alone. Each setting stands in `.env.example` and docs/settings.md too."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, Literal
from urllib.parse import quote

from pydantic import AliasChoices, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from chaffer.errors import Detail
from chaffer.setting_values import (
    LEAST_SECRET,
    Address,
    AddressOrNone,
    Counts,
    Dollars,
    LongSecret,
    Origins,
    Peers,
    Percent,
    Provider,
    StorageUrl,
    Texts,
    Token,
)
from chaffer.validation import details_of, refusal
from chaffer.vendors import PROVIDERS

# A name and a password in a URL; a careless password has a slash or an @ in it.
_CREDENTIALS: Final = re.compile(r"(?<=://)\S*@")
# What may hold a key behind a URL's path.
_BEHIND: Final = re.compile(r"(?<=://)([^\s?#]*[?#])\S+")
_OFF: Final = "off"
# No clock takes more; who means to keep things for ever says 0.
_CENTURY_DAYS: Final = 36_500
_CENTURY_HOURS: Final = 24 * _CENTURY_DAYS


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

    cors_origins: Origins = Field(
        ["http://localhost:3000", "http://localhost:5173"], description="Front ends that may call, comma-separated."
    )
    cors_allow_credentials: bool = Field(default=True, description="Whether browsers may send cookies along.")
    allowed_hosts: Texts = Field(
        [],
        description="Names it answers to, as in `chaffer.example.com,*.example.org`; empty: any, in open mode its own.",
    )
    trusted_proxies: Peers = Field(
        [], description="Proxies whose word is taken for who calls: addresses, networks, or `unix` for a socket file."
    )
    trusted_proxy_headers: Literal["x-forwarded", "forwarded"] = Field(
        "x-forwarded", description="What they tell it by: `X-Forwarded-For` and `-Proto`, or `Forwarded` (RFC 7239)."
    )
    max_body_bytes: int = Field(1_000_000, ge=1_000, description="Largest request body.")
    request_body_timeout: float = Field(10, gt=0, le=600, description="Seconds for a request to arrive.")
    answer_timeout: float = Field(
        900, gt=0, le=86_400, description="Seconds to an answer's beginning; a decision waits for a model's retries."
    )

    llm_provider: Provider = Field(
        "builtin", description=f"Provider of scenarios that name none: {', '.join(PROVIDERS)}."
    )
    lm_studio_base_url: Address = Field("http://localhost:1234/v1", description="Where LM Studio listens.")
    lm_studio_default_model: str = Field("llama-3-8b-instruct", description="Model of scenarios that name none.")
    lm_studio_timeout: float = Field(30, gt=0, le=3600, description="Seconds to LM Studio's first token.")
    openrouter_api_key: SecretStr | None = Field(None, description="Key for OpenRouter.")
    openrouter_base_url: Address = Field("https://openrouter.ai/api/v1", description="Address of OpenRouter.")
    openrouter_default_model: str = Field(
        "meta-llama/llama-3-70b-instruct", description="Model of OpenRouter, for scenarios that name none."
    )
    secret_key: LongSecret = Field(
        None,
        description=f"Encrypts keys that come with requests, so that their rooms outlive a restart: {LEAST_SECRET} "
        "random characters or more. Unset: keys live in memory only.",
    )
    openai_api_key: SecretStr | None = Field(None, description="Key for OpenAI.")
    openai_base_url: Address = Field("https://api.openai.com/v1", description="Address of OpenAI.")
    openai_default_model: str | None = Field(None, description="Model of OpenAI, for scenarios that name none.")
    anthropic_api_key: SecretStr | None = Field(None, description="Key for Anthropic.")
    anthropic_base_url: Address = Field("https://api.anthropic.com", description="Address of Anthropic.")
    anthropic_default_model: str | None = Field(None, description="Model of Anthropic, for scenarios that name none.")
    aws_region: str | None = Field(None, description="Region of Bedrock; without one Bedrock is not served.")
    aws_profile: str | None = Field(None, description="Profile whose credentials Bedrock is called with.")
    aws_bearer_token_bedrock: SecretStr | None = Field(None, description="Key for Bedrock, in place of a profile.")
    bedrock_model_id: str = Field(
        "amazon.nova-lite-v1:0", description="Model of Bedrock, for scenarios that name none."
    )
    bedrock_base_url: AddressOrNone = Field(None, description="Address of Bedrock; empty: that of the region.")
    langchain_models: Texts = Field(
        [], description="Models that may be asked over LangChain, such as `openai:gpt-4.1-mini`, comma-separated."
    )
    langchain_default_model: str | None = Field(None, description="One of them, for scenarios that name none.")
    llm_max_concurrent: Counts = Field(
        {}, description="Most calls at once, by provider: `openai=20,lm_studio=4`; others are not limited."
    )
    llm_requests_per_minute: Counts = Field({}, description="Most calls a minute, by provider, written the same way.")
    llm_max_tokens_per_room: int | None = Field(
        None, ge=1, description="Most tokens for a room, a run or a chat's turn."
    )
    llm_max_tokens_per_session: int | None = Field(None, ge=1, description="Most tokens for a session or a run.")
    llm_max_tokens_per_day: int | None = Field(None, ge=1, description="Most tokens of all models on a day (UTC).")
    llm_max_cost_per_room: Dollars | None = Field(None, description="Most dollars for a room, a run or a chat's turn.")
    llm_max_cost_per_session: Dollars | None = Field(None, description="Most dollars for a session or a run.")
    llm_max_cost_per_day: Dollars | None = Field(None, description="Most dollars for all models on a day (UTC).")
    llm_local_context_tokens: int | None = Field(
        None, ge=512, description="Context of the models on this machine; longer prompts are shortened before."
    )
    llm_breaker_failures: int = Field(
        5, ge=1, le=1000, description="So many faults of a provider's host in a row, and it is left alone for a while."
    )
    llm_breaker_seconds: float = Field(
        5, ge=0, le=60, description="Seconds it is left alone before one call tries it; twice as long each time."
    )
    llm_connect_timeout: float = Field(10, gt=0, le=300, description="Seconds to a connection.")
    llm_first_token_timeout: float = Field(60, gt=0, le=3600, description="Seconds to a reply's first token.")
    llm_token_timeout: float = Field(30, gt=0, le=3600, description="Seconds between two tokens of a reply.")
    llm_total_timeout: float = Field(180, gt=0, le=3600, description="Seconds for a whole reply.")
    llm_default_temperature: float = Field(0.7, ge=0, le=1, description="Temperature of scenarios that name none.")
    llm_default_max_tokens: int = Field(500, ge=1, le=32_000, description="Longest reply, in tokens.")
    llm_max_retries: int = Field(3, ge=0, le=10, description="Retries of a failed call to a model.")
    llm_retry_delay: float = Field(2, ge=0, le=60, description="Seconds before the first retry; then doubled.")
    embeddings_base_url: AddressOrNone = Field(
        None, description="Where texts become vectors, so that the catalogue is searched by meaning too; empty: off."
    )
    embeddings_model: str | None = Field(None, description="Model that makes the vectors.")
    embeddings_api_key: SecretStr | None = Field(None, description="Key for it; a server of your own asks for none.")
    chaffer_record: Path | None = Field(None, description="Folder in which calls to models are recorded, without keys.")
    chaffer_replay: Path | None = Field(None, description="Folder of recordings that answer in the models' place.")
    builtin_chars_per_second: float = Field(
        0, ge=0, le=100_000, description="Pace at which built-in agents speak; 0: at once."
    )

    max_negotiation_rounds: int = Field(10, ge=1, le=50, description="Rounds of a room whose scenario names none.")
    max_sellers_per_session: int = Field(10, ge=1, le=10, description="Most sellers of a session.")
    negotiation_timeout_minutes: float = Field(30, gt=0, le=1440, description="Longest time of a room.")
    session_cleanup_hours: float = Field(
        1, ge=0, le=_CENTURY_HOURS, description="Hours a completed session answers; 0: for ever."
    )
    session_abandoned_hours: float = Field(
        2,
        ge=0,
        le=_CENTURY_HOURS,
        description="Hours after which a session neither started nor called is removed; 0: never.",
    )
    run_max_turns: int = Field(50, ge=1, le=1000, description="Most turns that a run of two agents may have.")
    run_keepalive_interval: float = Field(30, gt=0, le=300, description="Seconds between a run stream's keepalives.")
    run_retention_days: float = Field(
        30, ge=0, le=_CENTURY_DAYS, description="Days a run that is over answers; 0: for ever."
    )
    demo_catalog: bool = Field(
        default=True, description="Whether an empty catalogue is filled with the sample at the first start."
    )
    shopping_question_hours: float = Field(
        24, ge=0, le=_CENTURY_HOURS, description="Hours that a question to a shopper can be answered; 0: for ever."
    )
    chat_turn_seconds: float = Field(180, ge=1, le=3600, description="The assistant's answer is left off after this.")
    chat_approval_hours: float = Field(
        24, ge=0, le=_CENTURY_HOURS, description="Hours a person has to approve of what would spend money; 0: for ever."
    )
    chat_retention_days: float = Field(
        0,
        ge=0,
        le=_CENTURY_DAYS,
        description="Days a conversation with the assistant is kept after its last word; 0: for ever.",
    )
    shopping_retention_days: float = Field(
        30, ge=0, le=_CENTURY_DAYS, description="Days a shopping session answers after its last word; 0: for ever."
    )
    currency: str = Field("USD", pattern=r"^[A-Z]{3}$", description="Currency of all amounts.")
    tax_rate_percent: Percent = Field(
        Decimal(0), description="Rate of the tax that prices have in them, such as `19` or `8.875`, for new sessions."
    )

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
    log_retention_days: float = Field(
        7, ge=0, le=_CENTURY_DAYS, description="Days a negotiation's log stays on disk; 0: for ever."
    )
    log_api_hours: float = Field(
        24, ge=0, le=_CENTURY_HOURS, description="Hours a negotiation's log is served; 0: as long as it is there."
    )
    auto_save_negotiations: bool = Field(default=True, description="Write a log when a negotiation ends.")

    rate_limit_enabled: bool | None = Field(None, description="Default: on where authentication is on.")
    rate_limit_per_minute: int = Field(60, ge=1, le=100_000, description="Calls a minute, where limits are on.")
    rate_limit_runs_per_minute: int = Field(
        10,
        ge=1,
        le=100_000,
        description="Of these: runs begun, sessions opened, words said in the chat; each a minute.",
    )
    rate_limit_attempts_per_minute: int = Field(
        30, ge=1, le=100_000, description="Passwords to be checked and wrong tokens a minute, of one address."
    )
    rate_limit_storage_url: StorageUrl = Field(
        None, description="Valkey or Redis to count in, as in `valkey://:password@host:6379/0`; empty: memory."
    )
    max_under_way_per_owner: int = Field(50, ge=1, description="Rooms and runs of one owner under way at one time.")
    max_streams_per_owner: int = Field(50, ge=1, description="Streams that one owner follows at one time.")
    max_conversations_per_owner: int = Field(1000, ge=1, description="Conversations with the assistant of one owner.")
    max_stored_bytes_per_owner: int = Field(
        100_000_000, ge=1, description="Bytes that the conversations of one owner may take before no more are begun."
    )

    basic_auth_user: str | None = Field(None, description="User whom the password lets in, over HTTP Basic.")
    basic_auth_pw_hash: SecretStr | None = Field(
        None, description="Hash of the password, of argon2 or bcrypt; `chaffer hash-password` makes one."
    )
    supabase_jwt_secret: SecretStr | None = Field(
        None, description="Secret with which tokens are signed by HS256, 32 bytes or more."
    )
    supabase_url: AddressOrNone = Field(
        None, description="Address of a Supabase project: its published keys and its issuer are derived from it."
    )
    jwt_jwks_url: str | None = Field(
        None, description="Where the issuer of tokens publishes its keys (JWKS), for RS256 and ES256; https."
    )
    jwt_issuer: str | None = Field(None, description="`iss` of the tokens; empty: that of SUPABASE_URL.")
    jwt_audience: Texts = Field(["authenticated"], description="`aud` of the tokens, one of these, comma-separated.")
    login_hours: float = Field(12, gt=0, le=720, description="Hours that a browser's login lasts at most.")

    chaffer_user: str | None = Field(None, description="User as whom the command line calls a server (`--url`).")
    chaffer_password: SecretStr | None = Field(None, description="Password for that user.")
    chaffer_token: SecretStr | None = Field(None, description="Token with which the command line calls a server.")

    metrics_token: Token = Field(
        None, description="Token with which other machines may read `/metrics`; unset: this machine alone may."
    )

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
    if "*" in settings.cors_origins and settings.cors_allow_credentials:
        wrong = Detail("CORS_ORIGINS", "must name origins, or CORS_ALLOW_CREDENTIALS must be false: * is every page")
        what = "A setting"
        raise refusal(what, (wrong,))
    if (settings.embeddings_base_url is None) != (settings.embeddings_model is None):
        wrong = Detail("EMBEDDINGS_MODEL", "must be set together with EMBEDDINGS_BASE_URL, or neither of them")
        what = "A setting"
        raise refusal(what, (wrong,))
    if settings.workers != 1:
        wrong = Detail("WORKERS", "must be 1: one process owns the rooms, and several would fight")
        what = "A setting"
        raise refusal(what, (wrong,))
    return settings


class VendorSettings(BaseSettings):
    """What is set of a vendor that has no settings of its own above: `ACME_API_KEY` and the like, by its name."""

    model_config = SettingsConfigDict(**Settings.model_config)

    api_key: SecretStr | None = None
    base_url: AddressOrNone = None
    default_model: str | None = None


def vendor_settings(name: str) -> VendorSettings:
    """Return what is set of a vendor. Raises VALIDATION_ERROR naming the variable that is wrong, never its value."""
    try:
        return VendorSettings(_env_prefix=f"{name}_")
    except ValidationError as error:
        details = tuple(Detail(f"{name}_{wrong.field}".upper(), wrong.issue) for wrong in details_of(error.errors()))
        what = "A setting"
        raise refusal(what, details) from None


def revealed(secret: SecretStr | None) -> str | None:
    """Return the text of a secret, for who has to use it."""
    return None if secret is None else secret.get_secret_value()


def masked(settings: Settings) -> dict[str, str]:
    """Return every setting's effective value as text by its variable's name, secrets masked."""
    return {name.upper(): _shown(getattr(settings, name)) for name in type(settings).model_fields}


def _shown(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, SecretStr):
        return "********"
    if isinstance(value, dict):
        return ",".join(f"{name}={number}" for name, number in value.items())
    return ",".join(without_credentials(str(part)) for part in (value if isinstance(value, list) else [value]))


def without_credentials(text: str) -> str:
    """Return the text with the name and the password of a URL masked, and its query and fragment."""
    return _BEHIND.sub(r"\1********", _CREDENTIALS.sub("********@", text))
