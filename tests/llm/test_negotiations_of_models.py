"""Whole negotiations of models over the real wire: deals, records, and what each of them was told."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest

from chaffer.conversation.views import OPERATOR
from chaffer.errors import ChafferError, Code
from chaffer.llm.minds import ModelConfig, ModelMinds
from chaffer.money import plain
from chaffer.negotiation.events import BuyerSpoke, OfferCorrected, SellerReplied
from chaffer.negotiation.scenario import Scenario
from chaffer.negotiation.terms import ModelChoice
from tests.support.model_markets import PRIVATE_OF_THE_BUYER, market_of_models, opened, play
from tests.support.standin import MODEL, standing_in
from tests.support.standin_scripts import Answer, Asked, first, haggles, says


def with_code_words(asked: Asked) -> Answer:
    """Haggle, each agent's words marked by a word of its own."""
    name = re.findall(r"You are ([^,]+),", asked.system)[0]
    return Answer(haggles(asked).text.replace("?", f"? I am codeword-of-{name.replace(' ', '-')}."))


def test_three_sellers_and_a_buyer_come_to_a_deal(tmp_path: Path) -> None:
    played = play(haggles, tmp_path)
    assert played.room.deal is not None
    assert played.room.ended is not None
    assert played.room.ended.reason == "It is the best there is."
    assert not played.events(OfferCorrected)
    assert len(played.events(SellerReplied)) == 9
    played.assert_money_rules()
    made = [event.making for event in [*played.events(BuyerSpoke), *played.events(SellerReplied)] if event.making]
    assert len(made) >= 9 + 2, "every reply, and the first message of every turn of the buyer but the opening"
    for making in made:
        assert (making.provider, making.model, making.attempts, making.prompt_tokens) == ("lm_studio", MODEL, 1, 100)
        assert making.latency_seconds > 0


def test_what_was_heard_live_is_how_what_was_recorded_begins(tmp_path: Path) -> None:
    played = play(with_code_words, tmp_path)
    texts = played.texts()
    live = [(message_id, text) for (message_id, _), text in played.heard[OPERATOR].items() if text]
    assert live
    for message_id, text in live:
        assert texts[message_id].startswith(text), "a reader gets the rest with the record"


def test_no_model_is_told_what_its_agent_may_not_know(tmp_path: Path) -> None:
    played = play(with_code_words, tmp_path, market=market_of_models(rounds=4))
    terms = played.room.terms
    sent = [f"{asked.system}\n{asked.user}" for asked in played.asked]
    assert len(sent) == 4 * 3 + 3 + 1
    limits = {plain(limit) for seller in terms.sellers for limit in (seller.least_minor, seller.cost_minor)}
    for private in (*PRIVATE_OF_THE_BUYER, *limits):
        assert private not in "\n".join(sent)
    assert "codeword-of-Shop-1" in played.prompts_of("John Doe")


@pytest.mark.parametrize("number", [1, 2, 3])
def test_no_seller_s_model_is_told_of_another_seller(number: int, tmp_path: Path) -> None:
    played = play(with_code_words, tmp_path, market=market_of_models(rounds=4))
    prompts = played.prompts_of(f"Shop {number}")
    assert "codeword-of-John-Doe" in prompts
    assert f"codeword-of-Shop-{number}" in prompts
    for other in played.room.terms.sellers:
        if other.name == f"Shop {number}":
            continue
        assert f"codeword-of-{other.name.replace(' ', '-')}" not in prompts
        asked = [event.offer for event in played.events(SellerReplied) if event.seller_id == other.seller_id]
        for price in (other.list_minor, *(offer.price_minor for offer in asked)):
            assert plain(price) not in prompts


def test_what_does_not_change_stands_first_so_that_servers_can_keep_it(tmp_path: Path) -> None:
    played = play(haggles, tmp_path)
    for name in ("John Doe", "Shop 1"):
        systems = {asked.system for asked in played.asked if f"You are {name}," in asked.system}
        assert len(systems) == 1


