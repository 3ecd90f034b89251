"""What is looked up before a search: whether another thing is meant, and which products come next."""

from __future__ import annotations

import asyncio

import pytest

from chaffer.shopping.catalogue.products import Limits, Offer, Product, Stocked
from chaffer.shopping.catalogue.sample import sample_products
from chaffer.shopping.catalogue.searching import Constraints
from chaffer.shopping.collecting import furthered, settled
from chaffer.shopping.events import SearchPlanned
from chaffer.shopping.preferences import Preferences
from chaffer.shopping.questions import Planned
from chaffer.shopping.thread import Shown
from chaffer.storage.memory import MemoryStore
from tests.support.sample_catalogue import matches
from tests.support.shoppers import Shopper

WANTED = Constraints(category="Laptops", max_price_minor=150_000, text="quiet")
MATCHES = matches(WANTED)
HUB = Product("hub", "Acme Travel Hub", "Acme", "Adapters", "With an HDMI port.", "USD", {}, (Offer("Shop", 900, 3),))
LIMITS = {"Shop": Limits(100, 200)}


def looked_up(planned: Planned, *others: Product) -> Planned:
    """Return a plan after a look at the sample and other products."""

    async def case() -> Planned:
        store = MemoryStore()
        products, sellers = sample_products()
        await store.products.put((*products, *(Stocked(other, LIMITS) for other in others)), sellers)
        return await settled(store.products, planned)

    return asyncio.run(case())


@pytest.mark.parametrize(
    ("planned", "missing"),
    [
        (Planned(WANTED, bare_words="dog food"), ("“dog food”",)),
        (Planned(WANTED, bare_words="Zenbook"), ()),
        (Planned(WANTED), ()),
        (Planned(Constraints(), bare_words="dog food"), ()),
    ],
    ids=["another thing", "a word of a product", "words beside wishes", "no kind"],
)
def test_a_thing_that_the_kind_does_not_have_is_told_as_missing(planned: Planned, missing: tuple[str, ...]) -> None:
    noted = looked_up(planned).noted
    assert len(noted) == len(missing)
    assert all(word in note for word, note in zip(missing, noted, strict=True))


def test_what_nobody_has_leaves_kind_budget_and_words_as_they_were() -> None:
    planned = Planned(Constraints(category="Laptops", text="quiet HDMI port"), bare_words="HDMI port", anew=WANTED)
    found = looked_up(planned, HUB)  # It has such a port and is none.
    assert found.constraints == Constraints(category="Laptops", text="quiet")
    assert "“HDMI port”" in found.noted[0]


def test_what_another_product_is_called_begins_the_search_anew() -> None:
    anew = Constraints(text="travel hub")
    found = looked_up(Planned(WANTED, bare_words="travel hub", anew=anew), HUB)
    assert found.constraints == anew
    assert found.noted == ("Nothing here under Laptops has “travel hub”, so I began anew.",)


@pytest.mark.parametrize("text", ["an HDMI port", "a webcam", "a newer model", "some discount", "a quiet fan"])
def test_a_thing_with_its_article_keeps_what_was_searched(text: str) -> None:
    shopper = Shopper()
    before = shopper.says("gaming laptop under 1500")
    assert shopper.says(text) == before


@pytest.mark.parametrize(
    ("shown", "more", "page", "told"),
    [
        (Shown(MATCHES, total=30), 0, (10, 10), "behind the 10"),
        (Shown(MATCHES, total=30), 5, (10, 5), "behind the 10"),
        (Shown(MATCHES, total=30), 99, (10, 10), "behind the 10"),
        (Shown(MATCHES, behind=10, total=30), 0, (20, 10), "behind the 20"),
        (Shown(MATCHES, behind=20, total=30), 0, (20, 10), "no more: I showed you all 30"),
        (Shown(MATCHES, behind=40, total=99), 0, (40, 10), "the best 50 of 99"),
    ],
)
def test_more_are_those_behind_what_was_shown(shown: Shown, more: int, page: tuple[int, int], told: str) -> None:
    plan = furthered(SearchPlanned(1, WANTED, Preferences()), more, shown)
    assert (plan.behind, plan.most) == page
    assert told in plan.noted[0]


def test_more_of_nothing_changes_nothing() -> None:
    plan = SearchPlanned(1, WANTED, Preferences())
    assert furthered(plan, 0, Shown()) == plan
