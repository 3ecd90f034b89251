"""The documents of runs."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from chaffer.api.v1.schemas import Moment
from chaffer.dialogue.events import Cut, RunStatus
from chaffer.dialogue.questions import BotId

Role = Annotated[BotId, Field(description="`bot0` speaks in the even turns, `bot1` in the odd ones.")]


class BotInfo(BaseModel):
    """A bot as its newest revision says. `effective_turn` is the first turn that it speaks so."""

    index: int
    role: Role
    name: str
    provider: str
    model: str | None = Field(description="None: the one of the settings.")
    prompt: str
    temperature: float
    max_tokens: int
    revision: int
    effective_turn: int


class RunMessage(BaseModel):
    """A message of a run. A bot's has its turn; a person's the turn that was due when it was said."""

    message_id: str
    turn: int
    role: BotId | Literal["person"]
    name: str
    content: str
    timestamp: Moment
    cut: Cut | None = Field(
        None, description="`length`: ran into max_tokens; `stopped`, `fault`: what had been said when the run ended."
    )


class RunFault(BaseModel):
    """Why a run ended as `error`."""

    code: str
    message: str


class RunSummary(BaseModel):
    """A run as a list shows it."""

    id: str
    topic: str
    status: RunStatus
    max_turns: int
    turns: int = Field(description="How many turns were spoken.")
    bots: list[BotInfo]
    created_at: Moment
    updated_at: Moment
    error: RunFault | None = None
    stream_url: str
    export_url: str


class RunState(RunSummary):
    """A run as it stands, with all that was said."""

    user_id: str
    seed: int
    reason: str | None = Field(description="Why it ended, once it has.")
    position: str = Field(description="The stream id up to which this state tells all.")
    transcript: list[RunMessage]


class RunList(BaseModel):
    """A page of runs, newest first."""

    runs: list[RunSummary]
    next_after: str | None


class BotRevised(BaseModel):
    """A bot that was changed."""

    index: int
    revision: int
    effective_turn: int = Field(description="The first turn that it speaks so.")
    bot: BotInfo


class Interjected(BaseModel):
    """A sentence that was put between the bots, while turn `turn` was due."""

    message_id: str
    turn: int
    name: str


class RunDeleted(BaseModel):
    """A run that is gone."""

    id: str
    message: str
