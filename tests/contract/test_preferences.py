"""Preferences (issue 5): learned with an append or not at all, changed by hand, forgotten; of every person apart."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from chaffer.shopping.catalogue.searching import Need
from chaffer.shopping.plan import PreferencesPatch
from chaffer.shopping.preferences import LearnPreferences, PreferenceChange, Preferences, changed
from chaffer.shopping.taste import Tastes
from tests.contract.stores import Place, Store, adding, begun, purchase

NEED = Need("memory", at_least=16, unit="GB")
CHANGE = PreferenceChange(like=("Sony",), max_budget_minor=150_000, budget_category="Laptops", require=(NEED,))
KNOWN = Preferences(liked_brands=("Sony",), max_budget_minor=150_000, budget_category="Laptops", required=(NEED,))


def learning(change: PreferenceChange) -> Callable[[Preferences], Preferences]:
    """Return what makes preferences learn a change."""
    return lambda known: changed(known, change)


def test_of_whom_nobody_knows_nothing_is_liked(place: Place) -> None:
    async def case(store: Store) -> None:
        assert await store.preferences("zoë") == Preferences()
        await store.forget_preferences("zoë")

    place.run(case)


def test_what_is_learned_comes_with_the_append_or_not_at_all(place: Place) -> None:
    async def case(store: Store) -> None:
        await begun(store)
        await store.append(adding(1, "said", effects=(LearnPreferences("zoë", CHANGE),)))
        assert await store.preferences("zoë") == KNOWN
        assert await store.preferences("otto") == Preferences()
        more = LearnPreferences("zoë", PreferenceChange(dislike=("Sony",)))
        with pytest.raises(Exception, match="session"):
            await store.append(adding(2, "said", effects=(more, purchase())))
        assert await store.preferences("zoë") == KNOWN

    place.run(case)


def test_changes_by_hand_build_on_one_another_until_all_is_forgotten(place: Place) -> None:
    async def case(store: Store) -> None:
        assert await store.change_preferences("zoë", learning(CHANGE)) == KNOWN
        now = await store.change_preferences("zoë", learning(PreferenceChange(dislike=("Sony",), min_rating=4.5)))
        assert (now.liked_brands, now.disliked_brands, now.min_rating) == ((), ("Sony",), 4.5)
        assert await store.preferences("zoë") == now
        await store.change_preferences("zoë", lambda _: Preferences(min_rating=1.0))
        assert await store.preferences("zoë") == Preferences(min_rating=1.0)
        await store.forget_preferences("zoë")
        assert await store.preferences("zoë") == Preferences()

    place.run(case)


def test_changes_at_once_in_two_processes_are_all_kept(place: Place) -> None:
    async def case(one: Store, two: Store) -> None:
        await asyncio.gather(
            *(
                store.change_preferences("zoë", learning(PreferenceChange(like=(f"brand {number}",))))
                for number, store in enumerate([one, two] * 6)
            )
        )
        assert len((await one.preferences("zoë")).liked_brands) == 12

    place.run_two(case)


def test_fields_that_are_set_at_once_in_two_processes_are_all_kept(place: Place) -> None:
    """A PATCH keeps what it does not name, also what is learned while it is made."""

    async def case(one: Store, two: Store) -> None:
        for number in range(6):
            await asyncio.gather(
                Tastes(one).change("zoë", PreferencesPatch(min_rating=float(number % 5))),
                two.change_preferences("zoë", learning(PreferenceChange(like=(f"brand {number}",)))),
            )
        known = await one.preferences("zoë")
        assert (known.min_rating, len(known.liked_brands)) == (0.0, 6)

    place.run_two(case)
