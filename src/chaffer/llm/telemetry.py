"""What is measured of the running program: calls to models, conversations, requests, streams, the database.

Every name of a metric stands here or in `chat_counts`. Counts hold no prompt, reply, key or amount. Names of models
come from users: so many are counted one by one, and the rest together, lest a counter for each fill the memory here and
at whoever collects them.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

from chaffer.assistant.chat import Chat
from chaffer.conversation.journal import Recorded
from chaffer.dialogue.events import RunEnded
from chaffer.dialogue.rules import Run
from chaffer.errors import Code
from chaffer.llm.chat_counts import ChatCounts
from chaffer.llm.faults import ModelFaultError
from chaffer.llm.gen_ai_spans import Spans
from chaffer.llm.prices import price_table
from chaffer.llm.provider import Provider
from chaffer.llm.requests import Ending, ModelRequest, Usage
from chaffer.llm.tallies import Spread, Tally
from chaffer.negotiation.events import OfferCorrected, RoomEnded
from chaffer.negotiation.room import Room
from chaffer.vendors import BUILTIN

if TYPE_CHECKING:
    from opentelemetry.trace import Span, TracerProvider

ROOMS: Final = "chaffer_rooms"
RUNS: Final = "chaffer_runs"
CHATS: Final = "chaffer_chats"
READERS: Final = "chaffer_stream_readers"

COMPLETE: Final = "ok"
CUT: Final = "cut"
GIVEN_UP: Final = "given_up"
BROKE: Final = "broke"
"""How calls end, beside the code of a fault: `cut` ran into max_tokens, `given_up` was not heard to its end."""

OTHER: Final = "other"
MOST_MODELS: Final = 50
"""So many models that are not in the table of prices are counted one by one."""

SECONDS: Final = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92, 163.84)
"""Bounds of the buckets that OpenTelemetry's conventions give durations, and one more: a reply may take minutes."""

_QUICK: Final = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5)
_LONG: Final = (1, 5, 15, 60, 300, 900, 3_600, 14_400)

_BY_MODEL: Final = ("provider", "model")
_BY_CODE: Final = ("provider", "code")
_MICROS: Final = 1_000_000


class Telemetry:
    """The counts of one running program, and its spans."""

    def __init__(
        self, spans_to: TracerProvider | None = None, *, seconds: Callable[[], float] = time.monotonic
    ) -> None:
        """Begin with nothing; without `spans_to`, spans go to the provider that the process has set, if any."""
        self.seconds = seconds
        self.spans = Spans(spans_to)
        self._models: set[tuple[str, str]] = set()
        calls = (*_BY_MODEL, "outcome")
        self.calls = Tally("chaffer_llm_calls_total", "Calls to models, each attempt for itself.", calls)
        tokens = (*_BY_MODEL, "kind")
        self.tokens = Tally("chaffer_llm_tokens_total", "Tokens as providers told; the kinds add up.", tokens)
        self.cost = Tally("chaffer_llm_cost_dollars_total", "Cost of calls, where it is known.", _BY_MODEL, _MICROS)
        self.retries = Tally("chaffer_llm_retries_total", "Calls made again, by the fault before.", _BY_CODE)
        self.faults = Tally("chaffer_llm_faults_total", "Faults of calls to models.", _BY_CODE)
        corrected = ("role", "provider")
        self.corrections = Tally("chaffer_guard_corrections_total", "Replies that were not let through.", corrected)
        self.ended = Tally("chaffer_rooms_ended_total", "Rooms that have ended here.", ("status",))
        self.runs_ended = Tally("chaffer_runs_ended_total", "Runs of two agents that have ended here.", ("status",))
        self.limited = Tally("chaffer_rate_limited_total", "Calls that a rate limit refused.", ("rate",))
        alone = "Calls counted in this process alone, as the storage of rate limits did not answer."
        self.counted_alone = Tally("chaffer_rate_limit_fallbacks_total", alone, ())
        first = "Seconds from the request to the first text."
        self.first_token = Spread("chaffer_llm_first_token_seconds", first, _BY_MODEL, SECONDS)
        self.duration = Spread("chaffer_llm_call_seconds", "Seconds that calls took.", _BY_MODEL, SECONDS)
        self.chats = ChatCounts()
        answered = ("method", "route", "status")
        self.requests = Tally("chaffer_http_requests_total", "Requests, by the status of their answers.", answered)
        began = "Seconds until answers began."
        self.answering = Spread("chaffer_http_answer_seconds", began, ("method", "route"), SECONDS)
        self.streaming = Spread("chaffer_stream_seconds", "Seconds that streams and sockets lasted.", ("route",), _LONG)
        waited = "Seconds that the database was waited for."
        self.database = Spread("chaffer_database_seconds", waited, ("operation",), _QUICK)

    @property
    def tallies(self) -> tuple[Tally, ...]:
        """Return all that is counted."""
        models = (self.calls, self.tokens, self.cost, self.retries, self.faults, self.corrections)
        conversations = (self.ended, self.runs_ended, *self.chats.tallies)
        return (*models, *conversations, self.requests, self.limited, self.counted_alone)

    @property
    def spreads(self) -> tuple[Spread, ...]:
        """Return all durations."""
        return (self.first_token, self.duration, self.answering, self.streaming, self.database)

    def call(self, provider: Provider, request: ModelRequest) -> MeasuredCall:
        """Return the context of one attempt of a call, which is measured from its beginning to its end."""
        return MeasuredCall(self, provider, request)

    def refused(self, provider: str, fault: ModelFaultError) -> None:
        """Count a fault that kept a call from being made: a host that is left alone, a cap that is reached."""
        self.faults.add(provider, fault.code.value)

    def retried(self, provider: str, fault: ModelFaultError) -> None:
        """Count a call that is made again because of a fault."""
        self.retries.add(provider, fault.code.value)

    def heard(self, state: object, records: Sequence[Recorded]) -> None:
        """Count what was recorded of a conversation; `state` is a room, a run, a chat, or what is not counted here."""
        if isinstance(state, Room):
            self._heard_of_room(state, records)
        elif isinstance(state, Chat):
            self.chats.heard(state, records)
        elif isinstance(state, Run):
            for record in records:
                if isinstance(record.event, RunEnded):
                    self.runs_ended.add(record.event.status.value)

    def _heard_of_room(self, state: Room, records: Sequence[Recorded]) -> None:
        for record in records:
            event = record.event
            if isinstance(event, OfferCorrected):
                role = "buyer" if event.agent_id == state.terms.buyer.buyer_id else "seller"
                self.corrections.add(role, BUILTIN if event.making is None else event.making.provider)
            elif isinstance(event, RoomEnded):
                self.ended.add(event.status.value)

    def model_label(self, provider: str, model: str, outcome: str) -> str:
        """Return the name under which a model is counted: its own, or OTHER once there are too many.

        A name that the provider says it has no model of takes no place.
        """
        if (provider, model) in self._models or (provider, model) in price_table():
            return model
        if outcome == Code.VALIDATION_ERROR or len(self._models) >= MOST_MODELS:
            return OTHER
        self._models.add((provider, model))
        return model


