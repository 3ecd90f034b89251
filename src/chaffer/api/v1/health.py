"""Whether the program and its parts are well, and who the caller is."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from fastapi import APIRouter

from chaffer.api.dependencies import NOBODY_IN_PARTICULAR, Running
from chaffer.api.v1.schemas import Me
from chaffer.api.v1.wire import rfc3339
from chaffer.bootstrap import Chaffer
from chaffer.errors import Code
from chaffer.llm.minds import ProviderStatus
from chaffer.negotiation.scenario import MAX_ROUNDS
from chaffer.settings import Settings
from chaffer.version import version_of

_OPENROUTER: Final = "openrouter"

root = APIRouter(tags=["health"])
router = APIRouter(tags=["health"])


@root.get("/", summary="What this is")
async def about(chaffer: Running) -> dict[str, Any]:
    """Return the program's name and version, and where to read on."""
    settings = chaffer.settings
    return {
        "name": settings.app_name,
        "version": version_of(settings.app_version),
        "environment": settings.environment,
        "docs": "/api/docs",
        "health": "/api/v1/health",
    }


@root.get("/health", summary="Whether it is alive")
async def alive(chaffer: Running) -> dict[str, str]:
    """Return at once, without looking at models or the database."""
    return {"status": "healthy", "version": version_of(chaffer.settings.app_version)}


@router.get("/health", summary="Whether it is well")
async def health(chaffer: Running) -> dict[str, Any]:
    """Return the health of the program, its database, and its model providers as last probed."""
    providers = await chaffer.minds.providers()
    default = chaffer.settings.llm_provider
    database = await _database_answers(chaffer)
    return {
        "status": "healthy" if database else "degraded",
        "timestamp": rfc3339(datetime.now(UTC)),
        "version": version_of(chaffer.settings.app_version),
        "app_name": chaffer.settings.app_name,
        "components": {
            "llm": {"available": providers[default].available, "provider": default},
            "database": {"available": database},
        },
        "llm_providers": {**{name: _word(status) for name, status in providers.items()}, _OPENROUTER: "disabled"},
    }


@router.get("/llm/status", summary="Which models can be asked")
async def llm_status(chaffer: Running) -> dict[str, Any]:
    """Return every provider that is configured, whether it answers, and the models it lists."""
    providers = await chaffer.minds.providers()
    told = {
        name: {
            "available": status.available,
            "base_url": status.base_url,
            "models": list(status.models),
            "error": None if status.fault is None else {"code": status.fault.code, "message": status.fault.message},
        }
        for name, status in providers.items()
    }
    return {**told, _OPENROUTER: _openrouter(chaffer.settings)}


@router.get("/me", summary="Who I am here")
async def me(chaffer: Running) -> Me:
    """Return how callers are known here, whom this one is taken for, and what is limited."""
    settings = chaffer.settings
    return Me(
        mode="open",
        user=NOBODY_IN_PARTICULAR,
        limits={
            "rate_limit_enabled": False,
            "max_sellers": settings.max_sellers_per_session,
            "max_rounds": MAX_ROUNDS,
            "max_body_bytes": settings.max_body_bytes,
        },
    )


async def _database_answers(chaffer: Chaffer) -> bool:
    return await chaffer.is_database_up()


def _openrouter(settings: Settings) -> dict[str, Any]:
    message = "OpenRouter is not served yet. Use `builtin`, which needs no key, or `lm_studio`."
    return {
        "available": False,
        "api_key_configured": settings.openrouter_api_key is not None,
        "error": {"code": Code.LLM_PROVIDER_DISABLED, "message": message},
    }


def _word(status: ProviderStatus) -> str:
    return "available" if status.available else "unavailable"
