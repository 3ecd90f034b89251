"""The client of the market's API: one set of calls, whether a server answers them or this very process."""

from __future__ import annotations

import asyncio
import json
import shlex
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Final, NoReturn

import httpx2

from chaffer.errors import ChafferError, Code, Detail

Document = Mapping[str, Any]
"""A JSON object as the API answers it; its fields are described in the OpenAPI document."""


RECONNECTS: Final = 5
FIRST_WAIT_SECONDS: Final = 0.5

_NOT_OURS: Final = "it is not this program's, or one of another version's. Check the address given with --url."


class _Answered(dict[str, Any]):
    """A JSON object that came from a server. What it lacks is no fault of the command that reads it."""

    def __missing__(self, name: str) -> NoReturn:
        raise ChafferError(Code.INTERNAL_ERROR, f"The answer has no `{name}`: {_NOT_OURS}")


@dataclass(frozen=True, slots=True)
class StreamEvent:
    """One event of a stream: its name, its data, and its id, which is empty for what is not durable."""

    name: str
    data: Document
    id: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of a list is wanted: how many entries, behind which one, and whose; None means all users'."""

    limit: int
    after: str | None = None
    user_id: str | None = None

    @property
    def query(self) -> dict[str, object]:
        """Return the parameters of the call that lists it."""
        return {"limit": self.limit, "after": self.after, "user_id": self.user_id}

    def next_options(self, next_after: str, url: str | None) -> str:
        """Return the options with which a command lists the next part."""
        given = {"--limit": self.limit, "--after": next_after, "--user-id": self.user_id, "--url": url}
        return shlex.join(str(word) for pair in given.items() if pair[1] is not None for word in pair)


