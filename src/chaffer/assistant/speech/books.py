"""What is told of invoices, purchases and spending."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from chaffer.assistant.results import (
    InvoiceBrief,
    InvoiceShown,
    InvoicesListed,
    PurchaseBrief,
    PurchasesListed,
    SpendingRow,
    SpendingSummed,
)
from chaffer.assistant.speech import templates
from chaffer.assistant.speech.naming import day_of, month_of, period_of, pieces_of, status_of
from chaffer.assistant.speech.wordings import Speaker
from chaffer.assistant.tools import ListInvoices, ListPurchases, SpendingSummary
from chaffer.counting import counted
from chaffer.money import formatted

_SAVING: Final = re.compile(r"\bsav(?:e|ed|ing|ings)\b|\bpa(?:y|id) off\b|\bworth\b|\blist prices?\b", re.IGNORECASE)


def invoices(wish: ListInvoices, result: InvoicesListed, speaker: Speaker) -> Iterator[str]:
    """Yield a list of invoices, numbered as people point at them, and what is unpaid of them."""
    which = _which(wish, result.currency)
    if not result.invoices:
        yield speaker.say(templates.NO_INVOICES, which=which)
        return
    lines = (f"{place}. {_invoice(one)}" for place, one in enumerate(result.invoices, start=1))
    yield "\n".join((speaker.say(templates.INVOICES, which=which), *lines)) + "\n"
    total, unpaid = (formatted(minor, result.currency) for minor in (result.total_minor, result.unpaid_minor))
    yield speaker.say(_sum_of(result), total=total, unpaid=unpaid)
    if result.more:
        yield speaker.say(templates.OLDER)


def _sum_of(result: InvoicesListed) -> templates.Wordings:
    if not result.unpaid_minor:
        return templates.INVOICES_SETTLED
    return templates.INVOICES_UNPAID if result.unpaid_minor == result.total_minor else templates.INVOICES_TOTAL


def invoice(result: InvoiceShown, speaker: Speaker) -> Iterator[str]:
    """Yield what is said of one invoice; where this very call paid it, that it did."""
    own = result.invoice
    total = formatted(own.total_minor, own.currency)
    if result.changed:
        yield speaker.say(templates.NOW_PAID, number=own.number, total=total, seller=own.seller)
        return
    yield speaker.say(
        templates.INVOICE,
        number=own.number,
        date=day_of(own.issued_on),
        status=status_of(own.status),
        pieces=pieces_of(own.quantity),
        item=own.item,
        seller=own.seller,
        price=formatted(result.unit_price_minor, own.currency),
        total=total,
    )
    yield from _more_of(result, speaker)


def _more_of(result: InvoiceShown, speaker: Speaker) -> Iterator[str]:
    currency = result.invoice.currency
    if result.tax_minor:
        yield speaker.say(templates.TAX, tax=formatted(result.tax_minor, currency))
    if result.saved_minor and result.cancelled_on is None:
        yield speaker.say(templates.SAVED, saved=formatted(result.saved_minor, currency))
    if result.cancelled_on is not None:
        note = f" by credit note {result.credit_note}" if result.credit_note else ""
        yield speaker.say(templates.CANCELLED_ON, date=day_of(result.cancelled_on), note=note)
    elif result.paid_on is not None:
        yield speaker.say(templates.PAID_ON, date=day_of(result.paid_on))
    elif result.invoice.status == "issued":
        yield speaker.say(templates.PAY_NEXT)


def purchases(wish: ListPurchases, result: PurchasesListed, speaker: Speaker) -> Iterator[str]:
    """Yield a list of purchases."""
    which = _which(wish, result.currency)
    if not result.purchases:
        yield speaker.say(templates.NO_PURCHASES, which=which)
        return
    lines = (f"{place}. {_purchase(one)}" for place, one in enumerate(result.purchases, start=1))
    yield "\n".join((speaker.say(templates.PURCHASES, which=which), *lines)) + "\n"
    total, saved = (formatted(minor, result.currency) for minor in (result.total_minor, result.saved_minor))
    wordings = templates.PURCHASES_SAVED if result.saved_minor else templates.PURCHASES_TOTAL
    yield speaker.say(wordings, total=total, saved=saved)
    if result.more:
        yield speaker.say(templates.OLDER)


def spending(asked: str, wish: SpendingSummary, result: SpendingSummed, speaker: Speaker) -> Iterator[str]:
    """Yield what was spent and saved; the saving first where that was asked for."""
    period = period_of(wish.since, wish.until)
    when = period or "in all"
    if not result.total.purchases:
        yield speaker.say(templates.SPENT_NOTHING, when=_capital(when))
        return
    yield speaker.say(
        templates.SAVED_FIRST if _SAVING.search(asked) else templates.SPENT,
        when=_capital(when),
        when_behind=when,
        spent=formatted(result.total.spent_minor, result.currency),
        saved=formatted(result.total.saved_minor, result.currency),
        listed=formatted(result.total.list_minor, result.currency),
        purchases=counted(result.total.purchases, "purchase", "purchases"),
    )
    if len(result.rows) > 1 or result.by != "month":
        lines = (_row(one, result.currency) for one in result.rows)
        yield "\n".join((templates.BY_ROW.get(result.by, ""), *lines))


def _row(row: SpendingRow, currency: str) -> str:
    spent, saved = (formatted(minor, currency) for minor in (row.spent_minor, row.saved_minor))
    return f"- {month_of(row.name)}: {spent} on {counted(row.purchases, 'purchase', 'purchases')}, {saved} saved"


def _invoice(invoice: InvoiceBrief) -> str:
    total = formatted(invoice.total_minor, invoice.currency)
    thing = f"{pieces_of(invoice.quantity)} of {invoice.item}"
    day = day_of(invoice.issued_on)
    return f"{invoice.number} of {day}, {invoice.seller}: {thing}, {total}, {status_of(invoice.status)}"


def _purchase(purchase: PurchaseBrief) -> str:
    price, total = (formatted(minor, purchase.currency) for minor in (purchase.price_minor, purchase.total_minor))
    thing = f"{pieces_of(purchase.quantity)} of {purchase.item} from {purchase.seller}"
    cost = total if purchase.quantity == 1 else f"{price} a piece, {total}"
    return f"{day_of(purchase.purchased_on)}: {thing}, {cost}, invoice {purchase.invoice}"


def _which(wish: ListInvoices | ListPurchases, currency: str) -> str:
    """Return what a list was narrowed to, ready to stand behind its noun."""
    status = f" that are {status_of(wish.status)}" if isinstance(wish, ListInvoices) and wish.status else ""
    seller = f" from {wish.seller}" if wish.seller else ""
    period = period_of(wish.since, wish.until)
    return f"{_totals(wish, currency)}{status}{seller}{f' {period}' if period else ''}"


def _totals(wish: ListInvoices | ListPurchases, currency: str) -> str:
    least, most = wish.min_total_minor, wish.max_total_minor
    if least is not None and most is not None:
        return f" of {formatted(least, currency)} to {formatted(most, currency)}"
    if least is not None:
        return f" of {formatted(least, currency)} or more"
    return "" if most is None else f" of {formatted(most, currency)} or less"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
