"""Whether a transaction was committed, when the connection was lost before the server could say so.

Only PostgreSQL can lose a connection, and only PostgreSQL remembers: it tells the fate of a transaction by its number.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

_MARK: Final = text("SELECT CAST(pg_current_xact_id_if_assigned() AS text)")
_STATUS: Final = text("SELECT pg_xact_status(CAST(:mark AS xid8))")


class OutcomeUnknownError(Exception):
    """The server did not come back in time to say whether it had committed."""


def transaction_mark(connection: Connection) -> str | None:
    """Return the number of the transaction under way; None when it has written nothing or cannot be lost."""
    if connection.dialect.name != "postgresql":
        return None
    mark: str | None = connection.scalar(_MARK)
    return mark


def was_committed(engine: Engine, mark: str, pauses_seconds: Sequence[float]) -> bool:
    """Tell whether the transaction of that number was committed, asking after each pause.

    Raises OutcomeUnknownError when nobody answers, or the server is still busy with it.
    """
    for pause in pauses_seconds:
        time.sleep(pause)
        try:
            with engine.connect() as connection:
                status = connection.scalar(_STATUS, {"mark": mark})
        except DBAPIError:
            continue
        if status in {"committed", "aborted"}:
            return bool(status == "committed")
    raise OutcomeUnknownError(mark)
