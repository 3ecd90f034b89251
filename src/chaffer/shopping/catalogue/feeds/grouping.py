"""From records to entries: rows of one product at several sellers become one product."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from chaffer.errors import ChafferError, Detail
from chaffer.shopping.catalogue.feeds.admission import Asked, admitted
from chaffer.shopping.catalogue.feeds.entries import Entry, Refused, Terms
from chaffer.shopping.catalogue.feeds.records import asked, described
from chaffer.shopping.catalogue.products import Product

Record = Mapping[str, str]
"""The texts of one product by field, as `records.FIELDS` names them; no text is empty."""


def entries_of(
    records: Iterable[tuple[int, Record] | Refused], terms: Terms, named: Callable[[str], str] = str
) -> Iterator[Entry | Refused]:
    """Yield the products of records, each of which comes with the line on which it begins.

    Records of the same id that follow each other and name different sellers are one product. `named` turns the name of
    a field into that of its column.
    """
    grouping = _Grouping(terms, named)
    try:
        for each in records:
            yield from grouping.take(each)
    except ChafferError:
        yield from grouping.rest()
        raise
    yield from grouping.rest()


class _Grouping:
    """Holds a product back until it is known that no row of another seller follows."""

    def __init__(self, terms: Terms, named: Callable[[str], str]) -> None:
        self._terms = terms
        self._named = named
        self._product: _Product | None = None

    def take(self, each: tuple[int, Record] | Refused) -> Iterator[Entry | Refused]:
        """Take a record in, and yield what it ends."""
        if isinstance(each, Refused):
            yield each
            return
        line, record = each
        try:
            offer = asked(record, self._terms)
            if self._product is not None and self._product.takes(record):
                self._product.asked.append(offer)
                return
            begun = _Product(line, described(record, self._terms), [offer], is_split="seller" in record)
        except ChafferError as error:
            yield self._refused(line, error)
            return
        yield from self.rest()
        self._product = begun

    def rest(self) -> Iterator[Entry | Refused]:
        """Yield the product that was held back."""
        held, self._product = self._product, None
        if held is None:
            return
        try:
            yield Entry(held.line, admitted(held.product, held.asked))
        except ChafferError as error:
            yield self._refused(held.line, error)

    def _refused(self, line: int, error: ChafferError) -> Refused:
        detail = error.details[0]
        return Refused(line, Detail(self._named(detail.field), detail.issue))


@dataclass(slots=True)
class _Product:
    """A product whose sellers are not all known yet."""

    line: int
    product: Product
    asked: list[Asked]
    is_split: bool

    def takes(self, record: Record) -> bool:
        """Tell whether a record is of this product at another seller."""
        seller = record.get("seller")
        is_same = self.is_split and seller is not None and record.get("id") == self.product.product_id
        return is_same and all(seller != each.seller for each in self.asked)
