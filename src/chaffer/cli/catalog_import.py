"""What `chaffer catalog import` does: reads a file into the database here, and tells what became of its rows."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass

from chaffer.cli.catalog import open_catalogue
from chaffer.cli.environment import settings_here
from chaffer.cli.import_files import ImportFile
from chaffer.cli.import_marks import ImportMark, import_marked
from chaffer.cli.import_telling import Telling
from chaffer.cli.outcomes import Outcome
from chaffer.errors import ChafferError
from chaffer.settings import Settings
from chaffer.shopping.catalogue.feeds.admission import checked_seller, seller_by_name
from chaffer.shopping.catalogue.feeds.entries import Entry, Refused, Terms
from chaffer.shopping.catalogue.feeds.formats import Format, format_of_content, read_feed
from chaffer.shopping.catalogue.importing import import_batches, import_whole


@dataclass(frozen=True, slots=True)
class ImportWish:
    """What is to be imported, and how; `renamed` are pairs of a column and its field."""

    file: str
    form: str | None
    renamed: tuple[tuple[str, str], ...]
    seller: str
    whole: bool
    report: str | None

    def way(self, settings: Settings) -> tuple[str, ...]:
        """Return what makes another import of the same file."""
        columns = (part for pair in self.renamed for part in pair)
        return (settings.store_url, settings.currency, self.seller, self.form or "", *columns)


async def import_file(wish: ImportWish, *, as_json: bool) -> Outcome:
    """Import a file, and tell what became of it. Raises VALIDATION_ERROR where it cannot be read to its end."""
    settings = settings_here()
    terms = Terms(settings.currency, checked_seller(seller_by_name(wish.seller)).name)
    with ExitStack() as stack:
        file = stack.enter_context(ImportFile(wish.file, again=wish.whole))
        telling = stack.enter_context(Telling(file, wish.report))

        def read() -> Iterable[Entry | Refused]:
            content = file.open()
            form = format_of_content(content) if wish.form is None else Format(wish.form)
            return read_feed(content, form, terms, dict(wish.renamed), telling.note)

        async with open_catalogue(settings) as catalogue:
            try:
                if wish.whole:
                    tally = await import_whole(catalogue, read, telling)
                elif file.path is None:
                    tally = await import_batches(catalogue, read, telling)
                else:
                    mark = ImportMark(settings.data_dir, file.path, wish.way(settings))
                    tally = await import_marked(catalogue, read, telling, mark, telling.note)
            except ChafferError as error:
                raise telling.broken_off(error) from None
    telling.tell(tally, is_in=not (wish.whole and tally.refused), as_json=as_json)
    return Outcome.BAD_INPUT if tally.refused else Outcome.DONE
