"""What is told of a negotiation to whoever sent a buyer to it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

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


def told_again(
    going_on: Iterable[NegotiationOpened], news: NegotiationConcluded | None, currency: str
) -> Iterator[str]:
    """Yield what comes of the negotiations of a thread, for who asks: those that go on, and how the last one ended."""
    for opened in going_on:
        budget = formatted(opened.budget_minor, currency)
        yield f"A buyer still haggles for {opened.product_name}, for {budget} at most; I tell you how that ends."
    if news is not None:
        yield f"This is how your last negotiation ended: {news.text}"
        if news.saved_minor is not None and news.saved_minor <= 0:
            yield "That is its list price, so nothing was saved."


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
