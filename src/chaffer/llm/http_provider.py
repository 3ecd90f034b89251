"""A provider over HTTP, whatever its wire: one streamed call a reply, bounded in time and bytes."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Mapping, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from typing import Final, Generic, Protocol

import aiohttp
from yarl import URL

from chaffer.errors import ChafferError, Code
from chaffer.llm.authorization import Call
from chaffer.llm.faults import Callee, ModelFaultError, Nonsense, OptionRefusedError
from chaffer.llm.halves import Halves
from chaffer.llm.http_call import Clock, answer_to, body_of, bursts_of
from chaffer.llm.http_client import Client
from chaffer.llm.refused_options import RefusedOptions
from chaffer.llm.requests import Ending, Finish, Item, ModelRequest, Said, ToolCall, ToolResult, Usage
from chaffer.llm.vendor import VendorConfig
from chaffer.llm.wires.wire import Chunk, Decoder, FrameT, MalformedStreamError, Reading, UnknownModelError, Wire

_LINGER_SECONDS: Final = 1.0
"""After the finish reason only the usage is to come, and some servers never send it."""
_END_SECONDS: Final = 0.05

_BYTES: Final = 1_000_000
_BYTES_A_TOKEN: Final = 512
_UNREADABLE: Final = (ValueError, OverflowError, RecursionError)
"""What reading may raise of what nobody foresaw."""
_PORTS: Final = range(1, 65_536)
_EVENT_STREAMS: Final = ("text/event-stream", "application/vnd.amazon.eventstream")


class Authorize(Protocol):
    """Adds to a call what shows that we may make it."""

    def __call__(self, call: Call, key: str | None, /) -> Awaitable[None]:
        """Change the call's head; `key` takes the configured one's place. Raises LLM_PROVIDER_DISABLED without one."""
        ...


async def without_key(call: Call, key: str | None) -> None:
    """Add nothing: the provider asks nobody who they are."""


@dataclass(frozen=True, slots=True)
class Wiring:
    """Where a vendor is, what to do when it is away, and how to show who calls.

    In the remedy `{base_url}` stands for the address; `key_remedy` says what to do when the key is refused.
    `lists_all`: it lists every model that can be asked, so that another name must be a slip.
    """

    config: VendorConfig
    base_url: str
    remedy: str
    authorize: Authorize = without_key
    headers: Mapping[str, str] = field(default_factory=dict)
    lists_all: bool = False
    key_remedy: str = "Check the key."


class HttpProvider(Generic[FrameT]):
    """One provider. It is made without contacting anybody; see the Provider protocol for its promises."""

    def __init__(self, wiring: Wiring, wire: Wire[FrameT]) -> None:
        """Prepare the connections. Raises ValueError for no address."""
        self._wiring = wiring
        self._config = config = wiring.config
        self._wire: Wire[FrameT] = wire
        self._base_url = str(URL(wiring.base_url).with_user(None).with_query(None).with_fragment(None))
        self._remedy = wiring.remedy.format(base_url=self._base_url)
        self._client = Client(wiring.base_url, config.timeouts, wiring.headers)
        self._refused_options = RefusedOptions()

    @property
    def name(self) -> str:
        """Return the provider's name."""
        return self._config.name

    @property
    def base_url(self) -> str:
        """Return the address that is called, without what may be secret in it: a name and password, a query."""
        return self._base_url

    @property
    def lists_all(self) -> bool:
        """Tell whether it lists every model that can be asked."""
        return self._wiring.lists_all

    @property
    def remedy(self) -> str:
        """Return what to do when it is away."""
        return self._remedy

    async def models(self, key: str | None = None) -> tuple[str, ...]:
        """Return the ids of the models it lists. Raises ModelFaultError."""
        callee, clock, body = self._callee(""), Clock(self._config.timeouts), b""
        for path in self._wire.listings:
            call = self._client.call("GET", path)
            await self._wiring.authorize(call, key)
            async with answer_to(self._client, call, callee, clock) as response:
                body = await body_of(response, _BYTES, callee, clock)
        try:
            return self._wire.models_of(body, callee)
        except _UNREADABLE:
            raise callee.nonsense(Nonsense.NO_LIST) from None

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Item, None]:
        """Yield the reply as it comes and its ending.

        Optional fields that were refused are not sent again; for other calls that holds once a reply came without them.
        """
        without, dropped = self._refused_options.of(request.model), frozenset[str]()
        while True:
            begun = False
            try:
                async with aclosing(self._attempt(request, without | dropped)) as items:
                    async for item in items:
                        if not begun and dropped:
                            self._refused_options.note(request.model, dropped)
                        begun = True
                        yield item
            except OptionRefusedError as refusal:
                if begun or refusal.option in without | dropped:
                    raise
                dropped |= {refusal.option}
            else:
                return

    async def _attempt(self, request: ModelRequest, without: frozenset[str]) -> AsyncGenerator[Item, None]:
        callee, clock = self._callee(request.model, _texts_of(request)), Clock(self._config.timeouts)
        try:
            outgoing = self._wire.outgoing(request, without)
        except UnknownModelError:
            raise callee.unknown_model() from None
        reply, decoder = _Reply(self._wire.reading(callee), clock, callee), self._wire.decoder()
        # What a request's own key is still allowed holds back nobody else.
        heard = self._config.heard if request.key is None else None
        call = self._client.call("POST", outgoing.path, outgoing.body)
        await self._wiring.authorize(call, request.key)
        async with answer_to(self._client, call, callee, clock, heard) as response:
            _must_be_a_stream(response, callee)
            limit = _BYTES + _BYTES_A_TOKEN * request.max_tokens
            async with aclosing(_frames(response, decoder, limit, callee, clock)) as frames:
                while (burst := await _next_frames(frames, reply)) is not None:
                    for item in reply.take(burst):
                        yield item
        for item in reply.take_rest(decoder):
            yield item
        yield reply.ending()

    async def aclose(self) -> None:
        """Close all connections."""
        await self._client.aclose()

    def _callee(self, model: str, asked: tuple[str, ...] = ()) -> Callee:
        return Callee(self._config.name, model, self._remedy, self._config.timeouts, self._wiring.key_remedy, asked)


