"""Who is named behind an `@`, and whom a message reaches when nobody is, or somebody unknown."""

from __future__ import annotations

import pytest

from chaffer.conversation.mentions import mentions
from chaffer.negotiation.commands import PersonSpeaks, SellerFails, StartRoom, Utterance
from chaffer.negotiation.events import BuyerSpoke, RoomOpened
from chaffer.negotiation.room import Room, evolve
from chaffer.negotiation.rules import decide
from tests.support.markets import START, seller, terms

NAMES = {
    "tech": "Tech",
    "store": "Tech Store",
    "o": "O'Neil & Sons",
    "u": "Müller",
    "h": "हिन्दी दुकान",
    "t": "'Tis Shop",
}

NAMED = {
    "@Tech, hello": ("tech",),
    "@tech store and @TECHSTORE": ("store",),
    "@Tech's offer, please": ("tech",),
    "@Tech Store's offer": ("store",),
    "\uff20Tech 950.55 between us": ("tech",),
    "@\u200bTech psst": ("tech",),
    "Thanks.@Tech Store 951": ("store",),
    "psst@Tech 12": ("tech",),
    "@O'Neil & Sons, @o'neil&sons": ("o",),
    "@Mu\u0308ller": ("u",),
    "@हिन्दी दुकान नमस्ते": ("h",),
    "@'Tis Shop!": ("t",),
}

UNKNOWN = ["@Tech-Store 9", "@Tech_Store 9", "@Techno 9", "@Nobody deal", "@Tech.Store hi", "@-Shop", "@&Co hi"]

NOBODY = ["mail me at bob@tech.com", "a@b", "me@Tech.com, or 5 @ 3", "no one at all", "3 @ 4"]


@pytest.mark.parametrize("text", NAMED)
def test_a_name_is_found_however_it_is_written(text: str) -> None:
    """CONTRACT §2: with or without its spaces, case-insensitive; the longest name wins."""
    found = mentions(text, NAMES)
    assert found.ids == NAMED[text]
    assert found.any


@pytest.mark.parametrize("text", UNKNOWN)
def test_an_unknown_mention_names_nobody_and_reaches_nobody(text: str) -> None:
    """CONTRACT §2: an unknown mention is shown and reaches nobody; least of all a namesake."""
    found = mentions(text, NAMES)
    assert found.ids == ()
    assert found.any


@pytest.mark.parametrize("text", NOBODY)
def test_an_address_is_no_mention(text: str) -> None:
    """A message with no mention goes to all."""
    assert not mentions(text, NAMES).any


def room_with_one_who_left() -> Room:
    """Return an active room of Tech and Tech Store, which has left."""
    room = evolve(None, RoomOpened(terms(seller(1, name="Tech"), seller(2, name="Tech Store"))))
    for event in decide(room, StartRoom(Utterance("m", tuple(room.seats), 5_000, "hi"), 90_000, 90_000, START)).events:
        room = evolve(room, event)
    for turn in range(3):
        for event in decide(room, SellerFails("seller_002", 1, room.turn, "LLM_TIMEOUT", "")).events:
            room = evolve(room, event)
        for event in decide(room, PersonSpeaks(f"p{turn}", "anybody?")).events:
            room = evolve(room, event)
    assert room.seats["seller_002"].withdrawn
    return room


@pytest.mark.parametrize(
    ("text", "reached"),
    [("@Tech Store, only you: 950.55", ()), ("@Tech 5", ("seller_001",)), ("all?", ("seller_001",))],
)
def test_what_is_said_to_one_who_left_reaches_no_namesake(text: str, reached: tuple[str, ...]) -> None:
    """CONTRACT §2: private visibility by mention."""
    said = decide(room_with_one_who_left(), PersonSpeaks("m", text)).events[0]
    assert isinstance(said, BuyerSpoke)
    assert said.hearers == reached
    assert reached or said.bid_minor is None


@pytest.mark.parametrize(
    ("text", "bid"),
    [
        ("Hey @Shop 1 and @Shop 2, can you both do $1000 per laptop?", 100_000),
        ("@Shop 1 950?", 95_000),
        ("1,050.50?", 105_050),
        ("Does it come with a 12-month warranty?", None),
        ("Is it the 2025 model?", None),
        ("Within 24 hours or 2 working days?", None),
        ("between 900 and 950", None),
        ("I need 2.", None),
    ],
)
def test_a_bid_is_an_amount_and_no_other_number(text: str, bid: int | None) -> None:
    """CONTRACT §2: the buyer makes typed bids; a person's message with one amount is one."""
    room = evolve(None, RoomOpened(terms()))
    opening = Utterance("m", tuple(room.seats), 5_000, "hi")
    for event in decide(room, StartRoom(opening, 120_000, 300_000, START)).events:
        room = evolve(room, event)
    said = decide(room, PersonSpeaks("p", text)).events[0]
    assert isinstance(said, BuyerSpoke)
    assert said.bid_minor == bid
