from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from types import ModuleType
from typing import Any

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.semconv._incubating.attributes import gen_ai_attributes
from opentelemetry.semconv.attributes import error_attributes, server_attributes
from opentelemetry.trace import SpanKind, StatusCode

from chaffer.errors import Code
from chaffer.llm import gen_ai_spans
from chaffer.llm.requests import Ending, Finish, ModelRequest, Said, Usage
from chaffer.llm.telemetry import Telemetry
from tests.support.exposition import text_of, value
from tests.support.measured_calls import (
    CANARIES,
    DOWN,
    PROMPT,
    REPLY,
    REQUEST,
    SYSTEM,
    Named,
    call,
    counted,
    ended,
    exporting,
    failed,
)
from tests.support.model_providers import CANARY_KEY, WIRES
from tests.support.standin import MODEL
from tests.support.standin_scripts import Answer, always


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    yield exporter
    exporter.shutdown()


@pytest.fixture
def telemetry(spans: InMemorySpanExporter) -> Telemetry:
    return exporting(spans)


def only_span(spans: InMemorySpanExporter) -> ReadableSpan:
    (span,) = spans.get_finished_spans()
    return span


def attributes_of(span: ReadableSpan) -> dict[str, Any]:
    return dict(span.attributes or {})


def test_names_of_attributes_are_those_of_the_conventions() -> None:
    """Issue 3: the GenAI conventions' names, kept in one module."""

    def names(module: ModuleType) -> set[str]:
        return {text for text in vars(module).values() if isinstance(text, str)}

    ours = {name for name in names(gen_ai_spans) if name.startswith(("gen_ai.", "server.", "error."))}
    assert len(ours) == 17
    assert ours <= names(gen_ai_attributes) | names(server_attributes) | names(error_attributes)
    # The package of the names calls them moved to a repository of their own, which has no package yet.
    values = vars(gen_ai_attributes)
    assert gen_ai_spans.CHAT in {one.value for one in values["GenAiOperationNameValues"]}
    assert gen_ai_spans.JSON_OUTPUT in {one.value for one in values["GenAiOutputTypeValues"]}
    known = {one.value for one in values["GenAiProviderNameValues"]}
    assert {"openai", "anthropic", *gen_ai_spans.PROVIDERS.values()} <= known


@pytest.mark.parametrize(("wire", "called"), [("openai", "openai"), ("bedrock", "aws.bedrock")])
def test_span_of_a_call_tells_what_the_conventions_ask_for(
    telemetry: Telemetry, spans: InMemorySpanExporter, wire: str, called: str
) -> None:
    call(telemetry, wire, always(Answer(REPLY)))
    span = only_span(spans)
    assert (span.name, span.kind, span.status.status_code) == (f"chat {MODEL}", SpanKind.CLIENT, StatusCode.UNSET)
    told = attributes_of(span)
    assert told.pop("server.port") > 0
    assert 0 < told.pop("gen_ai.response.time_to_first_chunk") < 5
    assert told.pop("gen_ai.usage.input_tokens") > 0
    told.pop("gen_ai.usage.cache_read.input_tokens", None)
    assert told == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": called,
        "gen_ai.conversation.id": "room_kettle_1",
        "gen_ai.output.type": "json",
        "gen_ai.request.model": MODEL,
        "gen_ai.request.stream": True,
        "gen_ai.request.max_tokens": 77,
        "gen_ai.request.temperature": 0.25,
        "gen_ai.response.model": MODEL,
        "gen_ai.response.finish_reasons": ("stop",),
        "gen_ai.usage.output_tokens": len(REPLY) // 4,
        "server.address": "127.0.0.1",
    }


def test_span_says_nothing_of_what_is_not_known(telemetry: Telemetry, spans: InMemorySpanExporter) -> None:
    request = ModelRequest(MODEL, (Said("user", PROMPT),), 5)
    with telemetry.call(Named("langchain", ""), request) as one:
        one.ended(Ending(Finish.COMPLETE, "", Usage(), 1.0, None))
    assert attributes_of(only_span(spans)) == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "langchain",
        "gen_ai.request.model": MODEL,
        "gen_ai.request.stream": True,
        "gen_ai.request.max_tokens": 5,
        "gen_ai.response.finish_reasons": ("stop",),
    }


