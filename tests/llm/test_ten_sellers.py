"""A full negotiation with ten sellers runs over each wire, and its record tells who was asked and what it cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pytest

from chaffer.llm.prices import cost_micros
from chaffer.llm.requests import Usage
from chaffer.negotiation.events import BuyerSpoke, OfferCorrected, SellerReplied, SellerSkipped
from chaffer.negotiation.terms import RoomStatus
from tests.support.model_markets import Played, market_of_models, play_at
from tests.support.model_servers.dialect import PROMPT_TOKENS
from tests.support.standin import MODEL, standing_in

SELLERS: Final = 10
ROUNDS: Final = 3
KEY: Final = "sk-of-ten-sellers-5b1d"


@dataclass(frozen=True)
class Vendor:
    """How one is set up, the model that a scenario without any gets of it, and what its server sees of that.

    `path` is where it is asked; the table of prices has its model where `is_priced`.
    """

    model: str
    path: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    key_in: str = "authorization"
    is_priced: bool = True


VENDORS: Final[dict[str, Vendor]] = {
    "lm_studio": Vendor(MODEL, "/v1/chat/completions", {"lm_studio_default_model": MODEL}, key_in="", is_priced=False),
    "openai": Vendor(
        "gpt-4.1-mini",
        "/v1/chat/completions",
        {"openai_api_key": KEY, "openai_default_model": "gpt-4.1-mini"},
    ),
    "openrouter": Vendor(
        "vendor/model",
        "/v1/chat/completions",
        {"openrouter_api_key": KEY, "openrouter_default_model": "vendor/model"},
        is_priced=False,
    ),
    "anthropic": Vendor(
        "claude-haiku-4-5",
        "/v1/messages",
        {"anthropic_api_key": KEY, "anthropic_default_model": "claude-haiku-4-5"},
        key_in="x-api-key",
    ),
    "bedrock": Vendor(
        "amazon.nova-lite-v1:0",
        "/model/amazon.nova-lite-v1%3A0/converse-stream",
        {"aws_region": "eu-central-1", "bedrock_model_id": "amazon.nova-lite-v1:0"},
    ),
    "langchain": Vendor(
        "openai:gpt-4.1-mini", "/v1/chat/completions", {"langchain_default_model": "openai:gpt-4.1-mini"}
    ),
}

UNHURRIED: Final = {"lm_studio_timeout": 30.0, "llm_total_timeout": 30.0}
"""The first call imports what its wire needs, on a busy machine for seconds; ten that time out open the breaker."""


@pytest.mark.parametrize("name", VENDORS)
def test_ten_sellers_and_a_buyer_come_to_a_deal_over_every_wire(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vendor = VENDORS[name]
    with standing_in() as server:
        for variable, value in _of_packages(server.url).items():
            monkeypatch.setenv(variable, value)
        market = market_of_models(sellers=SELLERS, rounds=ROUNDS, llm_config={"provider": name})
        settings = {**vendor.settings, **UNHURRIED}
        played = play_at(server, tmp_path, market=market, llm_max_retries=0, **settings)
    _assert_dealt(played)
    _assert_all_were_asked(played, vendor)
    _assert_making_is_told(played, name, vendor)


def _of_packages(url: str) -> dict[str, str]:
    """Return the variables that botocore and LangChain's packages read by themselves."""
    aws = {"AWS_ACCESS_KEY_ID": "AKIAOFTENSELLERS", "AWS_SECRET_ACCESS_KEY": KEY, "AWS_EC2_METADATA_DISABLED": "true"}
    return {**aws, "OPENAI_API_BASE": url, "OPENAI_API_KEY": KEY}


def _assert_dealt(played: Played) -> None:
    assert played.room.status is RoomStatus.COMPLETED
    assert played.room.deal is not None
    played.assert_money_rules()
    assert not played.events(SellerSkipped)
    assert not played.events(OfferCorrected)
    assert len(played.events(SellerReplied)) == SELLERS * ROUNDS


def _assert_all_were_asked(played: Played, vendor: Vendor) -> None:
    assert {asked.path for asked in played.asked} == {vendor.path}
    by_seller = [len([asked for asked in played.asked if f"You are Shop {n}," in asked.system]) for n in range(1, 11)]
    assert by_seller == [ROUNDS] * SELLERS
    for asked in played.asked:
        assert bool(asked.headers.get(vendor.key_in)) == bool(vendor.key_in)


def _assert_making_is_told(played: Played, name: str, vendor: Vendor) -> None:
    made = [event.making for event in [*played.events(BuyerSpoke), *played.events(SellerReplied)] if event.making]
    assert len(made) >= SELLERS * ROUNDS + ROUNDS - 1
    model = vendor.model.removeprefix("openai:")
    for making in made:
        assert (making.provider, making.model.removeprefix("openai:")) == (name, model)
        assert (making.attempts, making.prompt_tokens) == (1, PROMPT_TOKENS)
        assert making.completion_tokens
        assert making.latency_seconds >= (making.first_token_seconds or 0) > 0
        cost = cost_micros(name, vendor.model, Usage(making.prompt_tokens, making.completion_tokens))
        assert (making.cost_micros, cost is not None) == (cost, vendor.is_priced)
