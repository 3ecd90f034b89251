"""The ledger's rules, pure: what a purchase may do to an account and a stock, and what a room may spend."""

from __future__ import annotations

from chaffer.conversation.journal import EffectRefusedError
from chaffer.errors import Code
from chaffer.ledger.books import Account, CommitPurchase
from chaffer.money import plain


def check_purchase(account: Account, pieces: int, commit: CommitPurchase) -> None:
    """Raise EffectRefusedError when the purchase exceeds the remaining budget or the seller's pieces.

    With CONFLICT when the budget has changed since the buyer looked; the error tells what remains.
    """
    purchase = commit.purchase
    if purchase.total_minor > account.remaining_minor:
        raise EffectRefusedError(
            Code.BUDGET_CONSTRAINT_VIOLATION,
            f"{purchase.quantity} × {purchase.item_name} at {plain(purchase.price_minor)} cost "
            f"{plain(purchase.total_minor)}, but {plain(account.remaining_minor)} of the session's budget remain. "
            "Choose a cheaper offer.",
            remaining_minor=account.remaining_minor,
        )
    if purchase.quantity > pieces:
        raise EffectRefusedError(
            Code.INSUFFICIENT_INVENTORY,
            f"{purchase.seller_name} has {pieces} × {purchase.item_name} left, and {purchase.quantity} are needed. "
            "Choose another seller.",
            remaining_minor=account.remaining_minor,
        )
    if account.remaining_minor != commit.seen_remaining_minor:
        raise EffectRefusedError(
            Code.CONFLICT,
            f"The session's budget has changed: {plain(account.remaining_minor)} remain. Look again and decide anew.",
            remaining_minor=account.remaining_minor,
        )


def ceiling_minor(account: Account, room_id: str, quantity: int) -> int:
    """Return the most that a room may pay per unit now.

    remaining × (the room's value ÷ the values of all open claims) ÷ quantity, rounded down; 0 for a closed claim.
    """
    total = sum(claim.value_minor for claim in account.claims if claim.is_open)
    own = sum(claim.value_minor for claim in account.claims if claim.is_open and claim.room_id == room_id)
    return account.remaining_minor * own // (total * quantity) if total else 0
