"""The wire that OpenAI's chat completions have made common: the body of a request, and the chunks of its stream."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from chaffer.llm.faults import Callee, Nonsense, Withheld
from chaffer.llm.provider import ModelRequest

DONE: Final = "[DONE]"
CONTENT_FILTER: Final = "content_filter"


@dataclass(frozen=True, slots=True)
class Usage:
    """What a call used, in tokens."""

    prompt_tokens: int | None
    completion_tokens: int | None


@dataclass(frozen=True, slots=True)
class Chunk:
    """One chunk of a stream; each part of it may be missing."""

    text: str = ""
    finish_reason: str | None = None
    model: str | None = None
    usage: Usage | None = None


def chat_body(request: ModelRequest, without: frozenset[str]) -> bytes:
    """Return the JSON body of a streamed chat completion; optional fields named in `without` are left out."""
    body: dict[str, Any] = {
        "model": request.model,
        "messages": [
            {"role": "system", "content": request.system},
            {"role": "user", "content": request.user},
        ],
        "temperature": request.temperature,
        "max_tokens": request.max_tokens,
        "stream": True,
        "stream_options": {"include_usage": True},
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": request.schema_name, "strict": True, "schema": request.schema},
        },
    }
    kept = {key: value for key, value in body.items() if key not in without}
    return json.dumps(kept, ensure_ascii=False).encode()


def chunk_of(data: str, callee: Callee) -> Chunk:
    """Return what an event of the stream says. Raises ModelFaultError for an error, a refusal, or nonsense."""
    try:
        event = json.loads(data)
    except (ValueError, RecursionError):
        raise callee.nonsense(Nonsense.NO_JSON) from None
    if not isinstance(event, Mapping):
        raise callee.nonsense(Nonsense.NO_OBJECT)
    if event.get("error"):
        raise callee.reported(event["error"])
    choices = event.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else None
    text, finish_reason = _choice(choice, callee) if isinstance(choice, Mapping) else ("", None)
    return Chunk(text, finish_reason, _text_or_none(event.get("model")), _usage(event.get("usage")))


def _choice(choice: Mapping[str, Any], callee: Callee) -> tuple[str, str | None]:
    """Return the text and the finish reason of a choice. What a model thinks aloud apart from its reply is no text."""
    finish_reason = _text_or_none(choice.get("finish_reason"))
    if finish_reason == CONTENT_FILTER:
        raise callee.withheld(Withheld.FILTERED)
    delta = choice.get("delta")
    if not isinstance(delta, Mapping):
        return "", finish_reason
    if delta.get("refusal"):
        raise callee.withheld(Withheld.REFUSED)
    return _text_or_none(delta.get("content")) or "", finish_reason


def _usage(usage: object) -> Usage | None:
    if not isinstance(usage, Mapping):
        return None
    return Usage(_count(usage.get("prompt_tokens")), _count(usage.get("completion_tokens")))


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _text_or_none(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def models_of(body: bytes, callee: Callee) -> tuple[str, ...]:
    """Return the ids in a list of models. Raises ModelFaultError for nonsense."""
    try:
        listed = json.loads(body)["data"]
        return tuple(str(model["id"]) for model in listed)
    except (ValueError, KeyError, TypeError, RecursionError):
        raise callee.nonsense(Nonsense.NO_LIST) from None
