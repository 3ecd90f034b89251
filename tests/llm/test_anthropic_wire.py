"""Anthropic's wire: requests of the documented shape, replies read whole wherever they are cut, every error a fault."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest
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
from chaffer.llm.wires.anthropic_messages import AnthropicMessages
from tests.support.wire_readings import CALLEE, Heard, cut, heard

WIRE = AnthropicMessages()
SECRET = "the prompt, quoted by the vendor"
SCHEMA = {"type": "object", "properties": {"price": {"type": "number"}}, "additionalProperties": False}


def sse(kind: str, **fields: Any) -> bytes:
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **fields}, ensure_ascii=False)}\n\n".encode()


def start(**usage: Any) -> bytes:
    counts = {"input_tokens": 25, "output_tokens": 1, **usage}
    return sse("message_start", message={"id": "msg_1", "role": "assistant", "model": "claude-x-1", "usage": counts})


def text(words: str, index: int = 0) -> bytes:
    return sse("content_block_delta", index=index, delta={"type": "text_delta", "text": words})


def stop(reason: str | None, **usage: Any) -> bytes:
    counts = {"output_tokens": 15, **usage}
    return sse("message_delta", delta={"stop_reason": reason, "stop_sequence": None}, usage=counts)


END = sse("message_stop")
TEXT_BLOCK = sse("content_block_start", index=0, content_block={"type": "text", "text": ""})
WHOLE = b"".join(
    (
        start(cache_read_input_tokens=100, cache_creation_input_tokens=10),
        sse("content_block_start", index=0, content_block={"type": "thinking", "thinking": "", "signature": ""}),
        sse("ping"),
        sse("content_block_delta", index=0, delta={"type": "thinking_delta", "thinking": "Hm. Let me see."}),
        sse("content_block_delta", index=0, delta={"type": "signature_delta", "signature": "EqQ="}),
        sse("content_block_stop", index=0),
        sse("content_block_start", index=1, content_block={"type": "text", "text": ""}),
        text("Grüße, ", 1),
        sse("something_new", index=1, delta={"text": "not ours"}),
        text("你好 👋", 1),
        sse("content_block_delta", index=1, delta={"type": "citations_delta", "citation": {"cited_text": "x"}}),
        sse("content_block_stop", index=1),
        sse(
            "content_block_start",
            index=2,
            content_block={"type": "tool_use", "id": "toolu_1", "name": "find", "input": {}},
        ),
        sse("content_block_delta", index=2, delta={"type": "input_json_delta", "partial_json": ""}),
        sse("content_block_delta", index=2, delta={"type": "input_json_delta", "partial_json": '{"item": "La'}),
        sse("content_block_delta", index=2, delta={"type": "input_json_delta", "partial_json": 'ptop é"}'}),
        sse("content_block_stop", index=2),
        sse(
            "content_block_start",
            index=3,
            content_block={"type": "tool_use", "id": "toolu_2", "name": "list", "input": {}},
        ),
        sse("content_block_stop", index=3),
        stop("tool_use"),
        END,
    )
)
WHOLE_HEARD = Heard(
    deltas=["Grüße, ", "你好 👋"],
    calls=[ToolCall("toolu_1", "find", '{"item": "Laptop é"}'), ToolCall("toolu_2", "list", "{}")],
    finish=Finish.TOOLS,
    model="claude-x-1",
    usage=Usage(prompt_tokens=135, completion_tokens=15, cached_tokens=100),
    is_done=True,
)


def body_of(*messages: Message, without: frozenset[str] = frozenset(), **changes: Any) -> dict[str, Any]:
    request = ModelRequest("claude-x", messages or (Said("user", "Hi"),), 500, **changes)
    outgoing = WIRE.outgoing(request, without)
    assert outgoing.path == "v1/messages"
    body = json.loads(outgoing.body)
    assert isinstance(body, dict)
    return body


def fault_of(*chunks: bytes) -> ModelFaultError:
    with pytest.raises(ModelFaultError) as raised:
        heard(WIRE, chunks)
    assert SECRET not in raised.value.message
    return raised.value


def test_a_request_without_options_says_no_more_than_it_must() -> None:
    assert body_of() == {
        "model": "claude-x",
        "max_tokens": 500,
        "messages": [{"role": "user", "content": [{"type": "text", "text": "Hi"}]}],
        "stream": True,
    }


def test_the_system_prompt_the_temperature_the_tools_and_the_format_have_fields_of_their_own() -> None:
    body = body_of(
        system="Be short.",
        temperature=0.7,
        tools=(Tool("find", "Finds it.", {"type": "object"}),),
        reply_format=ReplyFormat("offer", SCHEMA),
    )
    assert body["system"] == "Be short."
    assert body["temperature"] == 0.7
    assert body["tools"] == [{"name": "find", "description": "Finds it.", "input_schema": {"type": "object"}}]
    assert body["output_config"] == {"format": {"type": "json_schema", "schema": SCHEMA}}


@pytest.mark.parametrize(("asked", "sent"), [(0.0, 0.0), (1.0, 1.0), (1.7, 1.0), (2.0, 1.0)])
def test_the_temperature_stays_where_the_vendor_takes_it(asked: float, sent: float) -> None:
    assert body_of(temperature=asked)["temperature"] == sent


def test_options_that_were_refused_are_left_out() -> None:
    options: dict[str, Any] = {"temperature": 0.5, "reply_format": ReplyFormat("offer", SCHEMA)}
    assert set(body_of(**options)) - set(body_of()) == {"temperature", "output_config"}
    without = frozenset({"temperature", "response_format"})
    assert body_of(without=without, **options) == body_of()


def test_turns_alternate_and_results_of_tools_stand_first() -> None:
    called = ToolsCalled((ToolCall("t1", "find", '{"a": 1}'), ToolCall("t2", "list", "no object")), "Let me look.")
    body = body_of(
        Said("user", "One"),
        Said("user", "Two"),
        Said("assistant", "   "),
        called,
        Said("user", "Well?"),
        ToolResult("t1", "found"),
        ToolResult("t2", "", failed=True),
        Said("assistant", "Here."),
    )
    assert body["messages"] == [
        {"role": "user", "content": [{"type": "text", "text": "One"}, {"type": "text", "text": "Two"}]},
        {
            "role": "assistant",
            "content": [
                {"type": "text", "text": "Let me look."},
                {"type": "tool_use", "id": "t1", "name": "find", "input": {"a": 1}},
                {"type": "tool_use", "id": "t2", "name": "list", "input": {}},
            ],
        },
        {
            "role": "user",
            "content": [
                {"type": "tool_result", "tool_use_id": "t1", "content": "found"},
                {"type": "tool_result", "tool_use_id": "t2", "content": "", "is_error": True},
                {"type": "text", "text": "Well?"},
            ],
        },
        {"role": "assistant", "content": [{"type": "text", "text": "Here."}]},
    ]


def test_the_user_begins_every_conversation() -> None:
    body = body_of(Said("assistant", "Welcome."), Said("user", "Hi"))
    assert [turn["role"] for turn in body["messages"]] == ["user", "assistant", "user"]
    assert body["messages"][0]["content"][0]["text"].strip()


@given(st.lists(st.sampled_from(["user", "assistant", "blank", "called", "result"]), min_size=1, max_size=12))
def test_no_two_turns_of_one_side_follow_each_other(kinds: list[str]) -> None:
    made: dict[str, Message] = {
        "user": Said("user", "Hi"),
        "assistant": Said("assistant", "Hello"),
        "blank": Said("user", " \n"),
        "called": ToolsCalled((ToolCall("t", "find", "{}"),)),
        "result": ToolResult("t", "found"),
    }
    turns = body_of(*(made[kind] for kind in kinds))["messages"]
    roles = [turn["role"] for turn in turns]
    assert all(before != after for before, after in itertools.pairwise(roles))
    assert roles[:1] in ([], ["user"])
    assert all(turn["content"] for turn in turns)
    blocks = [block for turn in turns for block in turn["content"] if block.get("text") != "…"]
    assert len(blocks) == sum(kind != "blank" for kind in kinds)


def test_a_reply_is_the_same_wherever_it_is_cut() -> None:
    for place in range(len(WHOLE) + 1):
        assert heard(WIRE, cut(WHOLE, [place])) == WHOLE_HEARD
    assert heard(WIRE, cut(WHOLE, range(len(WHOLE)))) == WHOLE_HEARD


@given(st.lists(st.integers(1, len(WHOLE) - 1), max_size=30))
def test_a_reply_is_the_same_however_often_it_is_cut(places: list[int]) -> None:
    assert heard(WIRE, cut(WHOLE, places)) == WHOLE_HEARD


def test_a_reply_that_breaks_off_never_passes_for_a_whole_one() -> None:
    finished = WHOLE.index(END)
    for place in range(finished):
        try:
            said = heard(WIRE, [WHOLE[:place]])
        except ModelFaultError:
            continue  # Half an event is no JSON.
        assert not said.is_done
        # The last line of an event is enough: its blank one may be missing.
        assert said.finish is None or place >= finished - 2
        assert said.finish is not None or not said.calls


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
    said = heard(WIRE, [start(), TEXT_BLOCK, text("Hi"), stop(None), stop(reason), END])
    assert (said.text, said.finish, said.is_done) == ("Hi", finish, True)


def test_a_tool_call_that_was_cut_off_is_not_made() -> None:
    head = {"type": "tool_use", "id": "t1", "name": "find", "input": {}}
    whole = {**head, "id": "t0", "input": {"item": "Laptop"}}
    piece = {"type": "input_json_delta", "partial_json": '{"item": "La'}
    said = heard(
        WIRE,
        [
            start(),
            sse("content_block_start", index=0, content_block=whole),
            sse("content_block_start", index=1, content_block=head),
            sse("content_block_delta", index=1, delta=piece),
            stop("max_tokens"),
            END,
        ],
    )
    assert said.finish is Finish.CUT
    assert said.calls == [ToolCall("t0", "find", '{"item": "Laptop"}')]


def test_counts_of_the_end_complete_those_of_the_beginning() -> None:
    said = heard(WIRE, [start(cache_read_input_tokens=None), stop("end_turn", input_tokens=30, output_tokens=40)])
    assert said.usage == Usage(30, 40)
    said = heard(WIRE, [start(cache_read_input_tokens=50), stop("end_turn", input_tokens=0, output_tokens=7)])
    assert said.usage == Usage(75, 7, 50)


@pytest.mark.parametrize(
    ("kind", "code", "is_transient"),
    [
        ("invalid_request_error", Code.LLM_BAD_GATEWAY, False),
        ("authentication_error", Code.INVALID_API_KEY, False),
        ("billing_error", Code.INVALID_API_KEY, False),
        ("permission_error", Code.INVALID_API_KEY, False),
        ("not_found_error", Code.VALIDATION_ERROR, False),
        ("request_too_large", Code.LLM_BAD_GATEWAY, False),
        ("rate_limit_error", Code.LLM_PROVIDER_UNAVAILABLE, True),
        ("api_error", Code.LLM_PROVIDER_UNAVAILABLE, True),
        ("timeout_error", Code.LLM_TIMEOUT, True),
        ("overloaded_error", Code.LLM_PROVIDER_UNAVAILABLE, True),
        ("something_new", Code.LLM_BAD_GATEWAY, True),
    ],
)
def test_an_error_inside_the_stream_becomes_its_code(kind: str, code: Code, is_transient: bool) -> None:  # noqa: FBT001  A column of the table.
    fault = fault_of(start(), text("Hal"), sse("error", error={"type": kind, "message": SECRET}, request_id="req_1"))
    assert (fault.code, fault.is_transient) == (code, is_transient)


@pytest.mark.parametrize(
    ("reason", "code", "is_transient"),
    [
        ("refusal", Code.LLM_BAD_GATEWAY, False),
        ("model_context_window_exceeded", Code.LLM_BAD_GATEWAY, False),
        ("pause_turn", Code.LLM_BAD_GATEWAY, True),
    ],
)
def test_an_end_that_is_none_is_a_fault(reason: str, code: Code, is_transient: bool) -> None:  # noqa: FBT001  A column of the table.
    fault = fault_of(start(), TEXT_BLOCK, text("I could"), stop(reason), END)
    assert (fault.code, fault.is_transient) == (code, is_transient)
    assert isinstance(fault, PromptTooLongError) == (reason == "model_context_window_exceeded")


@pytest.mark.parametrize(
    "chunk",
    [b"data: {nonsense\n\n", b"data: [1]\n\n", b"data: null\n\n", b"data: " + b"[" * 100_000 + b"\n\n"],
)
def test_an_event_that_is_none_is_a_fault(chunk: bytes) -> None:
    assert fault_of(start(), chunk).code is Code.LLM_BAD_GATEWAY


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ["index", "delta", "type", "text", "content_block", "message", "usage", "input", "stop_reason"]
                ),
                inner,
                max_size=5,
            )
        ),
        max_leaves=12,
    ),
    st.sampled_from(
        ["message_start", "content_block_start", "content_block_delta", "content_block_stop", "message_delta", "error"]
    ),
)
def test_fields_of_the_wrong_type_are_as_good_as_missing(value: Any, kind: str) -> None:
    fields = value if isinstance(value, dict) else {"delta": value, "content_block": value, "message": value}
    try:
        heard(WIRE, [sse(kind, **{name: field for name, field in fields.items() if name != "type"}), stop("end_turn")])
    except ModelFaultError:
        assert kind in {"error", "message_delta"}


@pytest.mark.parametrize(
    ("status", "told", "kind", "code"),
    [
        (400, "prompt is too long: 210000 tokens > 200000 maximum", PromptTooLongError, Code.LLM_BAD_GATEWAY),
        (
            400,
            "input length and `max_tokens` exceed context limit: 1 + 2 > 2",
            PromptTooLongError,
            Code.LLM_BAD_GATEWAY,
        ),
        (413, "Request exceeds the maximum size", PromptTooLongError, Code.LLM_BAD_GATEWAY),
        (400, "output_config.format: Extra inputs are not permitted", OptionRefusedError, Code.LLM_BAD_GATEWAY),
        (400, "`temperature` is deprecated for this model.", OptionRefusedError, Code.LLM_BAD_GATEWAY),
        (400, "Your credit balance is too low to access the API.", ModelFaultError, Code.INVALID_API_KEY),
        (401, "invalid x-api-key", ModelFaultError, Code.INVALID_API_KEY),
        (404, "model: claude-x", ModelFaultError, Code.VALIDATION_ERROR),
        (529, "Overloaded", ModelFaultError, Code.LLM_PROVIDER_UNAVAILABLE),
    ],
)
def test_a_refused_request_is_understood(status: int, told: str, kind: type[ModelFaultError], code: Code) -> None:
    body = json.dumps({"type": "error", "error": {"type": "some_error", "message": told}}).encode()
    fault = CALLEE.refused(status, {}, body)
    assert type(fault) is kind
    assert fault.code is code
    assert told not in fault.message


def test_the_models_are_listed() -> None:
    body = json.dumps({"data": [{"type": "model", "id": "claude-a"}, {"id": "claude-b"}], "has_more": False}).encode()
    assert WIRE.models_of(body, CALLEE) == ("claude-a", "claude-b")
    for nonsense in (b"", b"[]", b'{"data": 1}', b'{"data": [1]}', b"<html>"):
        with pytest.raises(ModelFaultError):
            WIRE.models_of(nonsense, CALLEE)
