"""A room's export as a transcript for people, and its offers as rows for a spreadsheet."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from operator import itemgetter
from typing import Final

from chaffer.exports.csv_text import Row
from chaffer.exports.room_export import OPERATOR_NAME, MessageExport, OfferExport, RoomExport, SellerExport
from chaffer.exports.transcript import Entry, Fact, Participant, Transcript, facts, moment
from chaffer.money import formatted, minor_from_number

OFFER_COLUMNS: Final = (
    "round",
    "turn",
    "at",
    "seller_id",
    "seller",
    "price",
    "quantity",
    "total",
    "currency",
    "conditions",
    "valid_until",
    "state",
    "message_id",
    "room_id",
    "item_name",
)

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_IN_CHAPTERS: Final = frozenset({"room_opened", "round_started"})


def room_transcript(export: RoomExport) -> Transcript:
    """Return the room's transcript."""
    return Transcript(
        title=f"{export.item_name} × {export.quantity}",
        subtitle=f"Negotiation in room {export.room_id}, as {_seen_by(export)} sees it",
        is_partial=export.is_partial,
        as_of=export.as_of or _EPOCH,
        facts=_facts(export),
        participants=(_buyer(export), *(_seller(export, seller) for seller in export.sellers)),
        entries=_entries(export),
    )


def offer_rows(export: RoomExport) -> list[Row]:
    """Return a row for every offer, in the order in which they were made."""
    return [_offer_row(export, message, message.offer) for message in export.messages if message.offer is not None]


def _offer_row(export: RoomExport, message: MessageExport, offer: OfferExport) -> Row:
    return (
        message.round,
        message.turn,
        message.at,
        message.sender_id,
        message.sender_name,
        offer.price,
        offer.quantity,
        _total(offer),
        export.currency,
        offer.conditions,
        offer.valid_until,
        offer.state,
        message.message_id,
        export.room_id,
        export.item_name,
    )


def _total(offer: OfferExport) -> float:
    minor = minor_from_number(offer.price) * offer.quantity
    return minor // 100 if minor % 100 == 0 else minor / 100


def _seen_by(export: RoomExport) -> str:
    if export.viewer == OPERATOR_NAME:
        return "the operator"
    names = {export.buyer.buyer_id: export.buyer.name} | {one.seller_id: one.name for one in export.sellers}
    return names.get(export.viewer, export.viewer)


def _money(export: RoomExport, amount: float | None) -> str | None:
    return None if amount is None else formatted(minor_from_number(amount), export.currency)


def _facts(export: RoomExport) -> tuple[Fact, ...]:
    outcome = export.outcome
    deal = None
    if outcome is not None and outcome.price is not None:
        price, total = _money(export, outcome.price), _money(export, outcome.total)
        deal = f"{outcome.quantity} from {outcome.seller_name} at {price} a unit, {total} in all"
    return facts(
        ("Status", export.status.replace("_", " ")),
        ("Deal", deal),
        ("List price", _money(export, outcome.list_price) if outcome is not None else None),
        ("Reason", outcome.reason if outcome is not None else None),
        ("Rounds", f"{export.rounds} of at most {export.max_rounds}"),
        ("Started", moment(export.started_at) if export.started_at is not None else None),
        ("Ended", moment(outcome.ended_at) if outcome is not None else None),
        ("Budget of the session", _money(export, export.buyer.budget)),
        ("Would like to pay", _money(export, export.buyer.wish)),
        ("Invoice", outcome.invoice_id if outcome is not None else None),
        ("Session", export.session_id),
    )


def _buyer(export: RoomExport) -> Participant:
    return Participant(export.buyer.buyer_id, export.buyer.name, "Buyer")


def _seller(export: RoomExport, seller: SellerExport) -> Participant:
    known = (("list price", seller.list_price), ("least price", seller.least_price), ("cost", seller.cost_price))
    about = ", ".join(f"{label} {_money(export, amount)}" for label, amount in known if amount is not None)
    return Participant(seller.seller_id, seller.name, "Seller", about)


def _entries(export: RoomExport) -> tuple[Entry, ...]:
    """Return messages and remarks in the order in which they happened; one of no round is of the round it fell in."""
    said = [(message.position, _said(export, message)) for message in export.messages]
    remarks = [
        (happening.position, Entry(happening.at, happening.text, chapter=_chapter(happening.round)))
        for happening in export.happenings
        if happening.type not in _IN_CHAPTERS
    ]
    entries: list[Entry] = []
    for _, entry in sorted((*said, *remarks), key=itemgetter(0)):
        before = entries[-1].chapter if entries else ""
        entries.append(replace(entry, chapter=entry.chapter or before))
    return tuple(entries)


def _chapter(round_: int | None) -> str:
    return f"Round {round_}" if round_ else ""


def _said(export: RoomExport, message: MessageExport) -> Entry:
    names = {export.buyer.buyer_id: export.buyer.name} | {one.seller_id: one.name for one in export.sellers}
    return Entry(
        at=message.at,
        text=message.text,
        speaker_id=message.sender_id,
        addressed_to=tuple(names[agent_id] for agent_id in message.addressed_to if agent_id in names),
        chapter=_chapter(message.round),
        note=_note(export, message),
    )


def _note(export: RoomExport, message: MessageExport) -> str:
    if message.offer is not None:
        offer = message.offer
        conditions = f", {offer.conditions}" if offer.conditions else ""
        price = _money(export, offer.price)
        return f"Offer: {price} × {offer.quantity}{conditions}; to the end of round {offer.valid_until} ({offer.state})"
    said_by = "Said by a person. " if message.manual else ""
    return said_by + (f"Bid: {_money(export, message.bid)} × {export.quantity}" if message.bid is not None else "")
