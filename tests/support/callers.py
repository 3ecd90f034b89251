"""Callers with a proof of who they are, and settings that ask for one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import httpx2

from chaffer.cli.in_process import InProcessTransport
from tests.support.tokens import SECRET, claims, signed

ASKS_FOR_TOKENS: Final[dict[str, Any]] = {"supabase_jwt_secret": SECRET, "rate_limit_enabled": False}
"""Settings under which callers are known by tokens, and may call as often as they like."""


def bearer(subject: str, **said: Any) -> dict[str, str]:
    """Return the header that proves who calls, by a token that says this besides."""
    return {"Authorization": f"Bearer {signed(claims(sub=subject, **said))}"}


@asynccontextmanager
async def calling(app: Any, subject: str) -> AsyncIterator[httpx2.AsyncClient]:
    """Yield a client of an application in this process, with that user's token."""
    transport = InProcessTransport(app)
    async with httpx2.AsyncClient(
        transport=transport, base_url="http://127.0.0.1", headers=bearer(subject), timeout=30
    ) as client:
        yield client
