"""Products to try catalogues with."""

from __future__ import annotations

from typing import Any

from chaffer.shopping.catalogue.products import Limits, Offer, Product, Seller, Stocked, in_order

SELLERS = (
    Seller("Bargain Barn", "customer_retention", "rude"),
    Seller("Pixel Street", "maximize_profit", "very_sweet"),
)


def stocked(
    product_id: str = "mouse-1", *, offers: dict[str, tuple[int, int]] | None = None, **changes: Any
) -> Stocked:
    """Return a product; `offers` are price and pieces by seller, from which follow the sellers' own numbers."""
    asked = {"Bargain Barn": (2_000, 5), "Pixel Street": (1_900, 3)} if offers is None else offers
    fields: dict[str, Any] = {
        "name": "Quiet Mouse",
        "brand": "Logitech",
        "category": "Mice",
        "description": "Clicks softly.",
        "currency": "USD",
        "attributes": {"connection": "wireless", "weight": "99 g"},
        "offers": in_order(Offer(seller, price, pieces) for seller, (price, pieces) in asked.items()),
        "rating": 4.2,
        "reviews": 10,
        **changes,
    }
    limits = {seller: Limits(price // 2, price // 2 + 1) for seller, (price, _) in asked.items()}
    return Stocked(Product(product_id, **fields), limits)


def priced(product_id: str, price: int, **changes: Any) -> Stocked:
    """Return a product that one seller asks that price for."""
    return stocked(product_id, offers={"Bargain Barn": (price, 5)}, **changes)
