"""Who may read which rows on PostgreSQL, where others than this program are let in, as Supabase lets its clients.

Every table has row-level security. It does not bind the owner of the tables, which the program is. Whoever else is
granted a table reads no row of it, but of the open ones those of the person whose token the request bears. Nobody but
the owner of the tables writes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sqlalchemy import Connection, text

from chaffer.errors import ChafferError, Code

# What PostgREST, and so Supabase, sets before each request: the claims of a token that it has verified.
_CALLER: Final = """
CREATE OR REPLACE FUNCTION chaffer_caller() RETURNS text LANGUAGE sql STABLE SET search_path = ''
AS $$ SELECT nullif(current_setting('request.jwt.claims', true), '')::json ->> 'sub' $$
"""
# In a subquery, so that it is asked once and not for every row.
_OWN: Final = "owner = (SELECT chaffer_caller())"

# Where a row belongs to another one, that one's own guard holds in the subquery, too.
OPEN: Final[Mapping[str, str]] = {
    "chats": _OWN,
    "chat_messages": "chat_id IN (SELECT id FROM chats)",
    "purchases": _OWN,
    "invoices": _OWN,
    "credit_notes": "invoice_id IN (SELECT id FROM invoices)",
    "postings": _OWN,
}
"""The tables of which a person reads rows, and which ones: none has a column that is not for that person's eyes."""

CLOSED: Final = (
    # Costs and least prices of sellers, budgets of buyers, and what others said to them.
    *("conversations", "events", "accounts", "claims", "stock", "answers", "model_usage"),
    *("session_keys", "logins", "preferences"),
    *("products", "product_bodies", "product_facets", "product_offers", "product_attributes", "product_sellers"),
    *("product_values", "product_vectors", "words", "word_trigrams", "chat_words"),
    *("counters", "alembic_version"),
)
"""The tables of which nobody but the program reads anything."""


def secure_rows(connection: Connection) -> None:
    """Put the rows of all tables under guard, on PostgreSQL; elsewhere there is nobody to guard them from."""
    if connection.dialect.name != "postgresql":
        return
    connection.execute(text(_CALLER))
    for table in (*CLOSED, *OPEN):
        connection.execute(text(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"))
    for table, own in OPEN.items():
        connection.execute(text(f"CREATE POLICY own_rows ON {table} FOR SELECT USING ({own})"))


def check_that_rows_are_ours(connection: Connection) -> None:
    """Raise VALIDATION_ERROR where the guard is on ourselves: the program would find every table empty."""
    guarded = text("SELECT row_security_active('alembic_version')")
    if connection.dialect.name != "postgresql" or not connection.scalar(guarded):
        return
    raise ChafferError(
        Code.VALIDATION_ERROR,
        "The tables belong to another user of the database than DATABASE_URL names, and their rows are guarded from "
        "that one. Name the user who owns the tables.",
    )
