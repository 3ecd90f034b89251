"""The engine when its journal fails, and a flow that a person keeps busy: no room is ever left standing."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from chaffer.bootstrap import assemble, utc_now
from chaffer.errors import ChafferError, Code
from chaffer.negotiation import flow
from chaffer.negotiation.scenario import Scenario
from chaffer.negotiation.terms import RoomStatus
from chaffer.storage.memory import MemoryStore
from tests.support.markets import scenario
from tests.support.server import Surface, opened, play, posted, settings_for, until
from tests.support.streams import Reader


class FailingStore(MemoryStore):
    """A store that can neither write to one room nor give its lease back, for a while."""

    def __init__(self) -> None:
        super().__init__()
        self.fails_for: Sequence[str] = ()
        self.failures = 0

    async def append(self, append: Any) -> Any:
        """Append, or fail."""
        self._look_at(append.conversation_id)
        return await super().append(append)

    async def release(self, conversation_id: str, holder: str) -> None:
        """Release, or fail."""
        self._look_at(conversation_id)
        await super().release(conversation_id, holder)

    def _look_at(self, conversation_id: str) -> None:
        if conversation_id in self.fails_for:
            self.failures += 1
            raise ChafferError(Code.INTERNAL_ERROR, "The disk is full.")


def test_a_room_whose_flow_broke_is_picked_up_beside_others_that_run(tmp_path: Path) -> None:
    """Issue 2, Crash: all finish; a lease that could not be given back is not renewed with those of other rooms."""

    async def case() -> None:
        store = FailingStore()
        settings = settings_for(tmp_path, lease_seconds=0.5, builtin_chars_per_second=500.0)
        chaffer = assemble(settings, store, utc_now)
        await chaffer.engine.open_for_work()
        body = scenario(seed=None, negotiation={"max_rounds": 3})
        new = await chaffer.market.open_session(Scenario.model_validate(body), owner="local")
        ids = [room.terms.room_id for room in new.rooms]
        rooms = [await chaffer.market.room(room_id) for room_id in ids]
        for room_id in ids:
            await chaffer.market.start_room(room_id)
        store.fails_for = ids[:1]
        await until(lambda: store.failures > 2)
        assert rooms[0].state.status is RoomStatus.ACTIVE
        store.fails_for = ()
        await until(lambda: not any(live.state.is_open for live in rooms))
        assert {live.state.status for live in rooms} == {RoomStatus.COMPLETED}
        await chaffer.engine.close()
        await chaffer.models.aclose()

    asyncio.run(case())


def test_a_talkative_person_does_not_break_a_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Issue 2: every negotiation ends with a typed outcome; one walk of the graph has a bound, a room has its own."""
    monkeypatch.setattr(flow, "_STEPS_A_WALK", 4)

    async def case(at: Surface) -> None:
        market = await opened(at.client)
        await posted(at.client, f"{market.session}/start")
        for number in range(5):
            await at.client.post(f"{market.room}/message", json={"message": f"Still there? {number}"})
        await Reader(at.client, f"{market.session}/stream").read_to_the_end()
        state = (await at.client.get(f"{market.room}/state")).json()
        assert state["status"] == "completed"
        assert "flow.broke" not in at.log.getvalue()

    play(tmp_path, case, builtin_chars_per_second=2000)
