"""What one owner holds is bounded, whatever happens while it is counted."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any, cast

import pytest

from chaffer.conversation.journal import Holdings, Journal
from chaffer.doors.caller import ANYBODY, Caller, Mode
from chaffer.doors.holdings import Bounds, Possessions
from chaffer.errors import ChafferError, Code

ALICE, BOB = Caller(Mode.BEARER, "alice"), Caller(Mode.BASIC, "bob")
BOUNDS = Bounds(under_way=3, streams=2, stored_bytes=1000, conversations=4)


@dataclass(slots=True)
class Held:
    """A journal of which only this is asked; it takes a moment, as a database does."""

    under_way: int = 0
    stored_bytes: int = 0
    conversations: int = 0

    async def holdings(self, owner: str, under_way: Any, kept: Any = ()) -> Holdings:
        del under_way, kept
        mine = Holdings(self.under_way, self.stored_bytes, self.conversations)
        found = mine if owner == "alice" else Holdings(0, 0)
        await asyncio.sleep(0)
        return found


def possessions(held: Held, bounds: Bounds | None = BOUNDS) -> Possessions:
    return Possessions(cast("Journal", held), ("active",), bounds)


def test_of_many_beginnings_at_once_no_more_pass_than_may_be() -> None:
    async def case() -> None:
        held = Held()
        kept = possessions(held)

        async def begin() -> None:
            async with kept.beginning(ALICE):
                await asyncio.sleep(0)
                held.under_way += 1

        outcomes = await asyncio.gather(*(begin() for _ in range(20)), return_exceptions=True)
        assert held.under_way == 3
        assert [type(outcome) for outcome in outcomes].count(ChafferError) == 17
        async with kept.beginning(BOB):
            pass

    asyncio.run(case())


def test_several_are_begun_together_or_not_at_all() -> None:
    async def case() -> None:
        kept = possessions(Held(under_way=1))
        async with kept.beginning(ALICE, 2):
            pass
        with pytest.raises(ChafferError, match="1 of your rooms and runs are under way, 3 more") as refused:
            async with kept.beginning(ALICE, 3):
                pytest.fail("it must not begin")
        assert refused.value.code is Code.CONFLICT

    asyncio.run(case())


def test_of_conversations_that_stay_no_more_are_opened_at_once_than_may_be() -> None:
    async def case() -> None:
        held = Held(conversations=2)
        kept = possessions(held)

        async def open_one() -> None:
            async with kept.beginning(ALICE, 0, kept=1):
                await asyncio.sleep(0)
                held.conversations += 1

        outcomes = await asyncio.gather(*(open_one() for _ in range(5)), return_exceptions=True)
        refused = [outcome for outcome in outcomes if isinstance(outcome, ChafferError)]
        assert (held.conversations, len(refused)) == (4, 3)
        assert refused[0].code is Code.CONFLICT
        assert "you have 4 conversations with the assistant, and 4 are the most" in refused[0].message
        assert refused[0].advice.suggested_actions == ("Delete one that you no longer need.", "Go on with one.")
        async with kept.beginning(ALICE):
            pass  # what is there may go on

    asyncio.run(case())


def test_a_beginning_that_fails_or_is_cancelled_keeps_nobody_waiting() -> None:
    async def case() -> None:
        kept = possessions(Held())
        with pytest.raises(ZeroDivisionError):
            async with kept.beginning(ALICE):
                _ = 1 / 0
        stuck = asyncio.create_task(_begin_for_ever(kept))
        await asyncio.sleep(0)
        stuck.cancel()
        await asyncio.gather(stuck, return_exceptions=True)
        async with asyncio.timeout(5), kept.beginning(ALICE):
            pass

    asyncio.run(case())


async def _begin_for_ever(kept: Possessions) -> None:
    async with kept.beginning(ALICE):
        await asyncio.Event().wait()


def test_who_has_stored_too_much_creates_nothing() -> None:
    async def case() -> None:
        async with possessions(Held(stored_bytes=999)).storing(ALICE):
            pass
        with pytest.raises(ChafferError, match="take 1000 bytes, and 1000 are the most") as refused:
            async with possessions(Held(stored_bytes=1000)).storing(ALICE):
                pytest.fail("nothing must be stored")
        assert refused.value.code is Code.CONFLICT
        async with possessions(Held(stored_bytes=1000)).storing(BOB):
            pass

    asyncio.run(case())


def test_a_place_among_the_streams_is_given_back_however_a_stream_ends() -> None:
    kept = possessions(Held())
    with kept.streaming(ALICE), kept.streaming(ALICE), kept.streaming(BOB):
        assert kept.open_streams("alice") == 2
        with pytest.raises(ChafferError, match="2 at one time are the most"), kept.streaming(ALICE):
            pytest.fail("it must not open")
        assert kept.open_streams("alice") == 2
    with pytest.raises(asyncio.CancelledError), kept.streaming(ALICE):
        raise asyncio.CancelledError
    assert (kept.open_streams("alice"), kept.open_streams("bob")) == (0, 0)


@pytest.mark.parametrize(("caller", "bounds"), [(ANYBODY, BOUNDS), (ALICE, None)])
def test_nobody_is_bounded_in_open_mode_or_where_limits_are_off(caller: Caller, bounds: Bounds | None) -> None:
    async def case() -> None:
        kept = possessions(Held(10**9, 10**9), bounds)
        async with kept.storing(caller):
            pass
        async with kept.beginning(caller, 1000, kept=1000):
            pass
        with kept.streaming(caller), kept.streaming(caller), kept.streaming(caller):
            pass

    asyncio.run(case())
