"""What the built-in buyer says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum, auto
from typing import Final

from chaffer.negotiation.speech.parts import Draw, Parts


class BuyerOccasion(Enum):
    """What the buyer is about to do."""

    OPENING = auto()
    RAISING = auto()
    HOLDING = auto()
    LAST_CALL = auto()


_ENDS: Final = (
    "Can you come closer?",
    "What can you do?",
    "I'm listening.",
    "Help me say yes.",
    "Over to you.",
    "I'd like to close this today.",
    "",
)

_PARTS: Final[Mapping[BuyerOccasion, Parts]] = {
    BuyerOccasion.OPENING: Parts(
        (
            "Hello everyone!",
            "Good day to you all!",
            "Hi all!",
            "Thanks for being here, everyone.",
            "Hello, and thank you for your time!",
        ),
        (
            "I'm looking for {quantity} × {item}.",
            "I need {quantity} × {item}.",
            "{quantity} × {item} is on my list.",
            "I want to buy {quantity} × {item} today.",
        ),
        (
            "I have {price} apiece in mind; what are your best offers?",
            "I'd start at {price} apiece. What can you do for me?",
            "My opening bid is {price} each. Who can come near it?",
            "I can offer {price} apiece to begin with. Your best prices, please!",
        ),
    ),
    BuyerOccasion.RAISING: Parts(
        (
            "{names} thank you,",
            "{names} fair enough,",
            "{names} I appreciate it,",
            "{names} let's get closer:",
            "{names} all right,",
            "{names} I hear you,",
        ),
        (
            "I can go to {price} apiece for the {item}.",
            "my bid for the {item} is now {price} each.",
            "I'd pay {price} apiece.",
            "how about {price} per unit for the {item}?",
            "I'm at {price} each now.",
            "let me raise my bid to {price} apiece.",
        ),
        _ENDS,
    ),
    BuyerOccasion.HOLDING: Parts(
        (
            "{names} I see,",
            "{names} I'd like to,",
            "{names} honestly,",
            "{names} I've thought about it,",
            "{names} I understand,",
        ),
        (
            "but my bid for the {item} stays at {price} apiece.",
            "but {price} each is what I can do right now.",
            "and still {price} per unit is my number for the {item}.",
            "but I'm staying at {price} apiece for the moment.",
        ),
        _ENDS,
    ),
    BuyerOccasion.LAST_CALL: Parts(
        (
            "{names} this is the last round:",
            "{names} time is nearly up,",
            "{names} last call from me:",
            "{names} I'm about to decide,",
        ),
        (
            "{price} apiece for the {item}.",
            "and {price} each is my last bid for the {item}.",
            "I can do {price} per unit.",
            "{price} apiece, and I'd sign today.",
        ),
        ("What is your best price?", "Your final word, please.", "Can you make it work?", "Tell me your last price.", ""),
    ),
}

_OPENING_WITHOUT_BID: Final = (
    "What are your best offers?",
    "What would you ask for it?",
    "Your best prices, please!",
)


def buyer_says(
    occasion: BuyerOccasion, draw: Draw, *, item: str, price: str | None, quantity: int, names: Sequence[str]
) -> str:
    """Return a buyer's message to the sellers of those names, each mentioned; the price is formatted already."""
    parts = _PARTS[occasion]
    if price is None:
        parts = Parts(_PARTS[BuyerOccasion.OPENING].openers, _PARTS[BuyerOccasion.OPENING].bodies, _OPENING_WITHOUT_BID)
    mentions = _listed([f"@{name}" for name in names])
    return parts.compose(draw, item=item, price=price or "", quantity=str(quantity), names=mentions)


def _listed(names: Sequence[str]) -> str:
    """Return `@A`, `@A and @B`, `@A, @B and @C`, with a comma behind."""
    if not names:
        return ""
    front = ", ".join(names[:-1])
    return (f"{front} and {names[-1]}" if front else names[-1]) + ","
