"""What is told of negotiations: that one began, how they stand, how they ended."""

from __future__ import annotations

from collections.abc import Iterator

from chaffer.assistant.reading.memory import ACTIVE
from chaffer.assistant.results import NegotiationsStanding, NegotiationStarted, RoomStanding
from chaffer.assistant.speech import templates
from chaffer.assistant.speech.naming import pieces_of
from chaffer.assistant.speech.wordings import Speaker
from chaffer.counting import listed
from chaffer.money import formatted


def started(result: NegotiationStarted, speaker: Speaker) -> Iterator[str]:
    """Yield that a buyer was sent."""
    yield speaker.say(
        templates.STARTED,
        pieces=pieces_of(result.quantity),
        name=result.product_name,
        budget=formatted(result.budget_minor, result.currency),
        price=formatted(result.price_minor, result.currency),
    )


def standing(result: NegotiationsStanding, speaker: Speaker) -> Iterator[str]:
    """Yield how negotiations stand, one after another."""
    if not result.rooms:
        yield speaker.say(templates.NO_ROOMS)
    for room in result.rooms:
        told = _going_on(room, speaker) if room.status in ACTIVE else _ended(room, speaker)
        yield " ".join(told)
    if any(room.status in ACTIVE and room.offers for room in result.rooms):
        yield speaker.say(templates.ACCEPT_NEXT)


def _going_on(room: RoomStanding, speaker: Speaker) -> Iterator[str]:
    yield speaker.say(
        templates.GOING_ON, pieces=pieces_of(room.quantity), name=room.product_name, round=str(room.round)
    )
    if room.offers:
        offers = [f"{one.seller} at {formatted(one.price_minor, room.currency)} a piece" for one in room.offers]
        yield speaker.say(templates.OFFERED, offers=listed(offers))
    else:
        yield speaker.say(templates.NO_OFFERS)


def _ended(room: RoomStanding, speaker: Speaker) -> Iterator[str]:
    if room.seller is None or room.price_minor is None or room.total_minor is None:
        reason = f": {room.reason.rstrip('.')}" if room.reason else ""
        yield speaker.say(templates.NO_DEAL, name=room.product_name, reason=reason)
        return
    yield speaker.say(
        templates.DEAL,
        seller=room.seller,
        pieces=pieces_of(room.quantity),
        name=room.product_name,
        price=formatted(room.price_minor, room.currency),
        total=formatted(room.total_minor, room.currency),
    )
    if room.saved_minor:
        yield speaker.say(templates.DEAL_SAVED, saved=formatted(room.saved_minor, room.currency))
    if room.invoice is not None:
        yield speaker.say(templates.DEAL_INVOICE, invoice=room.invoice)
