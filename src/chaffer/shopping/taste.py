"""A person's preferences as a use case: to look at, to change by hand, to forget."""

from __future__ import annotations

from dataclasses import dataclass, replace

from msgspec import structs

from chaffer.conversation.journal import Effect
from chaffer.errors import ChafferError, Code
from chaffer.shopping.plan import GivenPreferences, PreferencesPatch
from chaffer.shopping.preferences import LearnPreferences, PreferenceBook, PreferenceChange, Preferences, changed


@dataclass(frozen=True, slots=True)
class Tastes:
    """The use cases over their parts. `scope` is the one person whose preferences are there; None for everybody's."""

    book: PreferenceBook
    scope: str | None = None

    def of(self, scope: str | None) -> Tastes:
        """Return the use cases narrowed to one person; of None, to none."""
        return replace(self, scope=scope)

    async def preferences(self, user_id: str) -> Preferences:
        """Return a person's preferences. Raises NOT_FOUND for somebody else's."""
        return await self.book.preferences(self._mine(user_id))

    async def change(self, user_id: str, patch: PreferencesPatch) -> Preferences:
        """Put what is given in the place of what was known, and return all of it. Raises NOT_FOUND."""
        return await self.book.change_preferences(self._mine(user_id), lambda known: patched(known, patch))

    async def forget(self, user_id: str) -> None:
        """Forget a person's preferences. Raises NOT_FOUND for somebody else's."""
        await self.book.forget_preferences(self._mine(user_id))

    def _mine(self, user_id: str) -> str:
        if self.scope is not None and user_id != self.scope:
            raise ChafferError(Code.NOT_FOUND, f"There are no preferences of a user {user_id!r} here.")
        return user_id


def patched(known: Preferences, patch: PreferencesPatch) -> Preferences:
    """Return the preferences with the fields that a patch names; a brand that it likes is no longer disliked."""
    given = patch.model_fields_set
    others = structs.replace(
        known,
        liked_brands=() if "liked_brands" in given else known.liked_brands,
        disliked_brands=() if "disliked_brands" in given else known.disliked_brands,
    )
    liked, disliked = tuple(patch.liked_brands or ()), tuple(patch.disliked_brands or ())
    changes: dict[str, object] = {}
    if "required" in given:
        changes["required"] = tuple(one.need() for one in patch.required or ())
    if "min_rating" in given:
        changes["min_rating"] = patch.min_rating
    if "max_budget" in given:
        changes |= {"max_budget_minor": patch.max_budget, "budget_category": patch.budget_category}
    elif "budget_category" in given:
        changes["budget_category"] = patch.budget_category
    return structs.replace(changed(others, PreferenceChange(like=liked, dislike=disliked)), **changes)


def given_change(owner: str, given: GivenPreferences | None) -> tuple[Effect, ...]:
    """Return the effects of preferences that came with a query: what they name is learned."""
    if given is None:
        return ()
    change = PreferenceChange(
        like=tuple(given.liked_brands or ()),
        dislike=tuple(given.disliked_brands or ()),
        max_budget_minor=given.max_budget,
        budget_category=given.budget_category,
        min_rating=given.min_rating,
        require=tuple(one.need() for one in given.required or ()),
    )
    return () if change.is_empty else (LearnPreferences(owner, change),)
