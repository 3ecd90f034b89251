"""A provider over HTTP that speaks OpenAI's chat completions: one streamed call a reply, bounded in time and bytes."""

from __future__ import annotations

import asyncio
import itertools
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from contextlib import aclosing, asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Final

import httpx2

from chaffer.llm.bursts import Bursts
from chaffer.llm.faults import Callee, ModelFaultError, Nonsense, OptionRefusedError
from chaffer.llm.openai_wire import DONE, Chunk, Usage, chat_body, chunk_of, models_of
from chaffer.llm.provider import Ending, ModelRequest, Patience
from chaffer.llm.sse_lines import OverlongEventError, SseDecoder

POOLS: Final = 32
"""A pool looks through all its connections at every call; many small ones keep 300 calls at once cheap."""

_OK: Final = 200
_LONGEST_CONNECT_SECONDS: Final = 10.0
_KEPT_ALIVE_SECONDS: Final = 30.0
_LINGER_SECONDS: Final = 1.0
"""After the finish reason only the usage is to come, and some servers never send it."""
_END_SECONDS: Final = 0.05

_BYTES: Final = 1_000_000
_BYTES_A_TOKEN: Final = 512
_ERROR_BYTES: Final = 16_384


@dataclass(frozen=True, slots=True)
class Wiring:
    """Where a provider is, what it is called, what to do when it is away, and how long to bear with it."""

    name: str
    base_url: str
    remedy: str
    timeout_seconds: float
    patience: Patience


class ChatCompletions:
    """One provider. It is made without contacting anybody; see the Provider protocol for its promises."""

    def __init__(self, wiring: Wiring) -> None:
        """Prepare the connections. Raises httpx2.InvalidURL."""
        self._wiring = wiring
        self._shown_url = str(httpx2.URL(wiring.base_url).copy_with(userinfo=b""))
        self._clients = tuple(_client(wiring) for _ in range(POOLS))
        self._next_client = itertools.cycle(self._clients)
        self._refused_options: dict[str, frozenset[str]] = {}

    @property
    def name(self) -> str:
        """Return the provider's name."""
        return self._wiring.name

    @property
    def base_url(self) -> str:
        """Return the address that is called, without the name and password that may stand in it."""
        return self._shown_url

    @property
    def remedy(self) -> str:
        """Return what to do when it is away."""
        return self._wiring.remedy

    @property
    def patience(self) -> Patience:
        """Return how often its callers try again."""
        return self._wiring.patience

    async def models(self) -> tuple[str, ...]:
        """Return the ids of the models it lists. Raises ModelFaultError."""
        callee, deadline = self._callee(""), Deadline(self._wiring.timeout_seconds)
        client = next(self._next_client)
        async with _answer(client, client.build_request("GET", "models"), callee, deadline) as response:
            return models_of(await _body(response, _BYTES, callee, deadline), callee)

    async def stream(self, request: ModelRequest) -> AsyncGenerator[str | Ending, None]:
        """Yield the reply's text as it comes and its ending; optional fields that were refused are not sent again."""
        while True:
            without = self._refused_options.get(request.model, frozenset())
            begun = False
            try:
                async with aclosing(self._attempt(request, without)) as items:
                    async for item in items:
                        begun = True
                        yield item
            except OptionRefusedError as refusal:
                if begun or refusal.option in without:
                    raise
                self._refused_options[request.model] = without | {refusal.option}
            else:
                return

    async def _attempt(self, request: ModelRequest, without: frozenset[str]) -> AsyncGenerator[str | Ending, None]:
        callee, deadline = self._callee(request.model), Deadline(self._wiring.timeout_seconds)
        client = next(self._next_client)
        call = client.build_request("POST", "chat/completions", content=chat_body(request, without))
        reply = _Reply(request.model)
        async with _answer(client, call, callee, deadline) as response:
            limit = _BYTES + _BYTES_A_TOKEN * request.max_tokens
            async with aclosing(_events(response, limit, callee, deadline)) as events:
                while (burst := await _next_events(events, reply)) is not None:
                    text = "".join([reply.take(chunk_of(data, callee), deadline) for data in burst])
                    if text:
                        yield text
        if reply.finish_reason is None:
            raise callee.broke_off()
        yield reply.ending(reply.finish_reason, deadline.elapsed_seconds)

    async def aclose(self) -> None:
        """Close all connections."""
        await asyncio.gather(*(client.aclose() for client in self._clients))

    def _callee(self, model: str) -> Callee:
        return Callee(self._wiring.name, model, self._wiring.remedy, self._wiring.timeout_seconds)


class Deadline:
    """The time that a whole call may take."""

    def __init__(self, seconds: float) -> None:
        """Begin now."""
        self._loop = asyncio.get_running_loop()
        self._begun = self._loop.time()
        self._at = self._begun + seconds

    @property
    def elapsed_seconds(self) -> float:
        """Return the time since the beginning."""
        return self._loop.time() - self._begun

    def shorten(self, seconds: float) -> None:
        """Allow no more than so many seconds from now on."""
        self._at = min(self._at, self._loop.time() + seconds)

    def limit(self) -> asyncio.Timeout:
        """Return the context manager that raises TimeoutError at the deadline."""
        return asyncio.timeout_at(self._at)


