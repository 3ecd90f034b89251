"""Bedrock's wire: requests that botocore would send, replies read whole wherever they are cut, every error a fault."""

from __future__ import annotations

import json
from typing import Any

import botocore.session
import pytest
from botocore.validate import ParamValidator
from hypothesis import given
from hypothesis import strategies as st

from chaffer.errors import Code
from chaffer.llm.faults import ModelFaultError, OptionRefusedError, PromptTooLongError
from chaffer.llm.requests import (
    Finish,
    Message,
    ModelRequest,
    ReplyFormat,
    Said,
    Tool,
    ToolCall,
    ToolResult,
    ToolsCalled,
    Usage,
)
from chaffer.llm.wires.converse import Converse
from chaffer.llm.wires.wire import MalformedStreamError
from tests.support import event_stream_frames as frames
from tests.support.wire_readings import CALLEE, Heard, cut, heard

WIRE = Converse()
MODEL = "amazon.nova-lite-v1:0"
SECRET = "the prompt, quoted by the vendor"
SCHEMA = {"type": "object", "properties": {"price": {"type": "number"}}, "additionalProperties": False}
OPERATION = botocore.session.Session().get_service_model("bedrock-runtime").operation_model("ConverseStream")


def text(words: str, index: int = 0) -> bytes:
    return frames.event("contentBlockDelta", {"contentBlockIndex": index, "delta": {"text": words}, "p": "abcdef"})


def piece(words: str, index: int) -> bytes:
    return frames.event("contentBlockDelta", {"contentBlockIndex": index, "delta": {"toolUse": {"input": words}}})


def tool(call_id: str, name: str, index: int) -> bytes:
    start = {"toolUse": {"toolUseId": call_id, "name": name}}
    return frames.event("contentBlockStart", {"contentBlockIndex": index, "start": start})


def stop(reason: str) -> bytes:
    return frames.event("messageStop", {"stopReason": reason})


def metadata(**usage: int) -> bytes:
    counts = {"inputTokens": 25, "outputTokens": 15, "totalTokens": 40, **usage}
    return frames.event("metadata", {"usage": counts, "metrics": {"latencyMs": 500}})


