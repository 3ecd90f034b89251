"""What happens in a run: the closed set of its events. The journal holds nothing else."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final

from msgspec import Meta, Struct

from chaffer.conversation.minds import Making, ModelChoice

RUN: Final = "run"
"""The kind of conversation that a run is."""

Instant = Annotated[datetime, Meta(tz=True)]


class RunStatus(StrEnum):
    """Where a run stands."""

    RUNNING = "running"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    ERROR = "error"


class Bot(Struct, frozen=True):
    """One of the two speakers. The prompt is its owner's alone: it is its model's system prompt."""

    name: str
    prompt: str
    mind: ModelChoice


class RunStarted(Struct, frozen=True):
    """A run began. Bot 0 speaks in the even turns, bot 1 in the odd ones; turns count from 0."""

    run_id: str
    owner: str
    topic: str
    max_turns: int
    bots: tuple[Bot, Bot]
    seed: int
    started_at: Instant


class Cut(StrEnum):
    """Why a message ends before its speaker was done."""

    LENGTH = "length"
    STOPPED = "stopped"
    FAULT = "fault"


class TurnSpoken(Struct, frozen=True):
    """A bot said its message of a turn.

    `attempt` is the one whose text this is: readers drop what they have of others. A message that is `cut` was limited
    by its bot's `max_tokens`, or is what had been said when the run was stopped or broke; what that took is not known.
    """

    turn: int
    index: int
    message_id: str
    text: str
    attempt: int
    making: Making | None
    cut: Cut | None = None


class BotPatched(Struct, frozen=True):
    """A bot was changed: `bot` is what it is from turn `effective_turn` on. Revision 0 is what the run began with."""

    index: int
    revision: int
    effective_turn: int
    bot: Bot


class PersonSpoke(Struct, frozen=True):
    """A person put a sentence between the bots, while turn `turn` was due; bots hear it from the next turn on."""

    message_id: str
    name: str
    text: str
    turn: int


class StopAsked(Struct, frozen=True):
    """The run is to be stopped, as another process was told than the one that runs it; that one ends it."""


class RunEnded(Struct, frozen=True):
    """The run is over after so many turns. `reason` says why; `code` names the fault of one that ended as `error`."""

    status: RunStatus
    reason: str
    turns: int
    code: str | None = None


RunEvent = RunStarted | TurnSpoken | BotPatched | PersonSpoke | StopAsked | RunEnded
