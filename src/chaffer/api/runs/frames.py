"""The frames of a run's stream: data-only JSON, the same over SSE and WebSocket."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field, RootModel

from chaffer.api.runs.schemas import Role, RunState


class _Frame(BaseModel):
    event_id: str | None = Field(
        None, description="The stream id: come back with it, as `Last-Event-ID` or `?after=`, and get only the rest."
    )

    def data(self) -> dict[str, object]:
        """Return the frame as JSON-able data; without an id where it has none."""
        return self.model_dump(mode="json", exclude={"event_id"} if self.event_id is None else None)


class StartBot(BaseModel):
    """A bot as it began."""

    role: Role
    name: str
    provider: str
    model: str | None


class Start(_Frame):
    """The run began."""

    type: Literal["start"] = "start"
    run_id: str
    topic: str
    max_turns: int
    bots: list[StartBot]


class Token(_Frame):
    """Text, as it is generated: a bot's message of a turn is all its deltas put together."""

    type: Literal["token"] = "token"
    role: Role
    delta: str
    turn: int


class Restart(_Frame):
    """What was told of this turn's message is void: it is said again from its beginning."""

    type: Literal["restart"] = "restart"
    role: Role
    turn: int


class TurnComplete(_Frame):
    """A bot has said its message of a turn; all of it was told before."""

    type: Literal["turn_complete"] = "turn_complete"
    turn: int
    role: Role
    message_id: str
    cut: Literal["length", "stopped", "fault"] | None


class Said(_Frame):
    """A person put a sentence between the bots."""

    type: Literal["said"] = "said"
    name: str
    text: str
    message_id: str
    turn: int


class Patched(_Frame):
    """A bot was changed; it speaks so from turn `effective_turn` on."""

    type: Literal["patched"] = "patched"
    index: int
    revision: int
    effective_turn: int


class Fault(_Frame):
    """The run ended because of a fault; `done` follows."""

    type: Literal["error"] = "error"
    message: str
    code: str
    retryable: bool


class Done(_Frame):
    """The run is over; nothing follows."""

    type: Literal["done"] = "done"
    status: Literal["completed", "cancelled", "error"]


class Reset(_Frame):
    """The id that the reader came back with means nothing here: this is how the run stands; what follows is news."""

    type: Literal["reset"] = "reset"
    run: RunState


class Reconnect(_Frame):
    """The server stops, the stream broke, or the run was deleted: come back, and learn which."""

    type: Literal["reconnect"] = "reconnect"
    retry_in_seconds: float


class Refused(_Frame):
    """Over WebSocket alone: what was sent was refused; nothing has changed."""

    type: Literal["refused"] = "refused"
    error: dict[str, object] = Field(description="The body of an ErrorEnvelope.")


Frame = Start | Token | Restart | TurnComplete | Said | Patched | Fault | Done | Reset | Reconnect | Refused


class RunFrames(RootModel[Annotated[Frame, Field(discriminator="type")]]):
    """One frame of `GET /api/stream/{run_id}` and of `/api/ws/run/{run_id}`."""
