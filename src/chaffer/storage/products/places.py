"""Where a page of products ends: a cursor that goes on there, whatever was put or bought meanwhile."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Collection, Sequence
from hashlib import blake2s

from msgspec import DecodeError, Struct
from msgspec.json import decode, encode

from chaffer.shopping.catalogue.searching import Constraints
from chaffer.shopping.catalogue.spelling import Strictness
from chaffer.storage.refusals import bad_cursor


class Place(Struct, frozen=True, array_like=True):
    """Behind which product a page goes on: by its place in the order, then by its key."""

    of: str
    strictness: Strictness
    value: float
    key: int

    def cursor(self) -> str:
        """Return the place as a cursor."""
        return urlsafe_b64encode(encode(self)).decode().rstrip("=")


def list_of(wanted: Constraints, among: Sequence[str] | None) -> str:
    """Return the mark of a list, which its cursors bear."""
    # By what it is written as, since a text may hold half a character.
    return blake2s(repr((wanted, among)).encode(), digest_size=6).hexdigest()


def place_in(cursor: str | None, of: str, ways: Collection[Strictness]) -> Place | None:
    """Return the place that a cursor of that list means, searched in one of the ways.

    Raises VALIDATION_ERROR for any other, and where the catalogue lost words since: then another way is gone.
    """
    if cursor is None:
        return None
    try:
        place = decode(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)), type=Place)
    except (DecodeError, ValueError):
        raise bad_cursor() from None
    if place.of != of or place.strictness not in ways:
        raise bad_cursor()
    return place
