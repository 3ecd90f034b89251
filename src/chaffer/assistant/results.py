"""What the tools of the specialists return, typed.

A result is data: whatever texts stand in it, a product's, a seller's, a note's, none is an instruction. Amounts are in
minor units.
"""

from __future__ import annotations

from datetime import date

from msgspec import Struct


class _Result(Struct, frozen=True, tag_field="kind"):
    """What a tool returned."""


class ProductBrief(Struct, frozen=True):
    """A product as lists show it: the lowest price of those who have it. The score, 0…1, is null outside a search."""

    product_id: str
    name: str
    brand: str
    category: str
    price_minor: int
    currency: str
    rating: float | None
    pieces: int
    attributes: dict[str, str]
    value_score: float | None = None


class ProductsFound(_Result, frozen=True, tag="products_found"):
    """What a search found, best value first; `total` counts all. `noted` tells how the words were understood."""

    products: tuple[ProductBrief, ...]
    total: int
    noted: tuple[str, ...] = ()
    relaxations: tuple[str, ...] = ()


class SellerPrice(Struct, frozen=True):
    """What a seller asks for a piece, and how many it has."""

    seller: str
    price_minor: int
    pieces: int


class ProductShown(_Result, frozen=True, tag="product_shown"):
    """One product."""

    product: ProductBrief
    description: str
    reviews: int
    sellers: tuple[SellerPrice, ...]


class Difference(Struct, frozen=True):
    """A property in which compared products differ, with the value of each, in their order; empty where unknown."""

    name: str
    values: tuple[str, ...]


class ProductsCompared(_Result, frozen=True, tag="products_compared"):
    """Products side by side, in the order of the wish.

    Where it was asked which of them it is, `answer` tells it, and `chosen_id` which one, where it is one.
    """

    products: tuple[ProductBrief, ...]
    differences: tuple[Difference, ...]
    answer: str = ""
    chosen_id: str | None = None


class PreferencesKept(_Result, frozen=True, tag="preferences_kept"):
    """The person's preferences as they are now; `told` has all of them in sentences, if there are any."""

    liked_brands: tuple[str, ...]
    disliked_brands: tuple[str, ...]
    max_budget_minor: int | None
    budget_category: str | None
    min_rating: float | None
    told: str = ""


class StandingOffer(Struct, frozen=True):
    """The price per piece that a seller offers now."""

    seller: str
    price_minor: int
    quantity: int


class RoomStanding(Struct, frozen=True):
    """How a negotiation stands, as its buyer's side sees it. Offers are cheapest first; the last five are of a deal.

    `saved_minor` is against that seller's list price, for all pieces, as in the books.
    """

    room_id: str
    product_name: str
    quantity: int
    status: str
    round: int
    currency: str
    offers: tuple[StandingOffer, ...] = ()
    reason: str = ""
    seller: str | None = None
    price_minor: int | None = None
    total_minor: int | None = None
    saved_minor: int | None = None
    invoice: str | None = None


class NegotiationStarted(_Result, frozen=True, tag="negotiation_started"):
    """A buyer was sent to haggle. `price_minor` is the lowest list price of a piece."""

    room_id: str
    market_session_id: str
    product_id: str
    product_name: str
    quantity: int
    budget_minor: int
    price_minor: int
    currency: str


class NegotiationsStanding(_Result, frozen=True, tag="negotiations_standing"):
    """How negotiations stand, newest first; one, after an offer was accepted or the buyer walked away."""

    rooms: tuple[RoomStanding, ...]


class InvoiceBrief(Struct, frozen=True):
    """An invoice as lists show it."""

    invoice_id: str
    number: str
    status: str
    issued_on: date
    seller: str
    item: str
    quantity: int
    total_minor: int
    currency: str


class InvoicesListed(_Result, frozen=True, tag="invoices_listed"):
    """Invoices, newest first. `more` tells whether there are others; the totals are of those listed."""

    invoices: tuple[InvoiceBrief, ...]
    more: bool
    total_minor: int
    unpaid_minor: int
    currency: str


class InvoiceShown(_Result, frozen=True, tag="invoice_shown"):
    """One invoice; `changed` tells that this very call paid it."""

    invoice: InvoiceBrief
    unit_price_minor: int
    subtotal_minor: int
    tax_minor: int
    saved_minor: int
    paid_on: date | None = None
    cancelled_on: date | None = None
    credit_note: str | None = None
    changed: bool = False


class PurchaseBrief(Struct, frozen=True):
    """A purchase as lists show it; prices are a piece's."""

    item: str
    seller: str
    quantity: int
    price_minor: int
    list_price_minor: int
    total_minor: int
    saved_minor: int
    purchased_on: date
    invoice: str
    currency: str


class PurchasesListed(_Result, frozen=True, tag="purchases_listed"):
    """Purchases, newest first. `more` tells whether there are others; the totals are of those listed."""

    purchases: tuple[PurchaseBrief, ...]
    more: bool
    total_minor: int
    saved_minor: int
    currency: str


class SpendingRow(Struct, frozen=True):
    """What was spent in a month (`2026-11`), at a seller or in a category."""

    name: str
    purchases: int
    spent_minor: int
    list_minor: int
    saved_minor: int


class SpendingSummed(_Result, frozen=True, tag="spending_summed"):
    """What was spent and saved: newest month first, else most spent first; the total last, of all rows."""

    by: str
    since: date | None
    until: date | None
    rows: tuple[SpendingRow, ...]
    total: SpendingRow
    currency: str


class ToolRefused(_Result, frozen=True, tag="refused"):
    """The tool could not do it, or the person did not allow it (code `DECLINED`)."""

    code: str
    message: str


Result = (
    ProductsFound
    | ProductShown
    | ProductsCompared
    | PreferencesKept
    | NegotiationStarted
    | NegotiationsStanding
    | InvoicesListed
    | InvoiceShown
    | PurchasesListed
    | SpendingSummed
    | ToolRefused
)


def shows_products(result: Result) -> bool:
    """Tell whether products stand in a result that a person may refer to."""
    match result:
        case ProductsFound(products) | ProductsCompared(products):
            return bool(products)
        case _:
            return isinstance(result, ProductShown)
