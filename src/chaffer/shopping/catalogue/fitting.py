"""Whether a product is what was asked for: what every hard constraint means, told of one product."""

from __future__ import annotations

from typing import Final

from chaffer.shopping.catalogue.products import Product
from chaffer.shopping.catalogue.searching import Constraints, Need, Sort
from chaffer.shopping.catalogue.units import CM_AN_INCH, converted, folded_text, measure_of

NO: Final = "no"
"""What an attribute says that the product does not have."""
LAST: Final = 1e15
"""The place of those that do not tell what others are ordered by."""


def fits(product: Product, wanted: Constraints) -> bool:
    """Tell whether a product keeps all constraints but `text` and `sort`, which are none."""
    return (
        _is_of(product, wanted)
        and _is_priced(product, wanted)
        and (wanted.min_rating is None or (product.rating or 0) >= wanted.min_rating)
        and (product.most_of_one() >= wanted.quantity or not wanted.in_stock)
        and all(meets(product, need) for need in wanted.needs)
    )


def _is_of(product: Product, wanted: Constraints) -> bool:
    brand = folded_text(product.brand)
    return (
        (wanted.category is None or folded_text(product.category) == folded_text(wanted.category))
        and (not wanted.brands or brand in map(folded_text, wanted.brands))
        and brand not in map(folded_text, wanted.not_brands)
        and product.product_id not in wanted.not_products
    )


def _is_priced(product: Product, wanted: Constraints) -> bool:
    least, most = wanted.min_price_minor, wanted.max_price_minor
    price = product.price_minor if wanted.quantity <= 1 else product.price_for(wanted.quantity)
    return (least is None or price >= least) and (most is None or price <= most)


def meets(product: Product, need: Need) -> bool:
    """Tell whether a product has what one attribute must be; one it does not have meets only what is excluded."""
    return _has(attribute_of(product, need.name), need) is not need.excluded


def attribute_of(product: Product, name: str) -> str | None:
    """Return the text of a product's attribute by its folded name, or None."""
    return next((text for given, text in product.attributes.items() if folded_text(given) == name), None)


def place_by_attribute(product: Product, wanted: Constraints) -> float:
    """Return where a product stands by the least or the most of the attribute that is wanted; `LAST` without it."""
    measure = measure_of(attribute_of(product, wanted.sort_by) or "")
    if measure is None:
        return LAST
    number = measure.number * (CM_AN_INCH if measure.unit == "in" else 1)
    return number if wanted.sort is Sort.LEAST else -number


def _has(text: str | None, need: Need) -> bool:
    if text is None:
        return False
    if need.at_least is None and need.at_most is None:
        said = folded_text(text)
        return said in need.texts if need.texts else said != NO
    measure = measure_of(text)
    there = converted(measure, need.unit) if measure is not None and need.unit else measure
    if there is None:
        return False
    return (need.at_least is None or there.number >= need.at_least) and (
        need.at_most is None or there.number <= need.at_most
    )
