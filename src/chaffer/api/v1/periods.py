"""What was made from one time to another: the parameters of lists and sums that name a period."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import Query
from pydantic import BeforeValidator, WithJsonSchema

from chaffer.errors import Detail, unfit


def _moment(text: object) -> datetime:
    """Return a time as a URL spells it, of a day its beginning; without a zone it is UTC. Raises ValueError."""
    try:
        at = datetime.fromisoformat(str(text))
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        msg = "must be a day or a time, as 2026-03-01 or 2026-03-01T08:00:00Z"
        raise ValueError(msg) from None


Time = Annotated[
    datetime,
    BeforeValidator(_moment),
    WithJsonSchema({"type": "string", "examples": ["2026-03-01", "2026-03-01T08:00:00Z"]}),
]
Since = Annotated[Time | None, Query(description="Not what was before: a day, which is its beginning, or a time.")]
Until = Annotated[Time | None, Query(description="Only what was before. `2026-04-01` leaves the first of April out.")]


def check_period(since: datetime | None, until: datetime | None) -> None:
    """Raise VALIDATION_ERROR for a period that ends before it begins."""
    if since is not None and until is not None and since > until:
        raise unfit(Detail("since", "must not be after until"))
