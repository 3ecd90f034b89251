"""What a person wants to know of invoices and purchases, and which invoice is to be paid."""

from __future__ import annotations

import re
from typing import Final, Literal

from chaffer.assistant.reading.limits import limits_in
from chaffer.assistant.reading.memory import Memory
from chaffer.assistant.reading.naming import seller_in
from chaffer.assistant.reading.periods import Period, period_in
from chaffer.assistant.reading.pointing import IT, places_in
from chaffer.assistant.reading.steps import Ask, Lack, Lookup, Step
from chaffer.assistant.reading.wording import phrases
from chaffer.assistant.results import InvoiceBrief
from chaffer.assistant.tools import GetInvoice, ListInvoices, ListPurchases, PayInvoice

CODE: Final = re.compile(r"(?<!\w)INV-\d{4}-\d{1,9}(?!\w)", re.IGNORECASE)
"""The number of an invoice."""
PURCHASES: Final = phrases(
    r"(?:did|have|had|has|'ve) (?:i|we) (?:ever |already |just )?(?:buy|bought|order(?:ed)?|get|got|purchased?)",
    r"(?:i|we)(?: have|'ve)? (?:already |ever |just )?(?:bought|ordered|purchased)", r"purchases?", r"purchased",
    r"orders?(?! (?:it|this|that|them|me|the|one|two))", r"order history", r"shopping history", r"bought",
)  # fmt: skip
INVOICES: Final = phrases(
    r"invoices?", r"bills?", r"billed", r"billing", r"receipts?", r"unpaid", r"owe", r"owing", r"outstanding",
    r"credit notes?", r"(?:pay|settle)", r"paid", r"overdue", r"due",
)  # fmt: skip
_CANCEL: Final = phrases(
    r"(?:cancel|return|refund|reverse|undo|send back|give back) (?:\S+ ){0,3}"
    r"(?:orders?|purchases?|invoices?|bills?|INV-\S+)"
)
RETURNS: Final = phrases(
    r"(?:can|could|may) (?:i|we) (?:return|send back|give back)", r"(?:want|like) to (?:return|send back|give back)",
    r"(?:my|the) money back", r"(?:a|my) refund",
)  # fmt: skip
_WHETHER_PAID: Final = phrases(
    r"(?:have|did) (?:i|we) (?:already )?pa(?:id|y) (?:the|my|this) (?:\w+ )?(?:invoice|bill)"
)
_PAY: Final = phrases(r"pay", r"settle", r"mark\b.{0,80}\bpaid", r"pay off", r"record\b.{0,80}\bpa(?:id|yment)")
_NO_ORDER: Final = phrases(
    r"(?:did|have|do|had|must|should) (?:i|we)\b", r"to (?:pay|be paid)\??$", r"what", r"which", r"how much",
    r"still (?:have )?to pay",
)  # fmt: skip
IS_LIST: Final = phrases(
    r"invoices?", r"bills", r"unpaid", r"owe", r"outstanding", r"INV-\S+", r"receipts?",
    r"(?:my|all|list) (?:\w+ )?purchases", r"did (?:i|we) (?:buy|order|purchase)",
)  # fmt: skip
"""What is no question about sums, though it speaks of money."""
_UNPAID: Final = phrases(
    r"unpaid", r"open", r"outstanding", r"owe", r"owing", r"due", r"overdue", r"issued",
    r"not (?:yet )?(?:been )?paid", r"(?:haven't|have not|didn't) (?:yet )?(?:been )?pa(?:id|y)",
    r"(?:still |left )?to (?:pay|be paid)", r"pending", r"unsettled",
)  # fmt: skip
_CANCELLED: Final = phrases(r"cancell?ed", r"credited", r"refunded", r"credit notes?", r"void(?:ed)?")
_PAID: Final = phrases(r"paid", r"settled", r"closed")
_SOME: Final = re.compile(
    r"\b((?:last|latest|newest|recent) )?(?P<number>\d{1,2}|two|three|four|five|ten) "
    r"(?(1)|(?:last|latest|newest|most recent) )(?:invoices|bills|purchases|orders)",
    re.IGNORECASE,
)
_NUMBERS: Final = {"two": 2, "three": 3, "four": 4, "five": 5, "ten": 10}
_MOST_ROWS: Final = 20

