"""Idempotency-Key: the same request gets the same answer, and has one effect."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Header, Request, Response
from pydantic import AfterValidator, BaseModel, Field

from chaffer.api.dependencies import Running
from chaffer.conversation.journal import Answer, Journal, RememberAnswer
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

Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Creation:
    """A request that creates something, or changes what a second one may not change again."""

    request: Request
    journal: Journal
    key: str | None

    async def once(
        self,
        owner: str,
        within: AbstractAsyncContextManager[None],
        create: Callable[[Callable[[Made], RememberAnswer] | None], Awaitable[Made]],
        render: Callable[[Made], BaseModel],
        *,
        status: int = CREATED,
    ) -> Response:
        """Return the response to it; see `answer_once`."""
        answer = await self.answer_once(owner, within, create, render, status=status)
        return Response(answer.body, answer.status, media_type="application/json")

    async def answer_once(
        self,
        owner: str,
        within: AbstractAsyncContextManager[None],
        create: Callable[[Callable[[Made], RememberAnswer] | None], Awaitable[Made]],
        render: Callable[[Made], BaseModel],
        *,
        status: int = CREATED,
    ) -> Answer:
        """Return the answer to it, the first one when the key was used for the same request before.

        Otherwise it is done within the context; `create` gets what keeps the answer along with what it writes, if
        there is a key. Raises IDEMPOTENCY_KEY_REUSED for another request.
        """
        if self.key is None:
            async with within:
                return Answer(status, render(await create(None)).model_dump_json())
        key, digest = self.key, await _digest(self.request)

        def keep(made: Made) -> RememberAnswer:
            return RememberAnswer(owner, key, digest, Answer(status, render(made).model_dump_json()))

        kept = await self._kept(owner, key, digest)
        if kept is not None:
            return kept
        try:
            async with within:
                return Answer(status, render(await create(keep)).model_dump_json())
        except ChafferError as refusal:
            if refusal.code is not Code.IDEMPOTENCY_KEY_REUSED:
                raise
            twin = await self._kept(owner, key, digest)  # the same request, a moment earlier
            if twin is None:
                raise
            return twin

    async def _kept(self, owner: str, key: str, digest: str) -> Answer | None:
        found = await self.journal.find_answer(owner, key)
        if found is None:
            return None
        if found[0] != digest:
            raise ChafferError(
                Code.IDEMPOTENCY_KEY_REUSED,
                "This Idempotency-Key was used for a different request. Send a new key with a new request.",
            )
        return found[1]


async def _creation(request: Request, chaffer: Running, key: Key = None) -> Creation:
    return Creation(request, chaffer.journal, key)


Creating = Annotated[Creation, Depends(_creation)]


async def _digest(request: Request) -> str:
    """Return what tells two requests apart: the path with its query, and the body.

    A body may hold a key of a provider. The digest does not give it away: who knows all else of the body could try
    keys against it, and those are long and random.
    """
    told = hashlib.blake2b(digest_size=16)
    told.update(f"{request.method} {request.url.path}?{request.url.query}\n".encode())
    told.update(await request.body())
    return told.hexdigest()


def documented(model: type[BaseModel]) -> dict[str, Any]:
    """Return the parameters of a route that creates, and whose answer is given by `Creation.once`."""
    return {"status_code": CREATED, "response_model": model}
