"""Any chat model of LangChain, by its `init_chat_model` id such as `openai:gpt-4.1-mini`, with the user's packages.

What this bridge promises, and what it cannot:

- Text, tool calls, usage and finish are what the integration tells. Replies are bounded in time and bytes here; the
  package's own retries are switched off where it has a `max_retries`, its time-out for connecting is its own. The
  time in all includes making the model; a package that hangs there keeps a thread, and holds up no other model.
- A reply that was cut off is told from a whole one by its finish reason. Most integrations give one, and there its
  absence is a fault. Of one that never gave any, a reply that breaks off without an exception passes for whole.
- A reply's schema is sent, as LangChain's own agents do, to models whose profile says that they take one; of others
  the prompt asks for it, and what comes is read tolerantly.
- Cancelling stops the integration where it waits, which closes its connection. One that blocks has a thread for each
  call, and is woken there; one that waits elsewhere than in Python's sockets, as with gRPC, runs on.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Any, Final, cast

from chaffer.errors import ChafferError, Code, Detail
from chaffer.llm.blocking import on_thread
from chaffer.llm.chat_chunks import ChunkReading
from chaffer.llm.chat_models import (
    ChatModel,
    ChatModels,
    Initialize,
    fault_of,
    init_chat_model,
    integration_of,
    is_blocking,
    require_langchain,
)
from chaffer.llm.faults import Callee, ModelFaultError, OptionRefusedError, Stage
from chaffer.llm.http_call import Clock
from chaffer.llm.pacing import Bounds, bounded
from chaffer.llm.provider import Provider
from chaffer.llm.read_ahead import ReadAhead
from chaffer.llm.requests import Ending, Item, Message, ModelRequest, Said, ToolResult
from chaffer.llm.vendor import VendorConfig
from chaffer.llm.wires.fields import mapping
from chaffer.llm.wires.tool_calls import arguments_of

_REMEDY: Final = (
    "See the status page of the model's vendor, and its package's environment variables, or choose another provider; "
    "`builtin` needs none."
)
_SCHEMA: Final = "response_format"
_OF_SCHEMAS: Final = (AssertionError, NotImplementedError, ValueError)
"""What packages raise for schemas that they cannot translate: Anthropic's an AssertionError for a list of types."""

_BYTES: Final = 65_536
_BYTES_A_TOKEN: Final = 64
_FARTHEST_AHEAD: Final = 64

_TELLING: Final = frozenset(
    {
        "anthropic",
        "azure_openai",
        "bedrock_converse",
        "deepseek",
        "fireworks",
        "google_genai",
        "google_vertexai",
        "groq",
        "mistralai",
        "ollama",
        "openai",
        "openrouter",
        "together",
        "xai",
    }
)
"""Integrations that always tell why a reply ended, if it did."""


def provider(config: VendorConfig) -> Provider:
    """Return the bridge. Raises LLM_PROVIDER_DISABLED, with the command to install it, when LangChain is missing."""
    if config.extras.get("models") == "":
        message = f"{config.name} is not set up: name the models that may be asked in LANGCHAIN_MODELS."
        raise ChafferError(Code.LLM_PROVIDER_DISABLED, message)
    require_langchain(config.name)
    return Bridge(config, init_chat_model)


def _not_offered(model: str, offered: Sequence[str]) -> ChafferError:
    """Return the refusal of a model: an id names code to run and files to load here, so only the operator chooses."""
    known = ", ".join(offered)
    return ChafferError(
        Code.VALIDATION_ERROR,
        f"Model {model!r} is not offered here; LANGCHAIN_MODELS names {known}.",
        details=(Detail("llm_config.model", f"must be one of {known}"),),
    )


