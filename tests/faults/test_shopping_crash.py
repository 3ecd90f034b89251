"""Processes that answer shoppers and are killed: a turn is answered once, and nothing that is stored is asked again."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from pathlib import Path

from chaffer.shopping.events import AdviceGiven, ProductsCollected, SearchPlanned, TurnRouted
from tests.support.assistant_scripts import assists, question_of
from tests.support.crashes import journals_of
from tests.support.server import Server, got
from tests.support.shop import QUERY, ShopReader, stream_of
from tests.support.standin import MODEL, standing_in
from tests.support.standin_scripts import Answer, Asked


def slowly(asked: Asked) -> Answer:
    """Answer as a sensible assistant does that thinks before it speaks, and then speaks slowly."""
    return replace(assists(asked), delay=0.2, pace=0.05)


def test_killed_in_the_middle_of_a_turn_it_is_answered_once(tmp_path: Path) -> None:
    """Issue 5: nothing asked again that was stored; HOUSE §1.3: a reply in the journal is not asked for again."""

    async def begin(server: Server) -> str:
        async with server.client() as client:
            body = {"query": QUERY, "llm_config": {"provider": "lm_studio", "model": MODEL}}
            async with client.stream("POST", "/api/shopping/stream", json=body) as answer:
                assert answer.is_success
            session_id: str = (await got(client, "/api/sessions"))["sessions"][0]["session_id"]
            return session_id

    async def finish(server: Server, session_id: str) -> ShopReader:
        async with server.client() as client:
            reader = ShopReader(client, stream_of(session_id))
            await reader.read_to_the_end()
            return reader

    with standing_in(slowly) as model:
        variables = {"LM_STUDIO_BASE_URL": model.url, "LEASE_SECONDS": "0.5", "DEMO_CATALOG": "true"}
        with Server(tmp_path, **variables) as server:
            session_id = asyncio.run(begin(server))
            assert model.wait_until(lambda: any(question_of(call) == "advise" for call in model.asked), 30)
            server.kill()
            server.start()
            reader = asyncio.run(finish(server, session_id))
            server.stop()
        asked = [question_of(call) for call in model.asked]
    assert asked == ["route", "plan", "advise", "advise"], "what was cut off is asked again, and nothing else"
    (records,) = asyncio.run(journals_of(tmp_path, [session_id]))
    kinds = Counter(type(record.event) for record in records)
    assert [kinds[kind] for kind in (TurnRouted, SearchPlanned, ProductsCollected, AdviceGiven)] == [1, 1, 1, 1]
    assert [result["message"] for result in reader.told.results] == [records[-1].event.text]
