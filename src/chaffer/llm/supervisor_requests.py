"""What the models behind the supervisor chat are sent: the conversation, the question, and this turn's calls."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import dropwhile
from typing import Final

from chaffer.assistant.documents import arguments_of, schema_of
from chaffer.assistant.events import Line, Role
from chaffer.assistant.prompts import (
    LONGEST_LINE,
    Brief,
    own_results,
    result_text,
    route_brief,
    sees_to,
    work_brief,
)
from chaffer.assistant.questions import RoutingQuestion, WorkQuestion
from chaffer.assistant.results import ToolRefused
from chaffer.assistant.tools import Specialist, name_of, tools_of
from chaffer.llm.asking import Seat
from chaffer.llm.requests import Message, ModelRequest, Said, Tool, ToolCall, ToolResult, ToolsCalled, alternating

_HANDS_OVER: Final = "ask_"

HANDOVERS: Final = {f"{_HANDS_OVER}{specialist.value}": specialist for specialist in Specialist}
"""The tools with which the supervisor hands over, and to whom."""

_REQUEST_SCHEMA: Final = {
    "type": "object",
    "properties": {"request": {"type": "string", "description": "What is wanted of them, in the person's words."}},
    "required": ["request"],
    "additionalProperties": False,
}
_HANDOVER_TOOLS: Final = tuple(
    Tool(name, sees_to(specialist), _REQUEST_SCHEMA) for name, specialist in HANDOVERS.items()
)


def route_request(seat: Seat, question: RoutingQuestion) -> ModelRequest:
    """Return what the supervisor is sent, to hand over."""
    return brief_request(seat, route_brief(question), question.context.history, _HANDOVER_TOOLS)


def work_request(seat: Seat, question: WorkQuestion) -> ModelRequest:
    """Return what a specialist is sent. What its tools returned in this turn follows as results of its calls."""
    if not question.tools_left:
        return brief_request(seat, work_brief(question), question.context.history)
    tools = tuple(Tool(spec.name, spec.description, schema_of(spec.wish)) for spec in tools_of(question.specialist))
    return brief_request(seat, work_brief(question), question.context.history, tools, _calls_made(question))


def brief_request(
    seat: Seat,
    brief: Brief,
    history: Iterable[Line] = (),
    tools: tuple[Tool, ...] = (),
    behind: Sequence[Message] = (),
) -> ModelRequest:
    """Return what a model is sent that is told so; a conversation begins with the person, as local models demand."""
    lines = dropwhile(lambda line: line.role is Role.ASSISTANT, history)
    said = (Said("user" if line.role is Role.PERSON else "assistant", line.text[:LONGEST_LINE]) for line in lines)
    choice = seat.choice
    return ModelRequest(
        model=choice.model or "",
        messages=(*alternating([*said, Said("user", brief.user)]), *behind),
        max_tokens=choice.max_tokens,
        system=brief.system,
        temperature=choice.temperature,
        tools=tools,
        key=seat.key,
        account=seat.account,
    )


def told_back(request: ModelRequest, calls: Sequence[ToolCall], complaints: Sequence[str]) -> ModelRequest:
    """Return the request with calls that were not made behind it, each as one that failed, and why."""
    named = [
        ToolCall(f"unfit_{number}", _offered(request, call.name), call.arguments) for number, call in enumerate(calls)
    ]
    results = [
        ToolResult(call.call_id, complaint, failed=True) for call, complaint in zip(named, complaints, strict=True)
    ]
    return replace(request, messages=(*request.messages, ToolsCalled(tuple(named)), *results))


def _offered(request: ModelRequest, name: str) -> str:
    """Return the name of a call as providers take it, which want that of a tool that was offered."""
    names = [tool.name for tool in request.tools]
    return name if name in names else names[0]


def _calls_made(question: WorkQuestion) -> tuple[Message, ...]:
    """Return the calls of this turn, one after another, each with its result; their ids are short for all providers."""
    made: list[Message] = []
    for number, outcome in enumerate(own_results(question)):
        call = ToolCall(f"call_{number}", name_of(outcome.wish), json.dumps(arguments_of(outcome.wish)))
        failed = isinstance(outcome.result, ToolRefused)
        made += [ToolsCalled((call,)), ToolResult(call.call_id, result_text(outcome), failed=failed)]
    return tuple(made)
