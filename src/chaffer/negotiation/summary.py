"""What came of a session: purchases, what failed and why, money and effort. Pure.

The documents are those that the API answers and the archive keeps: amounts are numbers of the currency.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chaffer.ledger.books import Account
from chaffer.money import number_from_minor, percent
from chaffer.negotiation.room import Room
from chaffer.negotiation.session import SessionOpened


@dataclass(frozen=True, slots=True)
class BoughtItem:
    """One deal. Prices are per unit; `saved` is what list price would have cost more, in all.

    `corrections` is the room's.
    """

    room_id: str
    item_name: str
    quantity: int
    selected_seller: str
    final_price_per_unit: float
    list_price_per_unit: float
    total_cost: float
    saved: float
    negotiation_rounds: int
    duration_seconds: float
    invoice_id: str
    corrections: int


@dataclass(frozen=True, slots=True)
class FailedItem:
    """One line of the shopping list that was not bought, and why. `corrections` is as in `BoughtItem`."""

    room_id: str
    item_name: str
    status: str
    reason: str
    corrections: int


@dataclass(frozen=True, slots=True)
class BudgetSummary:
    """The money of the session."""

    initial_budget: float
    total_spent: float
    remaining: float
    utilization_percentage: float
    total_saved: float


@dataclass(frozen=True, slots=True)
class NegotiationMetrics:
    """The effort, averaged over the rooms that were started and have ended."""

    average_rounds: float
    average_duration_seconds: float
    total_messages_exchanged: int


@dataclass(frozen=True, slots=True)
class SessionSummary:
    """The outcome of a session so far. Rooms that have not ended are in `open_items`, by name, and count as neither."""

    session_id: str
    buyer_name: str
    currency: str
    total_items_requested: int
    completed_purchases: int
    failed_purchases: int
    purchases: tuple[BoughtItem, ...]
    failed_items: tuple[FailedItem, ...]
    open_items: tuple[str, ...]
    budget_summary: BudgetSummary
    negotiation_metrics: NegotiationMetrics


def summarise(session: SessionOpened, rooms: Sequence[Room], account: Account) -> SessionSummary:
    """Return the summary of a session."""
    purchases = tuple(bought for room in rooms if (bought := _bought(room)) is not None)
    failed = tuple(
        FailedItem(room.terms.room_id, room.terms.item_name, room.status.value, room.reason or "", room.corrections)
        for room in rooms
        if not room.is_open and room.deal is None
    )
    return SessionSummary(
        session_id=session.session_id,
        buyer_name=session.buyer.name,
        currency=session.currency,
        total_items_requested=len(rooms),
        completed_purchases=len(purchases),
        failed_purchases=len(failed),
        purchases=purchases,
        failed_items=failed,
        open_items=tuple(room.terms.item_name for room in rooms if room.is_open),
        budget_summary=_budget(account, sum(map(_saved_minor, rooms))),
        negotiation_metrics=_metrics(rooms),
    )


def _bought(room: Room) -> BoughtItem | None:
    deal, ended = room.deal, room.ended
    if deal is None or ended is None:
        return None
    return BoughtItem(
        room_id=room.terms.room_id,
        item_name=room.terms.item_name,
        quantity=deal.quantity,
        selected_seller=deal.seller_name,
        final_price_per_unit=number_from_minor(deal.price_minor),
        list_price_per_unit=number_from_minor(deal.list_minor),
        total_cost=number_from_minor(deal.total_minor),
        saved=number_from_minor(_saved_minor(room)),
        negotiation_rounds=ended.rounds,
        duration_seconds=round(ended.duration_seconds, 3),
        invoice_id=deal.invoice_id,
        corrections=room.corrections,
    )


def _saved_minor(room: Room) -> int:
    return 0 if room.deal is None else (room.deal.list_minor - room.deal.price_minor) * room.deal.quantity


def _budget(account: Account, saved_minor: int) -> BudgetSummary:
    budget, spent = account.budget_minor, account.committed_minor
    return BudgetSummary(
        initial_budget=number_from_minor(budget),
        total_spent=number_from_minor(spent),
        remaining=number_from_minor(budget - spent),
        utilization_percentage=percent(spent, budget),
        total_saved=number_from_minor(saved_minor),
    )


def _metrics(rooms: Sequence[Room]) -> NegotiationMetrics:
    ended = [room for room in rooms if room.ended is not None and room.started_at is not None]
    return NegotiationMetrics(
        average_rounds=_average([room.round for room in ended]),
        average_duration_seconds=_average([room.ended.duration_seconds for room in ended if room.ended]),
        total_messages_exchanged=sum(room.turn for room in rooms),
    )


def _average(values: Sequence[float]) -> float:
    return round(sum(values) / len(values), 3) if values else 0
