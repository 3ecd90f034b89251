"""The application: the routes, what every request goes through, and the running program behind them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Final

from fastapi import FastAPI

from chaffer.api import login, metrics, pages
from chaffer.api.admission import Admission
from chaffer.api.chat import conversations
from chaffer.api.chat import routes as chat_routes
from chaffer.api.cors import Cors
from chaffer.api.hardening import Hardening, Times
from chaffer.api.heads import Heads
from chaffer.api.hosts import Hosts
from chaffer.api.openapi import describe
from chaffer.api.origins import LocalCallers, Pages
from chaffer.api.proxies import Proxies
from chaffer.api.rates import RateLimits, count_attempt
from chaffer.api.refusals import add_refusals
from chaffer.api.requests import RequestGate
from chaffer.api.runs import exports as run_exports
from chaffer.api.runs import routes as run_routes
from chaffer.api.runs import socket as run_socket
from chaffer.api.shopping import catalogue as shopping_catalogue
from chaffer.api.shopping import routes as shopping_routes
from chaffer.api.shopping import sessions as shopping_sessions
from chaffer.api.standings import HEADERS as RATES_TOLD
from chaffer.api.v1 import exports, health, invoices, logs, negotiation, simulation, spending
from chaffer.bootstrap import Chaffer, open_chaffer
from chaffer.settings import Settings
from chaffer.version import version_of

_ROUTERS: Final = (
    simulation.router,
    negotiation.router,
    exports.router,
    logs.router,
    invoices.router,
    spending.router,
    health.router,
    run_routes.router,
    run_exports.router,
    shopping_routes.router,
    shopping_sessions.router,
    shopping_catalogue.router,
    chat_routes.router,
    conversations.router,
    run_socket.router,
    login.router,
    health.root,
    metrics.router,
    pages.router,
)


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
        routes=[route for router in _ROUTERS for route in router.routes],
        # It would tell whole addresses, with what callers put behind the `?`, and the texts of exceptions.
        telemetry={"tracing": False, "logs": False},
    )
    if chaffer is not None:
        app.state.chaffer = chaffer
    describe(app)
    add_refusals(app)
    # The last one added stands outermost.
    app.add_middleware(Heads)
    app.add_middleware(RateLimits)
    app.add_middleware(
        Admission,
        local=None if settings.unsafe_no_auth else _local_callers(settings),
        pages=Pages(settings.cors_origins),
        max_body_bytes=settings.max_body_bytes,
        attempted=count_attempt,
    )
    app.add_middleware(
        Cors,
        allow_origins=settings.cors_origins,
        allow_credentials=settings.cors_allow_credentials,
        allow_methods=["*"],
        allow_headers=["*"],
        expose_headers=["X-Request-ID", "Retry-After", *RATES_TOLD],
    )
    app.add_middleware(
        Hardening,
        proxies=Proxies(settings.trusted_proxies, settings.trusted_proxy_headers),
        hosts=Hosts(settings.allowed_hosts),
        times=Times(settings.request_body_timeout, settings.answer_timeout),
        origins=settings.cors_origins,
    )
    app.add_middleware(RequestGate)
    return app


def _local_callers(settings: Settings) -> LocalCallers:
    return LocalCallers(settings.host, settings.cors_origins, settings.allowed_hosts)


@asynccontextmanager
async def opened_app(settings: Settings, *, recover: bool = True) -> AsyncIterator[FastAPI]:
    """Run the program while the context lasts, and give the application over it, for this very process to call.

    Nobody is asked who they are: who runs the program has its database before them.
    """
    async with open_chaffer(settings, recover=recover) as chaffer:
        yield create_app(settings, replace(chaffer, entrance=chaffer.entrance.opened(), rates=None))
