"""Double entry: what invoices post, credit notes, and the tax and state of invoices; those that are there post too."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_MONTH = {
    "sqlite": "strftime('%Y-%m', purchased_at / 1000000, 'unixepoch')",
    "postgresql": "to_char(to_timestamp(purchased_at / 1000000) AT TIME ZONE 'UTC', 'YYYY-MM')",
}


def upgrade() -> None:
    """Create the tables and columns, and fill them for the purchases and invoices of before."""
    _create_tables()
    with op.batch_alter_table("purchases") as batch:
        for name in ("invoice_id", "category", "tax_percent", "month"):
            batch.add_column(sa.Column(name, sa.Text(), nullable=True))
        batch.add_column(sa.Column("cancelled_at", sa.BigInteger(), nullable=True))
    with op.batch_alter_table("invoices") as batch:
        batch.add_column(sa.Column("tax_percent", sa.Text(), nullable=True))
        batch.add_column(sa.Column("paid_at", sa.BigInteger(), nullable=True))
    _fill()
    with op.batch_alter_table("purchases") as batch:
        for name in ("invoice_id", "tax_percent", "month"):
            batch.alter_column(name, existing_type=sa.Text(), nullable=False)
    with op.batch_alter_table("invoices") as batch:
        batch.alter_column("tax_percent", existing_type=sa.Text(), nullable=False)
    _create_indexes()


def _create_tables() -> None:
    op.create_table(
        "credit_notes",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("invoice_id", sa.Text(), nullable=False),
        sa.Column("issued_at", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("number"),
    )
    op.create_index("credit_notes_by_invoice", "credit_notes", ["invoice_id"], unique=True)
    op.create_table(
        "postings",
        sa.Column("transaction_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("posted_at", sa.BigInteger(), nullable=False),
        sa.Column("invoice_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("transaction_id", "number"),
    )
    op.create_index("postings_by_invoice", "postings", ["invoice_id"])


def _fill() -> None:
    """Fill the new columns; before there was no tax, and no invoice was paid or cancelled."""
    month = _MONTH[op.get_bind().dialect.name]
    op.execute(
        f"UPDATE purchases SET tax_percent = '0', month = {month}, "  # noqa: S608  One of two texts above.
        # One without an invoice, which never was written, gets an id that none has: the check of the books tells.
        "invoice_id = COALESCE((SELECT invoices.id FROM invoices WHERE invoices.room_id = purchases.room_id), id)"
    )
    op.execute("UPDATE invoices SET tax_percent = '0'")
    for number, account, amount in ((1, "purchases", "total_minor"), (2, "payable", "-total_minor")):
        op.execute(
            "INSERT INTO postings "  # noqa: S608  Texts of this function.
            "(transaction_id, number, owner, account, amount_minor, currency, posted_at, invoice_id) "
            f"SELECT id || '.issued', {number}, owner, '{account}', {amount}, currency, issued_at, id "
            "FROM invoices WHERE total_minor <> 0"
        )
    _tell_list_prices()


def _tell_list_prices() -> None:
    """Give the lines of invoices the list prices of their purchases."""
    bind, last = op.get_bind(), ""
    query = sa.text(
        "SELECT invoices.id, lines, list_price_minor FROM invoices JOIN purchases ON invoice_id = invoices.id "
        "WHERE invoices.id > :last ORDER BY invoices.id LIMIT 1000"
    )
    change = sa.text("UPDATE invoices SET lines = :lines WHERE id = :id")
    while rows := bind.execute(query, {"last": last}).all():
        last = rows[-1][0]
        changes = [
            {"id": row[0], "lines": json.dumps([_with_list_price(line, row[2]) for line in json.loads(row[1])])}
            for row in rows
        ]
        bind.execute(change, changes)


def _with_list_price(line: dict[str, object], list_price_minor: int) -> dict[str, object]:
    return {**line, "list_price_minor": list_price_minor, "category": None}


def _create_indexes() -> None:
    op.drop_index("purchases_by_owner", "purchases")
    op.drop_index("invoices_by_owner", "invoices")
    op.create_index("purchases_by_invoice", "purchases", ["invoice_id"], unique=True)
    op.create_index("purchases_by_session", "purchases", ["session_id"])
    op.create_index("purchases_by_owner", "purchases", ["owner", "purchased_at", "id"])
    op.create_index("purchases_by_age", "purchases", ["purchased_at", "id"])
    op.create_index("invoices_by_owner", "invoices", ["owner", "issued_at", "id"])
    op.create_index("invoices_by_age", "invoices", ["issued_at", "id"])