def http_provider(wiring: Wiring, wire: Wire[FrameT], setting: str) -> HttpProvider[FrameT]:
    """Return the provider. Raises LLM_PROVIDER_DISABLED, naming the setting, when its address is none."""
    with suppress(ValueError):
        address = URL(wiring.base_url)
        if address.host and (address.port is None or address.port in _PORTS):
            return HttpProvider(wiring, wire)
    message = f"{setting} is no address. Write it as http://localhost:1234/v1."
    raise ChafferError(Code.LLM_PROVIDER_DISABLED, message)


def _texts_of(request: ModelRequest) -> tuple[str, ...]:
    """Return what the model is told."""
    told = (
        message.text if isinstance(message, Said) else message.content
        for message in request.messages
        if isinstance(message, Said | ToolResult)
    )
    return request.system, *told


class _Reply(Generic[FrameT]):
    """What has come of a reply so far."""

    def __init__(self, reading: Reading[FrameT], clock: Clock, callee: Callee) -> None:
        self._reading: Reading[FrameT] = reading
        self._clock = clock
        self._callee = callee
        self._model = callee.model
        self._halves = Halves()
        self._usage = Usage()
        self._first_token_seconds: float | None = None
        self._has_called = False
        self.finish: Finish | None = None

    def take(self, frames: Sequence[FrameT]) -> list[str | ToolCall]:
        """Take frames in, and return their text and the tool calls that are whole."""
        texts: list[str] = []
        calls: list[ToolCall] = []
        for frame in frames:
            if self._reading.is_done:
                break
            chunk = self._read(frame)
            texts.append(chunk.text)
            calls += chunk.calls
            self._note(chunk)
        if self._reading.is_done:
            self._clock.shorten(_END_SECONDS)
        text = self._halves.joined("".join(texts))
        return [text, *calls] if text else [*calls]

    def _read(self, frame: FrameT) -> Chunk:
        try:
            return self._reading.take(frame)
        except _UNREADABLE:
            raise self._callee.nonsense(Nonsense.MALFORMED) from None

    def take_rest(self, decoder: Decoder[FrameT]) -> list[str | ToolCall]:
        """Take in what stands behind the last whole frame: one that lacks its end, or half of one."""
        rest: list[str | ToolCall] = []
        try:
            rest = self.take(decoder.finish())
        except (MalformedStreamError, ModelFaultError):
            if self.finish is None:
                raise self._callee.broke_off() from None
        half = self._halves.rest()
        return [*rest, half] if half else rest

    def _note(self, chunk: Chunk) -> None:
        # A sign of life alone, such as a ping, is no progress.
        if chunk.text or chunk.works or chunk.calls:
            self._clock.came()
        if chunk.text and self._first_token_seconds is None:
            self._first_token_seconds = self._clock.elapsed_seconds
        if chunk.calls:
            self._has_called = True
        if chunk.finish is not None:
            self.finish = chunk.finish
            self._clock.shorten(_LINGER_SECONDS)
        self._model = chunk.model or self._model
        if chunk.usage is not None:
            self._usage = chunk.usage.over(self._usage)

    def ending(self) -> Ending:
        """Return how the reply ended. Raises ModelFaultError for one that did not end, or is empty."""
        if self.finish is None:
            raise self._callee.broke_off()
        if self._first_token_seconds is None and not self._has_called:
            raise self._callee.empty(is_cut=self.finish is Finish.CUT)
        is_for_tools = self._has_called and self.finish is Finish.COMPLETE
        return Ending(
            finish=Finish.TOOLS if is_for_tools else self.finish,
            model=self._model,
            usage=self._usage,
            latency_seconds=self._clock.elapsed_seconds,
            first_token_seconds=self._first_token_seconds,
        )


def _must_be_a_stream(response: aiohttp.ClientResponse, callee: Callee) -> None:
    """Refuse a page where a stream was asked for; a server that names no type is believed."""
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind and kind not in _EVENT_STREAMS:
        raise callee.nonsense(Nonsense.NO_STREAM)


async def _frames(
    response: aiohttp.ClientResponse, decoder: Decoder[FrameT], limit: int, callee: Callee, clock: Clock
) -> AsyncGenerator[Sequence[FrameT], None]:
    """Yield the frames of each burst, to the end of the stream: a connection that is read to its end serves again."""
    size = 0
    async with aclosing(bursts_of(response, callee, clock)) as bursts:
        async for burst in bursts:
            size += len(burst)
            if size > limit:
                raise callee.nonsense(Nonsense.WITHOUT_END)
            try:
                frames = decoder.feed(burst)
            except (MalformedStreamError, *_UNREADABLE):
                raise callee.nonsense(Nonsense.MALFORMED) from None
            yield frames


async def _next_frames(
    frames: AsyncGenerator[Sequence[FrameT], None], reply: _Reply[FrameT]
) -> Sequence[FrameT] | None:
    """Return the next frames, None at the end; what goes wrong after the finish reason is the end, too."""
    try:
        return await anext(frames, None)
    except ModelFaultError:
        if reply.finish is None:
            raise
        return None
