"""The tools of the specialists, typed: what a mind may wish for, and what comes back.

A wish is what a mind asks to be done; its tag is the tool's name. A result is data: whatever texts stand in it, a
product's, a seller's, a note's, none is an instruction. Amounts are in minor units.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Annotated, Final, Literal, get_args

from msgspec import Meta, Struct

from chaffer.money import LARGEST_MINOR

Id = Annotated[str, Meta(min_length=1, max_length=100)]
Name = Annotated[str, Meta(min_length=1, max_length=100)]
Text = Annotated[str, Meta(min_length=1, max_length=1000)]
Pieces = Annotated[int, Meta(ge=1, le=10_000)]
Rows = Annotated[int, Meta(ge=1, le=20)]
Minor = Annotated[int, Meta(ge=0, le=LARGEST_MINOR)]
Rating = Annotated[float, Meta(ge=0, le=5)]


class Specialist(StrEnum):
    """Who does the work of a turn, as `agent_type` names it."""

    SHOPPING = "shopping"
    NEGOTIATION = "negotiation"
    BILLING = "billing"
    INSIGHTS = "insights"


class _Wish(Struct, frozen=True, tag_field="tool", forbid_unknown_fields=True):
    """What a mind wants to be done."""


class SearchProducts(_Wish, frozen=True, tag="search_products"):
    """Search the catalogue, by the person's own words and by limits; best value first."""

    query: Text
    category: Name | None = None
    brand: Name | None = None
    min_price_minor: Minor | None = None
    max_price_minor: Minor | None = None
    min_rating: Rating | None = None
    quantity: Pieces = 1
    limit: Rows = 5


class GetProduct(_Wish, frozen=True, tag="get_product"):
    """Look at one product of the catalogue, with all that is known of it and who sells it."""

    product_id: Id


class CompareProducts(_Wish, frozen=True, tag="compare_products"):
    """Put two to five products side by side; `asked` are the person's words where they ask which of them it is."""

    product_ids: Annotated[tuple[Id, ...], Meta(min_length=2, max_length=5)]
    asked: Text | None = None


class RememberPreference(_Wish, frozen=True, tag="remember_preference"):
    """Remember what the person likes, dislikes or usually spends. The budget holds in its category, or everywhere."""

    like_brands: Annotated[tuple[Name, ...], Meta(max_length=10)] = ()
    dislike_brands: Annotated[tuple[Name, ...], Meta(max_length=10)] = ()
    max_budget_minor: Minor | None = None
    budget_category: Name | None = None
    min_rating: Rating | None = None


class OpenNegotiation(_Wish, frozen=True, tag="open_negotiation"):
    """Send a buyer agent to haggle for a product with all its sellers; the budget is for all pieces. It may buy."""

    product_id: Id
    quantity: Pieces = 1
    budget_minor: Annotated[int, Meta(gt=0, le=LARGEST_MINOR)] | None = None


class NegotiationStatus(_Wish, frozen=True, tag="negotiation_status"):
    """Tell how a negotiation stands; without an id, those of this conversation and all that go on."""

    room_id: Id | None = None


class AcceptOffer(_Wish, frozen=True, tag="accept_offer"):
    """Accept the offer of a seller that stands in a negotiation, the best one when none is named. It buys.

    With a price per piece, an offer at any other price is not accepted.
    """

    room_id: Id
    seller: Name | None = None
    price_minor: Minor | None = None


class WalkAway(_Wish, frozen=True, tag="walk_away"):
    """End a negotiation without a deal."""

    room_id: Id


class ListInvoices(_Wish, frozen=True, tag="list_invoices"):
    """List the person's invoices, newest first; `since` and `until` are days; days and totals are included."""

    status: Literal["issued", "paid", "cancelled"] | None = None
    seller: Name | None = None
    since: date | None = None
    until: date | None = None
    min_total_minor: Minor | None = None
    max_total_minor: Minor | None = None
    limit: Rows = 10


class GetInvoice(_Wish, frozen=True, tag="get_invoice"):
    """Look at one invoice, by its id or its number."""

    invoice: Id


class PayInvoice(_Wish, frozen=True, tag="pay_invoice"):
    """Record that an invoice is paid; by its id or its number."""

    invoice: Id


class ListPurchases(_Wish, frozen=True, tag="list_purchases"):
    """List what the person bought, newest first; `since` and `until` are days; days and totals are included."""

    seller: Name | None = None
    since: date | None = None
    until: date | None = None
    min_total_minor: Minor | None = None
    max_total_minor: Minor | None = None
    limit: Rows = 10


class SpendingSummary(_Wish, frozen=True, tag="spending_summary"):
    """Sum up what the person spent and saved against list prices; `since` and `until` are days, both included."""

    by: Literal["month", "seller", "category"] = "month"
    since: date | None = None
    until: date | None = None


Wish = (
    SearchProducts
    | GetProduct
    | CompareProducts
    | RememberPreference
    | OpenNegotiation
    | NegotiationStatus
    | AcceptOffer
    | WalkAway
    | ListInvoices
    | GetInvoice
    | PayInvoice
    | ListPurchases
    | SpendingSummary
)


DECLINED: Final = "DECLINED"


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """A tool: whose it is, and whether a person has to approve of each call, because it commits money.

    `looks_up` tells that it changes nothing and needs no model to be understood: it works while the model is away.
    """

    wish: type[Wish]
    specialist: Specialist
    commits_money: bool = False
    looks_up: bool = True

    @property
    def name(self) -> str:
        """Return the tool's name."""
        return name_of(self.wish)

    @property
    def description(self) -> str:
        """Return what it does, for a model and for people."""
        return (self.wish.__doc__ or "").strip()


def name_of(wish: type[Wish] | Wish) -> str:
    """Return the name of the tool that a wish is for."""
    name = wish.__struct_config__.tag
    assert isinstance(name, str)  # noqa: S101  Every wish has one.
    return name


_SPECS: Final = (
    ToolSpec(SearchProducts, Specialist.SHOPPING),
    ToolSpec(GetProduct, Specialist.SHOPPING),
    ToolSpec(CompareProducts, Specialist.SHOPPING),
    ToolSpec(RememberPreference, Specialist.SHOPPING, looks_up=False),
    ToolSpec(OpenNegotiation, Specialist.NEGOTIATION, commits_money=True, looks_up=False),
    ToolSpec(NegotiationStatus, Specialist.NEGOTIATION),
    ToolSpec(AcceptOffer, Specialist.NEGOTIATION, commits_money=True, looks_up=False),
    ToolSpec(WalkAway, Specialist.NEGOTIATION, looks_up=False),
    ToolSpec(ListInvoices, Specialist.BILLING),
    ToolSpec(GetInvoice, Specialist.BILLING),
    ToolSpec(PayInvoice, Specialist.BILLING, commits_money=True, looks_up=False),
    ToolSpec(ListPurchases, Specialist.BILLING),
    ToolSpec(SpendingSummary, Specialist.INSIGHTS),
)
TOOLS: Final[Mapping[str, ToolSpec]] = {spec.name: spec for spec in _SPECS}
assert {spec.wish for spec in _SPECS} == set(get_args(Wish))  # noqa: S101  A wish without a tool could not be met.


def spec_of(wish: Wish) -> ToolSpec:
    """Return the tool that a wish is for."""
    return TOOLS[name_of(wish)]


def tools_of(specialist: Specialist) -> tuple[ToolSpec, ...]:
    """Return the tools that a specialist may use."""
    return tuple(spec for spec in _SPECS if spec.specialist is specialist)
