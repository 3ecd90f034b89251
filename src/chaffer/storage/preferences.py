"""What persons like, in SQL."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from msgspec.json import decode, encode
from sqlalchemy import Connection, delete, select, text, update

from chaffer.shopping.preferences import Preferences
from chaffer.storage.tables import preferences as table

_BEGIN: Final = text("INSERT INTO preferences (owner, body) VALUES (:owner, :body) ON CONFLICT (owner) DO NOTHING")


def read_preferences(connection: Connection, owner: str) -> Preferences:
    """Return what is known of a person's taste; of one nobody knows, nothing."""
    body = connection.scalar(select(table.c.body).where(table.c.owner == owner))
    return Preferences() if body is None else decode(body, type=Preferences)


def change_preferences(connection: Connection, owner: str, change: Callable[[Preferences], Preferences]) -> Preferences:
    """Put what `change` makes of them in their place, and return it."""
    # So that there is a row to lock: two first changes at once would both find nothing, and one would be lost.
    connection.execute(_BEGIN, {"owner": owner, "body": encode(Preferences()).decode()})
    row = select(table.c.body).where(table.c.owner == owner).with_for_update()
    now = change(decode(connection.execute(row).scalar_one(), type=Preferences))
    connection.execute(update(table).where(table.c.owner == owner).values(body=encode(now).decode()))
    return now


def forget_preferences(connection: Connection, owner: str) -> None:
    """Forget all of them."""
    connection.execute(delete(table).where(table.c.owner == owner))
