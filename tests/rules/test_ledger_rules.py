"""What the ledger lets a purchase do, and what it lets a room spend."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaffer.conversation.journal import EffectRefusedError
from chaffer.errors import Code
from chaffer.ledger.books import Account, Claim, CommitPurchase
from chaffer.ledger.rules import ceiling_minor, check_purchase
from chaffer.negotiation.rules import decide
from tests.support.rooms import ONE, accepts, begun, offers

ACCOUNT = Account("session", 300_000, 50_000, (Claim("one", 100), Claim("two", 300), Claim("over", 100, is_open=False)))


def commit(*, total: int, seen: int = 250_000) -> CommitPurchase:
    """Return the purchase of two pieces, looked at when `seen` remained."""
    effect = decide(begun(offers(ONE, 100_000)), accepts(ONE)).effects[0]
    assert isinstance(effect, CommitPurchase)
    return CommitPurchase(replace(effect.purchase, price_minor=total // 2), seen)


def test_a_purchase_may_take_the_last_cent_and_the_last_piece() -> None:
    check_purchase(ACCOUNT, 2, commit(total=250_000))
    check_purchase(ACCOUNT, 3, commit(total=2))


@pytest.mark.parametrize(
    ("given", "pieces", "code"),
    [
        ({"total": 250_002}, 2, Code.BUDGET_CONSTRAINT_VIOLATION),
        ({"total": 250_002, "seen": 300_000}, 0, Code.BUDGET_CONSTRAINT_VIOLATION),
        ({"total": 250_000}, 1, Code.INSUFFICIENT_INVENTORY),
        ({"total": 250_000, "seen": 300_000}, 1, Code.INSUFFICIENT_INVENTORY),
        ({"total": 250_000, "seen": 249_999}, 2, Code.CONFLICT),
        ({"total": 250_000, "seen": 250_001}, 2, Code.CONFLICT),
    ],
    ids=["budget", "budget first", "stock", "stock first", "saw less", "saw more"],
)
def test_a_purchase_beyond_budget_or_stock_or_on_an_old_look_is_refused(
    given: dict[str, Any], pieces: int, code: Code
) -> None:
    with pytest.raises(EffectRefusedError) as refused:
        check_purchase(ACCOUNT, pieces, commit(**given))
    assert (refused.value.code, refused.value.remaining_minor) == (code, 250_000)


@pytest.mark.parametrize(("room", "ceiling"), [("one", 31_250), ("two", 93_750), ("over", 0), ("unknown", 0)])
def test_a_room_may_spend_its_share_of_what_remains(room: str, ceiling: int) -> None:
    assert ceiling_minor(ACCOUNT, room, 2) == ceiling
    assert ceiling_minor(replace(ACCOUNT, claims=()), room, 2) == 0


@given(st.integers(0, 10**12), st.lists(st.tuples(st.integers(0, 10**9), st.booleans()), max_size=6))
def test_rooms_together_may_never_spend_more_than_remains(budget: int, values: list[tuple[int, bool]]) -> None:
    claims = tuple(Claim(str(number), value, is_open) for number, (value, is_open) in enumerate(values))
    account = Account("session", budget, 0, claims)
    assert 3 * sum(ceiling_minor(account, claim.room_id, 3) for claim in claims) <= budget
