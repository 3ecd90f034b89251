"""From the state of a room to the questions of its agents: exactly what each may know for this turn."""

from __future__ import annotations

import random
from collections.abc import Sequence
from functools import cache
from itertools import groupby

from chaffer.conversation.journal import Recorded
from chaffer.conversation.views import Seen, Viewer, view_for
from chaffer.negotiation.confidences import Confidences
from chaffer.negotiation.events import BuyerSpoke, SellerReplied
from chaffer.negotiation.questions import Band, BuyerTurn, Heard, Rival, SellerTurn, Table
from chaffer.negotiation.room import Room, Seat
from chaffer.negotiation.terms import ReplyOrder
from chaffer.negotiation.visibility import RoomSight

HEARD_MESSAGES = 40
"""How many of the last messages a question quotes: prices are typed and complete, words only need to be recent."""

_RECORDS_LOOKED_AT = 3 * HEARD_MESSAGES


def table_of(room: Room) -> Table:
    """Return what everybody at the table knows."""
    terms = room.terms
    return Table(
        room_index=terms.index,
        seed=terms.seed,
        item_name=terms.item_name,
        quantity=terms.quantity,
        currency=terms.currency,
        buyer_id=terms.buyer.buyer_id,
        buyer_name=terms.buyer.name,
        round=room.round,
        rounds=terms.max_rounds,
    )


def opening_minor(room: Room, ceiling_minor: int) -> int:
    """Return the buyer's opening price per unit: half the lowest list price or its ceiling, whichever is lower.

    Like every bid it ends one minor unit inside the ceiling, which for one piece of one item is the budget itself.
    """
    return min(room.terms.lowest_list_minor // 2, highest_bid_minor(ceiling_minor))


def highest_bid_minor(ceiling_minor: int) -> int:
    """Return the highest bid that tells nobody the ceiling."""
    return max(ceiling_minor - 1, 0)


def seller_turn(room: Room, seller_id: str, records: Sequence[Recorded]) -> SellerTurn:
    """Return the question for a seller who owes a reply."""
    seat = room.seats[seller_id]
    seller = seat.terms
    return SellerTurn(
        table=table_of(room),
        seller_id=seller_id,
        seller_name=seller.name,
        priority=seller.priority,
        style=seller.style,
        band=Band(min(seller.least_minor + 1, seller.list_minor), seller.list_minor),
        list_minor=seller.list_minor,
        prices=seat.prices,
        bids=seat.bids,
        standing=seat.standing(room.round),
        heard=_heard(room, Viewer(seller_id), records),
        limits=Band(seller.least_minor, seller.list_minor),
    )


def buyer_turn(
    room: Room, records: Sequence[Recorded], *, must_decide: bool, confidences: Confidences | None = None
) -> BuyerTurn:
    """Return the question for the buyer, the sellers in the order in which it weighs them.

    `confidences` are those that were kept for the room's earlier turns: with them only what is new has to be read.
    """
    buyer = room.terms.buyer
    kept = confidences if confidences is not None else Confidences(room.terms)
    ceiling = room.ceiling_minor
    return BuyerTurn(
        table=table_of(room),
        band=Band(1, highest_bid_minor(ceiling)),
        opening_minor=opening_minor(room, ceiling),
        wish_minor=ceiling * buyer.wish_minor // max(buyer.budget_minor, 1),
        rivals=tuple(_rival(room, seat) for seat in _weighed(room, records) if not seat.withdrawn),
        must_decide=must_decide,
        heard=_heard(room, Viewer(buyer.buyer_id), records),
        limit_minor=ceiling,
        confidences=lambda: kept.after(records),
    )


def _rival(room: Room, seat: Seat) -> Rival:
    seller = seat.terms
    return Rival(seller.seller_id, seller.name, seller.list_minor, seat.prices, seat.bids, seat.standing(room.round))


def _weighed(room: Room, records: Sequence[Recorded]) -> list[Seat]:
    """Return the seats in an order drawn from the seed, or that in which the last replies arrived."""
    seats = list(room.seats.values())
    if room.terms.reply_order is ReplyOrder.ARRIVAL:
        last = records[-_RECORDS_LOOKED_AT:]
        arrived = {r.event.seller_id: r.position for r in last if isinstance(r.event, SellerReplied)}
        seats.sort(key=lambda seat: arrived.get(seat.terms.seller_id, 0))
    else:
        seats = _drawn(room, room.round)
    return seats


def _drawn(room: Room, round_: int) -> list[Seat]:
    """Return the seats in the order that is drawn for a round."""
    seats = list(room.seats.values())
    random.Random(f"{room.terms.seed}/{room.terms.index}/order/{round_}").shuffle(seats)  # noqa: S311
    return seats


def _heard(room: Room, viewer: Viewer, records: Sequence[Recorded]) -> Heard:
    """Return how to see the last messages the viewer has heard, oldest first; no work grows with the history."""
    last = tuple(records[-_RECORDS_LOOKED_AT:])

    @cache  # A prompt is made of it more than once where it does not fit, or is asked again.
    def heard() -> tuple[Seen, ...]:
        messages = (record for record in last if isinstance(record.event, BuyerSpoke | SellerReplied))
        return _in_drawn_order(room, view_for(viewer, messages, RoomSight(room.terms)))[-HEARD_MESSAGES:]

    return heard


def _in_drawn_order(room: Room, messages: Sequence[Seen]) -> tuple[Seen, ...]:
    """Return the messages with the replies that came one upon another in the order drawn for their round.

    So being fast wins nothing here either, and the same market makes the same prompts.
    """
    if room.terms.reply_order is ReplyOrder.ARRIVAL:
        return tuple(messages)
    ordered: list[Seen] = []
    for (is_reply, round_), run in groupby(
        messages, lambda seen: (isinstance(seen.event, SellerReplied), seen.event.round)
    ):
        came = list(run)
        if is_reply and len(came) > 1:
            place = {seat.terms.seller_id: number for number, seat in enumerate(_drawn(room, round_))}
            came.sort(key=lambda seen: place[seen.event.seller_id])
        ordered += came
    return tuple(ordered)
