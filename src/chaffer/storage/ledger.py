"""The ledger in SQL: each method one read, or one job of the writer."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, or_

from chaffer.ledger.auditing import audit
from chaffer.ledger.books import Account, PurchasePage, PurchaseWish, Remember, Settlement, StockLine
from chaffer.ledger.findings import Verification
from chaffer.ledger.invoices import Invoice, InvoicePage, InvoiceWish
from chaffer.ledger.outlays import OutlayWish, Spent
from chaffer.storage.book_records import SqlRecords
from chaffer.storage.book_tables import accounts, claims, invoices, stock
from chaffer.storage.books import (
    find_invoice,
    invoices_of_session,
    list_invoices,
    list_purchases,
    read_spent,
    settle,
)
from chaffer.storage.effects import apply_effect, read_account, read_stock
from chaffer.storage.reader import Reader
from chaffer.storage.writer import Writer


class SqlLedger:
    """The ledger over one database; see the protocol for what each method promises."""

    def __init__(self, writer: Writer, reader: Reader) -> None:
        """Read and write by these."""
        self._writer = writer
        self._reader = reader

    async def account(self, session_id: str) -> Account:
        """Return a session's account."""
        return await self._reader.run(lambda connection: read_account(connection, session_id))

    async def stock(self, session_id: str, item_id: str) -> tuple[StockLine, ...]:
        """Return what the session's sellers have left of an item."""
        return await self._reader.run(lambda connection: read_stock(connection, session_id, item_id))

    async def invoices(self, session_id: str) -> tuple[Invoice, ...]:
        """Return the invoices of a session, oldest first."""
        return await self._reader.run(lambda connection: invoices_of_session(connection, session_id))

    async def find_invoice(self, named: str) -> Invoice | None:
        """Return the invoice of an id or a number, or None."""
        named_so = or_(invoices.c.id == named, invoices.c.number == named)
        return await self._reader.run(lambda connection: find_invoice(connection, named_so))

    async def list_invoices(self, owner: str | None, wish: InvoiceWish) -> InvoicePage:
        """Return a page of an owner's invoices."""
        return await self._reader.run(lambda connection: list_invoices(connection, owner, wish))

    async def settle(self, settlement: Settlement, at: datetime, remember: Remember | None = None) -> Invoice:
        """Pay or cancel an invoice, and return it as it is now."""

        def work(connection: Connection) -> Invoice:
            invoice = settle(connection, settlement, at)
            if remember is not None:
                apply_effect(connection, remember(invoice), at)
            return invoice

        return await self._writer.run(work)

    async def purchases(self, owner: str | None, wish: PurchaseWish) -> PurchasePage:
        """Return a page of an owner's purchases."""
        return await self._reader.run(lambda connection: list_purchases(connection, owner, wish))

    async def spent(self, owner: str | None, wish: OutlayWish) -> Spent:
        """Return what an owner's purchases come to."""
        return await self._reader.run(lambda connection: read_spent(connection, owner, wish))

    async def verify(self) -> Verification:
        """Check the whole database at one moment."""
        return await self._reader.run(lambda connection: audit(SqlRecords(connection)))

    async def close_account(self, session_id: str) -> None:
        """Forget a deleted session's account, claims and stock."""

        def work(connection: Connection) -> None:
            for table in (stock, claims, accounts):
                connection.execute(delete(table).where(table.c.session_id == session_id))

        await self._writer.run(work, erases=True)