@pytest.mark.parametrize(
    ("address", "port"), [("https://api.openai.com/v1", 443), ("http://h/v1", 80), ("http://h:81", 81)]
)
def test_span_tells_the_port_that_an_address_means(
    telemetry: Telemetry, spans: InMemorySpanExporter, address: str, port: int
) -> None:
    with telemetry.call(Named(base_url=address), REQUEST):
        pass
    assert attributes_of(only_span(spans))["server.port"] == port


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (Answer(status=401, body=CANARY_KEY.encode()), Code.INVALID_API_KEY),
        (Answer(status=500), Code.LLM_PROVIDER_UNAVAILABLE),
        (Answer(REPLY, finish_reason=None, disconnects=True), Code.LLM_BAD_GATEWAY),
    ],
    ids=str,
)
def test_fault_is_an_error_of_its_code_in_span_and_counts(
    telemetry: Telemetry, spans: InMemorySpanExporter, answer: Answer, code: Code
) -> None:
    call(telemetry, "openai", always(answer))
    span = only_span(spans)
    told = attributes_of(span)
    assert (told["error.type"], told["gen_ai.response.finish_reasons"]) == (code.value, ("error",))
    assert (span.status.status_code, span.status.description, span.events) == (StatusCode.ERROR, None, ())
    found = counted(telemetry)
    labels = {"provider": "openai", "model": MODEL}
    assert value(found, "chaffer_llm_calls_total", outcome=code.value, **labels) == 1
    assert value(found, "chaffer_llm_faults_total", provider="openai", code=code.value) == 1
    assert value(found, "chaffer_llm_call_seconds_count", **labels) == 1
    assert value(found, "chaffer_llm_first_token_seconds_count") == 0


@pytest.mark.parametrize("fault", [GeneratorExit(), asyncio.CancelledError()], ids=repr)
def test_call_that_nobody_wants_any_more_is_no_fault(
    telemetry: Telemetry, spans: InMemorySpanExporter, fault: BaseException
) -> None:
    failed(telemetry, fault)
    span = only_span(spans)
    assert "error.type" not in attributes_of(span)
    assert span.status.status_code is StatusCode.UNSET
    assert value(counted(telemetry), "chaffer_llm_calls_total", outcome="given_up") == 1
    assert value(counted(telemetry), "chaffer_llm_faults_total") == 0


def test_call_that_broke_by_a_fault_of_ours_is_told_by_its_name_alone(
    telemetry: Telemetry, spans: InMemorySpanExporter
) -> None:
    failed(telemetry, ZeroDivisionError(PROMPT))
    assert attributes_of(only_span(spans))["error.type"] == "ZeroDivisionError"
    assert value(counted(telemetry), "chaffer_llm_calls_total", outcome="broke") == 1


def test_reply_is_complete_whatever_becomes_of_its_generator(telemetry: Telemetry, spans: InMemorySpanExporter) -> None:
    """Who has heard the ending may close the generator at once."""
    with suppress(GeneratorExit), telemetry.call(Named(), REQUEST) as one:
        one.ended(Ending(Finish.CUT, MODEL, Usage(), 1.0, 0.5))
        raise GeneratorExit
    assert attributes_of(only_span(spans))["gen_ai.response.finish_reasons"] == ("length",)
    assert value(counted(telemetry), "chaffer_llm_calls_total", outcome="cut") == 1


def test_without_the_package_there_are_counts_and_no_spans(monkeypatch: pytest.MonkeyPatch) -> None:
    """Issue 3: OpenTelemetry is optional."""
    monkeypatch.setitem(sys.modules, "opentelemetry", None)
    telemetry = Telemetry()
    ended(telemetry)
    failed(telemetry, DOWN)
    assert value(counted(telemetry), "chaffer_llm_calls_total") == 2


def test_without_an_sdk_spans_go_nowhere() -> None:
    telemetry = Telemetry()
    ended(telemetry)
    failed(telemetry, DOWN)
    assert value(counted(telemetry), "chaffer_llm_calls_total") == 2


HABITS: dict[str, Callable[[], dict[str, Any]]] = {
    "answers": lambda: {"script": always(Answer(REPLY))},
    "is given up": lambda: {"script": always(Answer(REPLY, pace=0.001)), "most": 2},
    "quotes the key": lambda: {"script": always(Answer(status=401, body=f"{CANARY_KEY} {PROMPT}".encode()))},
    "quotes the prompt": lambda: {"script": always(Answer(status=400, body=f"{PROMPT} {SYSTEM}".encode()))},
    "breaks off": lambda: {"script": always(Answer(REPLY, finish_reason=None, disconnects=True))},
    "answers nonsense": lambda: {"script": always(Answer(raw=f"data: {REPLY}\n\n".encode()))},
}


@pytest.mark.parametrize("habit", HABITS)
@pytest.mark.parametrize("wire", WIRES)
def test_neither_spans_nor_counts_hold_what_is_private(
    telemetry: Telemetry, spans: InMemorySpanExporter, wire: str, habit: str
) -> None:
    """Issue 3: no key is found anywhere; nor is what is said."""
    call(telemetry, wire, **HABITS[habit]())
    shown = text_of(telemetry) + only_span(spans).to_json()
    assert MODEL in shown
    assert not [canary for canary in CANARIES if canary in shown]
