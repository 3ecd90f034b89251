"""What is told of a negotiation to whoever sent a buyer to it. Pure."""

from __future__ import annotations

from chaffer.money import formatted
from chaffer.shopping.events import NegotiationConcluded, NegotiationOpened
from chaffer.shopping.haggling import Outcome


def told(outcome: Outcome, product_name: str) -> str:
    """Return how a negotiation ended, as an assistant tells it: with a deal, in the words of its invoice."""
    invoice = outcome.invoice
    if invoice is None:
        return f"No deal for {product_name}: {outcome.reason} Nothing was bought."
    quantity = sum(line.quantity for line in invoice.lines)
    pieces = f"{quantity} × " if quantity > 1 else ""
    total, saved = (formatted(minor, invoice.currency) for minor in (invoice.total_minor, invoice.saved_minor))
    saving = f", {saved} below its list price" if invoice.saved_minor > 0 else ""
    return (
        f"Deal! {invoice.seller_name} sells you {pieces}{product_name} for {total}{saving}. "
        f"The invoice is {invoice.number}."
    )


def concluded(opened: NegotiationOpened, outcome: Outcome, message_id: str) -> NegotiationConcluded:
    """Return the news of a negotiation for the thread that opened it."""
    invoice, text = outcome.invoice, told(outcome, opened.product_name)
    if invoice is None:
        return NegotiationConcluded(opened.room_id, message_id, text, outcome.status)
    return NegotiationConcluded(
        room_id=opened.room_id,
        message_id=message_id,
        text=text,
        status=outcome.status,
        seller_name=invoice.seller_name,
        total_minor=invoice.total_minor,
        saved_minor=invoice.saved_minor,
        invoice_id=invoice.invoice_id,
        invoice_number=invoice.number,
    )