START = frames.event("messageStart", {"role": "assistant"})
WHOLE = b"".join(
    (
        START,
        frames.event("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"reasoningContent": {"text": "Hm."}}}),
        frames.event("contentBlockStop", {"contentBlockIndex": 0}),
        text("Grüße, ", 1),
        frames.event("somethingNew", {"delta": {"text": "not ours"}}),
        text("你好 👋", 1),
        frames.event("contentBlockStop", {"contentBlockIndex": 1}),
        tool("tooluse_1", "find", 2),
        piece('{"item": "La', 2),
        piece('ptop é"}', 2),
        frames.event("contentBlockStop", {"contentBlockIndex": 2}),
        tool("tooluse_2", "list", 3),
        frames.event("contentBlockStop", {"contentBlockIndex": 3}),
        stop("tool_use"),
        metadata(cacheReadInputTokens=100, cacheWriteInputTokens=10, totalTokens=150),
    )
)
WHOLE_HEARD = Heard(
    deltas=["Grüße, ", "你好 👋"],
    calls=[ToolCall("tooluse_1", "find", '{"item": "Laptop é"}'), ToolCall("tooluse_2", "list", "{}")],
    finish=Finish.TOOLS,
    usage=Usage(prompt_tokens=135, completion_tokens=15, cached_tokens=100),
    is_done=True,
)


def body_of(*messages: Message, without: frozenset[str] = frozenset(), **changes: Any) -> dict[str, Any]:
    """Return the body of a request, which botocore's own model of the operation takes."""
    request = ModelRequest(MODEL, messages or (Said("user", "Hi"),), 500, **changes)
    outgoing = WIRE.outgoing(request, without)
    assert outgoing.path == "model/amazon.nova-lite-v1%3A0/converse-stream"
    body = json.loads(outgoing.body)
    assert isinstance(body, dict)
    report = ParamValidator().validate({"modelId": MODEL, **body}, OPERATION.input_shape)
    assert not report.has_errors(), report.generate_report()
    return body


def fault_of(*chunks: bytes) -> ModelFaultError:
    with pytest.raises(ModelFaultError) as raised:
        heard(WIRE, chunks)
    assert SECRET not in raised.value.message
    return raised.value


def test_a_request_without_options_says_no_more_than_it_must() -> None:
    assert body_of() == {
        "messages": [{"role": "user", "content": [{"text": "Hi"}]}],
        "inferenceConfig": {"maxTokens": 500},
    }


def test_the_system_prompt_the_temperature_the_tools_and_the_format_have_fields_of_their_own() -> None:
    body = body_of(
        system="Be short.",
        temperature=1.5,
        tools=(Tool("find", "Finds it.", {"type": "object"}),),
        reply_format=ReplyFormat("offer", SCHEMA),
    )
    assert body["system"] == [{"text": "Be short."}]
    assert body["inferenceConfig"] == {"maxTokens": 500, "temperature": 1.0}
    (spec,) = body["toolConfig"]["tools"]
    assert spec == {
        "toolSpec": {"name": "find", "description": "Finds it.", "inputSchema": {"json": {"type": "object"}}}
    }
    structure = body["outputConfig"]["textFormat"]["structure"]["jsonSchema"]
    assert body["outputConfig"]["textFormat"]["type"] == "json_schema"
    assert (structure["name"], json.loads(structure["schema"])) == ("offer", SCHEMA)


def test_options_that_were_refused_are_left_out() -> None:
    options: dict[str, Any] = {"temperature": 0.5, "reply_format": ReplyFormat("offer", SCHEMA)}
    assert body_of(without=frozenset({"temperature", "response_format"}), **options) == body_of()


def test_a_model_without_a_system_prompt_is_told_it_by_the_user() -> None:
    body = body_of(without=frozenset({"system"}), system="Be short.")
    assert "system" not in body
    assert body["messages"] == [{"role": "user", "content": [{"text": "Be short."}, {"text": "Hi"}]}]


def test_turns_alternate_and_results_of_tools_stand_first() -> None:
    called = ToolsCalled((ToolCall("t1", "find", '{"a": 1}'), ToolCall("t2", "list", "[]")))
    body = body_of(
        Said("user", "One"),
        called,
        Said("user", "Well?"),
        ToolResult("t1", "found"),
        ToolResult("t2", " ", failed=True),
    )
    assert body["messages"][1:] == [
        {
            "role": "assistant",
            "content": [
                {"toolUse": {"toolUseId": "t1", "name": "find", "input": {"a": 1}}},
                {"toolUse": {"toolUseId": "t2", "name": "list", "input": {}}},
            ],
        },
        {
            "role": "user",
            "content": [
                {"toolResult": {"toolUseId": "t1", "content": [{"text": "found"}], "status": "success"}},
                {"toolResult": {"toolUseId": "t2", "content": [{"text": "(nothing)"}], "status": "error"}},
                {"text": "Well?"},
            ],
        },
    ]


@pytest.mark.parametrize(
    ("model", "path"),
    [
        ("us.anthropic.claude-x", "model/us.anthropic.claude-x/converse-stream"),
        ("arn:aws:bedrock:us-east-1:1:p/a b", "model/arn%3Aaws%3Abedrock%3Aus-east-1%3A1%3Ap%2Fa%20b/converse-stream"),
        ("../é?x#y", "model/..%2F%C3%A9%3Fx%23y/converse-stream"),
    ],
)
def test_a_models_name_is_one_part_of_the_path(model: str, path: str) -> None:
    assert WIRE.outgoing(ModelRequest(model, (Said("user", "Hi"),), 5), frozenset()).path == path


def test_a_reply_is_the_same_wherever_it_is_cut() -> None:
    for place in range(len(WHOLE) + 1):
        assert heard(WIRE, cut(WHOLE, [place])) == WHOLE_HEARD
    assert heard(WIRE, cut(WHOLE, range(len(WHOLE)))) == WHOLE_HEARD


@given(st.lists(st.integers(1, len(WHOLE) - 1), max_size=30))
def test_a_reply_is_the_same_however_often_it_is_cut(places: list[int]) -> None:
    assert heard(WIRE, cut(WHOLE, places)) == WHOLE_HEARD


def test_a_reply_that_breaks_off_never_passes_for_a_whole_one() -> None:
    finished = WHOLE.index(stop("tool_use")) + len(stop("tool_use"))
    for place in range(len(WHOLE)):
        said = heard(WIRE, [WHOLE[:place]])
        assert not said.is_done
        assert (said.finish is not None) == bool(said.calls) == (place >= finished)


@pytest.mark.parametrize(
    ("reason", "finish"),
    [
        ("end_turn", Finish.COMPLETE),
        ("stop_sequence", Finish.COMPLETE),
        ("something_new", Finish.COMPLETE),
        ("max_tokens", Finish.CUT),
        ("tool_use", Finish.TOOLS),
    ],
)
def test_the_reason_of_the_end_is_told(reason: str, finish: Finish) -> None:
    said = heard(WIRE, [START, text("Hi"), stop(reason), metadata()])
    assert (said.text, said.finish, said.usage, said.is_done) == ("Hi", finish, Usage(25, 15), True)


def test_a_tool_call_that_was_cut_off_is_not_made() -> None:
    said = heard(
        WIRE,
        [START, tool("t1", "find", 0), piece('{"a": 1}', 0), tool("t2", "x", 1), piece('{"', 1), stop("max_tokens")],
    )
    assert said.calls == [ToolCall("t1", "find", '{"a": 1}')]


@pytest.mark.parametrize(
    ("reason", "is_transient"),
    [
        ("guardrail_intervened", False),
        ("content_filtered", False),
        ("model_context_window_exceeded", False),
        ("malformed_model_output", True),
        ("malformed_tool_use", True),
    ],
)
def test_an_end_that_is_none_is_a_fault(reason: str, is_transient: bool) -> None:  # noqa: FBT001  A column of the table.
    fault = fault_of(START, text("I could"), stop(reason), metadata())
    assert (fault.code, fault.is_transient) == (Code.LLM_BAD_GATEWAY, is_transient)
    assert isinstance(fault, PromptTooLongError) == (reason == "model_context_window_exceeded")


def test_every_reason_that_botocore_knows_is_known() -> None:
    for reason in OPERATION.service_model.shape_for("StopReason").enum:
        try:
            said = heard(WIRE, [START, text("Hi"), stop(reason)])
        except ModelFaultError:
            continue
        assert reason in {"end_turn", "tool_use", "max_tokens", "stop_sequence"}
        assert said.finish is not None


@pytest.mark.parametrize(
    ("name", "code", "is_transient"),
    [
        ("throttlingException", Code.LLM_PROVIDER_UNAVAILABLE, True),
        ("modelStreamErrorException", Code.LLM_BAD_GATEWAY, True),
        ("validationException", Code.LLM_BAD_GATEWAY, False),
        ("internalServerException", Code.LLM_PROVIDER_UNAVAILABLE, True),
        ("serviceUnavailableException", Code.LLM_PROVIDER_UNAVAILABLE, True),
        ("modelTimeoutException", Code.LLM_TIMEOUT, True),
        ("accessDeniedException", Code.INVALID_API_KEY, False),
        ("somethingNew", Code.LLM_BAD_GATEWAY, True),
    ],
)
def test_an_exception_inside_the_stream_becomes_its_code(name: str, code: Code, is_transient: bool) -> None:  # noqa: FBT001  A column of the table.
    fault = fault_of(START, text("Hal"), frames.exception(name, SECRET))
    assert (fault.code, fault.is_transient) == (code, is_transient)


def test_every_exception_that_botocore_knows_in_a_stream_is_known() -> None:
    members = OPERATION.output_shape.members["stream"].members
    for name in (name for name, shape in members.items() if shape.metadata.get("exception")):
        fault = fault_of(START, frames.exception(name, SECRET))
        assert fault.is_transient == (name != "validationException")


def test_an_error_without_a_shape_is_a_fault_that_may_pass() -> None:
    fault = fault_of(START, frames.error("InternalError", SECRET))
    assert (fault.code, fault.is_transient) == (Code.LLM_BAD_GATEWAY, True)


def test_a_prompt_that_is_too_long_is_known_as_such_inside_the_stream() -> None:
    fault = fault_of(frames.exception("validationException", "Input is too long for requested model."))
    assert isinstance(fault, PromptTooLongError)


@pytest.mark.parametrize("payload", [b"", b"{", b"[1]", b"null", b"\xff\xfe", b"[" * 100_000])
def test_an_event_that_is_none_is_a_fault(payload: bytes) -> None:
    assert fault_of(START, frames.event_of_bytes("contentBlockDelta", payload)).code is Code.LLM_BAD_GATEWAY


def test_what_is_no_stream_is_malformed() -> None:
    with pytest.raises(MalformedStreamError):
        heard(WIRE, [b'{"message": "Hello from somewhere else"}'])


@given(
    st.sampled_from(["messageStart", "contentBlockStart", "contentBlockDelta", "messageStop", "metadata"]),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ["contentBlockIndex", "delta", "start", "toolUse", "text", "input", "usage", "stopReason"]
                ),
                inner,
                max_size=5,
            )
        ),
        max_leaves=12,
    ),
)
def test_fields_of_the_wrong_type_are_as_good_as_missing(name: str, value: Any) -> None:
    document = value if isinstance(value, dict) else {"delta": value, "start": value, "usage": value}
    heard(WIRE, [frames.event(name, document), stop("end_turn")])


