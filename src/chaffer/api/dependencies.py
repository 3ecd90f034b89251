"""What routes are given: the running program, and who calls."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Header, Query, Request
from fastapi.routing import APIRoute
from pydantic import AfterValidator, Field

from chaffer.bootstrap import Chaffer
from chaffer.conversation.views import OPERATOR, Viewer
from chaffer.errors import ChafferError, Code, Detail
from chaffer.negotiation.terms import RoomTerms
from chaffer.validation import refusal

NOBODY_IN_PARTICULAR = "local"
_NAME_SHOWN = 100


# Async, though it awaits nothing: else every request would wait for a thread.
async def _running(request: Request) -> Chaffer:
    chaffer: Chaffer = request.app.state.chaffer
    return chaffer


def _printable(text: str) -> str:
    if not text.isprintable():
        msg = "must have printable characters only"
        raise ValueError(msg)
    return text


Running = Annotated[Chaffer, Depends(_running)]
UserId = Annotated[
    Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_printable)] | None,
    Query(description="Whose it is; needed only where no token says who asks."),
]
PageSize = Annotated[int, Query(ge=1, le=100, description="Most entries of a page.")]
After = Annotated[Annotated[str, Field(max_length=200)] | None, Query(description="`next_after` of the page before.")]
StreamAfter = Annotated[
    Annotated[str, Field(max_length=2000)] | None,
    Query(alias="after", description="Id of the last event that was seen, where no header can be sent."),
]
LastEventId = Annotated[str | None, Header(max_length=2000, description="Id of the last event that was seen.")]
AgentId = Annotated[
    Annotated[str, Field(max_length=100)] | None,
    Query(description="Look with this agent's eyes: the buyer's id or a seller's. Left out: the operator's."),
]
AgentType = Annotated[
    Annotated[str, Field(pattern="^(buyer|seller)$")] | None, Query(description="What `agent_id` must be.")
]


def owner_of(user_id: str | None) -> str:
    """Return whose the thing is that is created."""
    return user_id or NOBODY_IN_PARTICULAR


def refuse_unknown_parameters(request: Request) -> None:
    """Refuse a query that names what the path does not take: a misspelt `agent_id` would show the operator's view.

    Raises VALIDATION_ERROR naming each.
    """
    route = request.scope.get("route")
    if not isinstance(route, APIRoute):
        return
    known = {parameter.alias for parameter in route.dependant.query_params}
    unknown = [name for name in request.query_params if name not in known]
    if unknown:
        takes = f"; this path takes {', '.join(sorted(known))}" if known else "; this path takes none"
        details = tuple(Detail(name[:_NAME_SHOWN], f"is not a known parameter{takes}") for name in unknown)
        what = "The request"
        raise refusal(what, details)


def viewer_of(terms: RoomTerms, agent_id: str | None, agent_type: str | None) -> Viewer:
    """Return who looks. Raises VALIDATION_ERROR naming the parameter that does not fit the room."""
    if agent_id is None:
        if agent_type == "seller":
            raise _unfit(Detail("agent_id", "is required with agent_type=seller"))
        return OPERATOR if agent_type is None else Viewer(terms.buyer.buyer_id)
    kinds = {terms.buyer.buyer_id: "buyer", **dict.fromkeys(terms.names, "seller")}
    kind = kinds.get(agent_id)
    if kind is None:
        raise _unfit(Detail("agent_id", f"must be one of {', '.join(kinds)}"))
    if agent_type is not None and agent_type != kind:
        raise _unfit(Detail("agent_type", f"must be {kind} for {agent_id}, or left out"))
    return Viewer(agent_id)


def _unfit(detail: Detail) -> ChafferError:
    message = f"The request was refused: {detail.field} {detail.issue}."
    return ChafferError(Code.VALIDATION_ERROR, message, details=(detail,))
