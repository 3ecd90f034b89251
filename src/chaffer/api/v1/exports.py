"""Exports of rooms and reports of sessions over HTTP."""

from __future__ import annotations

from fastapi import Response

from chaffer.api.dependencies import AgentId, AgentType, MyMarket, viewer_of
from chaffer.api.downloads import FILE, PDF, Form, download
from chaffer.api.problems import problems
from chaffer.api.routing import routes_under
from chaffer.conversation.live import LiveConversation
from chaffer.conversation.views import Viewer, view_for
from chaffer.errors import Code
from chaffer.exports.exporter import report_file, room_file
from chaffer.exports.room_export import RoomExport, room_export
from chaffer.exports.session_report import session_report
from chaffer.negotiation.summary import summarise
from chaffer.negotiation.terms import RoomTerms
from chaffer.negotiation.visibility import RoomSight, owner_of_room

router = routes_under("/api/v1", "exports")


@router.get(
    "/negotiation/{room_id}/export.{form}",
    summary="Export a room",
    response_class=Response,
    responses=problems(Code.VALIDATION_ERROR, Code.ROOM_NOT_FOUND) | FILE,
)
async def export_room(
    room_id: str, form: Form, market: MyMarket, agent_id: AgentId = None, agent_type: AgentType = None
) -> Response:
    """Return a room as a file, as the operator sees it or exactly as one of its agents does, over or not.

    Markdown and PDF are transcripts, CSV has a row for every offer, JSON has all.
    """
    live = await market.room(room_id)
    viewer = viewer_of([live.state.terms], agent_id, agent_type)
    return download(await room_file(_export(live, viewer), form))


@router.get(
    "/simulation/{session_id}/report.pdf",
    summary="Report on a session",
    response_class=Response,
    responses=problems(Code.SESSION_NOT_FOUND) | PDF,
)
async def report(session_id: str, market: MyMarket) -> Response:
    """Return what came of a session as a PDF: deals, savings, what was not bought, and each room in short."""
    state = await market.session(session_id)
    summary = summarise(state.session, [live.state for live in state.rooms], state.account)
    rooms = [_export(live, owner_of_room(live.state.terms)) for live in state.rooms]
    return download(await report_file(session_report(state.session, summary, rooms), session_id))


def _export(live: LiveConversation, viewer: Viewer) -> RoomExport:
    terms: RoomTerms = live.state.terms
    return room_export(terms, viewer, view_for(viewer, live.feed.records, RoomSight(terms)))
