"""The check of the books, pure: what must hold of every invoice, every series of numbers, and the whole."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, islice
from typing import Final, Protocol

from chaffer.ledger.books import Purchase
from chaffer.ledger.findings import Finding, Verification
from chaffer.ledger.invoices import Invoice, InvoiceStatus
from chaffer.ledger.invoicing import Series, invoice_of, number_of, tax_in
from chaffer.ledger.postings import Posting, postings_of

_SHOWN: Final = 100
_NUMBER: Final = re.compile(r"[A-Z]+-([0-9]{4,})-([0-9]{6,})")


@dataclass(frozen=True, slots=True)
class Entry:
    """An invoice with what belongs to it: its purchase, None where there is none, and its postings in any order."""

    invoice: Invoice
    purchase: Purchase | None
    postings: tuple[Posting, ...]


class Records(Protocol):
    """The books at one moment, as they are checked: every method yields one record after another."""

    def counts(self) -> Mapping[str, int]:
        """Return how many records of each sort there are."""
        ...

    def entries(self) -> Iterator[Entry]:
        """Yield every invoice with what belongs to it."""
        ...

    def numbers(self, series: Series) -> Iterator[str]:
        """Yield the numbers of a series, those of a year together and in the order in which they count."""
        ...

    def last_places(self, series: Series) -> Mapping[int, int]:
        """Return by year the place of the number that was given out last."""
        ...

    def unbalanced(self) -> Iterator[tuple[str, int]]:
        """Yield the transactions whose postings do not come to nothing in a currency, and what they come to."""
        ...

    def strays(self) -> Iterator[tuple[str, str]]:
        """Yield what belongs to no invoice: its sort, and its id."""
        ...

    def mismatched(self) -> Iterator[str]:
        """Yield the purchases that are kept with another total or month than their price, pieces and time make."""
        ...

    def bought_twice(self) -> Iterator[str]:
        """Yield the rooms that have more than one purchase or more than one invoice."""
        ...

    def misjudged(self) -> Iterator[tuple[str, int, int, int]]:
        """Yield the sessions whose committed sum is not that of their purchases, or exceeds the budget.

        With the budget, what is committed of it, and what the purchases come to, in minor units.
        """
        ...


def audit(records: Records) -> Verification:
    """Return what is found in the books. The memory it takes does not grow with them."""
    found = chain(
        chain.from_iterable(map(entry_findings, records.entries())),
        *(number_findings(series, records.numbers(series), records.last_places(series)) for series in Series),
        (Finding("balanced", name, f"its postings come to {left}, not to 0") for name, left in records.unbalanced()),
        (Finding("belongs", name, f"this {sort} belongs to no invoice") for sort, name in records.strays()),
        (Finding("purchase", name, "its total or month is not what it must be") for name in records.mismatched()),
        (Finding("once", room, "this room has bought more than once") for room in records.bought_twice()),
        (
            Finding("budget", session, f"{committed} of {budget} are committed, and its purchases come to {bought}")
            for session, budget, committed, bought in records.misjudged()
        ),
    )
    shown = tuple(islice(found, _SHOWN))
    return Verification(records.counts(), shown, len(shown) + sum(1 for _ in found))


def entry_findings(entry: Entry) -> Iterator[Finding]:
    """Yield what is wrong with an invoice, its purchase and its postings."""
    invoice, purchase = entry.invoice, entry.purchase
    for rule, holds, text in (*_sums(invoice), *_status(invoice)):
        if not holds:
            yield Finding(rule, invoice.number, text)
    if purchase is None:
        yield Finding("purchase", invoice.number, "there is no purchase that it is for")
    else:
        yield from _purchase_findings(invoice, purchase)
    yield from _posting_findings(invoice, entry.postings)


def _sums(invoice: Invoice) -> Iterator[tuple[str, bool, str]]:
    lines, total = invoice.lines, invoice.total_minor
    yield (
        "lines",
        all(line.total_minor == line.unit_price_minor * line.quantity for line in lines),
        "a line's total is not its price times its pieces",
    )
    yield "lines", sum(line.total_minor for line in lines) == total, f"its lines do not come to {total}"
    yield "tax", invoice.tax_minor == tax_in(total, invoice.tax_percent), "its tax is not the share that its rate makes"
    yield "tax", invoice.subtotal_minor + invoice.tax_minor == total, "subtotal and tax do not come to the total"


def _status(invoice: Invoice) -> Iterator[tuple[str, bool, str]]:
    is_cancelled = invoice.status is InvoiceStatus.CANCELLED
    yield (
        "status",
        (invoice.credit_note is not None) == is_cancelled,
        f"it is {invoice.status}, its credit note differs",
    )
    is_due = invoice.status is InvoiceStatus.ISSUED
    is_paid = invoice.status is InvoiceStatus.PAID
    has_time = invoice.paid_at is not None
    yield (
        "status",
        not (is_due and has_time) and not (is_paid and not has_time),
        f"it is {invoice.status}; paid differs",
    )
    note = invoice.credit_note
    yield "status", note is None or note.total_minor == invoice.total_minor, "its credit note is over another sum"


def _purchase_findings(invoice: Invoice, purchase: Purchase) -> Iterator[Finding]:
    made, place = invoice_of(purchase, invoice.number), invoice.number
    for name in ("issued_at", "owner", "buyer_name", "seller_name", "lines", "total_minor", "tax_percent", "currency"):
        if getattr(made, name) != getattr(invoice, name):
            yield Finding("purchase", place, f"its {name} is not what its purchase makes it")
    if (made.room_id, made.session_id) != (invoice.room_id, invoice.session_id):
        yield Finding("purchase", place, "its purchase was made in another room")
    if purchase.cancelled_at != invoice.cancelled_at:
        yield Finding("purchase", place, "its purchase was not cancelled with it")


def _posting_findings(invoice: Invoice, postings: Iterable[Posting]) -> Iterator[Finding]:
    """Yield a finding for each posting too many or too few: with none, every transaction is there, and once."""
    left = list(postings)
    for due in postings_of(invoice):
        if due in left:
            left.remove(due)
        else:
            yield Finding(
                "postings", invoice.number, f"{due.account} has no {due.amount_minor} by {due.transaction_id}"
            )
    for more in left:
        text = f"{more.account} has {more.amount_minor} by {more.transaction_id}, which it does not post"
        yield Finding("postings", invoice.number, text)


def number_findings(series: Series, numbers: Iterable[str], last_places: Mapping[int, int]) -> Iterator[Finding]:
    """Yield where the numbers of a series leave a gap, stand twice, or differ from the last that was given out."""
    reached: dict[int, int] = {}
    for number in numbers:
        match = _NUMBER.fullmatch(number)
        if match is None or not number.startswith(f"{series}-"):
            yield Finding("numbers", number, "this is no number of its series")
            continue
        year, place = int(match[1]), int(match[2])
        due = reached.get(year, 0) + 1
        if place < due:
            yield Finding("numbers", number, "this number stands twice")
        elif place > due:
            yield Finding("numbers", number, f"{_missing(series, year, due, place - 1)} before it")
        reached[year] = max(place, due - 1)
    for year in sorted({*reached, *last_places}):
        last, given = reached.get(year, 0), last_places.get(year, 0)
        if last != given:
            text = f"the last one is {number_of(series, year, last)}, but {given} were given out"
            yield Finding("numbers", f"{series}-{year}", text)


def _missing(series: Series, year: int, first: int, last: int) -> str:
    if first == last:
        return f"{number_of(series, year, first)} is missing"
    return f"{number_of(series, year, first)} to {number_of(series, year, last)} are missing"
