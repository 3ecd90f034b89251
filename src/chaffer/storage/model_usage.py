"""What models have used, in SQL: each statement adds, so that several processes count together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, delete, select, text

from chaffer.ledger.model_usage import Used
from chaffer.storage.tables import model_usage, stamp

_ADD: Final = text(
    "INSERT INTO model_usage (scope, tokens, cost_micros, used_at) VALUES (:scope, :tokens, :cost_micros, :used_at) "
    "ON CONFLICT (scope) DO UPDATE SET tokens = model_usage.tokens + excluded.tokens, "
    "cost_micros = model_usage.cost_micros + excluded.cost_micros, "
    "used_at = CASE WHEN excluded.used_at > model_usage.used_at THEN excluded.used_at ELSE model_usage.used_at END "
    "RETURNING tokens, cost_micros"
)


def read_used(connection: Connection, scopes: Sequence[str]) -> Mapping[str, Used]:
    """Return what was used in each of the scopes."""
    query = select(model_usage.c.scope, model_usage.c.tokens, model_usage.c.cost_micros)
    found = {row[0]: Used(row[1], row[2]) for row in connection.execute(query.where(model_usage.c.scope.in_(scopes)))}
    return {scope: found.get(scope, Used()) for scope in scopes}


def add_used(connection: Connection, uses: Mapping[str, Used], at: datetime) -> Mapping[str, Used]:
    """Add uses to their scopes, and return the sums."""
    sums = {}
    for scope in sorted(uses):  # In one order everywhere, or two processes could lock each other out.
        use = uses[scope]
        row = {"scope": scope, "tokens": use.tokens, "cost_micros": use.cost_micros, "used_at": stamp(at)}
        sums[scope] = Used(*connection.execute(_ADD, row).one())
    return sums


def forget_used(connection: Connection, before: datetime) -> None:
    """Drop the scopes to which nothing was added since that time."""
    connection.execute(delete(model_usage).where(model_usage.c.used_at < stamp(before)))
