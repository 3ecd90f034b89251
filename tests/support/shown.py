"""All that one agent is shown of a room: what it sees and hears, its state, streams and log, and its prompts."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence

from chaffer.api.v1.documents import room_state
from chaffer.api.v1.streams import Positions, RoomStream
from chaffer.bootstrap import utc_now
from chaffer.conversation.journal import Recorded
from chaffer.conversation.live import LiveConversation
from chaffer.conversation.views import OPERATOR, Viewer, view_for
from chaffer.exports.room_log import dump_log, load_log, log_of, view_of_log
from chaffer.ledger.books import Account
from chaffer.negotiation.events import BuyerSpoke
from chaffer.negotiation.prompts import buyer_prompt, seller_prompt
from chaffer.negotiation.room import Room, evolve
from chaffer.negotiation.rules import RoomKind
from chaffer.negotiation.turns import buyer_turn, seller_turn
from chaffer.negotiation.visibility import RoomSight
from chaffer.storage.memory import MemoryStore


def everything_shown(room: Room, records: Sequence[Recorded], viewer: Viewer) -> str:
    """Return what an agent can get of a room that has ended: its view of the journal, the state, streams and log."""
    terms = room.terms
    live = LiveConversation(terms.room_id, RoomKind(), MemoryStore(), utc_now, state=room)
    live.feed.publish(tuple(records), ended=True)
    state = room_state(live, viewer, Account(terms.session_id, terms.buyer.budget_minor, 0, ()))
    log = load_log(dump_log(log_of(view_for(OPERATOR, records, RoomSight(terms)))), "log.json")
    return "\n".join(
        [
            repr(view_for(viewer, records, RoomSight(terms))),
            state.model_dump_json(),
            asyncio.run(_streamed(live, viewer)),
            repr(view_of_log(log, viewer.agent_id or "")),
        ]
    )


async def _streamed(live: LiveConversation, viewer: Viewer) -> str:
    """Return the stream of the room and that of its session."""

    async def snapshot() -> dict[str, object]:
        return {}

    streams = [RoomStream((live,), viewer, 1.0, labelled) for labelled in (False, True)]
    return b"".join([chunk for one in streams async for chunk in one.events(Positions((0,)), snapshot)]).decode()


def prompts_shown(records: Sequence[Recorded], agent_id: str) -> Iterator[str]:
    """Yield what the model of an agent would be sent after each message of the buyer."""
    room = evolve(None, records[0].event)
    for number, record in enumerate(records[1:], start=2):
        room = evolve(room, record.event)
        if not room.is_open or not isinstance(record.event, BuyerSpoke):
            continue
        if agent_id in room.seats:
            prompt = seller_prompt(seller_turn(room, agent_id, records[:number]))
        else:
            prompt = buyer_prompt(buyer_turn(room, records[:number], must_decide=number % 2 == 0))
        yield f"{prompt.system}\n{prompt.user}\n{prompt.schema}"
