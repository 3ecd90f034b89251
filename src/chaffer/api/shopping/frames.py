"""The frames of a shopping stream: data-only JSON."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, RootModel

from chaffer.api.frames import StreamFrame, StreamReconnect
from chaffer.api.shopping.schemas import InterruptDocument, NegotiationInfo, ShoppingResult, ShoppingSessionState
from chaffer.shopping.events import Node


class ShoppingStart(StreamFrame):
    """A turn began, or goes on behind the shopper's answer."""

    type: Literal["start"] = "start"
    session_id: str
    turn: int


class Progress(StreamFrame):
    """A node of the flow took over; steps count from 1 in each turn."""

    type: Literal["progress"] = "progress"
    step: int
    node: Node
    message: str


class Chunk(StreamFrame):
    """Text of the answer, as it is generated."""

    type: Literal["chunk"] = "chunk"
    content: str


class ShoppingRestart(StreamFrame):
    """What was told of the answer is void: it is said again from its beginning."""

    type: Literal["restart"] = "restart"


class Interrupt(InterruptDocument, StreamFrame):
    """The shopper is asked something; the stream ends, and goes on with the answer."""

    session_id: str


class Complete(StreamFrame):
    """The turn is answered."""

    type: Literal["complete"] = "complete"
    result: ShoppingResult


class ShoppingFault(StreamFrame):
    """The turn ended without an answer."""

    type: Literal["error"] = "error"
    message: str
    code: str
    retryable: bool


class Negotiation(StreamFrame):
    """A buyer was sent to haggle; how that ends is told by a `news` frame."""

    type: Literal["negotiation"] = "negotiation"
    negotiation: NegotiationInfo


class News(StreamFrame):
    """A negotiation ended. Without a deal, seller, total, saving and invoice are null."""

    type: Literal["news"] = "news"
    room_id: str
    message_id: str
    message: str
    status: str
    seller_name: str | None
    total_cost: float | None
    saved: float | None
    invoice_id: str | None
    invoice_number: str | None


class ShoppingReset(StreamFrame):
    """The id that the reader came back with means nothing here: so stands the session; what follows is news."""

    type: Literal["reset"] = "reset"
    session: ShoppingSessionState


Frame = (
    ShoppingStart
    | Progress
    | Chunk
    | ShoppingRestart
    | Interrupt
    | Complete
    | ShoppingFault
    | Negotiation
    | News
    | ShoppingReset
    | StreamReconnect
)


class ShoppingFrames(RootModel[Annotated[Frame, Field(discriminator="type")]]):
    """One frame of `POST /api/shopping/stream` and of `GET /api/shopping/{session_id}/stream`."""
