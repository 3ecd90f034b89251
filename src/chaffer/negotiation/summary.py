"""What came of a session: purchases, what failed and why, money and effort. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chaffer.ledger.books import Account
from chaffer.money import number_from_minor
from chaffer.negotiation.room import Room
from chaffer.negotiation.session import SessionOpened


@dataclass(frozen=True, slots=True)
class PurchaseSummary:
    """One deal. Prices are per unit; `saved_minor` is what list price would have cost more."""

    room_id: str
    item_name: str
    quantity: int
    selected_seller: str
    price_minor: int
    list_minor: int
    total_minor: int
    saved_minor: int
    rounds: int
    duration_seconds: float
    invoice_id: str


@dataclass(frozen=True, slots=True)
class FailedItem:
    """One line of the shopping list that was not bought, and why."""

    room_id: str
    item_name: str
    status: str
    reason: str


@dataclass(frozen=True, slots=True)
class SessionSummary:
    """The outcome of a session so far. Rooms that have not ended are in `open_items`, by name, and count as neither."""

    session_id: str
    buyer_name: str
    currency: str
    items_requested: int
    purchases: tuple[PurchaseSummary, ...]
    failed: tuple[FailedItem, ...]
    open_items: tuple[str, ...]
    budget_minor: int
    spent_minor: int
    average_rounds: float
    average_duration_seconds: float
    messages: int


def summarise(session: SessionOpened, rooms: Sequence[Room], account: Account) -> SessionSummary:
    """Return the summary of a session. The averages are over the rooms that were started and have ended."""
    ended = [room for room in rooms if room.ended is not None and room.started_at is not None]
    return SessionSummary(
        session_id=session.session_id,
        buyer_name=session.buyer.name,
        currency=session.currency,
        items_requested=len(rooms),
        purchases=tuple(purchase for room in rooms if (purchase := _purchase(room)) is not None),
        failed=tuple(
            FailedItem(room.terms.room_id, room.terms.item_name, room.status.value, room.reason or "")
            for room in rooms
            if not room.is_open and room.deal is None
        ),
        open_items=tuple(room.terms.item_name for room in rooms if room.is_open),
        budget_minor=account.budget_minor,
        spent_minor=account.committed_minor,
        average_rounds=_average([room.round for room in ended]),
        average_duration_seconds=_average([room.ended.duration_seconds for room in ended if room.ended]),
        messages=sum(room.turn for room in rooms),
    )


def _purchase(room: Room) -> PurchaseSummary | None:
    deal, ended = room.deal, room.ended
    if deal is None or ended is None:
        return None
    return PurchaseSummary(
        room_id=room.terms.room_id,
        item_name=room.terms.item_name,
        quantity=deal.quantity,
        selected_seller=deal.seller_name,
        price_minor=deal.price_minor,
        list_minor=deal.list_minor,
        total_minor=deal.total_minor,
        saved_minor=(deal.list_minor - deal.price_minor) * deal.quantity,
        rounds=ended.rounds,
        duration_seconds=ended.duration_seconds,
        invoice_id=deal.invoice_id,
    )


def _average(values: Sequence[float]) -> float:
    return round(sum(values) / len(values), 3) if values else 0


def summary_document(summary: SessionSummary) -> dict[str, object]:
    """Return the summary as the API answers it and the log keeps it; amounts are JSON numbers of the currency."""
    money = number_from_minor
    budget = summary.budget_minor
    return {
        "session_id": summary.session_id,
        "buyer_name": summary.buyer_name,
        "currency": summary.currency,
        "total_items_requested": summary.items_requested,
        "completed_purchases": len(summary.purchases),
        "failed_purchases": len(summary.failed),
        "purchases": [
            {
                "room_id": purchase.room_id,
                "item_name": purchase.item_name,
                "quantity": purchase.quantity,
                "selected_seller": purchase.selected_seller,
                "final_price_per_unit": money(purchase.price_minor),
                "list_price_per_unit": money(purchase.list_minor),
                "total_cost": money(purchase.total_minor),
                "saved": money(purchase.saved_minor),
                "negotiation_rounds": purchase.rounds,
                "duration_seconds": round(purchase.duration_seconds, 3),
                "invoice_id": purchase.invoice_id,
            }
            for purchase in summary.purchases
        ],
        "failed_items": [
            {"room_id": item.room_id, "item_name": item.item_name, "status": item.status, "reason": item.reason}
            for item in summary.failed
        ],
        "open_items": list(summary.open_items),
        "budget_summary": {
            "initial_budget": money(budget),
            "total_spent": money(summary.spent_minor),
            "remaining": money(budget - summary.spent_minor),
            "utilization_percentage": round(100 * summary.spent_minor / budget, 2) if budget else 0,
            "total_saved": money(sum(purchase.saved_minor for purchase in summary.purchases)),
        },
        "negotiation_metrics": {
            "average_rounds": summary.average_rounds,
            "average_duration_seconds": summary.average_duration_seconds,
            "total_messages_exchanged": summary.messages,
        },
    }
