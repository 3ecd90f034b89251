"""What goes in comes out: words of any script, amounts of 64 bits, times to the microsecond."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta, timezone

import pytest

from chaffer.conversation.journal import ConversationGoneError, RememberAnswer
from chaffer.errors import ChafferError, Code
from chaffer.ledger.books import Account, Claim, OpenAccount, StockLine
from tests.contract.stores import LATER, START, Place, Said, Store, account, adding, begun, opening, purchase, texts_of

LARGEST = 2**63 - 1
WORDS = [
    "",
    "naïve 价格 السعر שלום 👩‍👩‍👧 e\u0301",
    "\0 and \x1b and \u2028 and \ufeff",
    "%s %(name)s :name {0} \\n ' \" ; DROP TABLE events; --",
    "line\r\nline\ttab",
    "x" * 4000,
]


@pytest.mark.parametrize("words", WORDS, ids=range(len(WORDS)))
def test_words_come_out_as_they_went_in(place: Place, words: str) -> None:
    async def case(store: Store) -> None:
        await store.create([opening("room", words)], START)
        await store.append(adding(1, words))
        assert texts_of(await store.read("room")) == [words, words]

    place.run(case)


def test_names_and_ids_of_any_script_are_found_again(place: Place) -> None:
    async def case(store: Store) -> None:
        name, owner = "Raum 👩‍👩‍👧 ' \" %s", "o'Néil; --"
        await store.create([opening(name, owner=owner, parent_id=name, kind="séance", status="è")], START)
        assert [head.conversation_id for head in await store.children(name)] == [name]
        page = await store.list("séance", owner=owner, limit=5, after=None)
        assert [(head.owner, head.status) for head in page.heads] == [(owner, "è")]
        assert (await store.list("séance", owner=owner.casefold(), limit=5, after=None)).heads == ()

    place.run(case)


def test_many_and_large_events_come_out_whole(place: Place) -> None:
    async def case(store: Store) -> None:
        large = Said("ß" * 2_000_000, hearers=tuple(f"seller_{number:03d}" for number in range(1000)))
        await store.create([opening(events=(large,))], START)
        await store.append(adding(1, *(f"{number}" for number in range(2000))))
        records = await store.read("room")
        assert records[0].event == large
        assert texts_of(records[1:]) == [f"{number}" for number in range(2000)]

    place.run(case)


@pytest.mark.parametrize("amount", [0, -1, 2**31, 100_000_000_000, LARGEST, -(2**63)])
def test_amounts_are_kept_to_64_bits(place: Place, amount: int) -> None:
    async def case(store: Store) -> None:
        await store.create([opening(events=(Said("x", amount_minor=amount),))], START)
        assert (await store.read("room"))[0].event.amount_minor == amount
        opened = Account("session", amount, amount, (Claim("room", amount),))
        await store.create([], START, [OpenAccount(opened, (StockLine("s", "i", amount),))])
        assert await store.account("session") == opened
        assert await store.stock("session", "i") == (StockLine("s", "i", amount),)

    place.run(case)


def test_the_largest_purchase_is_booked_to_the_cent(place: Place) -> None:
    async def case(store: Store) -> None:
        await begun(store, account(budget=LARGEST, pieces=LARGEST))
        await store.append(adding(1, "bought", effects=(purchase(price=LARGEST, seen=LARGEST),)))
        assert (await store.account("session")).remaining_minor == 0
        invoice = (await store.invoices("session"))[0]
        assert (invoice.total_minor, invoice.lines[0].unit_price_minor) == (LARGEST, LARGEST)

    place.run(case)


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
        datetime(2026, 1, 1, 5, 30, 0, 1, tzinfo=timezone(timedelta(hours=5, minutes=30))),
        datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
        datetime(1, 1, 2, tzinfo=UTC),
        datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
    ],
    ids=str,
)
def test_times_are_kept_to_the_microsecond_in_utc(place: Place, moment: datetime) -> None:
    async def case(store: Store) -> None:
        await store.create([opening(events=(Said("x", said_at=moment),))], moment)
        record = (await store.read("room"))[0]
        head = await store.find("room")
        assert head is not None
        assert record.at == record.event.said_at == head.created_at == moment
        if place.name != "memory":
            assert {record.at.tzinfo, head.created_at.tzinfo} == {UTC}

    place.run(case)


UNFIT: dict[str, Callable[[Store], Awaitable[object]]] = {
    "find a NUL": lambda store: store.find("room\0"),
    "find half a character": lambda store: store.find("room\ud800"),
    "read a NUL": lambda store: store.read("\0"),
    "account of a NUL": lambda store: store.account("\0"),
    "children of a NUL": lambda store: store.children("\0"),
    "list of a NUL": lambda store: store.list("room", owner="\0", limit=1, after=None),
    "answer to a NUL": lambda store: store.find_answer("\0", "\0"),
    "append to a NUL": lambda store: store.append(adding(1, "x", to="room\0")),
    "append to half a character": lambda store: store.append(adding(1, "x", to="room\ud800")),
    "delete a NUL": lambda store: store.delete(["\0"]),
    "lease of a NUL": lambda store: store.acquire("\0", "me", LATER, START),
    "beyond 64 bits": lambda store: store.create([], START, [account(budget=2**63)]),
}


@pytest.mark.parametrize("asked", UNFIT.values(), ids=UNFIT.keys())
def test_what_no_column_can_hold_is_nobody_s_fault_but_the_caller_s(
    lasting_place: Place, asked: Callable[[Store], Awaitable[object]]
) -> None:
    async def case(store: Store) -> None:
        await begun(store)
        refusals = set()
        try:
            await asked(store)
        except ConversationGoneError:
            pass
        except ChafferError as refused:
            refusals.add(refused.code)
        assert refusals <= {Code.VALIDATION_ERROR, Code.SESSION_NOT_FOUND}
        await store.append(adding(1, "goes on"))

    lasting_place.run(case)


def test_a_fault_of_ours_hits_its_caller_alone_and_writing_goes_on(lasting_place: Place) -> None:
    async def case(store: Store) -> None:
        await begun(store, account())
        no_time_zone = purchase(purchased_at=datetime(2026, 1, 1))  # noqa: DTZ001  the fault
        with pytest.raises(TypeError):
            await store.append(adding(1, "x", effects=(no_time_zone,)))
        with pytest.raises(AttributeError):
            await store.append(adding(1, "x", effects=(RememberAnswer("o", "k", "d", None),)))  # type: ignore[arg-type]  # the fault
        assert texts_of(await store.read("room")) == ["opened"]
        await store.append(adding(1, "goes on"))

    lasting_place.run(case)
