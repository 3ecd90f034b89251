"""Anthropic's wire: the Messages API.

Source of the shapes: Anthropic's API reference, «Create a Message», «Streaming messages», «Structured outputs» and
«Errors».
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from chaffer.llm.faults import Callee, Nonsense, Withheld
from chaffer.llm.requests import Finish, Message, ModelRequest, Said, ToolResult, Usage
from chaffer.llm.wires.fields import count, mapping, name_or_none, names_in, object_in, text_or_none
from chaffer.llm.wires.sse_lines import SseDecoder
from chaffer.llm.wires.tool_calls import PendingCalls, arguments_of
from chaffer.llm.wires.turns import Turn, turns_of
from chaffer.llm.wires.wire import AT_WORK, NOTHING, Chunk, Outgoing

_FINISHES: Final = {"max_tokens": Finish.CUT, "tool_use": Finish.TOOLS}
"""Whatever else it says, the reply is complete."""

_STATUSES: Final = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "api_error": 500,
    "timeout_error": 504,
    "overloaded_error": 529,
}
"""The statuses that these errors bear outside of a stream."""


@dataclass(frozen=True, slots=True)
class AnthropicMessages:
    """The wire. Of the optional fields, `response_format` stands for its `output_config`."""

    listings: tuple[str, ...] = ("v1/models?limit=1000",)

    def outgoing(self, request: ModelRequest, without: frozenset[str]) -> Outgoing:
        """Return a streamed message."""
        body: dict[str, Any] = {
            "model": request.model,
            "max_tokens": request.max_tokens,
            "messages": [_turn(turn) for turn in turns_of(request.messages)],
            "stream": True,
        }
        if request.system:
            body["system"] = request.system
        if request.temperature is not None and "temperature" not in without:
            body["temperature"] = min(max(request.temperature, 0.0), 1.0)
        if request.reply_format is not None and "response_format" not in without:
            body["output_config"] = {"format": {"type": "json_schema", "schema": request.reply_format.schema}}
        if request.tools:
            body["tools"] = [
                {"name": tool.name, "description": tool.description, "input_schema": tool.parameters}
                for tool in request.tools
            ]
        return Outgoing("v1/messages", json.dumps(body, ensure_ascii=False).encode())

    def decoder(self) -> SseDecoder:
        """Return a decoder of server-sent events."""
        return SseDecoder()

    def reading(self, callee: Callee) -> MessagesReading:
        """Return a reading of one reply."""
        return MessagesReading(callee)

    def models_of(self, body: bytes, callee: Callee) -> tuple[str, ...]:
        """Return the ids in a list of models. Raises ModelFaultError for nonsense."""
        try:
            return names_in(model["id"] for model in json.loads(body)["data"])
        except (ValueError, KeyError, TypeError, RecursionError):
            raise callee.nonsense(Nonsense.NO_LIST) from None


def _turn(turn: Turn) -> dict[str, Any]:
    return {"role": turn.role, "content": [block for message in turn.messages for block in _blocks(message)]}


def _blocks(message: Message) -> list[dict[str, Any]]:
    if isinstance(message, Said):
        return [{"type": "text", "text": message.text}]
    if isinstance(message, ToolResult):
        block: dict[str, Any] = {"type": "tool_result", "tool_use_id": message.call_id, "content": message.content}
        return [{**block, "is_error": True} if message.failed else block]
    calls = [
        {"type": "tool_use", "id": call.call_id, "name": call.name, "input": arguments_of(call)}
        for call in message.calls
    ]
    return [{"type": "text", "text": message.text}, *calls] if message.text.strip() else calls


class MessagesReading:
    """One reply being read. Kinds of events and blocks that are not known are passed over: more are to come."""

    def __init__(self, callee: Callee) -> None:
        """Read a reply of that callee."""
        self._callee = callee
        self._calls = PendingCalls()
        self._counts: dict[str, int] = {}
        self.is_done = False

    def take(self, frame: str) -> Chunk:
        """Return what an event of the stream says."""
        event = object_in(frame, self._callee)
        match event.get("type"):
            case "content_block_delta":
                return self._delta(count(event.get("index")) or 0, mapping(event.get("delta")))
            case "content_block_start":
                return self._start(count(event.get("index")) or 0, mapping(event.get("content_block")))
            case "message_start":
                message = mapping(event.get("message"))
                return Chunk(model=name_or_none(message.get("model")), usage=self._usage(message.get("usage")))
            case "message_delta":
                return self._ended(event)
            case "message_stop":
                self.is_done = True
            case "error":
                error = mapping(event.get("error"))
                raise self._callee.reported({**error, "code": _STATUSES.get(str(error.get("type")))})
            case _:
                pass
        return NOTHING

    def _start(self, index: int, block: Mapping[str, Any]) -> Chunk:
        """Return a block's first text. Its input is an empty object here and comes in pieces; some send it whole."""
        if block.get("type") == "tool_use":
            self._calls.begin(index, name_or_none(block.get("id")) or "", name_or_none(block.get("name")) or "")
            if whole := mapping(block.get("input")):
                self._calls.add(index, json.dumps(whole))
        return Chunk(text_or_none(block.get("text")) or "")

    def _delta(self, index: int, delta: Mapping[str, Any]) -> Chunk:
        """Return a delta's text. What the model thinks aloud apart from its reply is none."""
        kind = delta.get("type")
        if kind == "text_delta":
            return Chunk(text_or_none(delta.get("text")) or "")
        if kind == "input_json_delta":
            self._calls.add(index, text_or_none(delta.get("partial_json")) or "")
        return AT_WORK

    def _ended(self, event: Mapping[str, Any]) -> Chunk:
        usage = self._usage(event.get("usage"))
        reason = text_or_none(mapping(event.get("delta")).get("stop_reason"))
        if reason is None:
            return Chunk(usage=usage)
        if reason == "refusal":
            raise self._callee.withheld(Withheld.REFUSED)
        if reason == "model_context_window_exceeded":
            raise self._callee.too_long()
        if reason == "pause_turn":
            # It would go on when asked to, which only its own tools need, and we send none of these.
            raise self._callee.broke_off()
        finish = _FINISHES.get(reason, Finish.COMPLETE)
        return Chunk(calls=self._calls.taken(is_cut=finish is Finish.CUT), finish=finish, usage=usage)

    def _usage(self, told: object) -> Usage | None:
        """Return the counts so far. They only grow, and a later event may leave some out."""
        for name, value in mapping(told).items():
            if (number := count(value)) is not None:
                self._counts[name] = max(number, self._counts.get(name, 0))
        if not self._counts:
            return None
        cached, written = self._counts.get("cache_read_input_tokens"), self._counts.get("cache_creation_input_tokens")
        fresh = self._counts.get("input_tokens")
        return Usage(
            prompt_tokens=None if fresh is None else fresh + (cached or 0) + (written or 0),
            completion_tokens=self._counts.get("output_tokens"),
            cached_tokens=cached,
        )
