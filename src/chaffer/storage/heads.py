"""Heads of conversations as rows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from sqlalchemy import RowMapping

from chaffer.conversation.journal import Head, Opening
from chaffer.storage.tables import conversations, moment

HEAD: Final = (
    conversations.c.id,
    conversations.c.kind,
    conversations.c.owner,
    conversations.c.parent_id,
    conversations.c.status,
    conversations.c.position,
    conversations.c.epoch,
    conversations.c.created_at,
    conversations.c.updated_at,
)
"""The columns that make a head."""


def new_head(opening: Opening, at: int, weight: int) -> dict[str, Any]:
    """Return the row of a conversation that begins, whose events weigh so many bytes."""
    return {
        "id": opening.conversation_id,
        "kind": opening.kind,
        "owner": opening.owner,
        "parent_id": opening.parent_id,
        "status": opening.status,
        "position": len(opening.events),
        "epoch": 0,
        "created_at": at,
        "updated_at": at,
        "bytes": weight,
    }


def heads_of(rows: Iterable[RowMapping]) -> tuple[Head, ...]:
    """Return the heads of rows, in their order."""
    return tuple(
        Head(
            conversation_id=row["id"],
            kind=row["kind"],
            owner=row["owner"],
            parent_id=row["parent_id"],
            status=row["status"],
            position=row["position"],
            epoch=row["epoch"],
            created_at=moment(row["created_at"]),
            updated_at=moment(row["updated_at"]),
        )
        for row in rows
    )
