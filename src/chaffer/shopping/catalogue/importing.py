"""Taking a file into the catalogue: batch by batch, so that others can write between, or the whole file or nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final, Protocol

from chaffer.errors import ChafferError, Detail
from chaffer.shopping.catalogue.feeds.admission import seller_by_name
from chaffer.shopping.catalogue.feeds.entries import Entry, Refused
from chaffer.shopping.catalogue.products import Seller, Stocked
from chaffer.shopping.catalogue.searching import ProductCatalogue

BATCH: Final = 1_000
"""Products of one transaction: so long others wait at most, and so many are read again after an interruption."""

ReadFeed = Callable[[], Iterable[Entry | Refused]]
"""Reads the file from its beginning each time."""


@dataclass(slots=True)
class Tally:
    """What became of a file so far. `repeated` rows were replaced by a later row of the same id."""

    batches: int = 0
    products: int = 0
    added: int = 0
    refused: int = 0
    repeated: int = 0

    @property
    def replaced(self) -> int:
        """Return how many products were there before."""
        return self.products - self.added


class Listener(Protocol):
    """Is told what happens while a file is imported."""

    def refused(self, refused: Refused) -> None:
        """Take a row that was not taken, or that a later one replaced."""
        ...

    def put(self, tally: Tally) -> None:
        """Take that a batch is in the catalogue, for good."""
        ...


@dataclass(slots=True)
class _Batch:
    products: dict[str, Stocked] = field(default_factory=dict)
    sellers: dict[str, Seller] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.products) + len(self.sellers)


async def import_batches(
    catalogue: ProductCatalogue, read: ReadFeed, listener: Listener, begun: Tally | None = None
) -> Tally:
    """Put what a file holds, and return what became of it.

    `begun` is the tally of an import of the same file that was interrupted: its batches are read, and not put again.
    One that is cancelled ends when the batch in hand is put.
    Raises VALIDATION_ERROR where the file cannot be read on; what stood before is in the catalogue then.
    """
    tally = Tally()
    known = {seller.name for seller in await catalogue.sellers()}
    for number, batch in enumerate(_Intake(tally, listener).batches(read())):
        if begun is not None and number < begun.batches:
            tally.batches, tally.added = begun.batches, begun.added
            continue
        putting = asyncio.ensure_future(catalogue.put(list(batch.products.values()), _sellers(batch, known)))
        try:
            await asyncio.shield(putting)
        finally:
            # Who interrupts does not stop a batch that is being written: it counts before the import ends.
            tally.added += await putting
            tally.batches = number + 1
            listener.put(tally)
    return tally


async def import_whole(catalogue: ProductCatalogue, read: ReadFeed, listener: Listener) -> Tally:
    """Put all that a file holds in one transaction, or nothing where a single row is refused, and return the tally.

    The file is read twice. Whoever else writes waits until it is done.
    """
    tally, sellers = Tally(), dict[str, Seller]()
    known = {seller.name for seller in await catalogue.sellers()}
    for batch in _Intake(tally, listener).batches(read()):
        sellers.update((seller.name, seller) for seller in _sellers(batch, known))
    if not tally.refused:
        tally.added = await catalogue.put(_Products(read), list(sellers.values()))
        listener.put(tally)
    return tally


class _Products:
    """The products of a file, which is read anew each time they are gone through."""

    def __init__(self, read: ReadFeed) -> None:
        self._read = read

    def __iter__(self) -> Iterator[Stocked]:
        for entry in self._read():
            if isinstance(entry, Entry) and isinstance(entry.content, Stocked):
                yield entry.content


class _Intake:
    """Goes through a file, counts what it holds, and gathers it into batches."""

    def __init__(self, tally: Tally, listener: Listener) -> None:
        self._tally = tally
        self._listener = listener
        self._batch = _Batch()
        self._lines: dict[str, int] = {}

    def batches(self, entries: Iterable[Entry | Refused]) -> Iterator[_Batch]:
        """Yield what is to be put; where the file breaks off, what stood before that place first."""
        try:
            for entry in entries:
                self._take(entry)
                if len(self._batch) == BATCH:
                    yield self._batch
                    self._batch = _Batch()
        except ChafferError:
            if self._batch:
                yield self._batch
            raise
        if self._batch:
            yield self._batch

    def _take(self, entry: Entry | Refused) -> None:
        if isinstance(entry, Refused):
            self._tally.refused += 1
            self._listener.refused(entry)
        elif isinstance(entry.content, Seller):
            self._batch.sellers[entry.content.name] = entry.content
        else:
            product_id = entry.content.product.product_id
            self._batch.products[product_id] = entry.content
            self._count(product_id, entry.line)

    def _count(self, product_id: str, line: int) -> None:
        earlier = self._lines.get(product_id)
        self._lines[product_id] = line
        if earlier is None:
            self._tally.products += 1
        else:
            self._tally.repeated += 1
            issue = f"{product_id!r} stands again on line {line}, which counts"
            self._listener.refused(Refused(earlier, Detail("id", issue)))


def _sellers(batch: _Batch, known: set[str]) -> list[Seller]:
    """Return the sellers to put: those of whom the file tells, and by name those whom nobody knows yet."""
    named = {offer.seller for stocked in batch.products.values() for offer in stocked.product.offers}
    unknown = sorted(named - known - batch.sellers.keys())
    known.update(named, batch.sellers)
    return [*batch.sellers.values(), *map(seller_by_name, unknown)]
