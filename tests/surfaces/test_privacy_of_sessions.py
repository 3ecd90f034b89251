"""What each agent can see of all rooms of a session on one connection: what it sees of its own, and nothing else."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from chaffer.conversation.views import Viewer
from tests.support.canaries import BUDGET, SELLERS, canaries
from tests.support.server import Surface, opened, play, posted
from tests.support.streams import Reader, told
from tests.surfaces.test_privacy import Shown


def two_rooms() -> dict[str, Any]:
    """Return the market of canaries with a second item, which the first seller does not have."""
    body = canaries().body
    body["buyer"]["shopping_list"].append({"item_id": "item_002", "item_name": "Dock", "quantity_needed": 2})
    for seller in body["sellers"][1:]:
        seller["inventory"].append({**seller["inventory"][0], "item_id": "item_002", "item_name": "Dock"})
    return body


def test_the_stream_of_all_rooms_is_to_an_agent_the_streams_of_its_own(tmp_path: Path) -> None:
    """CONTRACT §2: `agent_id` works on `/stream`; the session's, its `reset` and its heartbeats are as private."""

    async def case(at: Surface) -> None:
        market = await opened(at.client, two_rooms())
        path = f"{market.session}/stream"
        rooms_of = dict.fromkeys((market.document["buyer_id"], *SELLERS), (0, 1)) | {"seller_001": (0,)}
        live = {agent: Reader(at.client, path, parameters={"agent_id": agent}) for agent in rooms_of}
        reading = [asyncio.create_task(reader.read_to_the_end()) for reader in live.values()]
        await posted(at.client, f"{market.session}/start")
        await asyncio.gather(*reading)
        records = [await at.chaffer.journal.read(room) for room in market.rooms]
        for agent, numbers in rooms_of.items():
            shown = Shown(live[agent])
            lost = Reader(at.client, path, parameters={"agent_id": agent}, last_id="lost")
            await lost.read()
            shown.texts.append(bytes(lost.raw).decode())
            assert shown.live.events[0].data["rooms"] == [market.rooms[number] for number in numbers]
            for number in numbers:
                mine = [event for event in shown.live.durable if event.data["room_id"] == market.rooms[number]]
                expected = told(records[number], Viewer(agent))
                assert [(one.name, {**one.data, "room_id": ""}) for one in mine] == [
                    (name, {**data, "room_id": ""}) for _, name, data in expected
                ]
            if agent in SELLERS:
                others = [amount for other in SELLERS if other != agent for amount in SELLERS[other].values()]
                assert [amount for amount in (*BUDGET, *others) if shown.has(amount)] == []
                assert lost.named("reset")[0].data.keys() == {"session_id", "status", "rooms"}
                assert {e.data["sender_id"] for e in shown.live.named("message_delta")} == {
                    agent,
                    market.document["buyer_id"],
                }
        stranger = await at.client.get(path, params={"agent_id": "seller_009"})
        assert stranger.json()["error"]["details"][0]["field"] == "agent_id"

    play(tmp_path, case, builtin_chars_per_second=5000)
