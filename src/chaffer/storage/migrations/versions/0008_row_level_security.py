"""Row-level security: on PostgreSQL, others than the owner of the tables read their own rows of some, and no others."""

from __future__ import annotations

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_CALLER = """
CREATE OR REPLACE FUNCTION chaffer_caller() RETURNS text LANGUAGE sql STABLE SET search_path = ''
AS $$ SELECT nullif(current_setting('request.jwt.claims', true), '')::json ->> 'sub' $$
"""
_OWN = "owner = (SELECT chaffer_caller())"
_OPEN = {
    "chats": _OWN,
    "chat_messages": "chat_id IN (SELECT id FROM chats)",
    "purchases": _OWN,
    "invoices": _OWN,
    "credit_notes": "invoice_id IN (SELECT id FROM invoices)",
    "postings": _OWN,
}
_CLOSED = (
    *("conversations", "events", "accounts", "claims", "stock", "answers", "model_usage"),
    *("session_keys", "logins", "preferences"),
    *("products", "product_bodies", "product_offers", "product_attributes", "product_sellers", "product_values"),
    *("product_words", "product_vectors", "words", "word_trigrams", "chat_words"),
    *("counters", "alembic_version"),
)


def upgrade() -> None:
    """Switch it on for every table, and let persons read what is theirs."""
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute(_CALLER)
    for table in (*_CLOSED, *_OPEN):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    for table, own in _OPEN.items():
        op.execute(f"CREATE POLICY own_rows ON {table} FOR SELECT USING ({own})")
