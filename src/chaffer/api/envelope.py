"""The one shape of every error on every surface, and the status of every code."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Final

from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from chaffer.api.standings import headers_of
from chaffer.doors.entrance import StrangerError
from chaffer.doors.limits import LimitedError
from chaffer.errors import ChafferError, Code

STATUS: Final[Mapping[Code, int]] = MappingProxyType(
    {
        Code.VALIDATION_ERROR: 400,
        Code.MAX_SELLERS_EXCEEDED: 400,
        Code.INVALID_API_KEY: 400,
        Code.LLM_PROVIDER_DISABLED: 400,
        Code.UNAUTHORIZED: 401,
        Code.FORBIDDEN: 403,
        Code.SESSION_NOT_FOUND: 404,
        Code.ROOM_NOT_FOUND: 404,
        Code.RUN_NOT_FOUND: 404,
        Code.THREAD_NOT_FOUND: 404,
        Code.CONVERSATION_NOT_FOUND: 404,
        Code.TOOL_CALL_NOT_FOUND: 404,
        Code.PRODUCT_NOT_FOUND: 404,
        Code.INVOICE_NOT_FOUND: 404,
        Code.LOG_NOT_FOUND: 404,
        Code.NOT_FOUND: 404,
        Code.METHOD_NOT_ALLOWED: 405,
        Code.NEGOTIATION_ALREADY_ACTIVE: 409,
        Code.CONFLICT: 409,
        Code.IDEMPOTENCY_KEY_REUSED: 409,
        Code.PAYLOAD_TOO_LARGE: 413,
        Code.BUDGET_CONSTRAINT_VIOLATION: 422,
        Code.INSUFFICIENT_INVENTORY: 422,
        Code.REQUEST_TIMEOUT: 408,
        Code.RATE_LIMIT_EXCEEDED: 429,
        Code.LLM_CAP_REACHED: 429,
        Code.INTERNAL_ERROR: 500,
        Code.LLM_BAD_GATEWAY: 502,
        Code.ANSWER_TIMEOUT: 503,
        Code.KEYS_UNAVAILABLE: 503,
        Code.LLM_TIMEOUT: 503,
        Code.LLM_PROVIDER_UNAVAILABLE: 503,
    }
)


class ErrorDetail(BaseModel):
    """One refused field."""

    field: str = Field(examples=["sellers[0].inventory[0].least_price"])
    issue: str = Field(examples=["must be above cost_price (800) and below selling_price (900); got 950"])


class ErrorBody(BaseModel):
    """What went wrong, for a program and for a person."""

    code: Code
    message: str
    details: list[ErrorDetail]
    timestamp: datetime
    request_id: str
    userMessage: str  # noqa: N815  The specification's name.
    suggestedActions: list[str]  # noqa: N815  The specification's name.
    retryable: bool


class ErrorEnvelope(BaseModel):
    """The shape of every error."""

    error: ErrorBody


def envelope(error: ChafferError, request_id: str) -> dict[str, object]:
    """Return an error as JSON-able data."""
    return ErrorEnvelope(error=error_body(error, request_id, datetime.now(UTC))).model_dump(mode="json")


def error_body(error: ChafferError, request_id: str, at: datetime) -> ErrorBody:
    """Return an error that was met at a time, as every surface tells it."""
    advice = error.advice
    return ErrorBody(
        code=error.code,
        message=error.message,
        details=[ErrorDetail(field=detail.field, issue=detail.issue) for detail in error.details],
        timestamp=at,
        request_id=request_id,
        userMessage=advice.user_message,
        suggestedActions=list(advice.suggested_actions),
        retryable=advice.retryable,
    )


def error_response(error: ChafferError, request_id: str) -> JSONResponse:
    """Return an error as a response with its status: when to come back, beyond which rate it was, who may come in."""
    headers = {} if error.retry_after_seconds is None else {"Retry-After": str(int(error.retry_after_seconds))}
    if isinstance(error, LimitedError):
        headers |= headers_of(error.standing)
    response = JSONResponse(envelope(error, request_id), STATUS[error.code], headers)
    if error.code is Code.UNAUTHORIZED:
        for challenge in error.challenges if isinstance(error, StrangerError) else ("Bearer",):
            response.headers.append("WWW-Authenticate", challenge)
    return response
