"""Where a caller stands with a rate, as the heads of an answer tell it."""

from __future__ import annotations

from typing import Final

from chaffer.doors.limits import Standing

HEADERS: Final = ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset", "RateLimit-Policy", "RateLimit")
"""Told with every limited answer."""


def headers_of(standing: Standing) -> dict[str, str]:
    """Return the heads that tell a standing.

    The first three fields are those that clients know; the last two are of the present draft of the IETF
    (draft-ietf-httpapi-ratelimit-headers-11): a quota `q` in a window of `w` seconds, `r` left, `t` seconds to wait.
    """
    rate, wait = standing.rate, standing.wait_seconds
    told = (
        str(rate.most),
        str(standing.remaining),
        str(wait),
        f'"{rate.name}";q={rate.most};w={rate.seconds}',
        f'"{rate.name}";r={standing.remaining};t={wait}',
    )
    return dict(zip(HEADERS, told, strict=True))
