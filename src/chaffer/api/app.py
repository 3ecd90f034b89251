"""The application: the routes, what every request goes through, and the running program behind them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import APIRouter, Depends, FastAPI

from chaffer.api import metrics, pages
from chaffer.api.cors import Cors
from chaffer.api.dependencies import refuse_unknown_parameters
from chaffer.api.openapi import describe, operation_id
from chaffer.api.refusals import add_refusals
from chaffer.api.requests import Admission, LocalCallers, RequestGate
from chaffer.api.v1 import health, logs, negotiation, simulation
from chaffer.bootstrap import Chaffer, open_chaffer
from chaffer.settings import Settings
from chaffer.version import version_of


def create_app(settings: Settings, chaffer: Chaffer | None = None) -> FastAPI:
    """Return the application over a running program, or over one that is opened and closed with the application."""

    @asynccontextmanager
    async def running(app: FastAPI) -> AsyncIterator[None]:
        async with open_chaffer(settings) as opened:
            app.state.chaffer = opened
            yield

    app = FastAPI(
        title=settings.app_name,
        version=version_of(settings.app_version),
        lifespan=running if chaffer is None else None,
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        redirect_slashes=False,
        generate_unique_id_function=operation_id,
    )
    if chaffer is not None:
        app.state.chaffer = chaffer
    v1 = APIRouter(prefix="/api/v1", dependencies=[Depends(refuse_unknown_parameters)])
    for router in (simulation.router, negotiation.router, logs.router, health.router):
        v1.include_router(router)
    app.include_router(v1)
    app.include_router(health.root)
    app.include_router(metrics.router)
    app.include_router(pages.router)
    describe(app)
    add_refusals(app)
    # The last one added stands outermost.
    local = None if settings.unsafe_no_auth else LocalCallers(settings.host, settings.cors_origins)
    app.add_middleware(Admission, local=local, max_body_bytes=settings.max_body_bytes)
    app.add_middleware(
        Cors,
        allow_origins=settings.cors_origins,
        allow_credentials=settings.cors_allow_credentials,
        allow_methods=["*"],
        allow_headers=["*"],
        expose_headers=["X-Request-ID", "Retry-After"],
    )
    app.add_middleware(RequestGate)
    return app


@asynccontextmanager
async def opened_app(settings: Settings, *, recover: bool = True) -> AsyncIterator[FastAPI]:
    """Run the program while the context lasts, and give the application over it."""
    async with open_chaffer(settings, recover=recover) as chaffer:
        yield create_app(settings, chaffer)