class _Reply:
    """What has come of a reply so far."""

    def __init__(self, model: str) -> None:
        self._model = model
        self._usage = Usage(None, None)
        self._first_token_seconds: float | None = None
        self.finish_reason: str | None = None

    def take(self, chunk: Chunk, deadline: Deadline) -> str:
        """Take a chunk in, and return its text."""
        if chunk.text and self._first_token_seconds is None:
            self._first_token_seconds = deadline.elapsed_seconds
        if chunk.finish_reason is not None:
            self.finish_reason = chunk.finish_reason
            deadline.shorten(_LINGER_SECONDS)
        self._model = chunk.model or self._model
        self._usage = chunk.usage or self._usage
        return chunk.text

    def ending(self, finish_reason: str, latency_seconds: float) -> Ending:
        usage = self._usage
        return Ending(
            finish_reason=finish_reason,
            model=self._model,
            prompt_tokens=usage.prompt_tokens,
            completion_tokens=usage.completion_tokens,
            latency_seconds=latency_seconds,
            first_token_seconds=self._first_token_seconds,
        )


def _client(wiring: Wiring) -> httpx2.AsyncClient:
    """Return a client that follows no redirects, and no proxy or credentials that the environment may name."""
    is_encrypted = wiring.base_url.startswith("https:")
    # Without TLS the context is never used: an empty one, which trusts nobody, saves loading the authorities.
    context = httpx2.create_ssl_context(trust_env=False) if is_encrypted else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    seconds = wiring.timeout_seconds
    return httpx2.AsyncClient(
        base_url=wiring.base_url,
        headers={"content-type": "application/json", "user-agent": "chaffer"},
        timeout=httpx2.Timeout(seconds, connect=min(seconds, _LONGEST_CONNECT_SECONDS)),
        limits=httpx2.Limits(keepalive_expiry=_KEPT_ALIVE_SECONDS),
        verify=context,
        trust_env=False,
    )


@asynccontextmanager
async def _answer(
    client: httpx2.AsyncClient, call: httpx2.Request, callee: Callee, deadline: Deadline
) -> AsyncIterator[httpx2.Response]:
    """Yield the response once its status is known to be 200; leaving closes it. Raises ModelFaultError."""
    with _told_as_faults(callee, callee.unreachable):
        async with deadline.limit():
            response = await client.send(call, stream=True)
    try:
        if response.status_code != _OK:
            body = await _body(response, _ERROR_BYTES, callee, deadline)
            raise callee.refused(response.status_code, response.headers, body)
        yield response
    finally:
        await response.aclose()


async def _body(response: httpx2.Response, limit: int, callee: Callee, deadline: Deadline) -> bytes:
    """Return the body, up to the limit."""
    content = b""
    async with aclosing(_pieces(response, callee, deadline)) as pieces:
        async for piece in pieces:
            content += piece
            if len(content) >= limit:
                break
    return content[:limit]


async def _events(
    response: httpx2.Response, limit: int, callee: Callee, deadline: Deadline
) -> AsyncGenerator[list[str], None]:
    """Yield the data of the stream's events, those of each burst, up to the one that says it is done.

    What follows is read and dropped, for a moment: a connection that is read to its end can be used again.
    """
    decoder, size, is_done = SseDecoder(), 0, False
    async with aclosing(_pieces(response, callee, deadline)) as pieces:
        async for piece in pieces:
            size += len(piece)
            if size > limit:
                raise callee.nonsense(Nonsense.WITHOUT_END)
            found = _fed(decoder, piece, callee)
            if not is_done:
                yield found[: found.index(DONE)] if DONE in found else found
            if DONE in found:
                is_done = True
                deadline.shorten(_END_SECONDS)
    if not is_done:
        yield [data for data in decoder.finish() if data != DONE]


def _fed(decoder: SseDecoder, piece: bytes, callee: Callee) -> list[str]:
    try:
        return decoder.feed(piece)
    except OverlongEventError:
        raise callee.nonsense(Nonsense.LONG_EVENT) from None


async def _pieces(response: httpx2.Response, callee: Callee, deadline: Deadline) -> AsyncGenerator[bytes, None]:
    """Yield the bytes as they come, each burst awaited no longer than to the deadline."""
    with _told_as_faults(callee, callee.broke_off):
        async with Bursts(response) as bursts:
            while True:
                async with deadline.limit():
                    burst = await bursts.next()
                if burst is None:
                    return
                yield burst


async def _next_events(events: AsyncGenerator[list[str], None], reply: _Reply) -> list[str] | None:
    """Return the next events, None at the end; what goes wrong after the finish reason is the end, too."""
    try:
        return await anext(events, None)
    except ModelFaultError:
        if reply.finish_reason is None:
            raise
        return None


@contextmanager
def _told_as_faults(callee: Callee, broken: Callable[[], ModelFaultError]) -> Iterator[None]:
    """Raise what the transport raises as a fault; `broken` makes the one of a connection that fails."""
    try:
        yield
    except (httpx2.ConnectError, httpx2.ConnectTimeout):
        raise callee.unreachable() from None
    except (TimeoutError, httpx2.TimeoutException):
        raise callee.too_slow() from None
    except httpx2.DecodingError:
        raise callee.nonsense(Nonsense.ENCODING) from None
    except httpx2.RequestError:
        raise broken() from None
