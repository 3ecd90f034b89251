"""What routes are given: the running program, and who calls."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import Depends, Header, Query, Request
from fastapi.dependencies.utils import get_flat_params
from fastapi.params import Query as QueryParameter
from fastapi.routing import APIRoute
from pydantic import AfterValidator, Field
from starlette.requests import HTTPConnection

from chaffer.bootstrap import Chaffer
from chaffer.conversation.views import Viewer
from chaffer.doors.caller import Caller
from chaffer.errors import Detail, unfit
from chaffer.exports.archive import Archive
from chaffer.ledger.bookkeeping import Bookkeeping
from chaffer.negotiation.market import Market
from chaffer.negotiation.terms import RoomTerms
from chaffer.negotiation.visibility import owner_of_room
from chaffer.validation import refusal

_NAME_SHOWN = 100


# Async, though it awaits nothing: else every request would wait for a thread.
async def _running(connection: HTTPConnection) -> Chaffer:
    chaffer: Chaffer = connection.app.state.chaffer
    return chaffer


def _printable(text: str) -> str:
    if not text.isprintable():
        msg = "must have printable characters only"
        raise ValueError(msg)
    return text


# Async for the same reason.
async def _calling(connection: HTTPConnection) -> Caller:
    caller: Caller = connection.state.caller
    return caller


Running = Annotated[Chaffer, Depends(_running)]
Calling = Annotated[Caller, Depends(_calling)]


# Routes take what is narrowed to their caller, and never the whole: so none of them can forget whose things they show.
async def _my_market(chaffer: Running, caller: Calling) -> Market:
    return chaffer.market.of(caller.scope)


async def _my_archive(chaffer: Running, caller: Calling) -> Archive:
    return chaffer.archive.of(caller.scope)


MyMarket = Annotated[Market, Depends(_my_market)]
MyArchive = Annotated[Archive, Depends(_my_archive)]
UserId = Annotated[
    Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_printable)] | None,
    Query(
        description="Whose it is, where nobody is asked who they are. Where a token tells, it must be the token's "
        "`sub`; where a password does, it is not believed: the password's user owns what it makes."
    ),
]
PageSize = Annotated[int, Query(ge=1, le=100, description="Most entries of a page.")]
After = Annotated[Annotated[str, Field(max_length=200)] | None, Query(description="`next_after` of the page before.")]
StreamAfter = Annotated[
    Annotated[str, Field(max_length=2000)] | None,
    Query(alias="after", description="Id of the last event that was seen, where no header can be sent."),
]
LastEventId = Annotated[str | None, Header(max_length=2000, description="Id of the last event that was seen.")]
Accept = Annotated[str | None, Header(description="`text/event-stream` for a stream.")]
AgentId = Annotated[
    Annotated[str, Field(max_length=100)] | None,
    Query(
        description="Look with this agent's eyes: the buyer's id or a seller's. Left out: the operator's, or where a "
        "shopping session ordered the room, the buyer's: nobody sees more there."
    ),
]
AgentType = Annotated[
    Annotated[str, Field(pattern="^(buyer|seller)$")] | None, Query(description="What `agent_id` must be.")
]


def owner_of(caller: Caller, *given: str | None) -> str:
    """Return whose it is what a request makes; of the users that it names the first counts.

    Raises FORBIDDEN where one of them is another than a token's.
    """
    owners = [caller.owner(user_id) for user_id in given if user_id is not None]
    return owners[0] if owners else caller.owner()


def listed_of(caller: Caller, user_id: str | None) -> str | None:
    """Return whose things a list is to show; None: all that the caller may see. Raises FORBIDDEN as `owner_of`."""
    return None if user_id is None else caller.owner(user_id)


def scope_of(caller: Caller, user_id: str | None) -> str | None:
    """Return whose things alone a request is about: the caller's, or where nobody is asked who they are, the user's.

    None where neither is told: everybody's. Raises FORBIDDEN as `owner_of`.
    """
    return caller.scope if user_id is None else caller.owner(user_id)


async def _my_books(chaffer: Running, caller: Calling, user_id: UserId = None) -> Bookkeeping:
    return chaffer.books.of(scope_of(caller, user_id))


MyBooks = Annotated[Bookkeeping, Depends(_my_books)]
"""The books of the caller, or of the `user_id` that is given where nobody is asked who they are."""


async def refuse_unknown_parameters(request: Request) -> None:
    """Refuse a query that names what the path does not take: a misspelt `agent_id` would show the operator's view.

    Raises VALIDATION_ERROR naming each.
    """
    route = request.scope.get("route")
    if not request.query_params or not isinstance(route, APIRoute):
        return
    taken = get_flat_params(route.dependant)
    known = {parameter.alias for parameter in taken if isinstance(parameter.field_info, QueryParameter)}
    unknown = [name for name in request.query_params if name not in known]
    if unknown:
        takes = f"; this path takes {', '.join(sorted(known))}" if known else "; this path takes none"
        details = tuple(Detail(name[:_NAME_SHOWN], f"is not a known parameter{takes}") for name in unknown)
        what = "The request"
        raise refusal(what, details)


def viewer_of(rooms: Sequence[RoomTerms], agent_id: str | None, agent_type: str | None) -> Viewer:
    """Return who looks at the rooms. Raises VALIDATION_ERROR naming the parameter that does not fit them.

    A seller has to be in one of the rooms. With the eyes of the catalogue's sellers nobody looks.
    """
    terms = rooms[0]  # the buyer, and who owns it, are the same in all rooms of a session
    if agent_id is None:
        if agent_type == "seller":
            raise unfit(Detail("agent_id", "is required with agent_type=seller"))
        return owner_of_room(terms) if agent_type is None else Viewer(terms.buyer.buyer_id)
    sellers = [] if terms.is_ordered else [seller_id for room in rooms for seller_id in room.names]
    kinds = {terms.buyer.buyer_id: "buyer", **dict.fromkeys(sellers, "seller")}
    kind = kinds.get(agent_id)
    if kind is None:
        raise unfit(Detail("agent_id", f"must be one of {', '.join(kinds)}"))
    if agent_type is not None and agent_type != kind:
        raise unfit(Detail("agent_type", f"must be {kind} for {agent_id}, or left out"))
    return Viewer(agent_id)
