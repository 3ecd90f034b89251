"""The OpenAPI document: what FastAPI derives, with the one error envelope and the streams' events as components."""

from __future__ import annotations

import json
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema

from chaffer.api.admission import OPEN_PATHS
from chaffer.api.chat.frames import ChatFrames
from chaffer.api.envelope import ErrorEnvelope
from chaffer.api.runs.frames import RunFrames
from chaffer.api.shopping.frames import ShoppingFrames
from chaffer.api.v1.stream_events import SessionStreamEvents, StreamEvents
from chaffer.errors import ADVICE, Code

DESCRIPTION: Final = """A buyer agent haggles with up to ten seller agents, live. Code keeps the limits, not prompts.

Open a session (`POST /api/v1/simulation/initialize`), start a room or all of them, follow the stream, read the summary.
Every error has the shape of `ErrorEnvelope`. Amounts are JSON numbers with at most two decimals. Times are UTC.
"""

_REFERENCE: Final = "#/components/schemas/{model}"
_SCHEMES: Final = {
    "password": {"type": "http", "scheme": "basic"},
    "token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
    "login": {"type": "apiKey", "in": "cookie", "name": "chaffer", "description": "What `POST /api/login` gives."},
}
_PROOFS: Final[list[dict[str, list[str]]]] = [{"password": []}, {"token": []}, {"login": []}, {}]
"""Any one of them will do, and none is needed where nobody is asked."""

_COMPONENTS: Final = (ErrorEnvelope, StreamEvents, SessionStreamEvents, RunFrames, ShoppingFrames, ChatFrames)
_VALIDATION: Final = ("HTTPValidationError", "ValidationError")


_MADE: Final[dict[tuple[str, str], dict[str, Any]]] = {}
"""The document by title and version: all applications of a process have the same routes, and half a second is long."""


def describe(app: FastAPI) -> None:
    """Have the application answer with our document."""

    def document() -> dict[str, Any]:
        of = app.title, app.version
        if of not in _MADE:
            _MADE[of] = _document(app)
        return _MADE[of]

    app.openapi = document  # type: ignore[method-assign]  # FastAPI's own way to extend the document.


def _document(app: FastAPI) -> dict[str, Any]:
    document = get_openapi(title=app.title, version=app.version, description=DESCRIPTION, routes=app.routes)
    _, made = models_json_schema([(model, "serialization") for model in _COMPONENTS], ref_template=_REFERENCE)
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    schemas.update({name: schema for name, schema in made["$defs"].items() if name not in schemas})
    for name in _VALIDATION:
        schemas.pop(name, None)
    document["components"]["securitySchemes"] = _SCHEMES
    codes = "; ".join(f"`{code}`: {ADVICE[code].user_message}" for code in Code)
    schemas["Code"]["description"] = codes
    for path, operations in document["paths"].items():
        for operation in operations.values():
            _with_envelope(operation)
            if path not in OPEN_PATHS:
                operation["security"] = _PROOFS
                operation["responses"].setdefault("401", _error(Code.UNAUTHORIZED))
                operation["responses"].setdefault("429", _error(Code.RATE_LIMIT_EXCEEDED))
    return document


def _with_envelope(operation: dict[str, Any]) -> None:
    """Document what every operation can answer; FastAPI's own 422 never is one of it."""
    responses = operation["responses"]
    if "HTTPValidationError" in json.dumps(responses.get("422", "")):
        del responses["422"]
        responses.setdefault("400", _error(Code.VALIDATION_ERROR))
    responses.setdefault("403", _error(Code.FORBIDDEN))
    if "requestBody" in operation:
        responses.setdefault("408", _error(Code.REQUEST_TIMEOUT))
    responses.setdefault("500", _error(Code.INTERNAL_ERROR))
    responses.setdefault("503", _error(Code.ANSWER_TIMEOUT))


def _error(code: Code) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/ErrorEnvelope"}
    return {
        "description": f"`{code}`: {ADVICE[code].user_message}",
        "content": {"application/json": {"schema": schema}},
    }


def document() -> dict[str, Any]:
    """Return the document of the released program, whatever the environment says; needs no database."""
    from chaffer.api.app import create_app  # noqa: PLC0415  The application imports this module.
    from chaffer.settings import Settings  # noqa: PLC0415

    return create_app(Settings.model_construct(), Nothing).openapi()  # type: ignore[arg-type]


def document_text() -> str:
    """Return the document as the text of its file."""
    return json.dumps(document(), indent=1, ensure_ascii=False) + "\n"


class Nothing:
    """What stands where the running program would: a document needs none."""
