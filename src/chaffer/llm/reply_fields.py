"""The fields of a model's reply, each read forgivingly and checked: what cannot be read is unfit, never guessed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Final, NoReturn

from chaffer.amounts.reading import amounts_in
from chaffer.conversation.mentions import folded
from chaffer.llm.json_reader import Value
from chaffer.money import LARGEST_MINOR, MINOR_PER_MAJOR
from chaffer.negotiation.questions import BuyerTurn, Intent, Unfit, UnfitReplyError

_NOTHING: Final = frozenset({"", "null", "none", "n/a", "nothing", "-"})
_EVERYBODY: Final = frozenset({"all", "everyone", "everybody", "allsellers"})
_DIGITS: Final = re.compile(r"\+?\d+(?:\.\d+)?")
_GROUPED: Final = re.compile(r"\d{1,3}(?:\.\d{3})+")
_BELOW_ZERO: Final = re.compile(r"[-−–]\s*\D?\s*\d")
_LARGEST_EXPONENT: Final = 11
_LONGEST_NUMERAL: Final = 60


def refuse(attempted: str, reason: str) -> NoReturn:
    """Raise the UnfitReplyError that breaks an attempt off; `reason` is read by the model and in the room."""
    raise UnfitReplyError(Unfit(attempted, reason)) from None


def is_nothing(value: Value) -> bool:
    """Tell whether a field is empty in one of the ways in which models leave it so."""
    return value is None or (isinstance(value, str) and value.strip().casefold() in _NOTHING)


def price_minor(value: Value, field: str) -> int:
    """Return a price in minor units, rounded to them. Raises UnfitReplyError unless it is one amount above 0."""
    amount = value if isinstance(value, Decimal) else _written(value) if isinstance(value, str) else None
    if amount is None or not amount.is_finite() or amount.adjusted() > _LARGEST_EXPONENT:
        refuse(f"a {field} that is no amount", f"the field {field} has to be one number, such as 10 or 10.50")
    minor = int((amount * MINOR_PER_MAJOR).quantize(Decimal(1), ROUND_HALF_UP))
    if not 0 < minor <= LARGEST_MINOR:
        refuse(f"a {field} of {amount}", f"the field {field} has to be above 0 and no fantastic number")
    return minor


def _written(text: str) -> Decimal | None:
    """Return the one amount that a text states, as in `1,050.00`, `$1050` or `1050 USD`."""
    numeral = text.strip().strip("$€£¥₹ ")
    if len(text) > _LONGEST_NUMERAL or _BELOW_ZERO.search(text):
        return None
    if _DIGITS.fullmatch(numeral) and not _GROUPED.fullmatch(numeral):
        return Decimal(numeral)
    amounts = amounts_in(text)
    return Decimal(amounts[0].minor) / MINOR_PER_MAJOR if len(amounts) == 1 else None


def bid_minor(value: Value) -> int | None:
    """Return a bid in minor units, None when there is none. Raises UnfitReplyError."""
    return None if is_nothing(value) else price_minor(value, "price")


def rounds_or_none(value: Value) -> int | None:
    """Return a number of rounds; None, to the end, for what is none."""
    if isinstance(value, str) and value.strip().isdecimal():
        value = Decimal(value.strip())
    if not isinstance(value, Decimal) or not value.is_finite() or value.adjusted() > _LARGEST_EXPONENT:
        return None
    return max(int(value), 0)


def intent_of(value: Value) -> Intent:
    """Return what the buyer decided. Raises UnfitReplyError."""
    try:
        return Intent(value.strip().casefold() if isinstance(value, str) else "")
    except ValueError:
        refuse("no decision", "the field decision has to be haggle, accept or leave")


def seller_named(turn: BuyerTurn, value: Value) -> str:
    """Return the id of the seller that a name or an id stands for. Raises UnfitReplyError."""
    found = _seller(turn, value)
    if found is None:
        refuse("a seller who is not at the table", f"the sellers at the table are {_names(turn)}")
    return found


def addressees(turn: BuyerTurn, value: Value) -> tuple[str, ...]:
    """Return the ids of those a message is for, in the room's order; nobody named means all. Raises UnfitReplyError."""
    everybody = tuple(sorted(rival.seller_id for rival in turn.rivals))
    if isinstance(value, str) and _seller(turn, value) is None:
        value = [*value.split(",")]
    names = value if isinstance(value, list) else [value]
    named = [name for name in names if _seller(turn, name) is not None or not is_nothing(name)]
    if not named or any(_means_everybody(turn, name) for name in named):
        return everybody
    chosen = {seller_named(turn, name) for name in named}
    return tuple(seller_id for seller_id in everybody if seller_id in chosen)


def _seller(turn: BuyerTurn, value: Value) -> str | None:
    if not isinstance(value, str):
        return None
    known = _known_as(tuple((rival.seller_id, rival.name) for rival in turn.rivals))
    return known.get(folded(value.strip().removeprefix("@")))


@lru_cache(maxsize=64)
def _known_as(sellers: tuple[tuple[str, str], ...]) -> Mapping[str, str]:
    """Return the ids of sellers, given as ids and names, by all they are called; a name goes before another's id."""
    ids = {folded(seller_id): seller_id for seller_id, _ in sellers}
    return {**ids, **{folded(name): seller_id for seller_id, name in sellers}}


def _means_everybody(turn: BuyerTurn, value: Value) -> bool:
    return isinstance(value, str) and _seller(turn, value) is None and folded(value.lstrip("@")) in _EVERYBODY


def _names(turn: BuyerTurn) -> str:
    return ", ".join(rival.name for rival in turn.rivals)
