"""What a built-in seller says."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto
from typing import Final

from chaffer.negotiation.speech.parts import Draw, Parts
from chaffer.negotiation.terms import SpeakingStyle


class SellerOccasion(Enum):
    """What moved, or did not."""

    OPENING = auto()
    CONCEDING = auto()
    HOLDING = auto()
    AGREEING = auto()
    FINAL = auto()


_SWEET_ENDS: Final = (
    "Tell me what you think!",
    "I would love to make this work for you.",
    "You can count on me for everything after that, too.",
    "It would make my day.",
    "Take all the time you need.",
    "We look after our customers like family.",
    "Just say the word, my friend.",
    "",
)

_RUDE_ENDS: Final = (
    "Take it or don't.",
    "I've got other customers.",
    "Don't waste my time.",
    "Make up your mind.",
    "You won't do better, and you know it.",
    "Next.",
    "I'm not running a charity.",
    "",
)

_SWEET: Final[Mapping[SellerOccasion, Parts]] = {
    SellerOccasion.OPENING: Parts(
        (
            "Hello and welcome!",
            "How lovely to hear from you!",
            "Oh, wonderful choice!",
            "What a pleasure, thank you for asking!",
            "Good day to you!",
            "Thank you so much for coming to us!",
            "I'm so happy you asked!",
        ),
        (
            "For the {item} I can start at {price} apiece.",
            "Our {item} is {price} per unit, wrapped with care.",
            "I can let you have the {item} for {price} each.",
            "The {item} is a darling of ours, at {price} apiece.",
            "Let me begin with {price} each for the {item}.",
            "You can have the {item} at {price} per unit, with our warmest regards.",
            "{price} apiece for the {item}, and our full attention with it.",
        ),
        _SWEET_ENDS,
    ),
    SellerOccasion.CONCEDING: Parts(
        (
            "For you, gladly!",
            "You drive a charming bargain.",
            "I so want to see you happy.",
            "Let me meet you there.",
            "I had a word with myself, and the answer is yes.",
            "You have been so kind to talk to.",
            "I understand you completely.",
            "Since you ask so nicely:",
        ),
        (
            "From {before} I can come down to {price} apiece for the {item}.",
            "Let us say {price} each instead of {before}.",
            "I will take the {item} from {before} to {price} per unit.",
            "{price} apiece now; it was {before} a moment ago.",
            "The {item} is yours for {price} each, down from {before}.",
            "I can make it {price} per unit rather than {before}.",
            "My new price for the {item} is {price} apiece, after {before}.",
        ),
        _SWEET_ENDS,
    ),
    SellerOccasion.HOLDING: Parts(
        (
            "I wish I could do more, truly.",
            "Forgive me,",
            "You are a delight, and still",
            "I have looked at it from every side:",
            "With all my heart,",
            "Please don't be cross with me:",
            "I want to be honest with you:",
        ),
        (
            "{price} apiece is where I am with the {item}.",
            "the {item} has to stay at {price} each for now.",
            "{price} per unit is already my friendly price.",
            "I can still do {price} apiece for the {item}, and I do it gladly.",
            "my {price} each for the {item} stands.",
            "{price} apiece it remains, and every bit of the {item} is worth it.",
        ),
        _SWEET_ENDS,
    ),
    SellerOccasion.AGREEING: Parts(
        (
            "Yes, with pleasure!",
            "You have yourself a deal from my side!",
            "How could I say no to you?",
            "That makes me so happy!",
            "Wonderful, let us do it!",
            "I'm delighted to agree!",
        ),
        (
            "{price} apiece for the {item}, just as you said.",
            "The {item} at {price} each, exactly your price.",
            "Your {price} per unit is good with me.",
            "I agree to {price} apiece for the {item}.",
            "{price} each it is.",
        ),
        ("Only say yes, and it is yours.", "I'll pack it with a smile.", "Shall we shake hands on it?", "Thank you!", ""),
    ),
    SellerOccasion.FINAL: Parts(
        (
            "This is the very best I can do, promise.",
            "I have saved my best for last:",
            "One last kindness from me:",
            "From the bottom of my heart, my final word:",
            "I don't want to lose you over this:",
        ),
        (
            "{price} apiece for the {item}.",
            "the {item} at {price} each.",
            "{price} per unit, and not a soul gets it for less from me.",
            "I put the {item} at {price} apiece.",
        ),
        ("I do hope it is yes!", "I would be so glad.", "Whatever you choose, thank you.", "It stands for you alone.", ""),
    ),
}

_RUDE: Final[Mapping[SellerOccasion, Parts]] = {
    SellerOccasion.OPENING: Parts(
        ("Yeah?", "What.", "Fine, listen up.", "Let's keep this short.", "You again?", "Right.", "Look."),
        (
            "The {item} is {price} apiece.",
            "{price} each for the {item}.",
            "You want the {item}, you pay {price} per unit.",
            "It says {price} on the tag, so {price} apiece.",
            "{item}: {price} each. Can you read a price?",
            "I start at {price} apiece for the {item}, and I like it there.",
        ),
        _RUDE_ENDS,
    ),
    SellerOccasion.CONCEDING: Parts(
        (
            "Ugh, fine.",
            "You're a pain, you know that?",
            "If that shuts you up:",
            "I must be going soft.",
            "Enough whining.",
            "Don't get used to this.",
            "My own mother pays more, but",
        ),
        (
            "{price} apiece instead of {before}.",
            "I'll drop the {item} from {before} to {price} each.",
            "{price} per unit now. It was {before}.",
            "the {item} goes for {price} apiece, down from {before}.",
            "make it {price} each, not {before}.",
            "{before} becomes {price} for the {item}.",
        ),
        _RUDE_ENDS,
    ),
    SellerOccasion.HOLDING: Parts(
        (
            "No.",
            "Are you deaf?",
            "Nice try.",
            "Did I stutter?",
            "Dream on.",
            "I heard you the first time.",
            "That's a joke, right?",
        ),
        (
            "It's {price} apiece.",
            "The {item} stays at {price} each.",
            "{price} per unit. Same as before.",
            "Still {price} for the {item}.",
            "I said {price} apiece, I mean {price} apiece.",
            "{price} each, not a cent off the {item}.",
        ),
        _RUDE_ENDS,
    ),
    SellerOccasion.AGREEING: Parts(
        ("Fine. You win.", "Whatever.", "Done. Happy now?", "Ugh. Deal.", "All right, all right."),
        (
            "{price} apiece for the {item}.",
            "Your {price} each. Take the {item} and go.",
            "{price} per unit, then.",
            "The {item} at your {price} apiece.",
        ),
        ("Now say yes before I change my mind.", "Cash, no chatter.", "Move.", "We're done here.", ""),
    ),
    SellerOccasion.FINAL: Parts(
        ("Last word.", "That's it, I'm done.", "Final price, so pay attention.", "I'm closing the till.", "Once, not twice:"),
        (
            "{price} apiece for the {item}.",
            "the {item} at {price} each, end of story.",
            "{price} per unit or walk.",
            "{price} for the {item}. Each.",
        ),
        ("Your call.", "There's the door.", "Yes or no?", "Clock's ticking.", ""),
    ),
}

_STYLES: Final = {SpeakingStyle.VERY_SWEET: _SWEET, SpeakingStyle.RUDE: _RUDE}


def seller_says(
    style: SpeakingStyle, occasion: SellerOccasion, draw: Draw, *, item: str, price: str, before: str
) -> str:
    """Return a seller's sentence; prices are formatted already, `before` is its last one."""
    text = _STYLES[style][occasion].compose(draw, item=item, price=price, before=before)
    return text[:1].upper() + text[1:]
