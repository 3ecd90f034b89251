"""The ledger (CONTRACT §2): what it commits breaks no budget and sells no piece twice, and leaves one invoice."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from chaffer.conversation.journal import EffectRefusedError, PositionConflictError
from chaffer.errors import ChafferError, Code
from chaffer.ledger.books import Claim, CommitPurchase, ReleaseClaim, StockLine
from tests.contract.stores import LATER, START, Place, Store, account, adding, begun, opening, purchase

PRICE = 10_000


async def market(
    store: Store, rooms: int, *, budget: int = 100_000, pieces: int = 100, session: str = "session"
) -> None:
    """Open a session's account and its rooms."""
    openings = [opening(f"{session}_{number}") for number in range(rooms)]
    await store.create(openings, START, [account(session, budget, pieces, rooms, session)])


async def refusal(store: Store, effect: CommitPurchase) -> EffectRefusedError:
    """Return how a purchase in the conversation `room` is refused."""
    with pytest.raises(EffectRefusedError) as refused:
        await store.append(adding(1, "bought", effects=(effect,)))
    return refused.value


def test_a_purchase_takes_money_and_pieces_and_leaves_one_invoice(place: Place) -> None:
    async def case(store: Store) -> None:
        await begun(store, account(budget=100_000, pieces=10))
        await store.append(adding(1, "bought", effects=(purchase(quantity=3),)))
        assert (await store.account("session")).committed_minor == 30_000
        assert await store.stock("session", "item_001") == (StockLine("seller_001", "item_001", 7),)
        (invoice,) = await store.invoices("session")
        assert (invoice.number, invoice.status, invoice.issued_at) == ("INV-2026-000001", "issued", LATER)
        assert (invoice.subtotal_minor, invoice.tax_minor, invoice.total_minor) == (30_000, 0, 30_000)
        assert (invoice.buyer_name, invoice.seller_name, invoice.room_id) == ("Zoë O'Neil", "Käthe & Söhne", "room_0")
        (line,) = invoice.lines
        assert (line.item_name, line.quantity, line.unit_price_minor) == ("Laptop 15″", 3, PRICE)

    place.run(case)


def test_budget_and_stock_may_be_spent_to_the_last_cent_and_piece(place: Place) -> None:
    async def case(store: Store) -> None:
        await begun(store, account(budget=20_000, pieces=2))
        await store.append(adding(1, "bought", effects=(purchase(quantity=2, seen=20_000),)))
        assert (await store.account("session")).remaining_minor == 0
        assert [line.pieces for line in await store.stock("session", "item_001")] == [0]

    place.run(case)


@pytest.mark.parametrize(
    ("effect", "code", "remaining"),
    [
        (purchase(price=100_001), Code.BUDGET_CONSTRAINT_VIOLATION, 100_000),
        (purchase(price=1, quantity=11), Code.INSUFFICIENT_INVENTORY, 100_000),
        (purchase(seller_id="seller_404"), Code.INSUFFICIENT_INVENTORY, 100_000),
        (purchase(seen=99_999), Code.CONFLICT, 100_000),
        (purchase(seen=100_001), Code.CONFLICT, 100_000),
    ],
    ids=["budget", "stock", "no such seller", "saw less", "saw more"],
)
def test_a_purchase_that_breaks_a_rule_is_refused_with_what_remains(
    place: Place, effect: CommitPurchase, code: Code, remaining: int
) -> None:
    async def case(store: Store) -> None:
        await begun(store, account(budget=100_000, pieces=10))
        refused = await refusal(store, effect)
        assert (refused.code, refused.remaining_minor) == (code, remaining)
        assert (await store.account("session")).committed_minor == 0
        assert await store.invoices("session") == ()

    place.run(case)


