"""Idempotency-Key: the same request gets the same answer, and has one effect."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import Header, Request, Response
from pydantic import AfterValidator, BaseModel, Field

from chaffer.bootstrap import Chaffer
from chaffer.conversation.journal import Answer, RememberAnswer
from chaffer.errors import ChafferError, Code

CREATED = 201


def _visible(key: str) -> str:
    if not key.isprintable():
        msg = "must have printable characters only"
        raise ValueError(msg)
    return key


Key = Annotated[
    Annotated[str, Field(min_length=1, max_length=255), AfterValidator(_visible)] | None,
    Header(alias="Idempotency-Key", description="Send the same key again to get the same answer, with one effect."),
]

Remember = Callable[[BaseModel], RememberAnswer]
Create = Callable[[Remember | None], Awaitable[BaseModel]]


async def created_once(chaffer: Chaffer, request: Request, owner: str, key: str | None, create: Create) -> Response:
    """Return the answer to a creating request, the first one when the key was used for the same request before.

    `create` gets how to keep its answer with what it writes. Raises IDEMPOTENCY_KEY_REUSED for another request.
    """
    if key is None:
        return _created(Answer(CREATED, (await create(None)).model_dump_json()))
    digest = await _digest(request)
    kept = await _kept(chaffer, owner, key, digest)
    if kept is not None:
        return _created(kept)

    def remember(document: BaseModel) -> RememberAnswer:
        return RememberAnswer(owner, key, digest, Answer(CREATED, document.model_dump_json()))

    try:
        return _created(Answer(CREATED, (await create(remember)).model_dump_json()))
    except ChafferError as refusal:
        if refusal.code is not Code.IDEMPOTENCY_KEY_REUSED:
            raise
        twin = await _kept(chaffer, owner, key, digest)  # the same request, a moment earlier
        if twin is None:
            raise
        return _created(twin)


async def _kept(chaffer: Chaffer, owner: str, key: str, digest: str) -> Answer | None:
    found = await chaffer.journal.find_answer(owner, key)
    if found is None:
        return None
    if found[0] != digest:
        raise ChafferError(
            Code.IDEMPOTENCY_KEY_REUSED,
            "This Idempotency-Key was used for a different request. Send a new key with a new request.",
        )
    return found[1]


async def _digest(request: Request) -> str:
    """Return what tells two requests apart: the path with its query, and the body.

    A body may hold a key of a provider. The digest does not give it away: who knows all else of the body could try
    keys against it, and those are long and random.
    """
    told = hashlib.blake2b(digest_size=16)
    told.update(f"{request.method} {request.url.path}?{request.url.query}\n".encode())
    told.update(await request.body())
    return told.hexdigest()


def _created(answer: Answer) -> Response:
    return Response(answer.body, answer.status, media_type="application/json")


def documented(model: type[BaseModel]) -> dict[str, Any]:
    """Return the parameters of a route whose answer is rendered by `created_once`."""
    return {"status_code": CREATED, "response_model": model}
