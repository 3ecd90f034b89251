"""How routers are made, so that each route is built once: with its whole path, and not again where it is included."""

from __future__ import annotations

from fastapi import APIRouter, Depends
from fastapi.routing import APIRoute

from chaffer.api.dependencies import refuse_unknown_parameters


def operation_id(route: APIRoute) -> str:
    """Return the name that clients made from the document give to a call: `negotiation_start`."""
    return f"{route.tags[0]}_{route.name}" if route.tags else route.name


def routes_under(prefix: str, tag: str) -> APIRouter:
    """Return a router for paths of the API, which refuse query parameters that they do not take."""
    return APIRouter(
        prefix=prefix,
        tags=[tag],
        dependencies=[Depends(refuse_unknown_parameters)],
        generate_unique_id_function=operation_id,
    )
