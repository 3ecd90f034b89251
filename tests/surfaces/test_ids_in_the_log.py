"""The log tells of each line which request and which conversation it is about."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from tests.support.markets import scenario
from tests.support.server import Surface, opened, play
from tests.support.standin import MODEL, standing_in
from tests.support.standin_scripts import Answer, Asked, Script, haggles
from tests.support.streams import Reader

ITEMS: Final = ("Laptop", "Mouse")


def falters_once() -> Script:
    """Return the script by which the first call of each room fails in passing."""
    faltered: set[str] = set()

    def script(asked: Asked) -> Answer:
        item = next(item for item in ITEMS if item in asked.system)
        if item in faltered:
            return haggles(asked)
        faltered.add(item)
        return Answer(status=503)

    return script


def lines(at: Surface) -> list[dict[str, Any]]:
    """Return what was logged."""
    return [json.loads(line) for line in at.log.getvalue().splitlines()]


def test_lines_of_rooms_that_run_at_once_bear_their_room_and_the_request_that_started_it(tmp_path: Path) -> None:
    """Issue: structured logging with request and conversation ids."""

    async def case(at: Surface) -> None:
        market = await opened(at.client, scenario(llm_config={"provider": "lm_studio", "model": MODEL}))
        for room in market.rooms:
            headers = {"X-Request-ID": f"start-of-{room}"}
            assert (await at.client.post(f"/api/v1/negotiation/{room}/start", headers=headers)).is_success
        await Reader(at.client, f"{market.session}/stream").read_to_the_end()
        told = [line for line in lines(at) if line["event"] == "model.tried_again"]
        assert {line["conversation_id"] for line in told} == set(market.rooms)
        assert all(line["request_id"] == f"start-of-{line['conversation_id']}" for line in told)
        requests = [line for line in lines(at) if line["event"] == "request"]
        assert requests
        assert all("conversation_id" not in line for line in requests), "a room's id does not cling to later calls"

    with standing_in(falters_once()) as server:
        play(tmp_path, case, lm_studio_base_url=server.url, llm_max_retries=1, llm_retry_delay=0.001)
