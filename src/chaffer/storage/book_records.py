"""The books as they are checked, in SQL: whole tables in pages, or what does not hold found by the server."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, RowMapping, Select, Table, func, or_, select

from chaffer.ledger.auditing import Entry
from chaffer.ledger.invoicing import Series
from chaffer.ledger.postings import Posting
from chaffer.storage.book_tables import accounts, credit_notes, invoices, postings, purchases
from chaffer.storage.books import COUNTERS, INVOICES, PURCHASES, invoice_from, posting_from, purchase_from
from chaffer.storage.tables import counters

_PAGE: Final = 500
_NUMBERED: Final = {Series.INVOICES: invoices, Series.CREDIT_NOTES: credit_notes}
_COUNTED: Final[Mapping[str, Table]] = {
    "accounts": accounts,
    "purchases": purchases,
    "invoices": invoices,
    "credit_notes": credit_notes,
    "postings": postings,
}


@dataclass(frozen=True, slots=True)
class SqlRecords:
    """The books over a connection whose statements all see one moment; see the protocol."""

    connection: Connection

    def counts(self) -> Mapping[str, int]:
        """Return how many records of each sort there are."""
        return {name: self._number(select(func.count()).select_from(table)) for name, table in _COUNTED.items()}

    def _number(self, query: Select[Any]) -> int:
        return int(self.connection.execute(query).scalar_one())

    def entries(self) -> Iterator[Entry]:
        """Yield every invoice with what belongs to it, page by page in the order of their ids."""
        query, last = INVOICES.order_by(invoices.c.id).limit(_PAGE), ""
        while rows := self.connection.execute(query.where(invoices.c.id > last)).mappings().all():
            ids = [row["id"] for row in rows]
            last = ids[-1]
            bought = {row["invoice_id"]: purchase_from(row) for row in self._of(PURCHASES, purchases, ids)}
            posted: defaultdict[str, list[Posting]] = defaultdict(list)
            for row in self._of(select(postings), postings, ids):
                posted[row["invoice_id"]].append(posting_from(row))
            for row in rows:
                yield Entry(invoice_from(row), bought.get(row["id"]), tuple(posted[row["id"]]))

    def _of(self, query: Select[Any], table: Table, ids: Sequence[str]) -> Sequence[RowMapping]:
        return self.connection.execute(query.where(table.c.invoice_id.in_(ids))).mappings().all()

    def numbers(self, series: Series) -> Iterator[str]:
        """Yield the numbers of a series, year by year, those of a year as they count."""
        number = _NUMBERED[series].c.number
        year = func.substr(number, len(series) + 2, 4)
        query = select(number).order_by(year, func.length(number), number)
        yield from (row[0] for row in self._rows(query))

    def last_places(self, series: Series) -> Mapping[int, int]:
        """Return by year the place of the number that was given out last."""
        front = COUNTERS[series]
        query = select(counters.c.name, counters.c.value).where(counters.c.name.startswith(front))
        return {int(name.removeprefix(front)): value for name, value in self.connection.execute(query)}

    def unbalanced(self) -> Iterator[tuple[str, int]]:
        """Yield the transactions that do not come to nothing."""
        left = func.sum(postings.c.amount_minor)
        query = select(postings.c.transaction_id, left).group_by(postings.c.transaction_id, postings.c.currency)
        yield from ((name, int(rest)) for name, rest in self._rows(query.having(left != 0)))

    def strays(self) -> Iterator[tuple[str, str]]:
        """Yield the purchases, credit notes and transactions that belong to no invoice."""
        sorts = {
            "purchase": purchases.c.id,
            "credit note": credit_notes.c.number,
            "transaction": postings.c.transaction_id,
        }
        for sort, name in sorts.items():
            table = name.table
            known = select(invoices.c.id).where(invoices.c.id == table.c.invoice_id).exists()
            yield from ((sort, row[0]) for row in self._rows(select(name).where(~known).distinct()))

    def mismatched(self) -> Iterator[str]:
        """Yield the purchases whose total or month, which spending is summed by, does not follow from the rest."""
        for row in self.connection.execute(PURCHASES, execution_options={"yield_per": _PAGE}).mappings():
            purchase = purchase_from(row)
            if (row["total_minor"], row["month"]) != (purchase.total_minor, purchase.month):
                yield purchase.purchase_id

    def bought_twice(self) -> Iterator[str]:
        """Yield the rooms with more than one purchase or invoice."""
        for table in (purchases, invoices):
            query = select(table.c.room_id).group_by(table.c.room_id).having(func.count() > 1)
            yield from (row[0] for row in self._rows(query))

    def misjudged(self) -> Iterator[tuple[str, int, int, int]]:
        """Yield the sessions whose committed sum is wrong."""
        bought = func.coalesce(func.sum(purchases.c.total_minor), 0)
        query = (
            select(accounts.c.session_id, accounts.c.budget_minor, accounts.c.committed_minor, bought)
            .join_from(accounts, purchases, purchases.c.session_id == accounts.c.session_id, isouter=True)
            .group_by(accounts.c.session_id, accounts.c.budget_minor, accounts.c.committed_minor)
            .having(or_(accounts.c.committed_minor != bought, accounts.c.committed_minor > accounts.c.budget_minor))
        )
        yield from ((row[0], row[1], row[2], int(row[3])) for row in self._rows(query))

    def _rows(self, query: Select[Any]) -> Iterator[Sequence[Any]]:
        """Yield the rows of a query, a few at a time, also over a server that would send all at once."""
        yield from self.connection.execute(query, execution_options={"yield_per": _PAGE})
