"""What tools returned before, as a person refers to it: `the second one`, `that invoice`, `it`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from chaffer.assistant.chat import Outcome
from chaffer.assistant.questions import Context
from chaffer.assistant.results import (
    InvoiceBrief,
    InvoiceShown,
    InvoicesListed,
    NegotiationsStanding,
    NegotiationStarted,
    PreferencesKept,
    ProductBrief,
    ProductsCompared,
    ProductsFound,
    ProductShown,
    PurchasesListed,
    Result,
    RoomStanding,
    ToolRefused,
    shows_products,
)
from chaffer.assistant.tools import SearchProducts, Specialist

ACTIVE: Final = frozenset({"active", "pending"})
"""The states of a negotiation that goes on."""


@dataclass(frozen=True, slots=True)
class Room:
    """A negotiation that goes on, as far as it is known here."""

    room_id: str
    product_name: str


@dataclass(frozen=True, slots=True)
class Memory:
    """Results of this conversation, oldest first, and the negotiations that it opened and that go on.

    `looked_up` tells that what had to be looked up for the words at hand is the last result.
    """

    outcomes: tuple[Outcome, ...]
    context: Context
    looked_up: bool = False

    def with_outcome(self, outcome: Outcome) -> Memory:
        """Return the memory with one more result."""
        return Memory((*self.outcomes, outcome), self.context)

    @property
    def topic(self) -> Specialist | None:
        """Return whose result is the last one that shows something."""
        return next((outcome.specialist for outcome in self._newest() if _shows(outcome.result)), None)

    @property
    def listed(self) -> Specialist | None:
        """Return whose result is the last one that has places to point at."""
        return next((outcome.specialist for outcome in self._newest() if _has_places(outcome.result)), None)

    @property
    def products(self) -> tuple[ProductBrief, ...]:
        """Return the products of the last list, in its order; the one product where no list was shown."""
        single: tuple[ProductBrief, ...] = ()
        for result in self._results():
            match result:
                case ProductsFound(products) | ProductsCompared(products) if products:
                    return products
                case ProductShown(product):
                    single = single or (product,)
                case _:
                    pass
        return single

    @property
    def product(self) -> ProductBrief | None:
        """Return the product that was spoken of last: the one shown or asked for, or the best of a list."""
        for result in self._results():
            match result:
                case ProductsCompared(products, chosen_id=chosen_id) if products:
                    return next((one for one in products if one.product_id == chosen_id), products[0])
                case ProductsFound(products) if products:
                    return products[0]
                case ProductShown(product):
                    return product
                case _:
                    pass
        return None

    @property
    def search(self) -> SearchProducts | None:
        """Return the last search that was understood."""
        made = (one for one in self._newest() if not isinstance(one.result, ToolRefused))
        return next((one.wish for one in made if isinstance(one.wish, SearchProducts)), None)

    @property
    def invoices(self) -> tuple[InvoiceBrief, ...]:
        """Return the invoices of the last list, in its order; the one invoice where no list was shown."""
        single: tuple[InvoiceBrief, ...] = ()
        for result in self._results():
            match result:
                case InvoicesListed(invoices) if invoices:
                    return invoices
                case InvoiceShown(invoice):
                    single = single or (invoice,)
                case _:
                    pass
        return single

    @property
    def invoice(self) -> str | None:
        """Return the number of the invoice that was spoken of last; None where several were."""
        for result in self._results():
            match result:
                case InvoiceShown(invoice):
                    return invoice.number
                case InvoicesListed(invoices) if invoices:
                    return invoices[0].number if len(invoices) == 1 else None
                case NegotiationsStanding(rooms) if rooms and rooms[0].invoice is not None:
                    return rooms[0].invoice
                case _:
                    pass
        return None

    @property
    def rooms(self) -> tuple[Room, ...]:
        """Return the negotiations that go on, those of this conversation before others, the newest first."""
        standing = self._standing()
        going = [Room(one.room_id, one.product_name) for one in reversed(self.context.negotiations)]
        others = [Room(one.room_id, one.product_name) for one in standing.values()]
        known = {room.room_id: room for room in (*others, *going)}
        order = dict.fromkeys(room.room_id for room in (*going, *others))
        return tuple(known[each] for each in order if each not in standing or standing[each].status in ACTIVE)

    @property
    def has_haggled(self) -> bool:
        """Tell whether a negotiation was opened or told of in this conversation, ended or not."""
        return bool(self.context.negotiations) or any(
            isinstance(result, NegotiationStarted | NegotiationsStanding) for result in self._results()
        )

    @property
    def sellers(self) -> tuple[str, ...]:
        """Return the names of the sellers that were named."""
        return tuple(dict.fromkeys(name for result in self._results() for name in _sellers(result)))

    def _standing(self) -> dict[str, RoomStanding]:
        standing: dict[str, RoomStanding] = {}
        for result in self._results():
            if isinstance(result, NegotiationsStanding):
                for room in result.rooms:
                    standing.setdefault(room.room_id, room)
        return standing

    def _newest(self) -> Iterator[Outcome]:
        return reversed(self.outcomes)

    def _results(self) -> Iterator[Result]:
        return (outcome.result for outcome in self._newest())


def memory_of(context: Context) -> Memory:
    """Return what is remembered when a turn begins."""
    return Memory(context.outcomes, context)


def _shows(result: Result) -> bool:
    return not isinstance(result, ToolRefused | PreferencesKept)


def _has_places(result: Result) -> bool:
    match result:
        case InvoicesListed(invoices):
            return bool(invoices)
        case InvoiceShown() | NegotiationsStanding():
            return True
        case _:
            return shows_products(result)


def _sellers(result: Result) -> Iterator[str]:
    match result:
        case ProductShown(sellers=sellers):
            yield from (one.seller for one in sellers)
        case NegotiationsStanding(rooms):
            yield from (offer.seller for room in rooms for offer in room.offers)
        case InvoicesListed(invoices):
            yield from (one.seller for one in invoices)
        case InvoiceShown(invoice):
            yield invoice.seller
        case PurchasesListed(purchases):
            yield from (one.seller for one in purchases)
        case _:
            pass
