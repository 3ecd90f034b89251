"""A reply in LangChain's chunks, read without importing LangChain: text, tool calls, usage, and how it ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from chaffer.llm.faults import Callee, Withheld
from chaffer.llm.http_call import Clock
from chaffer.llm.requests import Ending, Finish, ToolCall, Usage
from chaffer.llm.wires.fields import count, mapping, name_or_none, text_or_none
from chaffer.llm.wires.tool_calls import PendingCalls

_LINGER_SECONDS: Final = 1.0
"""After the finish reason only the usage is to come, and some servers never send it."""

_REASONS: Final = ("finish_reason", "stop_reason", "stopReason", "done_reason")
_CUT: Final = frozenset({"length", "max_tokens", "max_output_tokens", "model_length", "model_context_window_exceeded"})
_STATUSES: Final = {"completed": "stop", "incomplete": "length"}
"""What OpenAI's Responses API says instead of a reason."""
_FOR_TOOLS: Final = frozenset({"tool_calls", "tool_use", "function_call"})
_FILTERED: Final = frozenset(
    {"content_filter", "content_filtered", "guardrail_intervened", "safety", "recitation", "blocklist", "spii"}
    | {"prohibited_content"}
)
_REFUSED: Final = "refusal"


class ChunkReading:
    """What has come of a reply so far."""

    def __init__(self, model: str, clock: Clock, callee: Callee) -> None:
        """Read a reply of that callee."""
        self._model = model
        self._clock = clock
        self._callee = callee
        self._pending = PendingCalls()
        self._indexes: dict[object, int] = {}
        self._usage = Usage()
        self._first_token_seconds: float | None = None
        self._has_called = False
        self.has_begun = False
        self.finish: Finish | None = None

    def take(self, chunks: Sequence[Any]) -> str:
        """Take chunks in, and return their text. Raises ModelFaultError for a reply that is withheld."""
        self.has_begun = True
        self._clock.came()
        text = "".join(map(self._take, chunks))
        if text and self._first_token_seconds is None:
            self._first_token_seconds = self._clock.elapsed_seconds
        return text

    def _take(self, chunk: Any) -> str:  # noqa: ANN401  LangChain is not imported here, not even for its types.
        for piece in getattr(chunk, "tool_call_chunks", ()):
            self._add(piece)
        if mapping(getattr(chunk, "additional_kwargs", None)).get(_REFUSED):
            raise self._callee.withheld(Withheld.REFUSED)
        self._note(mapping(getattr(chunk, "response_metadata", None)))
        usage = mapping(getattr(chunk, "usage_metadata", None))
        if usage:
            self._usage = _sum(self._usage, usage)
        return str(chunk.text)

    def _note(self, told: Mapping[str, Any]) -> None:
        self._model = name_or_none(told.get("model_name")) or name_or_none(told.get("model")) or self._model
        places = (told, mapping(told.get("messageStop")))
        words = (text_or_none(place.get(name)) for place in places for name in _REASONS)
        reason = next((word.casefold() for word in words if word is not None), _STATUSES.get(str(told.get("status"))))
        if reason is None:
            return
        if reason in _FILTERED:
            raise self._callee.withheld(Withheld.FILTERED)
        if reason == _REFUSED:
            raise self._callee.withheld(Withheld.REFUSED)
        self._clock.shorten(_LINGER_SECONDS)
        self.finish = Finish.CUT if reason in _CUT else Finish.TOOLS if reason in _FOR_TOOLS else Finish.COMPLETE

    def _add(self, piece: Mapping[str, Any]) -> None:
        """Take a piece of a tool call in: one with a name begins a call, and one without index belongs to the last."""
        place, name = piece.get("index"), name_or_none(piece.get("name"))
        if name is not None and (place is None or place not in self._indexes):
            index = len(self._indexes)
            self._indexes[place if place is not None else f"call {index}"] = index
            self._pending.begin(index, name_or_none(piece.get("id")) or "", name)
            self._has_called = True
        else:
            index = self._indexes.get(place, len(self._indexes) - 1)
        self._pending.add(index, text_or_none(piece.get("args")) or "")

    def is_ended_by(self, error: Exception) -> bool:
        """Tell whether an exception only says how the reply ended, as OpenAI's package does of one with a schema."""
        kind = type(error).__name__
        if kind == "ContentFilterFinishReasonError":
            raise self._callee.withheld(Withheld.FILTERED) from None
        if kind == "LengthFinishReasonError":
            self.finish = Finish.CUT
        return self.finish is not None

    def calls(self) -> tuple[ToolCall, ...]:
        """Return the tools that were called, whole."""
        return self._pending.taken(is_cut=self.finish is Finish.CUT)

    def ending(self, *, must_be_told: bool) -> Ending:
        """Return how the reply ended. Raises ModelFaultError for one that did not end, or is empty."""
        finish = self.finish
        if finish is None and must_be_told:
            raise self._callee.broke_off()
        if self._first_token_seconds is None and not self._has_called:
            raise self._callee.empty(is_cut=finish is Finish.CUT)
        if finish is not Finish.CUT:
            finish = Finish.TOOLS if self._has_called else Finish.COMPLETE
        return Ending(finish, self._model, self._usage, self._clock.elapsed_seconds, self._first_token_seconds)


def _sum(usage: Usage, told: Mapping[str, Any]) -> Usage:
    """Return a usage with more of it: by LangChain's custom each chunk tells what it adds.

    No prompt has 0 tokens: packages say so where nobody told them.
    """

    def more(before: int | None, now: object) -> int | None:
        return before if (counted := count(now)) is None else (before or 0) + counted

    return Usage(
        more(usage.prompt_tokens, told.get("input_tokens") or None),
        more(usage.completion_tokens, told.get("output_tokens")),
        more(usage.cached_tokens, mapping(told.get("input_token_details")).get("cache_read")),
    )