Status = Literal["issued", "paid", "cancelled"]


def read_billing(text: str, memory: Memory) -> Step:
    """Return what is to be done about invoices or purchases."""
    today = memory.context.today
    pays = _PAY.search(text) is not None and _NO_ORDER.search(text) is None
    if _CANCEL.search(text) or RETURNS.search(text):
        return Ask(Lack.CANCELLING)
    code = CODE.search(text)
    if code is not None:
        number = code[0].upper()
        return PayInvoice(number) if pays else GetInvoice(number)
    if pays:
        return _paid(text, memory)
    period = period_in(text, today)
    if PURCHASES.search(text) and not INVOICES.search(text):
        return _purchases(period, memory)
    shown = _meant(period.rest, memory)
    if shown is not None:
        return GetInvoice(shown.number)
    return _listed(text, period, memory)


def _paid(text: str, memory: Memory) -> Step:
    number = _number_meant(text, memory)
    if number is not None:
        return PayInvoice(number)
    listed = memory.invoices
    open_ones = [invoice for invoice in listed if invoice.status == "issued"]
    if not open_ones and not memory.looked_up:
        return Lookup(ListInvoices(status="issued"))
    if len(open_ones) == 1:
        return PayInvoice(open_ones[0].number)
    if not open_ones:
        return Ask(Lack.NOTHING_UNPAID)
    return Ask(Lack.WHICH_INVOICE, tuple(invoice.number for invoice in open_ones))


def _number_meant(text: str, memory: Memory) -> str | None:
    listed = memory.invoices
    places = places_in(text, len(listed)).at
    if places:
        return listed[places[0]].number if len(places) == 1 else None
    if IT.search(text) and memory.invoice is not None:
        return memory.invoice
    seller = seller_in(text, memory)
    own = [
        one for one in listed if seller is not None and one.seller.lower() == seller.lower() and one.status == "issued"
    ]
    return own[0].number if len(own) == 1 else None


def _meant(text: str, memory: Memory) -> InvoiceBrief | None:
    """Return the invoice that a text points at: by its place in the list, or as `it`."""
    listed = memory.invoices
    places = () if _SOME.search(text) else places_in(text, len(listed)).at
    if len(places) == 1:
        return listed[places[0]]
    is_one = IT.search(text) and not re.search(r"\binvoices|bills\b", text, re.IGNORECASE)
    return next((one for one in listed if one.number == memory.invoice), None) if is_one else None


def _purchases(period: Period, memory: Memory) -> ListPurchases:
    totals = limits_in(period.rest)
    return ListPurchases(
        seller=seller_in(totals.rest, memory),
        since=period.since,
        until=period.until,
        min_total_minor=totals.least_minor,
        max_total_minor=totals.most_minor,
        limit=_limit(totals.rest) or ListPurchases().limit,
    )


def _listed(text: str, period: Period, memory: Memory) -> ListInvoices:
    totals = limits_in(period.rest)
    return ListInvoices(
        status=_status(text),
        seller=seller_in(totals.rest, memory),
        since=period.since,
        until=period.until,
        min_total_minor=totals.least_minor,
        max_total_minor=totals.most_minor,
        limit=_limit(totals.rest) or ListInvoices().limit,
    )


def _status(text: str) -> Status | None:
    if _WHETHER_PAID.search(text):
        return None
    if _UNPAID.search(text):
        return "issued"
    if _CANCELLED.search(text):
        return "cancelled"
    return "paid" if _PAID.search(text) else None


def _limit(text: str) -> int | None:
    match = _SOME.search(text)
    if match is None:
        return None
    said = match["number"].lower()
    return min(_NUMBERS.get(said) or int(said), _MOST_ROWS) or None
