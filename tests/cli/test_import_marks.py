"""An import that was interrupted: it goes on behind its last batch, and only where the catalogue is as it left it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from chaffer.cli.import_marks import ImportMark, import_marked
from chaffer.shopping.catalogue.feeds.admission import Asked, admitted
from chaffer.shopping.catalogue.feeds.entries import Entry, Refused
from chaffer.shopping.catalogue.importing import BATCH, Tally
from chaffer.shopping.catalogue.products import Product, Stocked
from chaffer.shopping.catalogue.searching import ProductCatalogue
from chaffer.storage.memory import MemoryStore

COUNT = 2 * BATCH + 5


class Heard:
    """Keeps what it is told, and is interrupted behind so many batches."""

    def __init__(self, patience: int = COUNT) -> None:
        self.batches: list[int] = []
        self.notes: list[str] = []
        self._patience = patience

    def refused(self, refused: Refused) -> None:
        raise AssertionError(refused)

    def put(self, tally: Tally) -> None:
        self.batches.append(tally.batches)
        if len(self.batches) == self._patience:
            raise KeyboardInterrupt


def product(number: int) -> Stocked:
    return admitted(Product(f"p{number}", "Product", "B", "C", "", "USD", {}, ()), [Asked("Alpha", 1_000, 5)])


def read() -> Iterator[Entry | Refused]:
    return (Entry(number, product(number)) for number in range(COUNT))


def imported(catalogue: ProductCatalogue, mark: ImportMark, heard: Heard) -> Tally:
    return asyncio.run(import_marked(catalogue, read, heard, mark, heard.notes.append))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "feed.csv"
    path.write_text("id,name,price\n", encoding="utf-8")
    return path


@pytest.fixture
def catalogue(tmp_path: Path, file: Path) -> ProductCatalogue:
    """Return a catalogue in which an import of the file was interrupted behind its first batch."""
    store = MemoryStore().products
    with pytest.raises(KeyboardInterrupt):
        imported(store, ImportMark(tmp_path, file, ("USD",)), Heard(1))
    return store


def test_same_import_goes_on_behind_its_last_batch(catalogue: ProductCatalogue, tmp_path: Path, file: Path) -> None:
    heard = Heard()
    tally = imported(catalogue, ImportMark(tmp_path, file, ("USD",)), heard)
    assert heard.batches == [2, 3]
    assert heard.notes == ["It was interrupted before and goes on behind its first 1,000 products."]
    assert (tally.added, tally.replaced) == (COUNT, 0)


def test_import_that_was_interrupted_twice_still_goes_on(
    catalogue: ProductCatalogue, tmp_path: Path, file: Path
) -> None:
    with pytest.raises(KeyboardInterrupt):
        imported(catalogue, ImportMark(tmp_path, file, ("USD",)), Heard(1))
    heard = Heard()
    tally = imported(catalogue, ImportMark(tmp_path, file, ("USD",)), heard)
    assert (heard.batches, tally.added) == ([3], COUNT)


def test_import_that_is_done_begins_anew(catalogue: ProductCatalogue, tmp_path: Path, file: Path) -> None:
    imported(catalogue, ImportMark(tmp_path, file, ("USD",)), Heard())
    heard = Heard()
    tally = imported(catalogue, ImportMark(tmp_path, file, ("USD",)), heard)
    assert (heard.batches, heard.notes, tally.added, tally.replaced) == ([1, 2, 3], [], 0, COUNT)


def test_import_begins_anew_where_somebody_wrote_since(catalogue: ProductCatalogue, tmp_path: Path, file: Path) -> None:
    asyncio.run(catalogue.remove_all())
    heard = Heard()
    tally = imported(catalogue, ImportMark(tmp_path, file, ("USD",)), heard)
    assert (heard.batches, tally.added) == ([1, 2, 3], COUNT)


def test_other_file_and_the_same_one_read_otherwise_begin_anew(
    catalogue: ProductCatalogue, tmp_path: Path, file: Path
) -> None:
    revision = asyncio.run(catalogue.stats()).revision
    assert ImportMark(tmp_path, file, ("USD",)).find(revision) == Tally(1, BATCH, BATCH)
    assert ImportMark(tmp_path, file, ("EUR",)).find(revision) is None
    file.write_text("id,name,price\n\n", encoding="utf-8")
    assert ImportMark(tmp_path, file, ("USD",)).find(revision) is None


def test_mark_that_was_spoiled_is_no_mark(catalogue: ProductCatalogue, tmp_path: Path, file: Path) -> None:
    (mark,) = (tmp_path / "imports").iterdir()
    mark.write_text("{", encoding="utf-8")
    assert ImportMark(tmp_path, file, ("USD",)).find(asyncio.run(catalogue.stats()).revision) is None
