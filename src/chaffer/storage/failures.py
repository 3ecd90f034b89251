"""What a database's failures mean to a caller. The driver's words may hold a URL or a value: they stay here."""

from __future__ import annotations

from typing import Final

import structlog
from sqlalchemy.exc import DataError, DBAPIError, SQLAlchemyError

from chaffer.errors import ChafferError, Code

FAULTS: Final = (SQLAlchemyError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
"""What statements and the conversion of their values raise when something is wrong with the server or with us."""

_UNFIT: Final = (DataError, OverflowError, UnicodeError)

_log = structlog.get_logger("chaffer.storage")


def told(fault: Exception, done: str) -> Exception:
    """Return what a caller is told of a fault: VALIDATION_ERROR for a value that no column can hold, INTERNAL_ERROR.

    A fault of our own code is told as it is. `done` is what could not be done: read or written.
    """
    if isinstance(fault, _UNFIT):
        return ChafferError(
            Code.VALIDATION_ERROR,
            f"Something in this request cannot be {done}: it holds a NUL or half a character, or a number beyond "
            "64 bits. Take it out and try again.",
        )
    if isinstance(fault, DBAPIError):
        # The server's own name for it, which holds no value: SQLITE_FULL, 53100.
        name = getattr(fault.orig, "sqlite_errorname", None) or getattr(fault.orig, "sqlstate", None)
        _log.error("storage.failed", done=done, kind=type(fault.orig).__name__, name=name)
        return ChafferError(
            Code.INTERNAL_ERROR, f"The database could not be {done}. Check that it is up and has room, then try again."
        )
    return fault


def closed() -> ChafferError:
    """Return what is told to who comes after the store was closed."""
    return ChafferError(
        Code.INTERNAL_ERROR, "The database is closed, because the program is stopping. Try again once it is up."
    )
