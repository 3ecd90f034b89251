"""What a mind does without an approval must be what the person asked for, in words of their own.

What commits money waits for the person, and what only looks changes nothing. Between them are two tools: one ends a
negotiation, one remembers a taste. A model might wish for them because a product's or a seller's text told it to. So
what is to be remembered must stand in the person's words, and a model that hears nothing but these words is asked
whether they want it.
"""

from __future__ import annotations

from typing import TypeGuard

from chaffer.amounts.letters import Letters
from chaffer.assistant.events import Role
from chaffer.assistant.figures import Figures
from chaffer.assistant.questions import Context
from chaffer.assistant.tools import RememberPreference, WalkAway, Wish
from chaffer.money import formatted


def must_be_asked_for(wish: Wish) -> TypeGuard[RememberPreference | WalkAway]:
    """Tell whether a wish changes something and nobody is asked to approve it."""
    return isinstance(wish, RememberPreference | WalkAway)


def is_in_their_words(wish: RememberPreference | WalkAway, context: Context) -> bool:
    """Tell whether all that would be remembered stands in the person's words: names, amounts, ratings."""
    if isinstance(wish, WalkAway):
        return True
    said = said_by_person(context)
    words = [_plain(text) for text in said]
    known = Figures((), said)
    brands = (*wish.like_brands, *wish.dislike_brands)
    return (
        all(any(_plain(brand) in text for text in words) for brand in brands)
        and (wish.max_budget_minor is None or wish.max_budget_minor in known.amounts)
        and (wish.min_rating is None or wish.min_rating in known.numbers)
    )


def said_by_person(context: Context) -> tuple[str, ...]:
    """Return what the person said, as far as it is still known word for word; the latest last."""
    return (*(line.text for line in context.history if line.role is Role.PERSON), context.text)


def deed(wish: RememberPreference | WalkAway, currency: str) -> str:
    """Return what would be done, in words of code and of the person alone."""
    if isinstance(wish, WalkAway):
        return "End a negotiation that goes on for them, without a deal."
    parts = (
        *(f"like {brand}" for brand in wish.like_brands),
        *(f"dislike {brand}" for brand in wish.dislike_brands),
        *(() if wish.max_budget_minor is None else (f"spend at most {formatted(wish.max_budget_minor, currency)}",)),
        *(() if wish.min_rating is None else (f"want a rating of at least {wish.min_rating:g}",)),
    )
    return f"Remember for other days that they {', '.join(parts) or 'have a taste'}."


def _plain(text: str) -> str:
    """Return a text in small letters, without what looks alike, and with single spaces."""
    return " ".join(Letters(text).read.casefold().split())