def test_a_room_buys_once(place: Place) -> None:
    async def case(store: Store) -> None:
        await store.create([opening("room"), opening("room_0")], START, [account()])
        await store.append(adding(1, "bought", to="room_0", effects=(purchase(),)))
        again = purchase(seen=90_000, purchase_id="other", invoice_id="other")
        refused = await refusal(store, again)
        assert (refused.code, refused.remaining_minor) == (Code.CONFLICT, None)
        assert len(await store.invoices("session")) == 1

    place.run(case)


def test_a_purchase_of_a_session_that_is_gone_is_refused(place: Place) -> None:
    async def case(store: Store) -> None:
        await begun(store)
        with pytest.raises(ChafferError) as refused:
            await store.append(adding(1, "bought", effects=(purchase(),)))
        assert refused.value.code is Code.SESSION_NOT_FOUND

    place.run(case)


def test_a_released_claim_is_closed_and_the_others_stay(place: Place) -> None:
    async def case(store: Store) -> None:
        await begun(store, account(rooms=12))
        release = ReleaseClaim("session", "room_3")
        await store.append(adding(1, "ended", effects=(release, release, ReleaseClaim("session", "unknown"))))
        claims = (await store.account("session")).claims
        assert claims == tuple(Claim(f"room_{number}", 50_000 + number, number != 3) for number in range(12))
        await store.append(adding(2, "ended", effects=(ReleaseClaim("gone", "room_1"),)))

    place.run(case)


def test_a_closed_account_leaves_its_invoices(place: Place) -> None:
    async def case(store: Store) -> None:
        await store.create([opening()], START, [account(), account("other")])
        await store.append(adding(1, "bought", effects=(purchase(),)))
        await store.close_account("session")
        await store.close_account("session")
        with pytest.raises(ChafferError) as gone:
            await store.account("session")
        assert gone.value.code is Code.SESSION_NOT_FOUND
        assert await store.stock("session", "item_001") == ()
        assert len(await store.invoices("session")) == 1
        assert len(await store.stock("other", "item_001")) == 1
        assert len((await store.account("other")).claims) == 2

    place.run(case)


def test_an_account_is_opened_once(place: Place) -> None:
    async def case(store: Store) -> None:
        await store.create([], START, [account(budget=1)])
        with pytest.raises(ChafferError) as refused:
            await store.create([opening()], START, [account(budget=2)])
        assert refused.value.code is Code.CONFLICT
        assert (await store.account("session")).budget_minor == 1
        assert await store.find("room") is None

    place.run(case)


def test_invoice_numbers_count_within_their_year_without_gaps(place: Place) -> None:
    async def case(store: Store) -> None:
        await market(store, 4, budget=25_000)
        years = [datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)]
        seen = 25_000
        for number, year in enumerate([years[0], years[0], years[1], years[1]]):
            price = 20_000 if number == 1 else 5_000  # the second is too dear once the first was bought
            effect = purchase(f"session_{number}", price=price, seen=seen, purchased_at=year)
            try:
                await store.append(adding(1, "bought", to=f"session_{number}", effects=(effect,)))
            except EffectRefusedError:
                continue
            seen -= price
        assert [invoice.number for invoice in await store.invoices("session")] == ["INV-2026-000001", "INV-2026-000002"]
        await store.close_account("session")
        await market(store, 1, session="next")
        effect = purchase("next_0", session_id="next", purchased_at=years[1] + timedelta(days=1))
        await store.append(adding(1, "bought", to="next_0", effects=(effect,)))
        assert [invoice.number for invoice in await store.invoices("next")] == ["INV-2027-000001"]

    place.run(case)


async def buy(store: Store, room: str, session: str = "session") -> Code | None:
    """Buy one piece, looking at the budget again as often as it has changed; return the code of a final refusal."""
    while True:
        seen = (await store.account(session)).remaining_minor
        try:
            effect = purchase(room, seen=seen, session_id=session)
            await store.append(adding(1, "bought", to=room, effects=(effect, ReleaseClaim(session, room))))
        except EffectRefusedError as refused:
            if refused.code is not Code.CONFLICT:
                return refused.code
        else:
            return None


