"""The documents that the marketplace answers, with the fields of the specification and those that were added to it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainSerializer, StringConstraints

from chaffer.api.v1.wire import rfc3339
from chaffer.negotiation.terms import RoomStatus

Moment = Annotated[datetime, PlainSerializer(rfc3339, return_type=str)]
Amount = Annotated[float, Field(description="An amount of the currency, with at most two decimals.")]


class ParticipatingSeller(BaseModel):
    """A seller of a room, as everybody may see it."""

    seller_id: str
    seller_name: str
    initial_price: Amount


class RoomInfo(BaseModel):
    """A room of a new session."""

    room_id: str
    item_id: str
    item_name: str
    quantity_needed: int
    participating_sellers: list[ParticipatingSeller]
    status: RoomStatus
    reason: str | None = None


class SessionCreated(BaseModel):
    """A session that was opened. `total_rooms` counts the rooms that can be started."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "session_id": "01938f6e-7a2b-7c11-9d7e-2f6d0a3b4c5d",
                    "created_at": "2026-01-01T10:30:00.000Z",
                    "buyer_id": "buyer_1a2b3c4d",
                    "seller_ids": ["seller_001", "seller_002"],
                    "negotiation_rooms": [
                        {
                            "room_id": "room_laptop_9f86d081884c7d65",
                            "item_id": "item_001",
                            "item_name": "Laptop",
                            "quantity_needed": 2,
                            "participating_sellers": [
                                {"seller_id": "seller_001", "seller_name": "TechStore", "initial_price": 1200}
                            ],
                            "status": "pending",
                            "reason": None,
                        }
                    ],
                    "total_rooms": 1,
                    "skipped_items": ["Mouse"],
                    "currency": "USD",
                    "seed": 7,
                }
            ]
        }
    )

    session_id: str
    created_at: Moment
    buyer_id: str
    seller_ids: list[str]
    negotiation_rooms: list[RoomInfo]
    total_rooms: int
    skipped_items: list[str]
    currency: str
    seed: int = Field(description="With `builtin` minds the same seed gives the same negotiation.")


class BuyerInfo(BaseModel):
    """The buyer of a session; the operator sees its budget."""

    id: str
    name: str
    total_budget: Amount
    remaining_budget: Amount


class SellerInfo(BaseModel):
    """A seller of a session."""

    id: str
    name: str


class RoomOverview(BaseModel):
    """A room of a session, in a line."""

    room_id: str
    item_id: str
    item_name: str
    quantity_needed: int
    status: RoomStatus
    reason: str | None
    current_round: int
    max_rounds: int
    participating_sellers_count: int


class SessionDetails(BaseModel):
    """A session as it stands."""

    session_id: str
    status: Literal["active", "completed"] = Field(description="`completed` once every room has ended.")
    created_at: Moment
    buyer: BuyerInfo
    sellers: list[SellerInfo]
    negotiation_rooms: list[RoomOverview]
    llm_provider: str
    currency: str
    seed: int


class SessionList(BaseModel):
    """A page of sessions, newest first."""

    sessions: list[SessionDetails]
    next_after: str | None


class SessionDeleted(BaseModel):
    """What became of a deleted session."""

    message: str
    session_id: str
    logs_saved: bool
    log_path: str


class RoomStarted(BaseModel):
    """A room that was started."""

    room_id: str
    status: Literal["started"]
    item_name: str
    participating_sellers: list[str]
    buyer_opening_message: str
    stream_url: str


class SessionStarted(BaseModel):
    """The rooms of a session that were started, in the order of the shopping list."""

    session_id: str
    rooms: list[RoomStarted]
    stream_url: str


def _readable(text: str) -> str:
    if not text.strip() or "\x00" in text:
        msg = "must have something to read, and no NUL"
        raise ValueError(msg)
    return text


class SendMessage(BaseModel):
    """A person's words in the buyer's place."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    message: Annotated[str, StringConstraints(min_length=1, max_length=1000), AfterValidator(_readable)] = Field(
        examples=["Hey @TechStore and @GadgetHub, can you both do $1000 per laptop?"],
        json_schema_extra={"pattern": r"^[^\x00]*[^\s\x00][^\x00]*$"},
    )


class MessageSent(BaseModel):
    """A message that is in the journal."""

    message_id: str
    timestamp: Moment
    mentioned_sellers: list[str] = Field(description="Ids of the sellers named in the message.")
    mentioned_agents: list[str]
    visible_to: list[str] = Field(description="Ids of the sellers whom the message reaches.")
    processing: bool


class ForceDecision(BaseModel):
    """Whose standing offer to accept; left out, the buyer decides."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    force_select_seller: Annotated[str, StringConstraints(min_length=1, max_length=100)] | None = None


class SelectedSeller(BaseModel):
    """The seller whose offer was accepted."""

    seller_id: str
    seller_name: str
    final_price: Amount
    quantity: int
    total_cost: Amount


class DecisionMade(BaseModel):
    """How a room ended."""

    room_id: str
    status: RoomStatus
    decision_made: bool
    selected_seller: SelectedSeller | None
    decision_reason: str
    total_rounds: int
    negotiation_duration_seconds: float


class OfferInfo(BaseModel):
    """A typed offer, per unit, standing to the end of round `valid_until`."""

    price: Amount
    quantity: int
    conditions: str | None
    valid_until: int
    timestamp: str


class StandingOffer(BaseModel):
    """A seller's standing offer."""

    seller_name: str
    price: Amount
    quantity: int
    conditions: str | None
    valid_until: int
    last_updated: str


class ConversationMessage(BaseModel):
    """A message of a room."""

    message_id: str
    turn: int
    round: int
    timestamp: str
    sender_type: str
    sender_id: str
    sender_name: str
    message: str
    mentioned_agents: list[str]
    mentioned_sellers: list[str]
    visibility: list[str] = Field(description="Ids of the agents who have heard it.")
    offer: OfferInfo | None = None
    bid: dict[str, Any] | None = None


class BudgetInfo(BaseModel):
    """The buyer's budget; only the buyer and the operator see it."""

    min: Amount
    max: Amount
    remaining: Amount


class RoomState(BaseModel):
    """A room as one viewer may see it."""

    room_id: str
    session_id: str
    item_id: str
    item_name: str
    quantity_needed: int
    buyer_name: str
    currency: str
    status: RoomStatus
    reason: str | None
    current_round: int
    max_rounds: int
    position: str = Field(description="The stream id up to which this state tells all.")
    conversation_history: list[ConversationMessage]
    current_offers: dict[str, StandingOffer]
    participating_sellers: list[ParticipatingSeller]
    buyer_budget: BudgetInfo | None
    outcome: dict[str, Any] | None = Field(description="The data of `negotiation_complete`, once the room has ended.")


class ArchivedSessionInfo(BaseModel):
    """The logs that are kept of a session."""

    session_id: str
    room_ids: list[str]
    has_summary: bool
    saved_at: Moment


class LogList(BaseModel):
    """A page of sessions with logs, newest first."""

    logs: list[ArchivedSessionInfo]
    next_after: str | None


class Me(BaseModel):
    """Who the caller is here, and what holds for it."""

    mode: str
    user: str
    limits: dict[str, Any]
