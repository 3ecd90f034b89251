"""Random room conversations made by the rules themselves, for tests of views, logs and streams."""

from __future__ import annotations

from datetime import timedelta
from functools import reduce
from random import Random

from chaffer.conversation.journal import Recorded
from chaffer.conversation.minds import Making
from chaffer.errors import ChafferError
from chaffer.negotiation.commands import (
    AcceptOffer,
    BeginRound,
    BuyerSpeaks,
    EndRoom,
    PersonSpeaks,
    RoomCommand,
    SellerFails,
    SellerReplies,
    StartRoom,
    Utterance,
)
from chaffer.negotiation.events import OfferCorrected, RoomOpened
from chaffer.negotiation.room import AskSellers, Room, evolve, next_step
from chaffer.negotiation.rules import decide
from chaffer.negotiation.terms import RoomTerms
from tests.support.markets import START

CEILING = 139_987
MAKING = Making("secret-provider", "secret-model", 1, 0.5, 11, 22)


def random_conversation(terms: RoomTerms, random: Random) -> tuple[Room, list[Recorded]]:
    """Return a room that was haggled in at random to its end, and its records.

    Every text bears its speaker's id and the round, and the last digit of a price tells whose it is (0: the buyer's
    bid), so that a leak is found by search and nothing else is taken for one.
    """
    room = evolve(None, RoomOpened(terms))
    records = [Recorded(1, START, RoomOpened(terms))]

    def give(command: RoomCommand) -> None:
        nonlocal room
        try:
            verdict = decide(room, command)
        except ChafferError:
            return
        for event in verdict.events:
            records.append(Recorded(len(records) + 1, START + timedelta(seconds=len(records)), event))
        room = reduce(evolve, verdict.events, room)

    opening = Utterance("m0", tuple(room.seats), 50_000, "opening words to all")
    give(StartRoom(opening, CEILING, terms.buyer.budget_minor, START))
    while room.is_open:
        step = next_step(room)
        if isinstance(step, AskSellers):
            give(_seller_move(room, random.choice(step.seller_ids), random))
        elif room.round >= terms.max_rounds:
            give(_last_move(room, random))
        else:
            give(BeginRound(room.round + 1, CEILING, terms.buyer.budget_minor - room.round))
            give(_buyer_move(room, random))
            if random.random() < 0.2:
                names = [seat.terms.name for seat in room.seats.values()]
                give(PersonSpeaks(f"person{room.turn}", f"@{random.choice(names)} by hand {room.turn}"))
    return room, records


def _seller_move(room: Room, seller_id: str, random: Random) -> RoomCommand:
    seat = room.seats[seller_id]
    if random.random() < 0.1:
        return SellerFails(seller_id, room.round, seat.heard_turn, "LLM_TIMEOUT", f"fault of {seller_id}")
    price = random.randrange(_above(seat.terms.least_minor) + int(seller_id[-1]), seat.terms.list_minor, 10)
    correction = OfferCorrected(seller_id, room.round, f"attempt of {seller_id}", "too low", price)
    return SellerReplies(
        seller_id=seller_id,
        round=room.round,
        heard_turn=seat.heard_turn,
        message_id=f"m{room.turn + 1}",
        price_minor=price,
        text=f"words of {seller_id} in round {room.round}",
        valid_until=random.choice([None, room.round, room.round + 1]),
        making=MAKING,
        corrections=(correction,) if random.random() < 0.2 else (),
    )


def _above(minor: int) -> int:
    return (minor + 9) // 10 * 10


def _buyer_move(room: Room, random: Random) -> RoomCommand:
    seats = [seller_id for seller_id, seat in room.seats.items() if not seat.withdrawn]
    to = tuple(seller_id for seller_id in seats if random.random() < 0.6) or tuple(seats[:1])
    names = " ".join(f"@{room.seats[seller_id].terms.name}" for seller_id in to)
    text = f"{names} words to {'+'.join(to)}"
    said = Utterance(f"m{room.turn + 1}", to, random.randrange(10, CEILING, 10), text)
    return BuyerSpeaks(room.round, (said,), MAKING)


def _last_move(room: Room, random: Random) -> RoomCommand:
    affordable = [s for s, offer in room.standing_offers().items() if offer.price_minor <= room.ceiling_minor]
    if affordable and random.random() < 0.7:
        chosen = random.choice(affordable)
        return AcceptOffer(chosen, f"reason with {chosen}", "p", "i", room.terms.buyer.budget_minor, START)
    return EndRoom("completed", "reason of the buyer with its budget", START)
