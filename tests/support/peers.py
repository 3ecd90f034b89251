"""Callers from other machines, without another machine: the application in this process, called by whom it is told."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx2

from chaffer.cli.in_process import InProcessTransport
from chaffer.errors import Code


@asynccontextmanager
async def calling_from(
    app: Any, peer: str | None, headers: Mapping[str, str] | None = None
) -> AsyncIterator[httpx2.AsyncClient]:
    """Yield a client whose calls seem to come from that address; None: over a socket file."""

    async def from_there(scope: Any, receive: Any, send: Any) -> None:
        await app({**scope, "client": None if peer is None else (peer, 40_000)}, receive, send)

    transport = InProcessTransport(from_there)
    async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1", headers=headers) as client:
        yield client


def refused(answer: httpx2.Response, code: Code) -> str:
    """Check that an answer is that refusal, and return its sentence."""
    error = answer.json()["error"]
    assert error["code"] == code, answer.text
    assert error["request_id"] == answer.headers["x-request-id"]
    sentence: str = error["message"]
    return sentence
