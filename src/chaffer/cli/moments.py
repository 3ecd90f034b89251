"""What a spectator of a market sees happen, typed: read from a stream's events or from a log."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from chaffer.money import minor_from_number
from chaffer.plain_text import harmless


@dataclass(frozen=True, slots=True)
class RoundBegan:
    """A round of a room began."""

    room_id: str
    round: int


@dataclass(frozen=True, slots=True)
class Saying:
    """Text of a message that is being said; a higher attempt takes the place of the lower one's text."""

    room_id: str
    message_id: str
    sender_id: str
    attempt: int
    offset: int
    delta: str


@dataclass(frozen=True, slots=True)
class Said:
    """A message was said. `seller_id` is None for the buyer; a seller's message bears its offer per unit."""

    room_id: str
    message_id: str
    seller_id: str | None
    speaker: str
    text: str
    price_minor: int | None


@dataclass(frozen=True, slots=True)
class Corrected:
    """What an agent replied was not let through, and why."""

    room_id: str
    agent_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Remarked:
    """Something happened that is worth a line: a seller that skips a round or left, a deal that the ledger refused."""

    room_id: str
    text: str
    seller_left: str | None = None


@dataclass(frozen=True, slots=True)
class BudgetChanged:
    """What remains of the session's budget."""

    room_id: str
    remaining_minor: int


@dataclass(frozen=True, slots=True)
class RoomOver:
    """A room ended; without a deal the seller and the amounts are None."""

    room_id: str
    status: str
    reason: str
    rounds: int
    seller_id: str | None
    seller_name: str | None
    price_minor: int | None
    total_minor: int | None


Moment = RoundBegan | Saying | Said | Corrected | Remarked | BudgetChanged | RoomOver


def moment_of(name: str, data: Mapping[str, Any], room_id: str = "") -> Moment | None:
    """Return the moment that an event of a stream tells of, or None when it shows nothing new.

    `room_id` holds for events of a room's own stream, which do not name it.
    """
    read = _READERS.get(name)
    return None if read is None else read(str(data.get("room_id") or room_id), data)


def minor(value: object) -> int | None:
    """Return the minor units of an amount as the API gives it, or None when there is none."""
    return None if value is None else minor_from_number(value)


def _round(room_id: str, data: Mapping[str, Any]) -> Moment:
    return RoundBegan(room_id, int(data["round"]))


def _saying(room_id: str, data: Mapping[str, Any]) -> Moment:
    return Saying(
        room_id,
        str(data["message_id"]),
        str(data["sender"]),
        int(data["attempt"]),
        int(data["offset"]),
        str(data["delta"]),
    )


def _buyer_message(room_id: str, data: Mapping[str, Any]) -> Moment:
    speaker = harmless(str(data.get("sender_name") or "Buyer"))
    return Said(room_id, str(data["message_id"]), None, speaker, harmless(str(data["message"])), None)


def _seller_response(room_id: str, data: Mapping[str, Any]) -> Moment:
    seller_id = str(data.get("sender_id") or data["sender"])
    offer = data.get("updated_offer") or {}
    speaker = harmless(str(data.get("seller_name") or seller_id))
    text = harmless(str(data["message"]))
    return Said(room_id, str(data["message_id"]), seller_id, speaker, text, minor(offer.get("price")))


def _budget(room_id: str, data: Mapping[str, Any]) -> Moment | None:
    remaining = minor(data.get("remaining"))
    return None if remaining is None else BudgetChanged(room_id, remaining)


def _over(room_id: str, data: Mapping[str, Any]) -> Moment:
    seller_name = data.get("seller_name")
    return RoomOver(
        room_id=room_id,
        status=str(data["status"]),
        reason=harmless(str(data.get("reason") or "")),
        rounds=int(data.get("rounds") or 0),
        seller_id=data.get("selected_seller"),
        seller_name=None if seller_name is None else harmless(str(seller_name)),
        price_minor=minor(data.get("final_price")),
        total_minor=minor(data.get("total_cost")),
    )


def _corrected(room_id: str, data: Mapping[str, Any]) -> Moment:
    return Corrected(room_id, str(data["sender_id"]), harmless(str(data["reason"])))


def _remark(sentence: str) -> Callable[[str, Mapping[str, Any]], Moment]:
    """Return a reader that fills the sentence from an event's data."""

    def read(room_id: str, data: Mapping[str, Any]) -> Moment:
        speaker = data.get("seller_name") or data.get("sender")
        text = sentence.format(who=speaker, why=data.get("reason") or data.get("error") or "")
        return Remarked(room_id, harmless(text))

    return read


def _left(room_id: str, data: Mapping[str, Any]) -> Moment:
    text = f"{data.get('seller_name')} leaves: {data.get('reason')}"
    return Remarked(room_id, harmless(text), str(data["sender"]))


_READERS: Final[Mapping[str, Callable[[str, Mapping[str, Any]], Moment | None]]] = {
    "round_started": _round,
    "message_delta": _saying,
    "buyer_message": _buyer_message,
    "seller_response": _seller_response,
    "budget_updated": _budget,
    "offer_corrected": _corrected,
    "deal_refused": _remark("no purchase from {who}: {why}"),
    "error": _remark("{who} says nothing this round: {why}"),
    "seller_withdrew": _left,
    "negotiation_complete": _over,
}
