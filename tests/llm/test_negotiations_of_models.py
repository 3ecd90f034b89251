"""Whole negotiations of models over the real wire: deals, records, and what each of them was told."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import cast

import httpx2
import pytest

from chaffer.conversation.minds import ModelChoice
from chaffer.conversation.views import OPERATOR
from chaffer.errors import ChafferError, Code, Detail
from chaffer.llm.providers import lm_studio
from chaffer.llm.vendor import VendorConfig
from chaffer.money import plain
from chaffer.negotiation.events import BuyerSpoke, OfferCorrected, SellerReplied
from chaffer.negotiation.running import Minds
from chaffer.negotiation.scenario import Scenario
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
    assert "because the price is below the least that is allowed" in again[0].user
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
    assert "Is LM Studio running? Is a model loaded? curl http://" in fault.message


def test_all_minds_are_asked_after_at_once_and_the_first_fault_is_told(tmp_path: Path) -> None:
    @dataclass
    class Slow:
        begun: int = 0
        all_begun: asyncio.Event = field(default_factory=asyncio.Event)

        async def check(self, mind: ModelChoice, key: str | None) -> None:
            assert key is None
            self.begun += 1
            if self.begun == 4:
                self.all_begun.set()
            await self.all_begun.wait()
            if mind.temperature in {0.2, 0.3}:
                await asyncio.sleep(1 - mind.temperature)  # The later one is told first.
                details = (Detail("llm_config.model", f"{mind.temperature}"),)
                raise ChafferError(Code.VALIDATION_ERROR, "No such model.", details=details)

    async def case() -> ChafferError:
        body = market_of_models()
        for number, seller in enumerate(body["sellers"], start=1):
            seller["llm_config"] = {"provider": "lm_studio", "temperature": number / 10}
        async with opened("http://127.0.0.1:9/v1", tmp_path) as chaffer, asyncio.timeout(10):
            market = replace(chaffer.market, minds=cast("Minds", Slow()))
            with pytest.raises(ChafferError) as raised:
                await market.open_session(Scenario.model_validate(body), owner="local")
        return raised.value

    (detail,) = asyncio.run(case()).details
    assert (detail.field, detail.issue) == ("sellers[1].llm_config.model", "0.2")


def test_an_address_that_is_none_is_told_as_a_setting() -> None:
    with pytest.raises(ChafferError, match="LM_STUDIO_BASE_URL") as raised:
        lm_studio.provider(VendorConfig("lm_studio", base_url="http://[:::/v1"))
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
