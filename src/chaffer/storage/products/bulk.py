"""Many rows at a time: SQLite takes them one after the other, PostgreSQL sooner all in one statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec.json import encode
from sqlalchemy import Connection, text


def add(connection: Connection, table: str, rows: Sequence[Mapping[str, Any]], *, on_conflict: str = "") -> None:
    """Add rows, which name every column, to a table; `on_conflict` tells in SQL what happens to one that is there."""
    if not rows:
        return
    otherwise = f"ON CONFLICT {on_conflict}" if on_conflict else ""
    if connection.dialect.name == "postgresql":
        # It knows the types of the columns by the table, whichever it is.
        given = f"json_populate_recordset(CAST(NULL AS {table}), CAST(:rows AS json))"
        statement = f"INSERT INTO {table} SELECT * FROM {given} {otherwise}"  # noqa: S608  Our own names.
        connection.execute(text(statement), {"rows": encode(rows).decode()})
        return
    names = ", ".join(rows[0])
    places = ", ".join(f":{name}" for name in rows[0])
    statement = f"INSERT INTO {table} ({names}) VALUES ({places}) {otherwise}"  # noqa: S608  As above.
    connection.execute(text(statement), list(rows))
