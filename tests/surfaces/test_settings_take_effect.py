"""Settings of the marketplace's specification do what their table says."""

from __future__ import annotations

from pathlib import Path

import pytest

from chaffer.errors import Code
from tests.support.markets import scenario
from tests.support.server import Surface, got, opened, play, posted
from tests.support.streams import Reader
from tests.surfaces.test_errors import INITIALIZE, refused


def test_fewer_sellers_may_be_allowed_than_ten(tmp_path: Path) -> None:
    """Specification §9, MAX_SELLERS_PER_SESSION; CONTRACT §1, MAX_SELLERS_EXCEEDED."""

    async def case(at: Surface) -> None:
        three = scenario()
        error = refused(await at.client.post(INITIALIZE, json=three), Code.MAX_SELLERS_EXCEEDED, field="sellers")
        assert "2" in error["details"][0]["issue"]
        await opened(at.client, scenario(sellers=three["sellers"][:2]))
        assert (await got(at.client, "/api/v1/me"))["limits"]["max_sellers"] == 2

    play(tmp_path, case, max_sellers_per_session=2)


def test_rounds_of_a_scenario_that_names_none_are_those_of_the_setting(tmp_path: Path) -> None:
    """Specification §9, MAX_NEGOTIATION_ROUNDS; CONTRACT §2: a scenario may name its own."""

    async def case(at: Surface) -> None:
        poor = {**scenario()["buyer"], "budget_range": {"min": 1, "max": 2}}
        for rounds, body in ((2, scenario(buyer=poor)), (3, scenario(buyer=poor, negotiation={"max_rounds": 3}))):
            market = await opened(at.client, body)
            await posted(at.client, f"{market.room}/start")
            reader = Reader(at.client, f"{market.room}/stream")
            await reader.read_to_the_end()
            assert (await got(at.client, f"{market.room}/state"))["max_rounds"] == rounds
            assert reader.events[-1].data["rounds"] == rounds

    play(tmp_path, case, max_negotiation_rounds=2)


@pytest.mark.parametrize("of", ["room", "session"])
def test_browsers_are_told_when_to_come_back(tmp_path: Path, of: str) -> None:
    """Specification §9, SSE_RETRY_TIMEOUT: seconds there, milliseconds in the stream's field `retry`."""

    async def case(at: Surface) -> None:
        market = await opened(at.client)
        reader = Reader(at.client, f"{getattr(market, of)}/stream")
        await reader.read(lambda event: event.name == "connected")
        assert reader.events[0].retry == 1500

    play(tmp_path, case, sse_retry_timeout=1.5)


def test_version_is_told_wherever_one_stands(tmp_path: Path) -> None:
    """Specification §9, APP_VERSION."""

    async def case(at: Surface) -> None:
        for path in ("/", "/health", "/api/v1/health"):
            assert (await got(at.client, path))["version"] == "9.8.7"
        assert (await got(at.client, "/openapi.json"))["info"]["version"] == "9.8.7"

    play(tmp_path, case, app_version="9.8.7")


def test_a_provider_with_a_key_is_configured_until_it_was_looked_at(tmp_path: Path) -> None:
    """Specification §3.3, path 11: `llm_providers`; health asks no vendor, and so does not say that it answers."""

    async def words(at: Surface) -> tuple[str, str]:
        told = (await got(at.client, "/api/v1/health"))["llm_providers"]
        return told["openai"], told["anthropic"]

    async def case(at: Surface) -> None:
        assert await words(at) == ("configured", "disabled")
        await got(at.client, "/api/v1/llm/status")
        assert await words(at) == ("unavailable", "disabled")

    play(tmp_path, case, openai_api_key="sk-none", openai_base_url="http://127.0.0.1:9/v1")
