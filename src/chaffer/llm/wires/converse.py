"""Amazon Bedrock's wire: the ConverseStream operation, whose events come in the frames of `event_stream`.

Source of the shapes: the Amazon Bedrock API reference, «ConverseStream», and its user guide, «Get validated JSON
results from models».
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import quote

from chaffer.llm.faults import Callee, ModelFaultError, Nonsense, Withheld
from chaffer.llm.requests import Finish, Message, ModelRequest, Said, ToolResult, Usage
from chaffer.llm.wires.event_stream import EventFrame, EventStreamDecoder
from chaffer.llm.wires.fields import count, mapping, name_or_none, names_in, object_in, text_or_none
from chaffer.llm.wires.tool_calls import PendingCalls, arguments_of
from chaffer.llm.wires.turns import Turn, turns_of
from chaffer.llm.wires.wire import AT_WORK, NOTHING, Chunk, Outgoing, UnknownModelError

_FINISHES: Final = {"max_tokens": Finish.CUT, "tool_use": Finish.TOOLS}
"""Whatever else it says, the reply is complete."""

_WITHHELD: Final = frozenset({"guardrail_intervened", "content_filtered"})
_MALFORMED: Final = frozenset({"malformed_model_output", "malformed_tool_use"})
_TOO_LONG: Final = "model_context_window_exceeded"

_STATUSES: Final = {
    "validationexception": 400,
    "accessdeniedexception": 403,
    "resourcenotfoundexception": 404,
    "modeltimeoutexception": 408,
    "throttlingexception": 429,
    "internalserverexception": 500,
    "serviceunavailableexception": 503,
}
"""The statuses that these exceptions bear outside of a stream; a modelStreamErrorException comes in streams alone."""

_OTHER_PATHS: Final = frozenset({".", ".."})
"""In a path these are no names, and no way of writing them makes them one (RFC 3986, section 5.2.4)."""

_NOTHING_RETURNED: Final = "(nothing)"
"""A blank text is refused, and a tool may return one."""


@dataclass(frozen=True, slots=True)
class Converse:
    """The wire. Of the optional fields, `response_format` stands for its `outputConfig`.

    A model that takes no system prompt is told it in the user's first turn.
    """

    listings: tuple[str, ...] = ("foundation-models?byOutputModality=TEXT",)

    def outgoing(self, request: ModelRequest, without: frozenset[str]) -> Outgoing:
        """Return a streamed conversation. Raises UnknownModelError for a name that would lead to another address."""
        if request.model in _OTHER_PATHS:
            raise UnknownModelError
        if "system" in without and request.system:
            request = replace(request, system="", messages=(Said("user", request.system), *request.messages))
        limits: dict[str, Any] = {"maxTokens": request.max_tokens}
        if request.temperature is not None and "temperature" not in without:
            limits["temperature"] = min(max(request.temperature, 0.0), 1.0)
        body: dict[str, Any] = {
            "messages": [_turn(turn) for turn in turns_of(request.messages)],
            "inferenceConfig": limits,
        }
        if request.system:
            body["system"] = [{"text": request.system}]
        if request.reply_format is not None and "response_format" not in without:
            shape = {"name": request.reply_format.name, "schema": json.dumps(request.reply_format.schema)}
            body["outputConfig"] = {"textFormat": {"type": "json_schema", "structure": {"jsonSchema": shape}}}
        if request.tools:
            body["toolConfig"] = {
                "tools": [
                    {
                        "toolSpec": {
                            "name": tool.name,
                            "description": tool.description,
                            "inputSchema": {"json": tool.parameters},
                        }
                    }
                    for tool in request.tools
                ]
            }
        path = f"model/{quote(request.model, safe='')}/converse-stream"
        return Outgoing(path, json.dumps(body, ensure_ascii=False).encode())

    def decoder(self) -> EventStreamDecoder:
        """Return a decoder of event-stream frames."""
        return EventStreamDecoder()

    def reading(self, callee: Callee) -> ConverseReading:
        """Return a reading of one reply."""
        return ConverseReading(callee)

    def models_of(self, body: bytes, callee: Callee) -> tuple[str, ...]:
        """Return the ids of the models that can be streamed by their own id. Raises ModelFaultError for nonsense.

        Others want the id of an inference profile, which this list does not have.
        """
        try:
            return names_in(model["modelId"] for model in json.loads(body)["modelSummaries"] if _can_be_asked(model))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise callee.nonsense(Nonsense.NO_LIST) from None


def _can_be_asked(model: Mapping[str, Any]) -> bool:
    is_on_demand = "ON_DEMAND" in model.get("inferenceTypesSupported", ("ON_DEMAND",))
    return is_on_demand and model.get("responseStreamingSupported") is not False


def _turn(turn: Turn) -> dict[str, Any]:
    return {"role": turn.role, "content": [block for message in turn.messages for block in _blocks(message)]}


def _blocks(message: Message) -> list[dict[str, Any]]:
    if isinstance(message, Said):
        return [{"text": message.text}]
    if isinstance(message, ToolResult):
        content = message.content if message.content.strip() else _NOTHING_RETURNED
        status = "error" if message.failed else "success"
        return [{"toolResult": {"toolUseId": message.call_id, "content": [{"text": content}], "status": status}}]
    calls: list[dict[str, Any]] = [
        {"toolUse": {"toolUseId": call.call_id, "name": call.name, "input": arguments_of(call)}}
        for call in message.calls
    ]
    return [{"text": message.text}, *calls] if message.text.strip() else calls


class ConverseReading:
    """One reply being read. Kinds of events that are not known are passed over."""

    def __init__(self, callee: Callee) -> None:
        """Read a reply of that callee."""
        self._callee = callee
        self._calls = PendingCalls()
        self.is_done = False

    def take(self, frame: EventFrame) -> Chunk:
        """Return what a frame says."""
        if frame.kind != "event":
            raise self._fault(frame)
        event = object_in(frame.payload, self._callee)
        match frame.name:
            case "contentBlockDelta":
                return self._delta(count(event.get("contentBlockIndex")) or 0, mapping(event.get("delta")))
            case "contentBlockStart":
                self._start(count(event.get("contentBlockIndex")) or 0, mapping(event.get("start")))
            case "messageStop":
                return self._stopped(text_or_none(event.get("stopReason")))
            case "metadata":
                self.is_done = True
                return Chunk(usage=_usage(event.get("usage")))
            case _:
                pass
        return NOTHING

    def _fault(self, frame: EventFrame) -> ModelFaultError:
        told = frame.payload.decode("utf-8", "replace")
        return self._callee.reported({"message": told, "code": _STATUSES.get(frame.name.casefold())})

    def _start(self, index: int, start: Mapping[str, Any]) -> None:
        call = mapping(start.get("toolUse"))
        if call:
            self._calls.begin(index, name_or_none(call.get("toolUseId")) or "", name_or_none(call.get("name")) or "")

    def _delta(self, index: int, delta: Mapping[str, Any]) -> Chunk:
        """Return a delta's text. What the model thinks aloud apart from its reply is none."""
        if piece := text_or_none(mapping(delta.get("toolUse")).get("input")):
            self._calls.add(index, piece)
        text = text_or_none(delta.get("text"))
        return AT_WORK if text is None else Chunk(text)

    def _stopped(self, reason: str | None) -> Chunk:
        if reason is None:
            return NOTHING
        if reason in _WITHHELD:
            raise self._callee.withheld(Withheld.FILTERED)
        if reason == _TOO_LONG:
            raise self._callee.too_long()
        if reason in _MALFORMED:
            raise self._callee.reported(reason)
        finish = _FINISHES.get(reason, Finish.COMPLETE)
        return Chunk(calls=self._calls.taken(is_cut=finish is Finish.CUT), finish=finish)


def _usage(told: object) -> Usage | None:
    """Return the counts; the input's own does not count what was read from a cache or written to it."""
    counts = mapping(told)
    fresh, cached = count(counts.get("inputTokens")), count(counts.get("cacheReadInputTokens"))
    written = count(counts.get("cacheWriteInputTokens"))
    return Usage(
        prompt_tokens=None if fresh is None else fresh + (cached or 0) + (written or 0),
        completion_tokens=count(counts.get("outputTokens")),
        cached_tokens=cached,
    )
