"""What a person likes, over all their threads: learned from what they say and choose, and theirs to change."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, Protocol

from msgspec import Struct

from chaffer.conversation.journal import Effect
from chaffer.shopping.catalogue.products import NO_BRAND
from chaffer.shopping.catalogue.searching import Need
from chaffer.shopping.catalogue.units import folded_text

MOST_BRANDS: Final = 50
MOST_NEEDS: Final = 20
"""So many are remembered, the latest ones."""


class Preferences(Struct, frozen=True):
    """What is known of one person's taste.

    Brands are as the catalogue spells them. `max_budget_minor` is for a piece, and holds in `budget_category`, or
    everywhere when it is None. They are wishes: a search that names something else goes before them.
    """

    liked_brands: tuple[str, ...] = ()
    disliked_brands: tuple[str, ...] = ()
    max_budget_minor: int | None = None
    budget_category: str | None = None
    min_rating: float | None = None
    required: tuple[Need, ...] = ()


class PreferenceChange(Struct, frozen=True):
    """What is learned, or changed by hand. A brand that is liked is no longer disliked, and the other way round."""

    like: tuple[str, ...] = ()
    dislike: tuple[str, ...] = ()
    forget_brands: tuple[str, ...] = ()
    max_budget_minor: int | None = None
    budget_category: str | None = None
    min_rating: float | None = None
    require: tuple[Need, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Tell whether it changes nothing."""
        return self == PreferenceChange()


@dataclass(frozen=True, slots=True)
class LearnPreferences(Effect):
    """Change an owner's preferences with an append, or not at all."""

    owner: str
    change: PreferenceChange


def changed(known: Preferences, change: PreferenceChange) -> Preferences:
    """Return the preferences after a change."""
    needs = {need.name: need for need in (*known.required, *change.require)}
    is_budget_new = change.max_budget_minor is not None
    return Preferences(
        liked_brands=_brands(known.liked_brands, change.like, (*change.dislike, *change.forget_brands)),
        disliked_brands=_brands(known.disliked_brands, change.dislike, (*change.like, *change.forget_brands)),
        max_budget_minor=change.max_budget_minor if is_budget_new else known.max_budget_minor,
        budget_category=change.budget_category if is_budget_new else known.budget_category,
        min_rating=known.min_rating if change.min_rating is None else change.min_rating,
        required=tuple(needs.values())[-MOST_NEEDS:],
    )


def _brands(known: Iterable[str], more: Iterable[str], without: Iterable[str]) -> tuple[str, ...]:
    """Return brands with more and without others, each once, however it is spelled."""
    gone = {folded_text(brand) for brand in without}
    left: dict[str, str] = {}
    for brand in (*(brand for brand in known if folded_text(brand) not in gone), *more):
        left.setdefault(folded_text(brand), brand)
    left.pop(folded_text(NO_BRAND), None)
    return tuple(left.values())[-MOST_BRANDS:]


class PreferenceBook(Protocol):
    """Where preferences are kept, by their owner."""

    async def preferences(self, owner: str) -> Preferences:
        """Return what is known of a person's taste; of one nobody knows, nothing."""
        ...

    async def change_preferences(self, owner: str, change: Callable[[Preferences], Preferences]) -> Preferences:
        """Put what `change` makes of them in their place, and return it.

        Changes at the same time are all made, one after the other. `change` may be called twice, off the event loop.
        """
        ...

    async def forget_preferences(self, owner: str) -> None:
        """Forget all of them."""
        ...