class Bridge:
    """The models of LangChain as a provider; see the Provider protocol for its promises, and above for their limits."""

    def __init__(self, config: VendorConfig, initializer: Callable[[], Initialize]) -> None:
        """Import nothing yet."""
        self._config = config
        self._models = ChatModels(config.name, config.base_url, initializer)
        models = config.extras.get("models")
        self._offered = None if models is None else tuple(models.split(","))
        self._telling: set[str] = set()
        self._with_schema: set[str] = set()
        self._without_schema: set[str] = set()

    @property
    def name(self) -> str:
        """Return the provider's name."""
        return self._config.name

    @property
    def base_url(self) -> str:
        """Return the address that is called, empty where the packages know it."""
        return self._config.base_url or ""

    @property
    def remedy(self) -> str:
        """Return what to do when it is away."""
        return _REMEDY

    @property
    def lists_all(self) -> bool:
        """Tell whether the operator said which models may be asked."""
        return self._offered is not None

    async def models(self, key: str | None = None) -> Sequence[str]:  # noqa: ARG002  LangChain has nobody to ask.
        """Return the models that the operator offers. LangChain lists none, and this does not show a key to be good."""
        return self._offered or ()

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Item, None]:
        """Yield the reply as it comes and its ending; a schema that was refused is not sent again."""
        if self._offered is not None and request.model not in self._offered:
            raise _not_offered(request.model, self._offered)
        callee = Callee(self._config.name, request.model, _REMEDY, self._config.timeouts)
        bounds = Bounds(utf8_bytes=_BYTES + _BYTES_A_TOKEN * request.max_tokens)
        end = asyncio.get_running_loop().time() + self._config.timeouts.total
        is_refused = False
        while True:
            begun = False
            try:
                async with aclosing(bounded(self._attempt(request, callee, end), bounds, callee)) as items:
                    async for item in items:
                        begun = True
                        yield item
            except OptionRefusedError as refusal:
                if begun or is_refused or refusal.option != _SCHEMA or request.model not in self._with_schema:
                    raise
                is_refused = True
                self._without_schema.add(request.model)
            else:
                return

    async def _attempt(self, request: ModelRequest, callee: Callee, end: float) -> AsyncGenerator[Item, None]:
        model = await self._model(request, callee, end)
        # The first time, importing a package takes longer than some replies do: the first token's time begins now.
        left = max(end - asyncio.get_running_loop().time(), 0)
        clock = Clock(replace(self._config.timeouts, total=left))
        reply = ChunkReading(request.model, clock, callee)
        try:
            async with ReadAhead(self._chunks(model, request), _FARTHEST_AHEAD) as ahead:
                while True:
                    async with clock.limit():
                        chunks = await ahead.next()
                    if chunks is None:
                        break
                    if text := reply.take(chunks):
                        yield text
        except ChafferError:
            raise
        except Exception as error:  # noqa: BLE001  Every integration has exceptions of its own.
            if not reply.is_ended_by(error):
                raise self._fault_of(error, request, callee, clock, has_begun=reply.has_begun) from None
        for call in reply.calls():
            yield call
        yield self._ending(reply, integration_of(request.model))

    def _fault_of(
        self, error: Exception, request: ModelRequest, callee: Callee, clock: Clock, *, has_begun: bool
    ) -> ModelFaultError:
        """Return the fault of an exception; a package that stumbles at first over a schema does not take it."""
        fault = fault_of(error, callee, stage=clock.stage, has_begun=has_begun)
        has_schema = request.reply_format is not None and request.model in self._with_schema
        if has_schema and not has_begun and isinstance(error, _OF_SCHEMAS):
            return OptionRefusedError(fault.code, fault.message, _SCHEMA)
        return fault

    async def _model(self, request: ModelRequest, callee: Callee, end: float) -> ChatModel:
        try:
            async with asyncio.timeout_at(end):
                return await self._models.get(request, request.key or self._config.key)
        except TimeoutError:
            raise callee.too_slow(Stage.WHOLE) from None

    def _chunks(self, model: ChatModel, request: ModelRequest) -> AsyncGenerator[Any, None]:
        bound, messages = self._bound(model, request), _messages(request)
        if is_blocking(model):
            return on_thread(lambda: bound.stream(messages), f"asking {request.model}")
        return _streamed(bound, messages)

    def _bound(self, model: ChatModel, request: ModelRequest) -> ChatModel:
        """Return the model with the request's tools, and with its schema where the model takes one."""
        options: dict[str, Any] = {}
        if request.reply_format is not None and self._takes_schema(model, request):
            shape = {"name": request.reply_format.name, "strict": True, "schema": dict(request.reply_format.schema)}
            options = _schema_option(model, {"type": "json_schema", "json_schema": shape})
            self._with_schema.add(request.model)
        if request.tools:
            tools = [
                {
                    "type": "function",
                    "function": {"name": tool.name, "description": tool.description, "parameters": tool.parameters},
                }
                for tool in request.tools
            ]
            return model.bind_tools(tools, **options)
        return model.bind(**options) if options else model

    def _takes_schema(self, model: ChatModel, request: ModelRequest) -> bool:
        told = mapping(getattr(model, "profile", None)).get("structured_output") is True
        return told and request.model not in self._without_schema

    def _ending(self, reply: ChunkReading, integration: str) -> Ending:
        if reply.finish is not None:
            self._telling.add(integration)
        is_telling = integration in _TELLING or integration in self._telling
        return reply.ending(must_be_told=is_telling)

    async def aclose(self) -> None:
        """Forget the models; connections close with them."""
        self._models.forget()


def _schema_option(model: ChatModel, shape: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schema as the integration takes it.

    OpenAI's package reads along when it knows of the schema, raises for what does not obey it, and tells no usage then;
    in the body's extra fields it is sent all the same.
    """
    if "extra_body" in getattr(type(model), "model_fields", ()):
        return {"extra_body": {_SCHEMA: shape}}
    return {_SCHEMA: shape}


async def _streamed(model: ChatModel, messages: Sequence[Mapping[str, Any]]) -> AsyncGenerator[Any, None]:
    async with aclosing(cast("AsyncGenerator[Any, None]", model.astream(messages))) as chunks:
        async for chunk in chunks:
            yield chunk


def _messages(request: ModelRequest) -> list[Mapping[str, Any]]:
    """Return the conversation as LangChain reads it."""
    system = [{"role": "system", "content": request.system}] if request.system else []
    return [*system, *map(_message, request.messages)]


def _message(message: Message) -> Mapping[str, Any]:
    if isinstance(message, Said):
        return {"role": message.role, "content": message.text}
    if isinstance(message, ToolResult):
        status = "error" if message.failed else "success"
        return {"role": "tool", "tool_call_id": message.call_id, "content": message.content, "status": status}
    calls = [
        {"type": "tool_call", "id": call.call_id, "name": call.name, "args": dict(arguments_of(call))}
        for call in message.calls
    ]
    return {"role": "assistant", "content": message.text, "tool_calls": calls}