@pytest.mark.parametrize(
    ("status", "name", "told", "kind", "code"),
    [
        (403, "AccessDeniedException", "You don't have access to the model.", ModelFaultError, Code.INVALID_API_KEY),
        (403, "UnrecognizedClientException", "The security token is invalid.", ModelFaultError, Code.INVALID_API_KEY),
        (403, "ExpiredTokenException", "The security token is expired.", ModelFaultError, Code.INVALID_API_KEY),
        (404, "ResourceNotFoundException", "Could not resolve.", ModelFaultError, Code.VALIDATION_ERROR),
        (
            400,
            "ValidationException",
            "The provided model identifier is invalid.",
            ModelFaultError,
            Code.VALIDATION_ERROR,
        ),
        (
            400,
            "ValidationException",
            "with on-demand throughput isn’t supported",
            ModelFaultError,
            Code.VALIDATION_ERROR,
        ),
        (
            400,
            "ValidationException",
            "Input is too long for requested model.",
            PromptTooLongError,
            Code.LLM_BAD_GATEWAY,
        ),
        (400, "ValidationException", "Malformed input request", ModelFaultError, Code.LLM_BAD_GATEWAY),
        (400, "ValidationException", "output_config.format: Extra inputs", OptionRefusedError, Code.LLM_BAD_GATEWAY),
        (
            400,
            "ValidationException",
            "This model doesn't support system messages",
            OptionRefusedError,
            Code.LLM_BAD_GATEWAY,
        ),
        (400, "ServiceQuotaExceededException", "Quota", ModelFaultError, Code.LLM_PROVIDER_UNAVAILABLE),
        (408, "ModelTimeoutException", "Slow", ModelFaultError, Code.LLM_TIMEOUT),
        (424, "ModelErrorException", "Failed", ModelFaultError, Code.LLM_PROVIDER_UNAVAILABLE),
        (429, "ModelNotReadyException", "Wait", ModelFaultError, Code.LLM_PROVIDER_UNAVAILABLE),
        (429, "ThrottlingException", "Too many tokens, please wait.", ModelFaultError, Code.LLM_PROVIDER_UNAVAILABLE),
        (500, "InternalServerException", "Failed", ModelFaultError, Code.LLM_PROVIDER_UNAVAILABLE),
        (503, "ServiceUnavailableException", "Away", ModelFaultError, Code.LLM_PROVIDER_UNAVAILABLE),
    ],
)
def test_a_refused_request_is_understood(
    status: int, name: str, told: str, kind: type[ModelFaultError], code: Code
) -> None:
    headers = {"x-amzn-errortype": f"{name}:http://internal.amazon.com/coral/"}
    fault = CALLEE.refused(status, headers, json.dumps({"message": told}, ensure_ascii=False).encode())
    assert type(fault) is kind
    assert fault.code is code
    assert told not in fault.message


def test_the_models_that_can_be_asked_by_name_are_listed() -> None:
    summaries = [
        {
            "modelId": "amazon.nova-lite-v1:0",
            "responseStreamingSupported": True,
            "inferenceTypesSupported": ["ON_DEMAND"],
        },
        {
            "modelId": "needs.a-profile",
            "responseStreamingSupported": True,
            "inferenceTypesSupported": ["INFERENCE_PROFILE"],
        },
        {"modelId": "never.streams", "responseStreamingSupported": False, "inferenceTypesSupported": ["ON_DEMAND"]},
        {"modelId": "says.nothing"},
    ]
    body = json.dumps({"modelSummaries": summaries}).encode()
    assert WIRE.models_of(body, CALLEE) == ("amazon.nova-lite-v1:0", "says.nothing")
    for nonsense in (b"", b"[]", b'{"modelSummaries": 1}', b'{"modelSummaries": [1]}', b'{"modelSummaries": [{}]}'):
        with pytest.raises(ModelFaultError):
            WIRE.models_of(nonsense, CALLEE)
