"""A model's reply, whole: from the object that was read to the typed reply, or to what is unfit about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from chaffer.amounts.reading import numerals_of
from chaffer.llm.json_reader import Value
from chaffer.llm.prose import Limits, check_words, clean
from chaffer.llm.reply_fields import (
    addressees,
    bid_minor,
    intent_of,
    is_nothing,
    price_minor,
    refuse,
    rounds_or_none,
    seller_named,
)
from chaffer.negotiation.questions import (
    BuyerMessage,
    BuyerReply,
    BuyerTurn,
    Intent,
    SellerReply,
    SellerTurn,
    Unfit,
    UnfitReplyError,
)

Members = Mapping[str, Value]

WasSaid = Callable[[str, Limits], bool]
"""Tells whether a text was said already within these limits: then it is not judged again."""

SELLERS_KEY: Final = "price"
BUYERS_KEY: Final = "decision"

_LONGEST_CONDITIONS: Final = 200
_LONGEST_REASON: Final = 300
_SURPLUS_MESSAGES: Final = 1
"""One message to each seller and one to all."""


def must_not(objection: Unfit | None) -> None:
    """Raise UnfitReplyError when there is an objection."""
    if objection is not None:
        raise UnfitReplyError(objection)


def seller_limits(turn: SellerTurn, price: int) -> Limits:
    """Return what a seller who asks this price may state; numerals of names, and the quantity, are no amounts."""
    table = turn.table
    free = numerals_of(table.item_name, table.buyer_name, turn.seller_name, str(table.quantity))
    return Limits(turn.sayable(price), free)


def buyer_limits(turn: BuyerTurn, message: BuyerMessage) -> Limits:
    """Return what the buyer may state in this message; numerals of names, and the quantity, are no amounts."""
    table = turn.table
    free = numerals_of(table.item_name, table.buyer_name, *(rival.name for rival in turn.rivals), str(table.quantity))
    return Limits(turn.sayable(message), free, turn.confidences(), message.to)


def seller_reply(turn: SellerTurn, document: Members, was_said: WasSaid) -> SellerReply:
    """Return the seller's reply. Raises UnfitReplyError."""
    price = price_minor(document.get("price"), "price")
    must_not(turn.price_objection(price))
    limits = seller_limits(turn, price)
    text = _words(document.get("message"), "message")
    if not was_said(text, limits):
        check_words(text, limits)
    conditions = _conditions(document.get("conditions"), limits)
    return SellerReply(price, text, conditions, rounds_or_none(document.get("valid_rounds")))


def buyer_reply(turn: BuyerTurn, document: Members, was_said: WasSaid) -> BuyerReply:
    """Return the buyer's reply. Raises UnfitReplyError."""
    reply = _buyer_reply(turn, document, was_said)
    must_not(turn.objection(reply))
    return reply


def _buyer_reply(turn: BuyerTurn, document: Members, was_said: WasSaid) -> BuyerReply:
    intent = intent_of(document.get("decision"))
    reason = _text_or_none(document.get("reason"), _LONGEST_REASON) or ""
    if intent is Intent.ACCEPT:
        return BuyerReply(intent, accept=seller_named(turn, document.get("accept_seller")), reason=reason)
    if intent is Intent.LEAVE:
        return BuyerReply(intent, reason=reason)
    listed = document.get("messages")
    items = listed if isinstance(listed, list) else [listed]
    messages = [item for item in items if isinstance(item, dict)]
    if not messages or len(messages) != len(items) or len(messages) > len(turn.rivals) + _SURPLUS_MESSAGES:
        refuse(f"{len(messages)} messages", "haggling takes one message to each seller who is talked to")
    return BuyerReply(intent, tuple(_message(turn, item, was_said) for item in messages), reason=reason)


def buyer_message(turn: BuyerTurn, item: Members) -> BuyerMessage:
    """Return a message's addressees and bid, without its words. Raises UnfitReplyError."""
    message = BuyerMessage(addressees(turn, item.get("to")), bid_minor(item.get("price")), "")
    must_not(turn.bid_objection(message))
    return message


def _message(turn: BuyerTurn, item: Members, was_said: WasSaid) -> BuyerMessage:
    message = buyer_message(turn, item)
    text = _words(item.get("text"), "text")
    limits = buyer_limits(turn, message)
    if not was_said(text, limits):
        check_words(text, limits)
    return BuyerMessage(message.to, message.bid_minor, text)


def _words(value: Value, field: str) -> str:
    words = clean(value) if isinstance(value, str) else ""
    if not words:
        refuse(f"no {field}", f"the field {field} has to be a text that is not empty")
    return words


def _conditions(value: Value, limits: Limits) -> str | None:
    """Return an offer's conditions; None, and the price stands without them, where they state what they may not."""
    conditions = _text_or_none(value, _LONGEST_CONDITIONS)
    try:
        check_words(conditions or "", limits)
    except UnfitReplyError:
        return None
    return conditions


def _text_or_none(value: Value, longest: int) -> str | None:
    return None if not isinstance(value, str) or is_nothing(value) else clean(value, longest) or None
