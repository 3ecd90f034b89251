"""What the assistant's tools do: the one place where it meets the catalogue, the market and the books.

Each tool sees what belongs to its errand's owner and nothing else, whatever a mind wishes for.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

from chaffer.assistant.results import Result
from chaffer.assistant.toolbox import Announced, Errand
from chaffer.assistant.tools import (
    AcceptOffer,
    CompareProducts,
    GetInvoice,
    GetProduct,
    ListInvoices,
    ListPurchases,
    NegotiationStatus,
    OpenNegotiation,
    PayInvoice,
    RememberPreference,
    SearchProducts,
    SpendingSummary,
    WalkAway,
    Wish,
)
from chaffer.toolbox.book_tools import BookTools
from chaffer.toolbox.negotiation_tools import NegotiationTools
from chaffer.toolbox.product_tools import ProductTools


@dataclass(frozen=True, slots=True)
class Tools:
    """The tools over their parts."""

    products: ProductTools
    negotiations: NegotiationTools
    books: BookTools

    async def announced(self, errand: Errand, wish: Wish) -> Announced:
        """Return what a wish that commits money would do, as a question. Raises ChafferError when it cannot be done."""
        return await _ANNOUNCE[type(wish)](self, errand, wish)

    async def carry_out(self, errand: Errand, wish: Wish) -> Result:
        """Do it and return what came of it; again with the same `call_id`, it changes nothing more."""
        return await _CARRY_OUT[type(wish)](self, errand, wish)


_Announce = Callable[[Tools, Errand, Any], Awaitable[Announced]]
_CarryOut = Callable[[Tools, Errand, Any], Awaitable[Result]]

_ANNOUNCE: Final[dict[type[Wish], _Announce]] = {
    OpenNegotiation: lambda tools, errand, wish: tools.negotiations.announced_opening(errand, wish),
    AcceptOffer: lambda tools, errand, wish: tools.negotiations.announced_accepting(errand, wish),
    PayInvoice: lambda tools, errand, wish: tools.books.announced_paying(errand, wish),
}
_CARRY_OUT: Final[dict[type[Wish], _CarryOut]] = {
    SearchProducts: lambda tools, errand, wish: tools.products.search(errand, wish),
    GetProduct: lambda tools, _, wish: tools.products.show(wish),
    CompareProducts: lambda tools, _, wish: tools.products.compare(wish),
    RememberPreference: lambda tools, errand, wish: tools.products.remember(errand, wish),
    OpenNegotiation: lambda tools, errand, wish: tools.negotiations.open(errand, wish),
    NegotiationStatus: lambda tools, errand, wish: tools.negotiations.status(errand, wish),
    AcceptOffer: lambda tools, errand, wish: tools.negotiations.accept(errand, wish),
    WalkAway: lambda tools, errand, wish: tools.negotiations.walk_away(errand, wish),
    ListInvoices: lambda tools, errand, wish: tools.books.list_invoices(errand, wish),
    GetInvoice: lambda tools, errand, wish: tools.books.show_invoice(errand, wish),
    PayInvoice: lambda tools, errand, wish: tools.books.pay(errand, wish),
    ListPurchases: lambda tools, errand, wish: tools.books.list_purchases(errand, wish),
    SpendingSummary: lambda tools, errand, wish: tools.books.sum_up(errand, wish),
}
