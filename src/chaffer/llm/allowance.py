"""What providers tell, in the heads of their answers, of how many calls they still allow.

Three dialects: OpenRouter's `X-RateLimit-*`, whose reset is in milliseconds since 1970; OpenAI's
`x-ratelimit-*-requests`, whose reset is a span such as `6m0s`; Anthropic's `anthropic-ratelimit-requests-*`, whose
reset is a time of RFC 3339.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Final

_UNIT_SECONDS: Final = {"d": 86_400.0, "h": 3_600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
_SPAN: Final = re.compile(r"(?:[0-9]{1,12}(?:\.[0-9]{1,12})?(?:ms|[dhms]))+")
_PART: Final = re.compile(r"([0-9.]+)(ms|[dhms])")


def exhausted_seconds(headers: Mapping[str, str], now: float) -> float | None:
    """Return for how many seconds no call is allowed any more, None while some are left or nothing is told of it.

    Names count in any case. `now` is in seconds since 1970; what is past gives None, as nonsense does.
    """
    told = {name.lower(): value.strip() for name, value in headers.items()}
    spans = [
        seconds
        for remaining, reset, seconds_of in _DIALECTS
        if told.get(remaining) == "0" and (seconds := seconds_of(told.get(reset, ""), now)) > 0
    ]
    return max(spans, default=None)


def _until_milliseconds(reset: str, now: float) -> float:
    return int(reset) / 1000 - now if re.fullmatch("[0-9]{1,15}", reset) else 0.0


def _span(reset: str, _: float) -> float:
    if _SPAN.fullmatch(reset) is None:
        return 0.0
    return sum(float(number) * _UNIT_SECONDS[unit] for number, unit in _PART.findall(reset))


def _until_time(reset: str, now: float) -> float:
    try:
        reset_at = datetime.fromisoformat(reset)
    except ValueError:
        return 0.0
    return (reset_at if reset_at.tzinfo is not None else reset_at.replace(tzinfo=UTC)).timestamp() - now


_DIALECTS: Final[tuple[tuple[str, str, Callable[[str, float], float]], ...]] = (
    ("x-ratelimit-remaining", "x-ratelimit-reset", _until_milliseconds),
    ("x-ratelimit-remaining-requests", "x-ratelimit-reset-requests", _span),
    ("anthropic-ratelimit-requests-remaining", "anthropic-ratelimit-requests-reset", _until_time),
)
