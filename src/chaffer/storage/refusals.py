"""What every store refuses, in the same words: in memory and in SQL."""

from __future__ import annotations

import re
from typing import Final

from chaffer.conversation.journal import EffectRefusedError
from chaffer.errors import BAD_CURSOR, ChafferError, Code, Detail, unfit
from chaffer.ledger.books import Purchase

_PLACE: Final = re.compile(r"[0-9]{1,18}")


def place_of(cursor: str) -> int:
    """Return the place in the order of creation behind which a page goes on. Raises VALIDATION_ERROR."""
    if _PLACE.fullmatch(cursor) is None:
        raise bad_cursor()
    return int(cursor)


def moment_of(cursor: str) -> tuple[int, str]:
    """Return the time, in microseconds, and the id behind which a page goes on. Raises VALIDATION_ERROR."""
    at, _, behind = cursor.partition(".")
    if _PLACE.fullmatch(at) is None or not behind:
        raise bad_cursor()
    return int(at), behind


def cursor_of(at: int, behind: str) -> str:
    """Return the cursor of a page that ends with what has this time, in microseconds, and this id."""
    return f"{at}.{behind}"


def bad_cursor() -> ChafferError:
    """Return what is told to who continues a list with the cursor of another one."""
    return unfit(Detail("after", BAD_CURSOR))


def gone_through_once() -> TypeError:
    """Return what is told to a caller who puts an iterator of products."""
    return TypeError("Products that can be gone through once cannot be put: a write may have to begin anew.")


def taken() -> ChafferError:
    """Return what is told to who creates a conversation or an account a second time."""
    return ChafferError(
        Code.CONFLICT,
        "A conversation or an account with this id exists already. Take a new id, or go on with it.",
    )


def no_account(session_id: str) -> ChafferError:
    """Return what is told to who asks for the books of a session that has none."""
    return ChafferError(Code.SESSION_NOT_FOUND, f"There is no session {session_id!r}; it may have been deleted.")


def bought_already(purchase: Purchase) -> EffectRefusedError:
    """Return what is told to a room that buys a second time."""
    return EffectRefusedError(
        Code.CONFLICT, f"Room {purchase.room_id} has bought {purchase.item_name} already; a room buys once."
    )


def no_invoice(invoice_id: str) -> EffectRefusedError:
    """Return what is told to who settles an invoice that is not there."""
    return EffectRefusedError(Code.INVOICE_NOT_FOUND, f"There is no invoice {invoice_id!r}. List your invoices.")


def answered_already() -> EffectRefusedError:
    """Return what is told to who would replace the answer kept under an Idempotency-Key."""
    return EffectRefusedError(
        Code.IDEMPOTENCY_KEY_REUSED, "This Idempotency-Key was used before; its first answer stands."
    )
