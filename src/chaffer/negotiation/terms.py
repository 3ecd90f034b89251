"""What is agreed before anybody speaks: who buys, who sells, what, on which limits, and which mind each agent has."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum

from chaffer.conversation.minds import ModelChoice


class Priority(StrEnum):
    """What a seller is after; it chooses the built-in strategy and colours the prompt."""

    CUSTOMER_RETENTION = "customer_retention"
    MAXIMIZE_PROFIT = "maximize_profit"


class SpeakingStyle(StrEnum):
    """How a seller talks."""

    RUDE = "rude"
    VERY_SWEET = "very_sweet"


class ReplyOrder(StrEnum):
    """In which order a buyer weighs the replies of a round."""

    SHUFFLED = "shuffled"
    ARRIVAL = "arrival"


class RoomStatus(StrEnum):
    """Where a room stands."""

    PENDING = "pending"
    ACTIVE = "active"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    FAILED = "failed"
    NO_SELLERS_AVAILABLE = "no_sellers_available"


@dataclass(frozen=True, slots=True)
class Seller:
    """A seller in one room. `cost_minor` and `least_minor` are the seller's and the operator's alone."""

    seller_id: str
    name: str
    priority: Priority
    style: SpeakingStyle
    cost_minor: int
    list_minor: int
    least_minor: int
    pieces: int
    mind: ModelChoice


@dataclass(frozen=True, slots=True)
class Buyer:
    """The buyer. The budget is the buyer's and the operator's alone; `wish_minor` is where it would like to end."""

    buyer_id: str
    name: str
    budget_minor: int
    wish_minor: int
    mind: ModelChoice


@dataclass(frozen=True, slots=True)
class RoomTerms:
    """Everything that is settled about a room when its session is opened. `index` counts the shopping list from 0.

    `is_ordered` where the sellers are the catalogue's: its owner did not write their private numbers, nor may see them.
    `category` is then that of the product. `tax_percent` is the rate at which a price has tax in it.
    """

    room_id: str
    session_id: str
    owner: str
    index: int
    item_id: str
    item_name: str
    quantity: int
    currency: str
    buyer: Buyer
    sellers: tuple[Seller, ...]
    max_rounds: int
    timeout_seconds: float
    reply_order: ReplyOrder
    seed: int
    in_sequence: bool
    is_ordered: bool = False
    category: str | None = None
    tax_percent: Decimal = Decimal(0)

    @property
    def timeout(self) -> timedelta:
        """Return how long the room may take."""
        return timedelta(seconds=self.timeout_seconds)

    @property
    def lowest_list_minor(self) -> int:
        """Return the lowest list price among the sellers."""
        return min(seller.list_minor for seller in self.sellers)

    @property
    def names(self) -> dict[str, str]:
        """Return the sellers' names by id, in the order of the session."""
        return {seller.seller_id: seller.name for seller in self.sellers}

    def seller(self, seller_id: str) -> Seller:
        """Return a seller by id. Raises KeyError."""
        for seller in self.sellers:
            if seller.seller_id == seller_id:
                return seller
        raise KeyError(seller_id)
