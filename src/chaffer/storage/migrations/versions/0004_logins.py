"""Logins of browsers, and how much each conversation takes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_BYTES = {"sqlite": "LENGTH(CAST(events.body AS BLOB))", "postgresql": "OCTET_LENGTH(events.body)"}


def upgrade() -> None:
    """Create the table and the column, which is filled with the bytes of the events that are there."""
    op.create_table(
        "logins",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("voucher", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_index("logins_by_expiry", "logins", ["expires_at"], unique=False)
    op.create_index("logins_of_owner", "logins", ["owner"], unique=False)
    op.add_column("conversations", sa.Column("bytes", sa.BigInteger(), server_default=sa.text("0"), nullable=False))
    op.create_index("conversations_of_owner", "conversations", ["owner"], unique=False)
    size = _BYTES[op.get_bind().dialect.name]
    op.execute(
        f"UPDATE conversations SET bytes = COALESCE((SELECT SUM({size}) FROM events "  # noqa: S608  One of two constants.
        "WHERE events.conversation_id = conversations.id), 0)"
    )
