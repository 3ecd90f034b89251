"""Whether the program and its parts are well, and who the caller is."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter

from chaffer.api.dependencies import Calling, Running
from chaffer.api.routing import operation_id, routes_under
from chaffer.api.v1.schemas import Me
from chaffer.api.v1.wire import rfc3339
from chaffer.llm.catalogue import ProviderStatus
from chaffer.llm.status_document import status_document
from chaffer.negotiation.scenario import MAX_ROUNDS
from chaffer.vendors import BUILTIN
from chaffer.version import version_of

root = APIRouter(tags=["health"], generate_unique_id_function=operation_id)
router = routes_under("/api/v1", "health")


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
    default = chaffer.settings.llm_provider
    looked_at, database = await asyncio.gather(chaffer.models.glance(default), chaffer.is_database_up())
    llm = looked_at.get(default)
    return {
        "status": "healthy" if database else "degraded",
        "timestamp": rfc3339(datetime.now(UTC)),
        "version": version_of(chaffer.settings.app_version),
        "app_name": chaffer.settings.app_name,
        "components": {
            "llm": {"available": llm is None or llm.available, "provider": default},
            "database": {"available": database},
        },
        "llm_providers": {BUILTIN: "available", **{name: _word(status) for name, status in looked_at.items()}},
    }


@router.get("/llm/status", summary="Which models can be asked")
async def llm_status(chaffer: Running) -> dict[str, Any]:
    """Return every provider: whether it is set up, whether it answers, and the models it lists."""
    return status_document(await chaffer.models.statuses())


@router.get("/me", summary="Who I am here")
async def me(chaffer: Running, caller: Calling) -> Me:
    """Return how callers are known here, whom this one is taken for, and what is limited."""
    settings = chaffer.settings
    return Me(
        mode=caller.mode.value,
        user=caller.owner(),
        limits={
            "rate_limit_enabled": chaffer.rates is not None,
            "max_sellers": settings.max_sellers_per_session,
            "max_rounds": MAX_ROUNDS,
            "max_body_bytes": settings.max_body_bytes,
        },
    )


def _word(status: ProviderStatus) -> str:
    if not status.is_set_up:
        return "disabled"
    if not status.probed:
        return "configured"
    return "available" if status.available else "unavailable"