@pytest.mark.parametrize(
    ("budget", "pieces", "code"),
    [(75_000, 100, Code.BUDGET_CONSTRAINT_VIOLATION), (10_000_000, 7, Code.INSUFFICIENT_INVENTORY)],
    ids=["budget", "stock"],
)
def test_rooms_that_buy_at_once_in_two_processes_never_overdraw(
    place: Place, budget: int, pieces: int, code: Code
) -> None:
    async def case(one: Store, two: Store) -> None:
        await market(one, 16, budget=budget, pieces=pieces)
        outcomes = await asyncio.gather(*(buy(store, f"session_{n}") for n, store in enumerate([one, two] * 8)))
        assert sorted(outcomes, key=str) == [code] * 9 + [None] * 7
        books = await two.account("session")
        assert books.committed_minor == 7 * PRICE
        assert [line.pieces for line in await one.stock("session", "item_001")] == [pieces - 7]
        invoices = await two.invoices("session")
        assert sorted(invoice.number for invoice in invoices) == [f"INV-2026-{n:06d}" for n in range(1, 8)]
        bought = {f"session_{n}" for n, outcome in enumerate(outcomes) if outcome is None}
        assert {invoice.room_id for invoice in invoices} == bought
        for number in range(16):
            assert len(await one.read(f"session_{number}")) == (2 if f"session_{number}" in bought else 1)

    place.run_two(case)


def test_sessions_that_buy_at_once_in_two_processes_share_one_row_of_numbers(place: Place) -> None:
    async def case(one: Store, two: Store) -> None:
        for number in range(12):
            await market(one, 1, session=f"s{number}")
        outcomes = await asyncio.gather(*(buy(store, f"s{n}_0", f"s{n}") for n, store in enumerate([one, two] * 6)))
        assert outcomes == [None] * 12
        numbers = [invoice.number for n in range(12) for invoice in await one.invoices(f"s{n}")]
        assert sorted(numbers) == [f"INV-2026-{n:06d}" for n in range(1, 13)]

    place.run_two(case)


def test_a_purchase_and_its_event_are_committed_together_when_two_processes_race_for_one_room(place: Place) -> None:
    async def case(one: Store, two: Store) -> None:
        await market(one, 1)
        answers = await asyncio.gather(
            *(
                store.append(
                    adding(
                        1,
                        f"bought by {number}",
                        to="session_0",
                        effects=(purchase("session_0", purchase_id=f"p{number}", invoice_id=f"i{number}"),),
                    )
                )
                for number, store in enumerate([one, two] * 5)
            ),
            return_exceptions=True,
        )
        winners = [number for number, answer in enumerate(answers) if isinstance(answer, tuple)]
        assert len(winners) == 1
        assert sum(isinstance(answer, PositionConflictError) for answer in answers) == 9
        assert [record.event.text for record in await two.read("session_0")] == ["opened", f"bought by {winners[0]}"]
        assert [invoice.invoice_id for invoice in await two.invoices("session")] == [f"i{winners[0]}"]

    place.run_two(case)


def test_an_account_and_its_claims_are_read_at_one_moment(place: Place) -> None:
    rooms = 20

    async def case(one: Store, two: Store) -> None:
        await market(one, rooms, budget=rooms * PRICE)

        async def buy_all() -> None:
            for number in range(rooms):
                await buy(one, f"session_{number}")

        async def look(buying: asyncio.Task[None]) -> None:
            while not buying.done():
                books = await two.account("session")
                committed = PRICE * sum(not claim.is_open for claim in books.claims)
                assert books.committed_minor == committed
                await asyncio.sleep(0)

        buying = asyncio.create_task(buy_all())
        await asyncio.gather(buying, *(look(buying) for _ in range(3)))

    place.run_two(case)