class MeasuredCall:
    """One attempt of a call while it lasts. What it costs is paid once a call, never for a piece of its text."""

    __slots__ = ("_begun", "_ending", "_provider", "_request", "_span", "_telemetry")

    def __init__(self, telemetry: Telemetry, provider: Provider, request: ModelRequest) -> None:
        """Measure this call; it begins when the context is entered."""
        self._telemetry = telemetry
        self._provider = provider
        self._request = request
        self._ending: Ending | None = None
        self._begun = 0.0
        self._span: Span | None = None

    def __enter__(self) -> Self:
        """Begin."""
        self._begun = self._telemetry.seconds()
        self._span = self._telemetry.spans.begin(self._provider, self._request)
        return self

    def ended(self, ending: Ending) -> None:
        """Take note of how the reply ended, with all that it used and what that cost."""
        self._ending = ending

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Count the call, however it ended, and end its span."""
        outcome = COMPLETE
        error = None
        if self._ending is None:
            outcome = _outcome(fault)
            error = _kind_of(fault, outcome)
        elif self._ending.is_cut:
            outcome = CUT
        self._count(outcome)
        if isinstance(fault, ModelFaultError):
            self._telemetry.faults.add(self._provider.name, fault.code.value)
        if self._span is not None:
            self._telemetry.spans.end(self._span, self._ending, error)

    def _count(self, outcome: str) -> None:
        telemetry, provider = self._telemetry, self._provider.name
        model = telemetry.model_label(provider, self._request.model, outcome)
        telemetry.calls.add(provider, model, outcome)
        telemetry.duration.observe(telemetry.seconds() - self._begun, provider, model)
        if self._ending is None:
            return
        if self._ending.first_token_seconds is not None:
            telemetry.first_token.observe(self._ending.first_token_seconds, provider, model)
        usage = self._ending.usage
        for kind, count in _kinds(usage):
            telemetry.tokens.add(provider, model, kind, parts=count)
        if usage.cost_micros is not None:
            telemetry.cost.add(provider, model, parts=usage.cost_micros)


def _outcome(fault: BaseException | None) -> str:
    """Return how a call ended that was not answered to the end."""
    match fault:
        case ModelFaultError(code=code):
            return code.value
        case GeneratorExit() | asyncio.CancelledError():
            return GIVEN_UP
        case _:
            return BROKE


def _kind_of(fault: BaseException | None, outcome: str) -> str | None:
    """Return the kind of the error as traces tell it: a code, or the name of what nobody foresaw; None for no error."""
    if outcome == GIVEN_UP:
        return None
    return outcome if fault is None or isinstance(fault, ModelFaultError) else type(fault).__qualname__


def _kinds(usage: Usage) -> list[tuple[str, int]]:
    """Return the tokens by kind, those that are known; what was read from a cache is no `input` beside it."""
    cached = usage.cached_tokens or 0
    kinds = (
        ("input", None if usage.prompt_tokens is None else max(usage.prompt_tokens - cached, 0)),
        ("cached_input", cached or None),
        ("output", usage.completion_tokens),
    )
    return [(kind, count) for kind, count in kinds if count is not None]
