"""What the settings say of models: the vendors and how they are asked, the caps, and the endpoint of vectors."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from chaffer.llm.caps import Caps, Limits
from chaffer.llm.catalogue import CatalogueConfig
from chaffer.llm.provider import Timeouts
from chaffer.llm.retry import Patience
from chaffer.llm.vendor import VendorConfig
from chaffer.settings import Settings, revealed, vendor_settings
from chaffer.vendors import VENDORS

if TYPE_CHECKING:
    from chaffer.llm.embeddings import Embeddings


def models_of(settings: Settings) -> CatalogueConfig:
    """Return what is configured of all vendors. Raises VALIDATION_ERROR for a vendor's setting that is wrong."""
    names = ("openrouter", "openai", "anthropic")
    keys = {name: revealed(getattr(settings, f"{name}_api_key")) for name in names}
    usual = _usual(settings)
    local = replace(usual, first_token=settings.lm_studio_timeout)
    vendors = {
        name: VendorConfig(name, usual, getattr(settings, f"{name}_base_url"), keys[name], is_set_up=bool(keys[name]))
        for name in names
    }
    aws = {"region": settings.aws_region or "", "profile": settings.aws_profile or ""}
    vendors["lm_studio"] = VendorConfig("lm_studio", local, settings.lm_studio_base_url)
    vendors["bedrock"] = VendorConfig(
        "bedrock",
        usual,
        settings.bedrock_base_url,
        revealed(settings.aws_bearer_token_bedrock),
        is_set_up=bool(settings.aws_region),
        extras=aws,
    )
    bridged = dict.fromkeys([*settings.langchain_models, *filter(None, [settings.langchain_default_model])])
    vendors["langchain"] = VendorConfig(
        "langchain", usual, is_set_up=bool(bridged), extras={"models": ",".join(bridged)}
    )
    others = {name: vendor_settings(name) for name in VENDORS if name not in vendors}
    for name, told in others.items():
        key = revealed(told.api_key)
        vendors[name] = VendorConfig(name, usual, told.base_url, key, is_set_up=bool(key or told.base_url))
    named = {name: told.default_model for name, told in others.items() if told.default_model is not None}
    return CatalogueConfig(
        vendors=vendors,
        default_models=_default_models(settings) | named,
        patience=Patience(settings.llm_max_retries, settings.llm_retry_delay),
        most_at_once=settings.llm_max_concurrent,
        most_a_minute=settings.llm_requests_per_minute,
        breaker_failures=settings.llm_breaker_failures,
        breaker_seconds=settings.llm_breaker_seconds,
        local_context_tokens=settings.llm_local_context_tokens,
        record_in=settings.chaffer_record,
        replay_from=settings.chaffer_replay,
    )


def limits_of(settings: Settings) -> Limits:
    """Return what models may use."""
    return Limits(
        room_tokens=settings.llm_max_tokens_per_room,
        session_tokens=settings.llm_max_tokens_per_session,
        day_tokens=settings.llm_max_tokens_per_day,
        room_cost_micros=_micros(settings.llm_max_cost_per_room),
        session_cost_micros=_micros(settings.llm_max_cost_per_session),
        day_cost_micros=_micros(settings.llm_max_cost_per_day),
    )


def embeddings_of(settings: Settings, caps: Caps) -> Embeddings | None:
    """Return the endpoint that makes vectors of texts, its use counted against the caps; None where none is set."""
    if settings.embeddings_base_url is None or settings.embeddings_model is None:
        return None
    from chaffer.llm.embeddings import Embeddings, EmbeddingsConfig  # noqa: PLC0415  A wire, for who uses it alone.

    config = EmbeddingsConfig(
        settings.embeddings_base_url,
        settings.embeddings_model,
        revealed(settings.embeddings_api_key),
        _usual(settings),
        Patience(settings.llm_max_retries, settings.llm_retry_delay),
    )
    return Embeddings(config, caps)


def _micros(dollars: Decimal | None) -> int | None:
    return None if dollars is None else int(dollars * 1_000_000)


def _default_models(settings: Settings) -> dict[str, str]:
    named = {
        "lm_studio": settings.lm_studio_default_model,
        "openrouter": settings.openrouter_default_model,
        "openai": settings.openai_default_model,
        "anthropic": settings.anthropic_default_model,
        "bedrock": settings.bedrock_model_id,
        "langchain": settings.langchain_default_model,
    }
    return {provider: model for provider, model in named.items() if model is not None}


def _usual(settings: Settings) -> Timeouts:
    return Timeouts(
        connect=settings.llm_connect_timeout,
        first_token=settings.llm_first_token_timeout,
        between_tokens=settings.llm_token_timeout,
        total=settings.llm_total_timeout,
    )
