"""What a thread is told of a negotiation that it sent a buyer to. Pure."""

from __future__ import annotations

from chaffer.money import formatted
from chaffer.shopping.events import NegotiationConcluded, NegotiationOpened
from chaffer.shopping.haggling import Outcome


def concluded(opened: NegotiationOpened, outcome: Outcome, message_id: str, currency: str) -> NegotiationConcluded:
    """Return the news of a negotiation, as the assistant tells it."""
    if outcome.total_minor is None or outcome.list_minor is None:
        text = f"No deal for {opened.product_name}: {outcome.reason} Nothing was bought."
        return NegotiationConcluded(opened.room_id, message_id, text, outcome.status)
    quantity = outcome.quantity or opened.quantity
    saved = outcome.list_minor * quantity - outcome.total_minor
    pieces = f"{quantity} × " if quantity > 1 else ""
    saving = f", {formatted(saved, currency)} below the lowest list price" if saved > 0 else ""
    return NegotiationConcluded(
        room_id=opened.room_id,
        message_id=message_id,
        text=f"Deal! {outcome.seller_name} sells you {pieces}{opened.product_name} for "
        f"{formatted(outcome.total_minor, currency)}{saving}. The invoice is {outcome.invoice_id}.",
        status=outcome.status,
        seller_name=outcome.seller_name,
        total_minor=outcome.total_minor,
        saved_minor=saved,
        invoice_id=outcome.invoice_id,
    )
