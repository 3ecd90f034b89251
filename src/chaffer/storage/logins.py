"""Logins of browsers in SQL."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from chaffer.doors.caller import Mode
from chaffer.doors.logins import Login
from chaffer.storage.tables import logins, moment, stamp


def keep_login(connection: Connection, login: Login, most: int) -> None:
    """Keep a new login, and of its owner's others those that expire last, so that there are `most`."""
    row = {
        "digest": login.digest,
        "owner": login.owner,
        "mode": login.mode.value,
        "voucher": login.voucher,
        "expires_at": stamp(login.expires_at),
    }
    connection.execute(insert(logins), row)
    others = (logins.c.owner == login.owner, logins.c.digest != login.digest)
    staying = select(logins.c.digest).where(*others).order_by(logins.c.expires_at.desc()).limit(most - 1)
    connection.execute(delete(logins).where(*others, logins.c.digest.not_in(staying)))


def find_login(connection: Connection, digest: bytes) -> Login | None:
    """Return a login, or None."""
    query = select(logins.c.owner, logins.c.mode, logins.c.voucher, logins.c.expires_at)
    row = connection.execute(query.where(logins.c.digest == digest)).first()
    return None if row is None else Login(digest, row[0], Mode(row[1]), row[2], moment(row[3]))


def forget_login(connection: Connection, digest: bytes) -> None:
    """Drop a login."""
    connection.execute(delete(logins).where(logins.c.digest == digest))


def forget_logins(connection: Connection, before: datetime) -> None:
    """Drop the logins that expired before that time."""
    connection.execute(delete(logins).where(logins.c.expires_at < stamp(before)))
