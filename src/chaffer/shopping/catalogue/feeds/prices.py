"""Numbers and prices as they stand in a cell, in the ways of three languages."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

from chaffer.errors import Detail, unfit
from chaffer.money import minor_from_number
from chaffer.plain_text import shortened

_SIGNS: Final = {
    "$": ("USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN"),
    "€": ("EUR",),
    "£": ("GBP",),
    "¥": ("JPY", "CNY"),
    "₹": ("INR",),
}
"""The currencies that each sign may stand for."""

_PRICE: Final = re.compile(
    r"(?P<before>[^\W\d_]{3}|[$€£¥₹])?\s*(?P<number>[\d.,'’\s]*\d)(?:[.,][-–—])?\s*(?P<behind>[^\W\d_]{3}|[$€£¥₹])?"
)
_GROUPS: Final = r"\d{1,3}(?:%s\d{3})+"
_SPACED: Final = re.compile(r"\d{1,3}(?:[ \u00a0\u202f'’]\d{3})+(?=[.,]|$)")
_POINTED: Final = re.compile(rf"{_GROUPS % re.escape('.')}(?:,(?P<rest>\d+))?")
_COMMAED: Final = re.compile(rf"{_GROUPS % ','}(?:\.(?P<rest>\d+))?")
_PLAIN: Final = re.compile(r"\d+(?:[.,](?P<rest>\d+))?")
_LONGEST: Final = 40
_SHOWN: Final = 60


def number_of(text: str) -> Decimal | None:
    """Return the number that a whole text is: `1,500.00`, `1.500,00`, `1 500`, `1'500`, `4,5`; None for any other.

    `1,500` and `1.500` are both fifteen hundred: one sign before three digits parts thousands.
    """
    digits = text.strip()
    if len(digits) > _LONGEST:
        return None
    spaced = _SPACED.match(digits)
    if spaced is not None:
        digits = re.sub(r"\D", "", spaced[0]) + digits[spaced.end() :]
    is_grouped = not digits.startswith("0")
    found = (is_grouped and (_POINTED.fullmatch(digits) or _COMMAED.fullmatch(digits))) or _PLAIN.fullmatch(digits)
    if not found or not digits.isascii():
        return None
    rest = found["rest"]
    whole = digits if rest is None else digits[: -len(rest) - 1]
    return Decimal(re.sub(r"\D", "", whole) + (f".{rest}" if rest else ""))


def price_of(field: str, text: str, currency: str) -> int:
    """Return a price in minor units. Raises VALIDATION_ERROR for what is none, and for one in another currency."""
    found = _PRICE.fullmatch(text.strip()) if len(text) <= _LONGEST else None
    number = None if found is None else number_of(found["number"])
    if found is None or number is None:
        raise unfit(Detail(field, f"must be a price, as 1499.00 or 1499.00 {currency}; got {shown(text)}"))
    for named in filter(None, (found["before"], found["behind"])):
        if currency not in _SIGNS.get(named, (named.upper(),)):
            raise unfit(Detail(field, f"must be in {currency}, the CURRENCY of this market; got {shown(text)}"))
    try:
        return minor_from_number(number)
    except ValueError as fault:
        raise unfit(Detail(field, str(fault))) from None


def shown(text: str) -> str:
    """Return a value of a file as it is quoted in a sentence."""
    return repr(shortened(text, _SHOWN))
