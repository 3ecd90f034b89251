"""The log of one room: the operator's record of it, with private numbers and how each message was made. No keys.

Amounts in it are minor units, in fields whose names end in `_minor`, as in the journal. Each agent's view can be
derived from it: `view_of_log` does.
"""

from __future__ import annotations

import json
from codecs import BOM_UTF8
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, get_args

from pydantic import TypeAdapter, ValidationError

from chaffer.conversation.codec import Codec
from chaffer.conversation.views import Seen, Viewer
from chaffer.errors import Detail
from chaffer.json_text import document_of
from chaffer.negotiation.events import BuyerSpoke, OfferCorrected, RoomEvent, RoomOpened, SellerReplied
from chaffer.negotiation.visibility import RoomSight, owner_of_room
from chaffer.validation import details_of, refusal

SCHEMA_VERSION: Final = 1

_CODEC: Final = Codec(get_args(RoomEvent))


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """One event: its place in the journal, when it was recorded (UTC), its name, and its fields."""

    position: int
    at: datetime
    type: str
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Usage:
    """What the room's models used. Tokens and cost (millionths of a dollar) are None where nobody told them."""

    messages: int
    corrections: int
    prompt_tokens: int | None
    completion_tokens: int | None
    cost_micros: int | None
    latency_seconds: float


@dataclass(frozen=True, slots=True)
class RoomLog:
    """The file `negotiation_<room_id>.json`. `audience` says that it is not for agents: it holds private numbers.

    Or that it is `buyer`'s, and holds what the buyer saw.
    """

    schema_version: int
    audience: str
    session_id: str
    room_id: str
    item_name: str
    quantity: int
    currency: str
    status: str
    reason: str | None
    started_at: datetime | None
    ended_at: datetime | None
    usage: Usage
    events: tuple[LoggedEvent, ...]


LOG: Final = TypeAdapter(RoomLog)


def log_of(seen: Iterable[Seen]) -> RoomLog:
    """Return the log of a room from the operator's view of all its events."""
    looks = tuple(seen)
    opened: RoomOpened = looks[0].event
    terms, last = opened.terms, looks[-1]
    events = tuple(LoggedEvent(look.position, look.at, *_named(look.event)) for look in looks)
    ended = last.event if getattr(last.event, "status", None) is not None else None
    return RoomLog(
        schema_version=SCHEMA_VERSION,
        audience="operator",
        session_id=terms.session_id,
        room_id=terms.room_id,
        item_name=terms.item_name,
        quantity=terms.quantity,
        currency=terms.currency,
        status=ended.status.value if ended is not None else "no_sellers_available",
        reason=ended.reason if ended is not None else opened.reason,
        started_at=next((event.at for event in events if event.type == "negotiation_started"), None),
        ended_at=last.at if ended is not None else None,
        usage=_usage(looks),
        events=events,
    )


def _named(event: RoomEvent) -> tuple[str, dict[str, Any]]:
    name, text = _CODEC.dump(event)
    return name, json.loads(text)


def _usage(looks: tuple[Seen, ...]) -> Usage:
    makings = [making for look in looks if (making := getattr(look.event, "making", None)) is not None]
    return Usage(
        messages=sum(isinstance(look.event, BuyerSpoke | SellerReplied) for look in looks),
        corrections=sum(isinstance(look.event, OfferCorrected) for look in looks),
        prompt_tokens=_sum(making.prompt_tokens for making in makings),
        completion_tokens=_sum(making.completion_tokens for making in makings),
        cost_micros=_sum(making.cost_micros for making in makings),
        latency_seconds=round(sum(making.latency_seconds for making in makings), 3),
    )


def _sum(values: Iterable[int | None]) -> int | None:
    told = [value for value in values if value is not None]
    return sum(told) if told else None


def dump_log(log: RoomLog) -> bytes:
    """Return the log as the bytes of its file."""
    return LOG.dump_json(log, indent=1)


def load_log(content: bytes, name: str) -> RoomLog:
    """Return the log in a file's content.

    `name` names the file in what is raised: VALIDATION_ERROR with the place of what is no JSON, or with the field.
    """
    what = f"The log {name}"
    document = document_of(content, name)
    version = document.get("schema_version") if isinstance(document, Mapping) else None
    if version != SCHEMA_VERSION:
        wrong = Detail("schema_version", f"must be {SCHEMA_VERSION}; this file has none or another")
        raise refusal(what, (wrong,))
    try:
        return LOG.validate_json(content.removeprefix(BOM_UTF8))
    except ValidationError as error:
        raise refusal(what, details_of(error.errors())) from None


def view_of_log(log: RoomLog, agent_id: str) -> tuple[Seen, ...]:
    """Return what an agent saw of a logged room, derived from the operator's record."""
    events = [Seen(e.position, e.at, _CODEC.load(e.type, json.dumps(e.data))) for e in log.events]
    sight = RoomSight(events[0].event.terms)
    looks = ((seen, sight(Viewer(agent_id), seen.event)) for seen in events)
    return tuple(Seen(seen.position, seen.at, event) for seen, event in looks if event is not None)


def log_for_owner(content: bytes, name: str) -> bytes:
    """Return the content of a log's file as the owner of the room may see it. Raises VALIDATION_ERROR as `load_log`."""
    log = load_log(content, name)
    first = log.events[0]
    opened: RoomOpened = _CODEC.load(first.type, json.dumps(first.data))
    buyer_id = owner_of_room(opened.terms).agent_id
    if buyer_id is None:
        return content
    events = tuple(LoggedEvent(look.position, look.at, *_named(look.event)) for look in view_of_log(log, buyer_id))
    return dump_log(replace(log, audience="buyer", events=events))
