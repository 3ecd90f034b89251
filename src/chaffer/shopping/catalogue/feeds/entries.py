"""What a feed is read into: products and sellers with their places in it, and what was not taken, with the reason."""

from __future__ import annotations

from msgspec import Struct

from chaffer.errors import Detail
from chaffer.shopping.catalogue.products import Seller, Stocked


class Terms(Struct, frozen=True):
    """What holds where a feed says nothing: who sells, and in which currency, which is the only one that is taken."""

    currency: str
    seller: str = "Catalogue"


class Entry(Struct, frozen=True):
    """A product or a seller, and the line on which it begins, counted from 1."""

    line: int
    content: Stocked | Seller


class Refused(Struct, frozen=True):
    """What was not taken: the line on which it begins, and what is wrong with which field, as the feed names it."""

    line: int
    detail: Detail
