"""Results of tools for tests of the built-in supervisor: keyboards that were found, invoices, a negotiation."""

from __future__ import annotations

from datetime import date
from typing import Final

from chaffer.assistant.chat import Outcome
from chaffer.assistant.events import Line, Role
from chaffer.assistant.questions import Context, WorkQuestion
from chaffer.assistant.results import (
    InvoiceBrief,
    InvoicesListed,
    NegotiationsStanding,
    NegotiationStarted,
    ProductBrief,
    ProductsFound,
    RoomStanding,
    StandingOffer,
)
from chaffer.assistant.tools import ListInvoices, NegotiationStatus, OpenNegotiation, SearchProducts, Specialist

TODAY: Final = date(2026, 11, 20)


def keyboard(number: int, name: str, brand: str, price_minor: int) -> ProductBrief:
    """Return a keyboard `p1`, `p2`, …"""
    traits = {"quiet": "yes", "switch": "membrane", "backlit": "no"}
    return ProductBrief(f"p{number}", name, brand, "Keyboards", price_minor, "USD", 4.5, 9, traits, 0.8)


def invoice(number: int, status: str, seller: str = "Bargain Barn") -> InvoiceBrief:
    """Return an invoice of November, over $50.00."""
    named = f"INV-2026-00000{number}"
    return InvoiceBrief(f"i{number}", named, status, date(2026, 11, number), seller, "Mouse", 2, 5_000, "USD")


KEYBOARDS: Final = (
    keyboard(1, "Cherry KC 1000", "Cherry", 1_799),
    keyboard(2, "Logitech MX Keys", "Logitech", 9_900),
    keyboard(3, "Corsair K70 Silent", "Corsair", 12_399),
)
FOUND: Final = Outcome("c1", Specialist.SHOPPING, SearchProducts("quiet keyboard"), ProductsFound(KEYBOARDS, 3))
INVOICES: Final = Outcome(
    "c2",
    Specialist.BILLING,
    ListInvoices(),
    InvoicesListed(
        (invoice(8, "issued", "Northlight"), invoice(7, "paid"), invoice(3, "issued")), more=False,
        total_minor=15_000, unpaid_minor=10_000, currency="USD",
    ),
)  # fmt: skip
STARTED: Final = NegotiationStarted("room_1", "session_1", "p1", "Cherry KC 1000", 2, 3_598, 1_799, "USD")
OPENED: Final = Outcome("c3", Specialist.NEGOTIATION, OpenNegotiation("p1", 2), STARTED)
STANDING: Final = RoomStanding(
    "room_1", "Cherry KC 1000", 2, "active", 3, "USD",
    (StandingOffer("Pixel Street", 1_600, 2), StandingOffer("Northlight", 1_650, 2)),
)  # fmt: skip
STATUS: Final = Outcome("c4", Specialist.NEGOTIATION, NegotiationStatus(), NegotiationsStanding((STANDING,)))


def context(
    text: str, *outcomes: Outcome, rooms: tuple[NegotiationStarted, ...] = (), answered: str = "", turn: int = 1
) -> Context:
    """Return the context of words that were said after these results; `answered` was said last."""
    history = (Line(Role.ASSISTANT, answered),) if answered else ()
    return Context("chat", turn, 7, text, history, None, outcomes, rooms, TODAY, "USD")


def work(
    at: Context, specialist: Specialist, *done: Outcome, request: str | None = None, alone: bool = True
) -> WorkQuestion:
    """Return what a specialist is asked about all that was said, or a part of it."""
    return WorkQuestion(at, specialist, request or at.text, done, 12, alone)
