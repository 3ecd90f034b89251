"""What is said to a shopper who asks what is known of them: their preferences, and how to change them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from chaffer.counting import listed
from chaffer.money import formatted
from chaffer.shopping.preferences import Preferences
from chaffer.shopping.questions import Context
from chaffer.shopping.relaxing import in_words

_TO_CHANGE: Final = (
    "To change it, tell me what you like, what you do not like, or what you always need; "
    "all of it can also be edited or forgotten among your preferences (`chaffer preferences`)."
)


def what_is_known(context: Context) -> str:
    """Return what is known of the shopper, and how to change it."""
    known = taste_told(context.preferences, context.currency) or "I know nothing of your taste yet."
    return f"{known} {_TO_CHANGE}"


def taste_told(taste: Preferences, currency: str) -> str:
    """Return a taste in sentences for the shopper, here and in the chat; an empty text where nothing is known."""
    return " ".join(_sentences(taste, currency))


def _sentences(taste: Preferences, currency: str) -> Iterator[str]:
    if taste.liked_brands:
        yield f"You like {listed(taste.liked_brands)}."
    if taste.disliked_brands:
        yield f"You do not want {listed(taste.disliked_brands, 'or')}."
    if taste.max_budget_minor is not None:
        kind = f" on {taste.budget_category}" if taste.budget_category else ""
        yield f"You spend at most {formatted(taste.max_budget_minor, currency)}{kind}."
    if taste.min_rating is not None:
        yield f"It should have at least {taste.min_rating:g} stars."
    if taste.required:
        yield f"You always want {listed([in_words(need) for need in taste.required])}."
