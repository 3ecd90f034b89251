"""From a thread to the market (issue 5): who haggles, by which name, by whose key, and up to which budget."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any, Final, cast

import pytest

from chaffer.conversation.keys import Secret
from chaffer.conversation.minds import ModelChoice
from chaffer.conversation.openers import Openers
from chaffer.errors import ChafferError, Code
from chaffer.handover import MarketHaggling
from chaffer.negotiation.market import Market
from chaffer.negotiation.scenario import Scenario
from chaffer.negotiation.session import Ordered
from chaffer.shopping.catalogue.products import Limits, Offer, Product, Seller
from chaffer.shopping.haggling import Order

LAPTOP: Final = Product("laptop", "Blade", "Asus", "Laptops", "", "USD", {}, (Offer("Barn", 90_00, 5),))
ORDER: Final = Order(
    session_id="thread",
    owner="ann",
    product=LAPTOP,
    sellers=((Seller("Barn", "maximize_profit", "rude"), Limits(50_00, 60_00)),),
    quantity=1,
    budget_minor=80_00,
    mind=ModelChoice("builtin", "rules", 0.7, 500),
    key=None,
    seed=7,
)


@dataclass
class Listening:
    """A market that keeps what it is asked to open."""

    scenarios: list[Scenario] = field(default_factory=list)
    defaults: Any = field(default_factory=lambda: SimpleNamespace(max_sellers=10))

    async def open_session(self, scenario: Scenario, *, owner: str, ordered: Ordered, remember: None) -> Any:
        assert (owner, ordered, remember) == ("ann", Ordered("thread", {"laptop": "Laptops"}), None)
        self.scenarios.append(scenario)
        return SimpleNamespace(session=SimpleNamespace(session_id="session", room_ids=("room",)))


def scenario_of(order: Order) -> Scenario:
    """Return what the market is asked to open for an order."""
    market = Listening()
    asyncio.run(MarketHaggling(cast("Market", market), cast("Any", None)).open(order))
    return market.scenarios[0]


@pytest.mark.parametrize("seller", ["Shopper", "SHOPPER", "s h o p p e r"])
def test_the_buyer_has_a_name_that_no_seller_has(seller: str) -> None:
    product = Product("laptop", "Blade", "Asus", "Laptops", "", "USD", {}, (Offer(seller, 90_00, 5),))
    sellers = ((Seller(seller, "maximize_profit", "rude"), Limits(50_00, 60_00)),)
    assert scenario_of(replace(ORDER, product=product, sellers=sellers)).buyer.name == "Shopper 2"


def test_a_thread_whose_built_in_assistant_was_named_haggles_by_the_usual_strategies() -> None:
    config = scenario_of(ORDER).buyer.llm_config
    assert config is not None
    assert (config.provider, config.model) == ("builtin", None)


def test_the_key_of_a_shopper_speaks_for_the_buyer_alone() -> None:
    """Issue 5: with it the prompts of sellers, where their private numbers stand, would go to the shopper's account."""
    mind = ModelChoice("openrouter", "some/model", 0.7, 500, key_slot="assistant")
    with_key = scenario_of(replace(ORDER, mind=mind, key=Secret("sk-shopper")))
    assert with_key.buyer.llm_config is not None
    assert with_key.buyer.llm_config.api_key == "sk-shopper"
    assert with_key.llm_config is None
    assert all(seller.llm_config is None for seller in with_key.sellers)
    without = scenario_of(replace(ORDER, mind=mind))
    assert without.llm_config is not None
    assert without.llm_config.provider == "openrouter"


def test_a_room_has_ended_though_the_thread_could_not_be_told() -> None:
    class Broken:
        async def find(self, _: str) -> None:
            raise ChafferError(Code.INTERNAL_ERROR, "The database is away.")

    asyncio.run(Openers(cast("Any", Broken()), cast("Any", None), {}).tell_of("session"))
