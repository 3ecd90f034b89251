"""What code says in an agent's place: the opening by template, and the replies that take the place of unfit ones."""

from __future__ import annotations

from collections.abc import Sequence

from chaffer.money import formatted
from chaffer.negotiation.questions import BuyerMessage, BuyerReply, BuyerTurn, Intent, Rival, SellerReply, SellerTurn
from chaffer.negotiation.room import Room
from chaffer.negotiation.speech import BuyerOccasion, SellerOccasion, buyer_says, seller_says
from chaffer.negotiation.strategies.draws import draw_for

BUYER = "buyer"
"""The buyer's name in the keys of draws: its id is drawn anew for every session."""


def opening_words(room: Room, bid_minor: int) -> str:
    """Return the buyer's opening message to everybody."""
    terms = room.terms
    return buyer_says(
        BuyerOccasion.OPENING,
        draw_for(terms.seed, terms.index, BUYER, 1, "words"),
        item=terms.item_name,
        price=formatted(bid_minor, terms.currency) if bid_minor > 0 else None,
        quantity=terms.quantity,
        names=(),
    )


def seller_words(turn: SellerTurn, price_minor: int) -> str:
    """Return what a seller says to an offer of that price."""
    table = turn.table
    before = turn.prices[-1] if turn.prices else turn.list_minor
    return seller_says(
        turn.style,
        _occasion(turn, price_minor),
        draw_for(table.seed, table.room_index, turn.seller_id, table.round, "words"),
        item=table.item_name,
        price=formatted(price_minor, table.currency),
        before=formatted(before, table.currency),
        quantity=table.quantity,
        bid=formatted(turn.bids[-1], table.currency) if turn.bids else None,
        round_=table.round,
    )


def _occasion(turn: SellerTurn, price_minor: int) -> SellerOccasion:
    if turn.bids and price_minor == turn.bids[-1]:
        return SellerOccasion.AGREEING
    if not turn.prices:
        return SellerOccasion.OPENING
    if turn.table.is_last_round:
        return SellerOccasion.FINAL
    return SellerOccasion.CONCEDING if price_minor < turn.prices[-1] else SellerOccasion.HOLDING


def buyer_words(turn: BuyerTurn, to: tuple[str, ...], bid_minor: int) -> str:
    """Return what the buyer says with a bid to those sellers."""
    table = turn.table
    rivals = [rival for rival in turn.rivals if rival.seller_id in to]
    held = all(rival.bids and rival.bids[-1] == bid_minor for rival in rivals)
    occasion = BuyerOccasion.HOLDING if held else BuyerOccasion.RAISING
    return buyer_says(
        BuyerOccasion.LAST_CALL if table.is_last_round else occasion,
        draw_for(table.seed, table.room_index, f"{BUYER} to {','.join(sorted(to))}", table.round, "words"),
        item=table.item_name,
        price=formatted(bid_minor, table.currency),
        quantity=table.quantity,
        names=[rival.name for rival in rivals],
        before=_of_the_only(rivals, [rival.bids[-1:] for rival in rivals], table.currency),
        asked=_of_the_only(rivals, [rival.prices[-1:] for rival in rivals], table.currency),
        round_=table.round,
    )


def _of_the_only(rivals: Sequence[Rival], prices: Sequence[Sequence[int]], currency: str) -> str | None:
    """Return the price of the one addressee, formatted; with several there is none that all may hear."""
    return formatted(prices[0][0], currency) if len(rivals) == 1 and prices[0] else None


def seller_stand_in(turn: SellerTurn) -> SellerReply:
    """Return the reply in place of a seller's unfit one: its last valid price, or its list price."""
    price = turn.fallback_minor
    return SellerReply(price, seller_words(turn, price))


def buyer_stand_in(turn: BuyerTurn) -> BuyerReply:
    """Return the reply in place of the buyer's unfit one.

    When it must decide, it leaves; else it says its last bid again to everybody, or its opening price.
    """
    if turn.must_decide:
        return BuyerReply(Intent.LEAVE, reason="The buyer could not decide.")
    last = max((rival.bids[-1] for rival in turn.rivals if rival.bids), default=turn.opening_minor)
    bid = min(last, turn.band.high_minor)
    to = tuple(rival.seller_id for rival in turn.rivals)
    if bid <= 0:
        return BuyerReply(Intent.LEAVE, reason="Nothing is left of the budget.")
    return BuyerReply(Intent.HAGGLE, (BuyerMessage(to, bid, buyer_words(turn, to, bid)),))
