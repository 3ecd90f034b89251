"""Whether a clause puts products into the right order: `the cheapest`, `dearer than`, `the best rated`."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from chaffer.shopping.catalogue.products import Product
from chaffer.shopping.facts.clauses import Clause, is_denied
from chaffer.shopping.facts.known import Facts

Order = Callable[[Product, Facts], float]

_ORDERS: Final[tuple[tuple[str, str, Order], ...]] = (
    (
        r"cheapest|least expensive|lowest[- ]priced?|most affordable",
        r"cheaper|less expensive|costs? less|lower[- ]priced?",
        lambda product, facts: facts.price_of(product),
    ),
    (
        r"dearest|most expensive|priciest|highest[- ]priced?",
        r"dearer|pricier|more expensive|costs? more|higher[- ]priced?",
        lambda product, facts: -facts.price_of(product),
    ),
    (
        r"(?:best|top|highest)[- ]rat(?:ed|ing)",
        r"(?:better|higher)[- ]rat(?:ed|ing)",
        lambda product, _: -(product.rating or 0),
    ),
)
"""Words for what is first in an order, and for what comes before another."""

_OF_SELLERS: Final = r"(?! (?:of (?:its|the|their) )?(?:seller|offer|shop|price))"


def are_orders_true(clause: Clause, facts: Facts) -> bool:
    """Tell whether what a clause calls first is so, and what it puts before another comes before it."""
    return all(
        _is_first(clause, most, order, facts) and _is_before(clause, more, order, facts)
        for most, more, order in _ORDERS
    )


def _is_first(clause: Clause, words: str, order: Order, facts: Facts) -> bool:
    found = re.search(rf"\b(?:{words})\b{_OF_SELLERS}", clause.text)
    if found is None:
        return True
    first = min((order(product, facts) for product in (*clause.scope, *clause.rivals)), default=0)
    is_not = is_denied(clause, *found.span())
    return clause.holds(lambda product: (order(product, facts) == first) is not is_not)


def _is_before(clause: Clause, words: str, order: Order, facts: Facts) -> bool:
    found = re.search(rf"\b(?:{words})\b", clause.text)
    if found is None:
        return True
    pairs = clause.pairs(clause.text[: found.start()], clause.text[found.end() :])
    return any(order(one, facts) < order(other, facts) for one, other in pairs)
