"""Exports of runs over HTTP."""

from __future__ import annotations

from fastapi import Response

from chaffer.api.downloads import FILE, Form, download
from chaffer.api.problems import problems
from chaffer.api.routing import routes_under
from chaffer.api.runs.dependencies import MyRuns
from chaffer.conversation.views import OPERATOR, view_for
from chaffer.dialogue.visibility import run_sight
from chaffer.errors import Code
from chaffer.exports.exporter import run_file
from chaffer.exports.run_export import run_export

router = routes_under("/api", "runs")


@router.get(
    "/export/{run_id}.{form}",
    summary="Export a run",
    response_class=Response,
    responses=problems(Code.VALIDATION_ERROR, Code.RUN_NOT_FOUND) | FILE,
)
async def export(run_id: str, form: Form, runs: MyRuns) -> Response:
    """Return a run as a file, over or not: what stands so far is in it.

    Markdown and PDF are transcripts, CSV has a row for every message, JSON has all, every revision of the bots too.
    """
    live = await runs.run(run_id)
    return download(await run_file(run_export(view_for(OPERATOR, live.feed.records, run_sight)), form))
