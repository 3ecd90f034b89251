"""Which errors a route can answer, for the OpenAPI document."""

from __future__ import annotations

from typing import Any, Final

from chaffer.api.envelope import STATUS, ErrorEnvelope
from chaffer.errors import ADVICE, Code

OF_PROVIDERS: Final = (
    Code.LLM_PROVIDER_DISABLED,
    Code.INVALID_API_KEY,
    Code.LLM_BAD_GATEWAY,
    Code.LLM_PROVIDER_UNAVAILABLE,
    Code.LLM_TIMEOUT,
)
"""What may come of asking after a provider, before anything is asked of its models."""


def problems(*codes: Code) -> dict[int | str, dict[str, Any]]:
    """Return the documented error responses of a route, by status."""
    by_status: dict[int | str, dict[str, Any]] = {}
    for code in codes:
        described = f"`{code}`: {ADVICE[code].user_message}"
        known = by_status.get(STATUS[code])
        if known is None:
            by_status[STATUS[code]] = {"model": ErrorEnvelope, "description": described}
        else:
            known["description"] += f" {described}"
    return by_status


def problems_of_a_turn(missing: Code) -> dict[int | str, dict[str, Any]]:
    """Return those of words to an assistant; `missing` is told where they go on with what is not there."""
    return problems(
        Code.VALIDATION_ERROR,
        *OF_PROVIDERS,
        missing,
        Code.CONFLICT,
        Code.IDEMPOTENCY_KEY_REUSED,
        Code.PAYLOAD_TOO_LARGE,
        Code.LLM_CAP_REACHED,
    )