def test_an_unfit_offer_is_asked_for_again_once_with_the_reason(tmp_path: Path) -> None:
    def script(asked: Asked) -> Answer:
        if "You are Shop 1," in asked.system and not asked.is_again:
            return says(price=1.0)(asked)
        return haggles(asked)

    played = play(script, tmp_path, market=market_of_models(rounds=1))
    corrections = played.events(OfferCorrected)
    assert [(one.agent_id, one.replaced_minor) for one in corrections] == [("seller_001", None)]
    again = [asked for asked in played.asked if asked.is_again]
    assert len(again) == 1
    assert "because that price is below what you may accept" in again[0].user
    assert played.room.deal is not None


def test_a_market_may_mix_models_and_strategies(tmp_path: Path) -> None:
    body = market_of_models()
    body["sellers"][1]["llm_config"] = {"provider": "builtin"}
    played = play(haggles, tmp_path, market=body)
    providers = {event.making.provider for event in played.events(SellerReplied)}
    assert providers == {"lm_studio", "builtin"}
    assert played.prompts_of("Shop 2") == ""


def test_a_passing_fault_costs_nobody_a_round(tmp_path: Path) -> None:
    played = play(first(3, lambda _: Answer(status=503)), tmp_path, llm_max_retries=3)
    assert len(played.events(SellerReplied)) == 9
    assert {event.making.attempts for event in played.events(SellerReplied)} == {1, 2}


def test_a_stopped_room_leaves_no_call_behind(tmp_path: Path) -> None:
    async def case() -> None:
        async with opened(server.url, tmp_path, lm_studio_timeout=30) as chaffer, asyncio.timeout(20):
            new = await chaffer.market.open_session(Scenario.model_validate(market_of_models()), owner="local")
            room_id = new.rooms[0].terms.room_id
            await chaffer.market.start_room(room_id)
            await asyncio.to_thread(server.wait_until, lambda: len(server.asked) == 3)
            await chaffer.market.stop(room_id)
            assert await asyncio.to_thread(server.wait_until, lambda: server.broken_off == 3)

    with standing_in(lambda _: Answer(hangs="at once")) as server:
        asyncio.run(case())


def test_a_session_is_refused_with_the_fault_of_its_provider(tmp_path: Path) -> None:
    async def refused(url: str, **changes: object) -> ChafferError:
        async with opened(url, tmp_path) as chaffer:
            with pytest.raises(ChafferError) as raised:
                await chaffer.market.open_session(
                    Scenario.model_validate({**market_of_models(), **changes}), owner="local"
                )
        return raised.value

    with standing_in() as server:
        unknown = {"provider": "lm_studio", "model": "no-such-model"}
        fault = asyncio.run(refused(server.url, llm_config=unknown))
        assert (fault.code, fault.details[0].field) == (Code.VALIDATION_ERROR, "llm_config.model")
        assert MODEL in fault.message
    fault = asyncio.run(refused(server.url))
    assert fault.code is Code.LLM_PROVIDER_UNAVAILABLE
    assert "Start LM Studio's server and load a model, or use `builtin`." in fault.message


def test_an_address_that_is_none_is_told_as_a_setting() -> None:
    minds = ModelMinds(ModelConfig("http://[:::/v1", MODEL, 1, 0, 0, 0))
    with pytest.raises(ChafferError, match="LM_STUDIO_BASE_URL") as raised:
        minds.buyer(ModelChoice("lm_studio", MODEL, 0.7, 500))
    assert raised.value.code is Code.LLM_PROVIDER_DISABLED


def test_the_stand_in_runs_as_a_program_too() -> None:
    command = [sys.executable, "-m", "tests.support.standin", "--port", "0", "--delay", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        try:
            assert httpx2.get(f"{url}/models").json()["data"][0]["id"] == MODEL
        finally:
            process.terminate()
