"""Logs of negotiations over HTTP."""

from __future__ import annotations

from fastapi import Response

from chaffer.api.dependencies import After, Calling, MyArchive, PageSize, UserId, listed_of
from chaffer.api.problems import problems
from chaffer.api.routing import routes_under
from chaffer.api.v1.schemas import ArchivedSessionInfo, LogList
from chaffer.errors import Code
from chaffer.exports.archive import ArchivedSession

router = routes_under("/api/v1/logs", "logs")


@router.get("", summary="List logs", responses=problems(Code.VALIDATION_ERROR))
async def list_logs(
    archive: MyArchive, caller: Calling, limit: PageSize = 20, after: After = None, user_id: UserId = None
) -> LogList:
    """List the sessions with saved logs, newest first; where callers are known, of their own."""
    found, next_after = await archive.list_sessions(listed_of(caller, user_id), limit, after)
    return LogList(logs=[_info(archived) for archived in found], next_after=next_after)


@router.get("/{session_id}", summary="Look at a session's logs", responses=problems(Code.LOG_NOT_FOUND))
async def session_logs(session_id: str, archive: MyArchive) -> ArchivedSessionInfo:
    """Return which logs are kept of a session."""
    return _info(await archive.session_logs(session_id))


@router.get(
    "/{session_id}/{room_id}",
    summary="Read a log",
    response_class=Response,
    responses=problems(Code.LOG_NOT_FOUND)
    | {200: {"description": "The log; its schema is docs/log.schema.json.", "content": {"application/json": {}}}},
)
async def room_log(session_id: str, room_id: str, archive: MyArchive) -> Response:
    """Return the saved log of a negotiation: the operator's record, whole, private numbers included.

    Of one that a shopping session ordered, what its buyer saw: the sellers' numbers are not the owner's to know.
    """
    return Response(await archive.room_log(session_id, room_id), media_type="application/json")


def _info(archived: ArchivedSession) -> ArchivedSessionInfo:
    return ArchivedSessionInfo(
        session_id=archived.session_id,
        room_ids=list(archived.room_ids),
        has_summary=archived.has_summary,
        saved_at=archived.saved_at,
    )
