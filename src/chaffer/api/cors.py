"""Which pages of other origins may call; their refusals have the one shape of all errors."""

from __future__ import annotations

import structlog
from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response

from chaffer.api.envelope import error_response
from chaffer.errors import ChafferError, Code

_REFUSED = 400


class Cors(CORSMiddleware):
    """Starlette's, but for the body of a refused preflight."""

    def preflight_response(self, request_headers: Headers) -> Response:
        """Return the answer to a browser that asks whether a page may make a call."""
        answer = super().preflight_response(request_headers)
        if answer.status_code != _REFUSED:
            return answer
        message = f"A browser's call was refused: {bytes(answer.body).decode()}. Pages are allowed by CORS_ORIGINS."
        request_id = str(structlog.contextvars.get_contextvars().get("request_id", ""))
        refusal = error_response(ChafferError(Code.VALIDATION_ERROR, message), request_id)
        own = {name: value for name, value in answer.headers.items() if not name.startswith("content-")}
        refusal.headers.update(own)
        return refusal
