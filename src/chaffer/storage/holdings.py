"""What one owner holds, in SQL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection, Integer, Select, case, func, literal_column, select

from chaffer.conversation.journal import Holdings
from chaffer.storage.tables import answers, conversations

_BYTES: Final = {"sqlite": "LENGTH(CAST(answers.body AS BLOB))", "postgresql": "OCTET_LENGTH(answers.body)"}


def read_holdings(connection: Connection, owner: str, under_way: Sequence[str], kept: Sequence[str]) -> Holdings:
    """Return what an owner holds."""
    row = connection.execute(holdings_of(owner, under_way, kept, connection.dialect.name)).one()
    return Holdings(under_way=int(row[0]), stored_bytes=int(row[1]), conversations=int(row[2]))


def holdings_of(owner: str, under_way: Sequence[str], kinds: Sequence[str], dialect: str) -> Select[int, int, int]:
    """Return the statement: over one owner's kept answers and the heads of its conversations, found by indexes."""
    running = func.coalesce(func.sum(case((conversations.c.status.in_(under_way), 1), else_=0)), 0)
    of_kinds = func.coalesce(func.sum(case((conversations.c.kind.in_(kinds), 1), else_=0)), 0)
    stored = func.coalesce(func.sum(conversations.c.bytes), 0)
    body_bytes = literal_column(_BYTES[dialect], Integer)
    kept = select(func.coalesce(func.sum(body_bytes), 0)).select_from(answers).where(answers.c.owner == owner)
    return select(running, stored + kept.scalar_subquery(), of_kinds).where(conversations.c.owner == owner)
