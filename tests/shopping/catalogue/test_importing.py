"""Files into the catalogue: in batches that last, from where it was interrupted, or the whole file or nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Sequence

import pytest

from chaffer.errors import ChafferError, Detail, unfit
from chaffer.shopping.catalogue.feeds.admission import Asked, admitted
from chaffer.shopping.catalogue.feeds.entries import Entry, Refused
from chaffer.shopping.catalogue.importing import BATCH, ReadFeed, Tally, import_batches, import_whole
from chaffer.shopping.catalogue.products import Product, Seller, Stocked
from chaffer.shopping.catalogue.searching import ProductCatalogue
from chaffer.storage.memory import MemoryStore


class Heard:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.lines: list[int] = []
        self.batches: list[tuple[int, int]] = []

    def refused(self, refused: Refused) -> None:
        self.lines.append(refused.line)

    def put(self, tally: Tally) -> None:
        self.batches.append((tally.batches, tally.products))


def product(number: int, price_minor: int = 1_000, seller: str = "Alpha") -> Stocked:
    described = Product(f"p{number}", f"Product {number}", "B", "C", "", "USD", {}, ())
    return admitted(described, [Asked(seller, price_minor, 5)])


def entries(*numbers: int) -> list[Entry | Refused]:
    return [Entry(line, product(number)) for line, number in enumerate(numbers, 2)]


def file_of(*content: Entry | Refused | ChafferError) -> ReadFeed:
    """Return what reads that file, and breaks off at an error in it."""

    def read() -> Iterator[Entry | Refused]:
        for each in content:
            if isinstance(each, ChafferError):
                raise each
            yield each

    return read


def ids(catalogue: ProductCatalogue) -> list[str]:
    async def gathered() -> list[str]:
        page, after = await catalogue.page(None, 10 * BATCH)
        assert after is None
        return sorted(each.product.product_id for each in page)

    return asyncio.run(gathered())


def many(count: int) -> Iterable[Entry | Refused]:
    return entries(*range(count))


def test_products_are_added_and_those_with_known_ids_replaced() -> None:
    catalogue, heard = MemoryStore().products, Heard()
    asyncio.run(import_batches(catalogue, file_of(*entries(1, 2)), heard))
    tally = asyncio.run(import_batches(catalogue, file_of(Entry(2, product(2, 500)), Entry(3, product(3))), heard))
    assert (tally.added, tally.replaced, tally.products) == (1, 1, 2)
    assert ids(catalogue) == ["p1", "p2", "p3"]
    found = asyncio.run(catalogue.find("p2"))
    assert found is not None
    assert found.price_minor == 500


def test_of_an_id_that_stands_twice_the_later_row_counts_and_the_earlier_is_told() -> None:
    catalogue, heard = MemoryStore().products, Heard()
    tally = asyncio.run(
        import_batches(
            catalogue, file_of(Entry(2, product(1, 500)), Entry(3, product(2)), Entry(4, product(1, 900))), heard
        )
    )
    assert (tally.products, tally.added, tally.repeated) == (2, 2, 1)
    assert heard.lines == [2]
    found = asyncio.run(catalogue.find("p1"))
    assert found is not None
    assert found.price_minor == 900


def test_file_is_put_in_batches() -> None:
    heard = Heard()
    tally = asyncio.run(import_batches(MemoryStore().products, file_of(*many(2 * BATCH + 1)), heard))
    assert heard.batches == [(1, BATCH), (2, 2 * BATCH), (3, 2 * BATCH + 1)]
    assert (tally.added, tally.replaced) == (2 * BATCH + 1, 0)


def test_interrupted_import_goes_on_behind_the_last_batch_and_leaves_what_was_sold_since() -> None:
    catalogue, heard = MemoryStore().products, Heard()
    content = list(many(2 * BATCH + 1))
    begun = asyncio.run(import_batches(catalogue, file_of(*content[:BATCH]), Heard()))
    asyncio.run(catalogue.put([product(0, 77)]))
    tally = asyncio.run(import_batches(catalogue, file_of(*content), heard, begun))
    assert heard.batches == [(2, 2 * BATCH), (3, 2 * BATCH + 1)]
    assert (tally.added, tally.replaced) == (2 * BATCH + 1, 0)
    untouched = asyncio.run(catalogue.find("p0"))
    assert untouched is not None
    assert untouched.price_minor == 77


def test_import_that_is_cancelled_counts_the_batch_in_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    catalogue, heard = MemoryStore().products, Heard()
    put, reached = catalogue.put, asyncio.Event()

    async def slow(products: Iterable[Stocked], sellers: Sequence[Seller] = ()) -> int:
        reached.set()
        await asyncio.sleep(0)
        return await put(products, sellers)

    monkeypatch.setattr(catalogue, "put", slow)

    async def interrupted() -> None:
        importing = asyncio.ensure_future(import_batches(catalogue, file_of(*many(2 * BATCH)), heard))
        await reached.wait()
        importing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await importing

    asyncio.run(interrupted())
    assert heard.batches == [(1, BATCH)]
    assert len(ids(catalogue)) == BATCH


def test_what_stood_before_the_place_where_a_file_breaks_off_is_in() -> None:
    catalogue, heard = MemoryStore().products, Heard()
    broken = file_of(*entries(1, 2), unfit(Detail("line 4", "is not XML")), *entries(3))
    with pytest.raises(ChafferError, match="line 4 is not XML"):
        asyncio.run(import_batches(catalogue, broken, heard))
    assert ids(catalogue) == ["p1", "p2"]
    assert heard.batches == [(1, 2)]


def test_empty_file_changes_nothing() -> None:
    catalogue = MemoryStore().products
    asyncio.run(import_batches(catalogue, file_of(), Heard()))
    assert asyncio.run(catalogue.stats()).revision == 0


def test_single_refused_row_keeps_the_whole_file_out() -> None:
    catalogue, heard = MemoryStore().products, Heard()
    bad = Refused(9, Detail("price", "is required"))
    tally = asyncio.run(import_whole(catalogue, file_of(*many(BATCH + 1), bad), heard))
    assert (tally.refused, heard.lines, heard.batches) == (1, [9], [])
    assert asyncio.run(catalogue.stats()).revision == 0


def test_whole_file_is_put_in_one_transaction() -> None:
    catalogue, heard = MemoryStore().products, Heard()
    tally = asyncio.run(import_whole(catalogue, file_of(*many(BATCH + 1)), heard))
    assert (tally.added, len(ids(catalogue))) == (BATCH + 1, BATCH + 1)
    assert asyncio.run(catalogue.stats()).revision == 1


def test_file_that_changes_while_it_is_put_whole_is_put_not_at_all() -> None:
    catalogue = MemoryStore().products
    rounds = iter([file_of(*entries(1, 2)), file_of(*entries(1, 2), unfit(Detail("line 4", "is not XML")))])

    def read() -> Iterable[Entry | Refused]:
        return next(rounds)()

    with pytest.raises(ChafferError, match="line 4"):
        asyncio.run(import_whole(catalogue, read, Heard()))
    assert asyncio.run(catalogue.stats()).products == 0


def test_sellers_that_the_file_names_alone_get_a_way_to_haggle_and_known_ones_keep_theirs() -> None:
    catalogue = MemoryStore().products
    rude = Seller("Alpha", "maximize_profit", "rude")
    asyncio.run(import_batches(catalogue, file_of(Entry(1, rude), *entries(1)), Heard()))
    asyncio.run(import_batches(catalogue, file_of(*entries(2), Entry(3, product(3, seller="Beta"))), Heard()))
    assert asyncio.run(catalogue.sellers()) == (rude, Seller("Beta", "customer_retention", "very_sweet"))


@pytest.mark.parametrize("whole", [True, False])
def test_sellers_are_taken_from_a_file_of_sellers_alone(whole: bool) -> None:  # noqa: FBT001  So pytest calls.
    catalogue = MemoryStore().products
    importing = import_whole if whole else import_batches
    asyncio.run(importing(catalogue, file_of(Entry(1, Seller("Alpha", "maximize_profit", "rude"))), Heard()))
    assert [seller.name for seller in asyncio.run(catalogue.sellers())] == ["Alpha"]
