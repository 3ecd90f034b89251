"""Where errors of any origin become the one envelope: ours, FastAPI's, Starlette's."""

from __future__ import annotations

import re
from typing import Final, cast

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.routing import Match, Route
from starlette.types import ExceptionHandler, Scope

from chaffer.api.envelope import error_response
from chaffer.api.requests import request_id_of
from chaffer.errors import ChafferError, Code, Detail
from chaffer.validation import details_of, refusal

_BY_STATUS: Final = {
    404: (Code.NOT_FOUND, "There is nothing at {path}. The paths are listed at /api/docs."),
    405: (Code.METHOD_NOT_ALLOWED, "{path} does not take {method}. The methods are listed at /api/docs."),
}
_NOT_JSON: Final = ChafferError(
    Code.VALIDATION_ERROR,
    "The body is not valid JSON, or is nested too deeply. Send a JSON object in UTF-8.",
    details=(Detail("body", "is not valid JSON, or is nested too deeply"),),
)
_NOT_SAID_TO_BE_JSON: Final = ChafferError(
    Code.VALIDATION_ERROR,
    "The body was not read: it was not sent as JSON. Send it with the header Content-Type: application/json.",
    details=(Detail("body", "must be sent with Content-Type: application/json"),),
)
_PRINTABLE_PATH: Final = re.compile(r"[^\x21-\x7e]+")
_PATH_SHOWN: Final = 200


def add_refusals(app: FastAPI) -> None:
    """Have every refusal answered in the envelope."""
    # Starlette calls each with the errors of its type; its own annotation asks for one that takes them all.
    for kind, answer in ((ChafferError, _ours), (RequestValidationError, _invalid), (HTTPException, _http)):
        app.add_exception_handler(kind, cast("ExceptionHandler", answer))


async def _ours(request: Request, error: ChafferError) -> JSONResponse:
    return error_response(error, request_id_of(request.scope))


async def _invalid(request: Request, error: RequestValidationError) -> JSONResponse:
    found = error.errors()
    if any(one["type"] == "json_invalid" for one in found):
        wrong = _NOT_JSON
    elif any(one["loc"] == ("body",) and isinstance(one["input"], bytes) for one in found):
        wrong = _NOT_SAID_TO_BE_JSON
    else:
        wrong = refusal("The request", details_of(found, skip=1))
    return error_response(wrong, request_id_of(request.scope))


async def _http(request: Request, error: HTTPException) -> JSONResponse:
    known = _BY_STATUS.get(error.status_code)
    if known is None:
        return error_response(_NOT_JSON, request_id_of(request.scope))
    code, sentence = known
    path = _PRINTABLE_PATH.sub("?", request.url.path)[:_PATH_SHOWN]
    refused = ChafferError(code, sentence.format(path=path, method=request.method))
    response = error_response(refused, request_id_of(request.scope))
    if code is Code.METHOD_NOT_ALLOWED:
        response.headers["Allow"] = ", ".join(_methods_at(request.scope))
    return response


def _methods_at(scope: Scope) -> list[str]:
    """Return the methods that a path takes: its routes are one for each method, and HEAD is answered as GET is."""
    routes = (route for route in scope["app"].routes if isinstance(route, Route))
    methods = {name for route in routes if route.matches(scope)[0] is not Match.NONE for name in route.methods or ()}
    return sorted(methods | {"HEAD"} if "GET" in methods else methods)
