"""Money as integers of minor units inside, JSON numbers with at most two decimals outside. Never a float in between."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

MINOR_PER_MAJOR: Final = 100
_LARGEST: Final = 1_000_000_000
LARGEST_MINOR: Final = _LARGEST * MINOR_PER_MAJOR

_SIGNS: Final = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "INR": "₹"}


def minor_from_number(value: object) -> int:
    """Return the minor units of a JSON number.

    Raises ValueError with a sentence when the value is no number, not finite, has more than two decimals, or lies
    beyond one thousand million in either direction.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        msg = "must be a number"
        raise ValueError(msg)  # noqa: TRY004  Pydantic turns a ValueError, not a TypeError, into a field error.
    amount = Decimal(str(value))
    if not amount.is_finite():
        msg = "must be a finite number"
        raise ValueError(msg)
    if not -_LARGEST <= amount <= _LARGEST:  # Compared as it is: 1e999999999 cannot be multiplied.
        msg = "must not exceed 1000000000"
        raise ValueError(msg)
    minor = amount * MINOR_PER_MAJOR
    if minor != minor.to_integral_value():
        msg = f"must have at most two decimals; got {value}"
        raise ValueError(msg)
    return int(minor)


def number_from_minor(minor: int) -> int | float:
    """Return the JSON number of an amount in minor units: `1150`, `1150.5`, `1150.55`."""
    whole, rest = divmod(minor, MINOR_PER_MAJOR)
    return whole if rest == 0 else minor / MINOR_PER_MAJOR


def percent(part_minor: int, whole_minor: int) -> float:
    """Return how much of the whole the part is, in percent with at most two decimals; of nothing it is 0."""
    return round(100 * part_minor / whole_minor, 2) if whole_minor else 0


def plain(minor: int) -> str:
    """Return an amount as it stands in an error message: `950`, `950.50`."""
    whole, rest = divmod(abs(minor), MINOR_PER_MAJOR)
    sign = "-" if minor < 0 else ""
    return f"{sign}{whole}" if rest == 0 else f"{sign}{whole}.{rest:02d}"


def formatted(minor: int, currency: str = "USD") -> str:
    """Return an amount as people read it: `$1,150.00`, `CHF 1,150.00`."""
    whole, rest = divmod(abs(minor), MINOR_PER_MAJOR)
    sign = "-" if minor < 0 else ""
    symbol = _SIGNS.get(currency)
    front = symbol if symbol is not None else f"{currency} "
    return f"{sign}{front}{whole:,}.{rest:02d}"
