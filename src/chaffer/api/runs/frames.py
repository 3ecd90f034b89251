"""The frames of a run's stream: data-only JSON, the same over SSE and WebSocket."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field, RootModel

from chaffer.api.frames import StreamFrame, StreamReconnect
from chaffer.api.runs.schemas import Role, RunState


class StartBot(BaseModel):
    """A bot as it began."""

    role: Role
    name: str
    provider: str
    model: str | None


class Start(StreamFrame):
    """The run began."""

    type: Literal["start"] = "start"
    run_id: str
    topic: str
    max_turns: int
    bots: list[StartBot]


class Token(StreamFrame):
    """Text, as it is generated: a bot's message of a turn is all its deltas put together."""

    type: Literal["token"] = "token"
    role: Role
    delta: str
    turn: int


class Restart(StreamFrame):
    """What was told of this turn's message is void: it is said again from its beginning."""

    type: Literal["restart"] = "restart"
    role: Role
    turn: int


class TurnComplete(StreamFrame):
    """A bot has said its message of a turn; all of it was told before."""

    type: Literal["turn_complete"] = "turn_complete"
    turn: int
    role: Role
    message_id: str
    cut: Literal["length", "stopped", "fault"] | None


class Said(StreamFrame):
    """A person put a sentence between the bots."""

    type: Literal["said"] = "said"
    name: str
    text: str
    message_id: str
    turn: int


class Patched(StreamFrame):
    """A bot was changed; it speaks so from turn `effective_turn` on."""

    type: Literal["patched"] = "patched"
    index: int
    revision: int
    effective_turn: int


class RunFailed(StreamFrame):
    """The run ended because of a fault; `done` follows."""

    type: Literal["error"] = "error"
    message: str
    code: str
    retryable: bool


class Done(StreamFrame):
    """The run is over; nothing follows."""

    type: Literal["done"] = "done"
    status: Literal["completed", "cancelled", "error"]


class Reset(StreamFrame):
    """The id that the reader came back with means nothing here: this is how the run stands; what follows is news."""

    type: Literal["reset"] = "reset"
    run: RunState


class Refused(StreamFrame):
    """Over WebSocket alone: what was sent was refused; nothing has changed."""

    type: Literal["refused"] = "refused"
    error: dict[str, object] = Field(description="The body of an ErrorEnvelope.")


Frame = Start | Token | Restart | TurnComplete | Said | Patched | RunFailed | Done | Reset | StreamReconnect | Refused


class RunFrames(RootModel[Annotated[Frame, Field(discriminator="type")]]):
    """One frame of `GET /api/stream/{run_id}` and of `/api/ws/run/{run_id}`."""
