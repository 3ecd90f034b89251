"""Outlays: what an owner's purchases come to, summed by month, seller or category."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class By(StrEnum):
    """What purchases are summed by: the month in UTC (`2026-03`), the seller's name, the category of the product."""

    MONTH = "month"
    SELLER = "seller"
    CATEGORY = "category"


@dataclass(frozen=True, slots=True)
class OutlayWish:
    """Which purchases are summed, and by what: those made in [since, until), None being no bound."""

    by: By
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Outlay:
    """What the purchases under one key come to, in one currency; cancelled ones do not count.

    `key` is None for items without a category. `list_minor` is what they would have cost at list prices.
    """

    key: str | None
    currency: str
    purchases: int
    spent_minor: int
    list_minor: int

    @property
    def saved_minor(self) -> int:
        """Return what they cost less than at list prices."""
        return self.list_minor - self.spent_minor


@dataclass(frozen=True, slots=True)
class Spent:
    """Outlays in the order of their months, or the greatest first; and one per currency over all of them."""

    outlays: tuple[Outlay, ...]
    totals: tuple[Outlay, ...]


def spent(outlays: Iterable[Outlay], by: By) -> Spent:
    """Return the outlays in order, with their sums by currency."""
    found = sorted(outlays, key=lambda outlay: (outlay.key is None, outlay.key or "", outlay.currency))
    if by is not By.MONTH:
        found.sort(key=lambda outlay: -outlay.spent_minor)
    totals: dict[str, Outlay] = {}
    for outlay in found:
        sofar = totals.get(outlay.currency, Outlay(None, outlay.currency, 0, 0, 0))
        totals[outlay.currency] = Outlay(
            None,
            outlay.currency,
            sofar.purchases + outlay.purchases,
            sofar.spent_minor + outlay.spent_minor,
            sofar.list_minor + outlay.list_minor,
        )
    return Spent(tuple(found), tuple(totals[currency] for currency in sorted(totals)))
