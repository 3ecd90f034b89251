"""How far an import came, kept beside the database until it is done, so that an interrupted one can go on."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from chaffer.shopping.catalogue.feeds.entries import Refused
from chaffer.shopping.catalogue.feeds.text_lines import Note
from chaffer.shopping.catalogue.importing import BATCH, Listener, ReadFeed, Tally, import_batches
from chaffer.shopping.catalogue.searching import ProductCatalogue

_FOLDER: Final = "imports"
_DIGEST_BYTES: Final = 16


class _Mark(msgspec.Struct):
    """How far it came, and the catalogue's revision then: whoever wrote since has made it worthless."""

    batches: int
    products: int
    added: int
    revision: int


class ImportMark:
    """The mark of one file, read in one way into one database."""

    def __init__(self, data_dir: Path, file: Path, way: Sequence[str]) -> None:
        """Keep it in that folder; `way` is all that makes another import of the same file."""
        with file.open("rb") as content:
            digest = hashlib.file_digest(content, lambda: hashlib.blake2b(digest_size=_DIGEST_BYTES))
        digest.update("\0".join((*way, str(BATCH))).encode())
        self._path = data_dir / _FOLDER / f"{digest.hexdigest()}.json"

    def find(self, revision: int) -> Tally | None:
        """Return how far the import came, if it was interrupted and the catalogue is as it left it."""
        try:
            mark = msgspec.json.decode(self._path.read_bytes(), type=_Mark)
        except (OSError, msgspec.DecodeError):
            return None
        return Tally(mark.batches, mark.products, mark.added) if mark.revision == revision else None

    def save(self, tally: Tally, revision: int) -> None:
        """Write it, whole or not at all."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        part = self._path.with_suffix(".part")
        part.write_bytes(msgspec.json.encode(_Mark(tally.batches, tally.products, tally.added, revision)))
        part.replace(self._path)

    def remove(self) -> None:
        """Forget it: the import is done."""
        self._path.unlink(missing_ok=True)


async def import_marked(
    catalogue: ProductCatalogue, read: ReadFeed, listener: Listener, mark: ImportMark, note: Note
) -> Tally:
    """Import batch by batch, from where the same import was interrupted, and return what became of the file.

    Raises VALIDATION_ERROR where the file cannot be read on; the mark stays then.
    """
    revision = (await catalogue.stats()).revision
    begun = mark.find(revision) or Tally()
    if begun.batches:
        note(f"It was interrupted before and goes on behind its first {begun.products:,} products.")
    tally = await import_batches(catalogue, read, _Marking(listener, mark, revision - begun.batches), begun)
    mark.remove()
    return tally


class _Marking:
    """Tells on, and marks how far the import came: each batch is one revision, where nobody else writes."""

    def __init__(self, listener: Listener, mark: ImportMark, revision: int) -> None:
        self._listener = listener
        self._mark = mark
        self._revision = revision

    def refused(self, refused: Refused) -> None:
        self._listener.refused(refused)

    def put(self, tally: Tally) -> None:
        # Without a mark an interrupted import begins anew, which does no harm.
        with suppress(OSError):
            self._mark.save(tally, self._revision + tally.batches)
        self._listener.put(tally)
