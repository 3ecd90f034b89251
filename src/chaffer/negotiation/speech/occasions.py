"""On which occasions the built-in agents speak."""

from __future__ import annotations

from enum import Enum, auto


class SellerOccasion(Enum):
    """What moved, or did not, since the seller last spoke."""

    OPENING = auto()
    """It names its first price."""
    CONCEDING = auto()
    """Its price is below the one before."""
    HOLDING = auto()
    """Its price is the one before."""
    AGREEING = auto()
    """Its price is the buyer's bid."""
    LAST_OFFER = auto()
    """It will not move any more, though rounds remain."""
    FINAL = auto()
    """It is the last round, whatever the price."""


class BuyerOccasion(Enum):
    """What the buyer is about to do."""

    OPENING = auto()
    """It greets everybody, with or without a bid."""
    RAISING = auto()
    """It bids to one or several sellers."""
    HOLDING = auto()
    """It presses with the bid it made before."""
    LAST_CALL = auto()
    """It bids in the last round."""
    ACCEPTING = auto()
    """It takes the offer of the seller it speaks to; the price is that offer's."""
    LEAVING = auto()
    """It walks away without a deal."""
    THANKING = auto()
    """It thanks sellers it did not choose."""
