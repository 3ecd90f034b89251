"""A room by its rules alone: of two sellers, on its way to what a test is about."""

from __future__ import annotations

from datetime import timedelta
from functools import reduce
from typing import Any, Final

import pytest

from chaffer.errors import ChafferError
from chaffer.negotiation.commands import (
    AcceptOffer,
    BeginRound,
    EndRoom,
    PersonSpeaks,
    RoomCommand,
    SellerFails,
    SellerReplies,
    StartRoom,
    Utterance,
)
from chaffer.negotiation.events import (
    RoomOpened,
)
from chaffer.negotiation.room import (
    Room,
    evolve,
)
from chaffer.negotiation.rules import decide
from tests.support.markets import START, seller, terms

BUDGET: Final = 300_000
CEILING: Final = 110_000
ONE: Final = "seller_001"
TWO: Final = "seller_002"


def begun(*commands: RoomCommand, rounds: int = 3) -> Room:
    """Return a room of two sellers, from 900 to 1,200, whose first round has begun, after these commands."""
    room = evolve(None, RoomOpened(terms(seller(1), seller(2), max_rounds=rounds)))
    return after(room, StartRoom(said(ONE, TWO), CEILING, BUDGET, START), *commands)


def after(room: Room, *commands: RoomCommand) -> Room:
    """Return the room after commands, none of which is refused."""
    for command in commands:
        room = reduce(evolve, decide(room, command).events, room)
    return room


def said(*hearers: str, bid: int | None = None) -> Utterance:
    return Utterance("m", hearers, bid, "Well?")


def offers(who: str, price: int, *, until: int | None = None, round_: int = 1, heard: int = 1) -> SellerReplies:
    return SellerReplies(who, round_, heard, "m", price, "There.", valid_until=until)


def fails(who: str, heard: int) -> SellerFails:
    return SellerFails(who, 1, heard, "LLM_TIMEOUT", "too slow")


def next_round(number: int) -> BeginRound:
    return BeginRound(number, CEILING, BUDGET)


def accepts(who: str, **changes: Any) -> AcceptOffer:
    return AcceptOffer(who, "good", "p", "i", BUDGET, START + timedelta(seconds=9), **changes)


def ends(status: str = "cancelled") -> EndRoom:
    return EndRoom(status, "enough", START + timedelta(seconds=9))


def refusal(room: Room, command: RoomCommand) -> ChafferError:
    """Return how a command is refused."""
    with pytest.raises(ChafferError) as refused:
        decide(room, command)
    return refused.value


WITHDRAWN: Final = (
    offers(ONE, 100_000),
    *(command for turn in (3, 4, 5) for command in (PersonSpeaks("p", "@Shop 1 hello?"), fails(ONE, turn))),
)
