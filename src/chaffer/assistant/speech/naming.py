"""What products, days, periods and states are called in the supervisor's sentences."""

from __future__ import annotations

import calendar
from datetime import date
from typing import Final

from chaffer.assistant.results import ProductBrief
from chaffer.counting import counted
from chaffer.money import formatted

_STATUSES: Final = {"issued": "unpaid"}
_MOST_TRAITS: Final = 4
_DECEMBER: Final = (12, 31)


def day_of(day: date) -> str:
    """Return a day as people write it: `1 October 2026`."""
    return f"{day.day} {calendar.month_name[day.month]} {day.year}"


def month_of(name: str) -> str:
    """Return a month of a summary as people write it: `November 2026` for `2026-11`; any other name as it is."""
    year, dash, month = name.partition("-")
    is_month = dash and year.isdigit() and month.isdigit() and 1 <= int(month) <= _DECEMBER[0]
    return f"{calendar.month_name[int(month)]} {year}" if is_month else name


def period_of(since: date | None, until: date | None) -> str:
    """Return a period, ready to stand behind a verb; nothing for all time."""
    if since is None:
        return "" if until is None else f"until {day_of(until)}"
    if until is None:
        return f"since {day_of(since)}"
    if since == until:
        return f"on {day_of(since)}"
    if (since.day, since.month, until.month, until.day) == (1, 1, *_DECEMBER) and since.year == until.year:
        return f"in {since.year}"
    last = calendar.monthrange(since.year, since.month)[1]
    if since.day == 1 and until == since.replace(day=last):
        return f"in {calendar.month_name[since.month]} {since.year}"
    return f"from {day_of(since)} to {day_of(until)}"


def status_of(status: str) -> str:
    """Return the state of an invoice as people call it."""
    return _STATUSES.get(status, status)


def pieces_of(number: int) -> str:
    """Return so many pieces."""
    return counted(number, "piece", "pieces")


def facts_of(product: ProductBrief) -> str:
    """Return what counts about a product: price, rating, value, stock."""
    parts = [formatted(product.price_minor, product.currency)]
    parts.append("not rated yet" if product.rating is None else f"rated {product.rating:g} stars")
    if product.value_score is not None:
        parts.append(f"value score {round(product.value_score, 2):g}")
    parts.append(f"{pieces_of(product.pieces)} in stock" if product.pieces else "sold out")
    return ", ".join(parts)


def traits_of(product: ProductBrief) -> list[str]:
    """Return the main attributes of a product; of what is there or not, only what is there."""
    said = ((name, text.strip()) for name, text in product.attributes.items())
    return [_trait(name, text) for name, text in said if text != "no"][:_MOST_TRAITS]


def _trait(name: str, text: str) -> str:
    """Return an attribute as one of a list: `quiet`, `membrane switch`, `weight 2.5 kg`."""
    if text == "yes":
        return name
    is_measure = any(sign.isdigit() for sign in text)
    return f"{name} {text}" if is_measure else f"{text} {name}"
