"""The ledger in memory, and its books as they are checked."""

from __future__ import annotations

from collections import ChainMap, Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from chaffer.ledger.auditing import Entry, audit
from chaffer.ledger.books import (
    Account,
    Purchase,
    PurchasePage,
    PurchaseWish,
    Remember,
    Settlement,
    StockLine,
)
from chaffer.ledger.findings import Verification
from chaffer.ledger.invoices import Invoice, InvoicePage, InvoiceWish
from chaffer.ledger.invoicing import Series
from chaffer.ledger.outlays import By, Outlay, OutlayWish, Spent, spent
from chaffer.storage.memory_books import Books, account_in, line_in, settle
from chaffer.storage.refusals import cursor_of, moment_of
from chaffer.storage.tables import stamp

T = TypeVar("T", Invoice, Purchase)


class MemoryLedger:
    """The ledger in one process's memory; see the protocol for what each method promises."""

    def __init__(self) -> None:
        """Begin empty."""
        self._books = Books()

    async def account(self, session_id: str) -> Account:
        """Return a session's account."""
        return account_in(self._books, session_id)

    async def stock(self, session_id: str, item_id: str) -> tuple[StockLine, ...]:
        """Return what the session's sellers have left of an item."""
        lines = (
            line_in(self._books, item, seller, place)
            for (of, item, seller), place in self._books.stock.items()
            if of == session_id
        )
        return tuple(sorted((line for line in lines if line.item_id == item_id), key=lambda line: line.seller_id))

    async def invoices(self, session_id: str) -> tuple[Invoice, ...]:
        """Return the invoices of a session, oldest first."""
        found = (invoice for invoice in self._books.invoices.values() if invoice.session_id == session_id)
        return tuple(sorted(found, key=lambda invoice: (invoice.issued_at, invoice.number)))

    async def find_invoice(self, named: str) -> Invoice | None:
        """Return the invoice of an id or a number, or None."""
        invoices = self._books.invoices
        return invoices.get(named) or next((each for each in invoices.values() if each.number == named), None)

    async def list_invoices(self, owner: str | None, wish: InvoiceWish) -> InvoicePage:
        """Return a page of an owner's invoices."""
        found = [
            invoice
            for invoice in self._books.invoices.values()
            if owner in {None, invoice.owner}
            and wish.status in {None, invoice.status}
            and wish.seller in {None, invoice.seller_name}
            and wish.session_id in {None, invoice.session_id}
            and _is_within(invoice.total_minor, wish)
        ]
        return InvoicePage(*_page(found, lambda invoice: (invoice.issued_at, invoice.invoice_id), wish))

    async def settle(self, settlement: Settlement, at: datetime, remember: Remember | None = None) -> Invoice:
        """Pay or cancel an invoice, and return it as it is now."""
        draft = self._books.draft()
        invoice = settle(draft, settlement, at)
        if remember is not None:
            draft.carry_out(remember(invoice), at)
        self._books.adopt(draft)
        return invoice

    async def purchases(self, owner: str | None, wish: PurchaseWish) -> PurchasePage:
        """Return a page of an owner's purchases."""
        found = [
            purchase
            for purchase in self._books.purchases.values()
            if owner in {None, purchase.owner}
            and wish.seller in {None, purchase.seller_name}
            and _is_within(purchase.total_minor, wish)
        ]
        return PurchasePage(*_page(found, lambda purchase: (purchase.purchased_at, purchase.purchase_id), wish))

    async def spent(self, owner: str | None, wish: OutlayWish) -> Spent:
        """Return what an owner's purchases come to."""
        groups: defaultdict[tuple[str | None, str], list[Purchase]] = defaultdict(list)
        for purchase in self._books.purchases.values():
            wanted = owner in {None, purchase.owner} and purchase.cancelled_at is None
            if wanted and _is_between(purchase.purchased_at, wish):
                groups[_key_of(purchase, wish.by), purchase.currency].append(purchase)
        outlays = (
            Outlay(
                key,
                currency,
                len(group),
                sum(purchase.total_minor for purchase in group),
                sum(purchase.list_price_minor * purchase.quantity for purchase in group),
            )
            for (key, currency), group in groups.items()
        )
        return spent(outlays, wish.by)

    async def verify(self) -> Verification:
        """Check all books."""
        return audit(MemoryRecords(self._books))

    async def close_account(self, session_id: str) -> None:
        """Forget a deleted session's account, claims and stock."""
        self._books.accounts.pop(session_id, None)
        self._books.stock = ChainMap({key: left for key, left in self._books.stock.items() if key[0] != session_id})