class MarketClient:
    """Calls the API. Every refusal comes back as the ChafferError that the answer describes."""

    def __init__(self, http: httpx2.AsyncClient, where: str) -> None:
        """Call through that client; `where` names the server in sentences."""
        self._http = http
        self._where = where

    async def get(self, path: str, **query: object) -> Document:
        """Return what a GET answers; parameters that are None are left out."""
        return await self._call("GET", path, params=_given(query))

    async def download(self, path: str, **query: object) -> bytes:
        """Return the file that a GET answers; parameters that are None are left out."""
        try:
            response = await self._http.get(path, params=_given(query))
        except httpx2.TransportError as fault:
            raise self._unreachable(fault) from fault
        if response.status_code != httpx2.codes.OK:
            self._document(response)
        return response.content

    async def post(self, path: str, body: object = None, *, key: str | None = None) -> Document:
        """Return what a POST answers; `key` is its Idempotency-Key."""
        headers = {"Idempotency-Key": key} if key is not None else {}
        if body is None:
            return await self._call("POST", path, headers=headers)
        return await self._call("POST", path, json=body, headers=headers)

    async def patch(self, path: str, body: object) -> Document:
        """Return what a PATCH answers."""
        return await self._call("PATCH", path, json=body)

    async def delete(self, path: str) -> Document:
        """Return what a DELETE answers."""
        return await self._call("DELETE", path)

    async def _call(self, method: str, path: str, **arguments: Any) -> Document:  # noqa: ANN401  As the client takes.
        try:
            response = await self._http.request(method, path, **arguments)
        except httpx2.TransportError as fault:
            raise self._unreachable(fault) from fault
        return self._document(response)

    async def follow(
        self, path: str, *, after: str | None = None, **query: object
    ) -> AsyncGenerator[StreamEvent, None]:
        """Yield a stream's events to its end; a connection that breaks is opened again where it broke.

        Raises ChafferError when the stream is refused or the server stays away.
        """
        position, failures = after or "", 0
        while True:
            sent = {"params": _given({**query, "after": position or None})}  # An id may not fit into a header.
            try:
                async with aclosing(self._connected("GET", path, position, sent)) as events:
                    async for event in events:
                        if event is None:
                            return
                        position, failures = event.id or position, 0
                        yield event
            except httpx2.TransportError as fault:
                failures += 1
                if failures > RECONNECTS:
                    raise self._unreachable(fault) from fault
                await asyncio.sleep(FIRST_WAIT_SECONDS * 2 ** (failures - 1))

    async def follow_post(
        self, path: str, body: object, *, key: str | None, rest: Callable[[Document], str]
    ) -> AsyncGenerator[StreamEvent, None]:
        """Yield the events of a stream that a POST begins, and where its connection ends, those behind them.

        `rest` returns the path of the stream that goes on, from the first event. Raises as `follow` does.
        """
        sent = {"json": body, "headers": {"Idempotency-Key": key} if key is not None else {}}
        position, path_of_rest = "", ""
        try:
            async with aclosing(self._connected("POST", path, "", sent)) as events:
                async for event in events:
                    if event is not None:
                        position, path_of_rest = event.id or position, path_of_rest or rest(event.data)
                        yield event
        except httpx2.TransportError as fault:
            if not path_of_rest:
                raise self._unreachable(fault) from fault
        if path_of_rest:
            async with aclosing(self.follow(path_of_rest, after=position)) as events:
                async for event in events:
                    yield event

    async def _connected(
        self, method: str, path: str, position: str, sent: Mapping[str, Any]
    ) -> AsyncGenerator[StreamEvent | None, None]:
        """Yield the events of one connection, and None when the server says that there will be no more."""
        async with self._http.sse(path, method=method, **sent) as source:
            if source.response.status_code == httpx2.codes.NO_CONTENT:
                yield None
                return
            if not _is_stream(source.response):
                await source.response.aread()
                self._document(source.response)
                raise self._not_ours(source.response)
            last = position
            async for event in source:
                if event.data:
                    data = json.loads(event.data, object_hook=_Answered)
                    yield StreamEvent(event.event, data, event.id if event.id != last else "")
                last = event.id

    def _document(self, response: httpx2.Response) -> Document:
        if response.status_code == httpx2.codes.NO_CONTENT:
            return {}
        try:
            document = response.json(object_hook=_Answered)
        except ValueError:
            document = None
        if not isinstance(document, dict):
            raise self._not_ours(response)
        if response.status_code >= httpx2.codes.BAD_REQUEST:
            raise _refusal(document)
        return document

    def _not_ours(self, response: httpx2.Response) -> ChafferError:
        return ChafferError(Code.INTERNAL_ERROR, f"{self._where} answered {response.status_code}: {_NOT_OURS}")

    def _unreachable(self, fault: Exception) -> ChafferError:
        message = (
            f"{self._where} cannot be reached: {str(fault) or type(fault).__name__}. "
            "Start it with `chaffer serve`, or leave --url out to use the database of this machine."
        )
        return ChafferError(Code.INTERNAL_ERROR, message)


def _is_stream(response: httpx2.Response) -> bool:
    is_told = response.headers.get("Content-Type", "").startswith("text/event-stream")
    return response.status_code == httpx2.codes.OK and is_told


def _given(query: Mapping[str, object]) -> dict[str, str | list[str]]:
    return {
        name: [str(each) for each in value] if isinstance(value, list) else str(value)
        for name, value in query.items()
        if value is not None
    }


def _refusal(document: Document) -> ChafferError:
    """Return the error of an answer in the envelope; what is not in it is told as it stands."""
    error = document.get("error")
    if not isinstance(error, dict):
        return ChafferError(Code.INTERNAL_ERROR, f"The server refused: {json.dumps(document)[:300]}")
    try:
        code = Code(str(error.get("code")))
    except ValueError:
        code = Code.INTERNAL_ERROR
    details = tuple(
        Detail(str(detail.get("field", "")), str(detail.get("issue", "")))
        for detail in error.get("details") or ()
        if isinstance(detail, dict)
    )
    message = str(error.get("message") or "The server gave no reason.")
    if code is Code.UNAUTHORIZED:
        message = f"{message} Set CHAFFER_USER and CHAFFER_PASSWORD, or CHAFFER_TOKEN, in the environment."
    if code is Code.INTERNAL_ERROR and error.get("request_id"):
        message = f"{message} (request {error['request_id']})"
    return ChafferError(code, message, details=details)
