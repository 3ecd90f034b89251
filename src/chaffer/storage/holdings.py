"""What one owner holds, in SQL."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, Select, case, func, select

from chaffer.conversation.journal import Holdings
from chaffer.storage.tables import conversations


def read_holdings(connection: Connection, owner: str, under_way: Sequence[str]) -> Holdings:
    """Return what an owner holds."""
    row = connection.execute(holdings_of(owner, under_way)).one()
    return Holdings(under_way=int(row[0]), stored_bytes=int(row[1]))


def holdings_of(owner: str, under_way: Sequence[str]) -> Select[int, int]:
    """Return the statement: over the heads of one owner's conversations, which an index finds."""
    running = func.coalesce(func.sum(case((conversations.c.status.in_(under_way), 1), else_=0)), 0)
    stored = func.coalesce(func.sum(conversations.c.bytes), 0)
    return select(running, stored).where(conversations.c.owner == owner)
