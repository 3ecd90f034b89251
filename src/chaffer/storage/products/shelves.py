"""Shelves: a seller's pieces of a product, which every session draws on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import ColumnElement, Connection, select, tuple_, update

from chaffer.ledger.books import Shelf
from chaffer.shopping.catalogue.products import Offer
from chaffer.storage.products.putting import for_sale
from chaffer.storage.tables import offers, products


def pieces_on(connection: Connection, shelves: Sequence[Shelf]) -> Mapping[Shelf, int]:
    """Return how many pieces lie on each shelf; one that is no more is missing."""
    if not shelves:
        return {}
    named = tuple_(products.c.id, offers.c.seller).in_([(shelf.product_id, shelf.seller) for shelf in shelves])
    query = select(products.c.id, offers.c.seller, offers.c.pieces).join(offers, offers.c.product == products.c.key)
    return {Shelf(row[0], row[1]): row[2] for row in connection.execute(query.where(named))}


def pieces_locked(connection: Connection, shelf: Shelf) -> int:
    """Return how many pieces lie on a shelf, and keep others from it until the transaction ends."""
    connection.execute(select(products.c.key).where(products.c.id == shelf.product_id).with_for_update())
    # Asked after the lock is held, or PostgreSQL would tell what lay there before another took some.
    return pieces_on(connection, [shelf]).get(shelf, 0)


def take(connection: Connection, shelf: Shelf, quantity: int) -> None:
    """Take pieces from a shelf that is locked and has so many; the product's price and pieces follow."""
    key: int = connection.execute(select(products.c.key).where(products.c.id == shelf.product_id)).scalar_one()
    of_seller: ColumnElement[bool] = (offers.c.product == key) & (offers.c.seller == shelf.seller)
    connection.execute(update(offers).where(of_seller).values(pieces=offers.c.pieces - quantity))
    left = select(offers.c.seller, offers.c.price_minor, offers.c.pieces).where(offers.c.product == key)
    now = for_sale([Offer(*row) for row in connection.execute(left)])
    connection.execute(update(products).where(products.c.key == key).values(**now))