@dataclass(frozen=True, slots=True)
class MemoryRecords:
    """The books in memory as they are checked; see the protocol."""

    books: Books

    def counts(self) -> Mapping[str, int]:
        """Return how many records of each sort there are."""
        books = self.books
        notes = sum(invoice.credit_note is not None for invoice in books.invoices.values())
        return {
            "accounts": len(books.accounts),
            "purchases": len(books.purchases),
            "invoices": len(books.invoices),
            "credit_notes": notes,
            "postings": len(books.postings),
        }

    def entries(self) -> Iterator[Entry]:
        """Yield every invoice with what belongs to it."""
        for invoice in self.books.invoices.values():
            purchase = self.books.purchases.get(invoice.room_id)
            posted = [posting for posting in self.books.postings.values() if posting.invoice_id == invoice.invoice_id]
            yield Entry(invoice, purchase, tuple(posted))

    def numbers(self, series: Series) -> Iterator[str]:
        """Yield the numbers of a series as they count."""
        invoices = self.books.invoices.values()
        if series is Series.INVOICES:
            found = [invoice.number for invoice in invoices]
        else:
            found = [invoice.credit_note.number for invoice in invoices if invoice.credit_note is not None]
        yield from sorted(found, key=lambda number: (number.split("-")[1], len(number), number))

    def last_places(self, series: Series) -> Mapping[int, int]:
        """Return by year the place of the number that was given out last."""
        return {year: place for (of, year), place in self.books.places.items() if of is series}

    def unbalanced(self) -> Iterator[tuple[str, int]]:
        """Yield the transactions that do not come to nothing."""
        sums: Counter[tuple[str, str]] = Counter()
        for posting in self.books.postings.values():
            sums[posting.transaction_id, posting.currency] += posting.amount_minor
        yield from ((name, left) for (name, _), left in sums.items() if left)

    def strays(self) -> Iterator[tuple[str, str]]:
        """Yield the purchases and transactions that belong to no invoice."""
        known = self.books.invoices
        yield from (("purchase", p.purchase_id) for p in self.books.purchases.values() if p.invoice_id not in known)
        strange = {p.transaction_id for p in self.books.postings.values() if p.invoice_id not in known}
        yield from (("transaction", name) for name in sorted(strange))

    def mismatched(self) -> Iterator[str]:
        """Yield nothing: totals and months are not kept, but made when they are asked for."""
        return iter(())

    def bought_twice(self) -> Iterator[str]:
        """Yield the rooms with more than one invoice."""
        rooms = Counter(invoice.room_id for invoice in self.books.invoices.values())
        yield from (room for room, times in rooms.items() if times > 1)

    def misjudged(self) -> Iterator[tuple[str, int, int, int]]:
        """Yield the sessions whose committed sum is wrong."""
        bought: Counter[str] = Counter()
        for purchase in self.books.purchases.values():
            bought[purchase.session_id] += purchase.total_minor
        for name, account in self.books.accounts.items():
            if account.committed_minor != bought[name] or account.remaining_minor < 0:
                yield name, account.budget_minor, account.committed_minor, bought[name]


def _page(
    found: Iterable[T], place_of: Callable[[T], tuple[datetime, str]], wish: InvoiceWish | PurchaseWish
) -> tuple[tuple[T, ...], str | None]:
    """Return a page of what was found, newest first, and the cursor of the next, if there is one."""
    behind = None if wish.after is None else moment_of(wish.after)
    wanted = [
        one
        for one in sorted(found, key=place_of, reverse=True)
        if _is_between(place_of(one)[0], wish)
        and (behind is None or (stamp(place_of(one)[0]), place_of(one)[1]) < behind)
    ]
    page = tuple(wanted[: wish.limit])
    if len(wanted) == len(page):
        return page, None
    at, last = place_of(page[-1])
    return page, cursor_of(stamp(at), last)


def _is_between(at: datetime, wish: InvoiceWish | PurchaseWish | OutlayWish) -> bool:
    return (wish.since is None or at >= wish.since) and (wish.until is None or at < wish.until)


def _is_within(total_minor: int, wish: InvoiceWish | PurchaseWish) -> bool:
    least, most = wish.min_total_minor, wish.max_total_minor
    return (least is None or total_minor >= least) and (most is None or total_minor <= most)


def _key_of(purchase: Purchase, by: By) -> str | None:
    match by:
        case By.MONTH:
            return purchase.month
        case By.SELLER:
            return purchase.seller_name
        case By.CATEGORY:
            return purchase.category
