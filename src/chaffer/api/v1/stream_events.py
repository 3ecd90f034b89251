"""The events of the streams as types, so that clients can generate theirs. One model an event, its name beside it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from chaffer.api.v1.schemas import Amount, OfferInfo, RoomState, SessionDetails


class _OfARoom(BaseModel):
    model_config = ConfigDict(extra="forbid")

    room_id: str = Field(default="", description="On a session's stream alone.")


class _Data(_OfARoom):
    timestamp: str


class Connected(BaseModel):
    """The stream is open."""

    room_id: str
    status: str


class NegotiationStarted(_Data):
    """The haggling began."""

    max_rounds: int
    deadline: str


class RoundStarted(_Data):
    """A round began."""

    round: int


class BudgetUpdated(_Data):
    """The session's remaining budget changed. For the operator and the buyer."""

    remaining: Amount


class Bid(BaseModel):
    """The buyer's typed bid, per unit."""

    price: Amount
    quantity: int


class BuyerMessage(_Data):
    """The buyer spoke."""

    message_id: str
    sender: Literal["buyer"]
    sender_id: str
    sender_name: str
    message: str
    mentioned_sellers: list[str] = Field(description="Names.")
    mentioned_agents: list[str] = Field(description="Ids.")
    visible_to: list[str]
    round: int
    turn: int
    bid: Bid | None
    manual: bool


class SellerResponse(_Data):
    """A seller replied, with the offer that stands from then on."""

    message_id: str
    sender: str
    sender_id: str
    seller_name: str
    message: str
    mentioned_sellers: list[str]
    mentioned_agents: list[str]
    round: int
    turn: int
    updated_offer: OfferInfo


class OfferCorrected(_Data):
    """An agent broke a limit; without `replaced_by` it is asked again."""

    sender: str
    sender_id: str
    round: int
    attempted: str
    reason: str
    replaced_by: Amount | None


class Fault(_Data):
    """A seller's model failed and the seller skips the round. A draft with that message_id is void.

    Without a sender it is the stream that failed: come back with the last id.
    """

    error: str
    code: str
    sender: str | None
    seller_name: str | None
    round: int | None
    message_id: str | None
    retry_in_seconds: float | None = Field(
        description="When to come back to a stream that failed. Null with a sender: a seller is asked again when the "
        "buyer next speaks to it, whenever that is."
    )
    fatal: bool = Field(description="Always false: what ends a room is told as `negotiation_complete`, with its code.")


class SellerWithdrew(_Data):
    """A seller left the table."""

    sender: str
    seller_name: str
    round: int
    reason: str


class DecisionCalled(_Data):
    """A person asked the buyer to decide now."""


class DealRefused(_Data):
    """The ledger did not commit an acceptance; the room goes on."""

    sender: str
    seller_name: str
    round: int
    price: Amount
    code: str
    reason: str
    remaining: Amount


class DealMade(_Data):
    """An offer was accepted and committed."""

    selected_seller: str
    seller_name: str
    round: int
    price: Amount
    list_price: Amount
    quantity: int
    total_cost: Amount
    invoice_id: str
    forced: bool


class NegotiationComplete(_Data):
    """The last event of a room. Without a deal the seller and the prices are null."""

    status: str
    selected_seller: str | None
    seller_name: str | None
    final_price: Amount | None
    quantity: int
    total_cost: Amount | None
    reason: str
    rounds: int
    code: str | None


class AgentTyping(_OfARoom):
    """An agent began to think."""

    sender: str
    sender_id: str
    message_id: str


class MessageDelta(_OfARoom):
    """Text as it is generated. A higher attempt discards the lower one's text; offset counts characters."""

    message_id: str
    sender: str
    sender_id: str
    attempt: int
    offset: int
    delta: str


class Heartbeat(BaseModel):
    """The stream is alive."""

    status: str
    current_round: int = 0


class Reconnect(_OfARoom):
    """The server stops or the room was deleted: come back with the last id, after so many seconds."""

    retry_in_seconds: float


class SessionConnected(BaseModel):
    """The stream of all rooms is open."""

    session_id: str
    rooms: list[str] = Field(description="Ids, in the order of the shopping list.")


class SessionHeartbeat(BaseModel):
    """The stream is alive; `rooms` tells of each room by its id."""

    status: str
    rooms: dict[str, Heartbeat]


class SessionReset(SessionDetails):
    """A session with its rooms as they stand."""

    rooms: list[RoomState]


class SellersReset(BaseModel):
    """The rooms that a seller is in as they stand, with its eyes."""

    session_id: str
    status: Literal["active", "completed"] = Field(description="`completed` once every one of these rooms has ended.")
    rooms: list[RoomState]


class _RoomEvents(BaseModel):
    negotiation_started: NegotiationStarted
    round_started: RoundStarted
    budget_updated: BudgetUpdated
    buyer_message: BuyerMessage
    seller_response: SellerResponse
    offer_corrected: OfferCorrected
    error: Fault
    seller_withdrew: SellerWithdrew
    decision_called: DecisionCalled
    deal_refused: DealRefused
    deal_made: DealMade
    negotiation_complete: NegotiationComplete
    agent_typing: AgentTyping
    message_delta: MessageDelta
    reconnect: Reconnect


class StreamEvents(_RoomEvents):
    """The data of every event of a room's stream, by the event's name."""

    connected: Connected
    reset: Annotated[RoomState, Field(description="The history before this is lost to the reader: here is the state.")]
    heartbeat: Heartbeat


class SessionStreamEvents(_RoomEvents):
    """The data of every event of a session's stream, by the event's name; those of its rooms bear their `room_id`."""

    connected: SessionConnected
    reset: SessionReset | SellersReset
    heartbeat: SessionHeartbeat
