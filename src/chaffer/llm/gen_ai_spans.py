"""Spans of calls to models, under the names of OpenTelemetry's conventions for generative AI, all of which stand here.

https://github.com/open-telemetry/semantic-conventions-genai, docs/gen-ai/client-inference.md, as of November 2026.

Spans are made where the package `opentelemetry-api` is installed, and go where its SDK is told to send them; without
an SDK they are empty and cost next to nothing. They hold no prompt, reply, key or amount.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from chaffer.llm.provider import Provider
from chaffer.llm.requests import Ending, ModelRequest
from chaffer.version import version_of

if TYPE_CHECKING:
    from opentelemetry.trace import Span, Tracer, TracerProvider

OPERATION: Final = "gen_ai.operation.name"
PROVIDER: Final = "gen_ai.provider.name"
CONVERSATION: Final = "gen_ai.conversation.id"
OUTPUT_TYPE: Final = "gen_ai.output.type"
REQUEST_MODEL: Final = "gen_ai.request.model"
REQUEST_STREAM: Final = "gen_ai.request.stream"
REQUEST_MAX_TOKENS: Final = "gen_ai.request.max_tokens"
REQUEST_TEMPERATURE: Final = "gen_ai.request.temperature"
RESPONSE_MODEL: Final = "gen_ai.response.model"
RESPONSE_FINISH_REASONS: Final = "gen_ai.response.finish_reasons"
RESPONSE_FIRST_CHUNK: Final = "gen_ai.response.time_to_first_chunk"
INPUT_TOKENS: Final = "gen_ai.usage.input_tokens"
CACHED_TOKENS: Final = "gen_ai.usage.cache_read.input_tokens"
OUTPUT_TOKENS: Final = "gen_ai.usage.output_tokens"
SERVER_ADDRESS: Final = "server.address"
SERVER_PORT: Final = "server.port"
ERROR_TYPE: Final = "error.type"

CHAT: Final = "chat"
JSON_OUTPUT: Final = "json"
UNFINISHED: Final = "error"
"""The finish reason of a reply that broke off, or that nobody wanted to hear to its end."""

PROVIDERS: Final[Mapping[str, str]] = {"bedrock": "aws.bedrock"}
"""Providers that the conventions call otherwise than we do."""

SCOPE: Final = "chaffer"

_PORTS: Final[Mapping[str, int]] = {"http": 80, "https": 443}


class Spans:
    """Begins and ends spans, where they are wanted.

    None is made the current one: a reply is a generator, which may be closed in another context than its own.
    """

    def __init__(self, spans_to: TracerProvider | None) -> None:
        """Send them to this provider of tracers, or without one to that of the process; nothing is imported yet."""
        self._spans_to = spans_to
        self._looked = False
        self._tracer: Tracer | None = None

    def begin(self, provider: Provider, request: ModelRequest) -> Span | None:
        """Return the span of a call that begins, or None where no spans are made."""
        if not self._looked:
            self._looked = True
            self._tracer = _found_tracer(self._spans_to)
        if self._tracer is None:
            return None
        from opentelemetry.trace import SpanKind  # noqa: PLC0415  It is there: a tracer was found.

        name = f"{CHAT} {request.model}"
        return self._tracer.start_span(name, kind=SpanKind.CLIENT, attributes=_asked(provider, request))

    def end(self, span: Span, ending: Ending | None, error: str | None) -> None:
        """End a span with what is known of the reply, or with the kind of the error; both None: nobody wanted it."""
        if span.is_recording():
            span.set_attributes(_unanswered(error) if ending is None else _answered(ending))
            if error is not None:
                from opentelemetry.trace import StatusCode  # noqa: PLC0415  It is there: there is a span.

                span.set_status(StatusCode.ERROR)
        span.end()


def _found_tracer(spans_to: TracerProvider | None) -> Tracer | None:
    try:
        from opentelemetry import trace  # noqa: PLC0415  Who wants no traces does without the package.
    except ImportError:
        return None
    return trace.get_tracer(SCOPE, version_of(), spans_to)


def _asked(provider: Provider, request: ModelRequest) -> dict[str, Any]:
    """Return what the conventions want to know of a request, as far as the request says it."""
    address, port = _server(provider.base_url)
    return _known(
        {
            OPERATION: CHAT,
            PROVIDER: PROVIDERS.get(provider.name, provider.name),
            REQUEST_MODEL: request.model,
            REQUEST_STREAM: True,
            REQUEST_MAX_TOKENS: request.max_tokens,
            REQUEST_TEMPERATURE: request.temperature,
            OUTPUT_TYPE: None if request.reply_format is None else JSON_OUTPUT,
            CONVERSATION: None if request.account is None else request.account.room_id,
            SERVER_ADDRESS: address,
            SERVER_PORT: port,
        }
    )


def _answered(ending: Ending) -> dict[str, Any]:
    """Return what the conventions want to know of a reply, as far as the provider told it."""
    return _known(
        {
            RESPONSE_MODEL: ending.model or None,
            RESPONSE_FINISH_REASONS: [ending.finish.value],
            RESPONSE_FIRST_CHUNK: ending.first_token_seconds,
            INPUT_TOKENS: ending.usage.prompt_tokens,
            CACHED_TOKENS: ending.usage.cached_tokens,
            OUTPUT_TOKENS: ending.usage.completion_tokens,
        }
    )


def _unanswered(error: str | None) -> dict[str, Any]:
    return _known({RESPONSE_FINISH_REASONS: [UNFINISHED], ERROR_TYPE: error})


def _known(attributes: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in attributes.items() if value is not None}


@lru_cache(maxsize=16)
def _server(base_url: str) -> tuple[str | None, int | None]:
    """Return host and port of an address, Nones where there is none."""
    parts = urlsplit(base_url)
    return (parts.hostname, parts.port or _PORTS.get(parts.scheme)) if parts.hostname else (None, None)
