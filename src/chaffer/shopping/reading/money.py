"""Words and signs for currencies, and amounts of money in the currency of a catalogue."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from chaffer.money import LARGEST_MINOR, MINOR_PER_MAJOR

_DOLLARS: Final = frozenset({"USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN"})
"""Where people call their money dollars or write `$`."""
_CODES: Final = {
    "$": "USD", "usd": "USD", "us$": "USD", "dollar": "USD", "dollars": "USD", "buck": "USD", "bucks": "USD",
    "€": "EUR", "eur": "EUR", "euro": "EUR", "euros": "EUR",
    "£": "GBP", "gbp": "GBP", "quid": "GBP", "pound": "GBP", "pounds": "GBP", "pfund": "GBP",
    "chf": "CHF", "sfr": "CHF", "franken": "CHF", "franc": "CHF", "francs": "CHF", "stutz": "CHF",
    "¥": "JPY", "jpy": "JPY", "yen": "JPY", "₹": "INR", "inr": "INR", "rupees": "INR", "rs": "INR",
    "cad": "CAD", "aud": "AUD",
}  # fmt: skip


def currency_of(word: str) -> str | None:
    """Return the currency that a word or a sign is for, None when it is for none."""
    return _CODES.get(word)


def is_currency(named: str | None, currency: str) -> bool:
    """Tell whether a currency that somebody named is that of the catalogue; one that was not named always is."""
    return named in {None, currency} or (named == "USD" and currency in _DOLLARS)


def minor_of(amount: Decimal) -> int:
    """Return an amount in minor units, no larger than the largest there is."""
    return min(int((amount * MINOR_PER_MAJOR).to_integral_value(ROUND_HALF_UP)), LARGEST_MINOR)


def whole_minor_of(amount: Decimal) -> int:
    """Return an amount in minor units, rounded to whole units of the currency."""
    return minor_of(amount.to_integral_value(ROUND_HALF_UP))
