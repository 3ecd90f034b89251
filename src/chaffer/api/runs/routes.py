"""Runs over HTTP: begin, look, change, speak, stop, delete, follow."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import Body, Path, Response

from chaffer.api.dependencies import (
    After,
    Calling,
    LastEventId,
    PageSize,
    Running,
    StreamAfter,
    UserId,
    listed_of,
    owner_of,
)
from chaffer.api.frames import frame_stream, stream_of
from chaffer.api.idempotency import Creating, documented
from chaffer.api.problems import OF_PROVIDERS, problems
from chaffer.api.routing import routes_under
from chaffer.api.runs.dependencies import MyRuns
from chaffer.api.runs.documents import bot_revised, interjected, run_begun, run_state, run_summary
from chaffer.api.runs.examples import CALMER, DEBATE, QUESTION
from chaffer.api.runs.schemas import BotRevised, Interjected, RunDeleted, RunList, RunState, RunSummary
from chaffer.api.runs.telling import has_seen_all, place_in, told
from chaffer.api.v1.streaming import closed_for_good
from chaffer.dialogue.plan import BotPatch, Interjection, RunCreate
from chaffer.errors import Code

router = routes_under("/api", "runs")

BotIndex = Annotated[int, Path(ge=0, le=1, description="0 or 1.")]

_STREAM: Final = stream_of("RunFrames") | {204: {"description": "Everything has been seen: do not come back."}}


@router.post(
    "/run",
    summary="Begin a run",
    **documented(RunSummary),
    responses=problems(
        Code.VALIDATION_ERROR,
        *OF_PROVIDERS,
        Code.IDEMPOTENCY_KEY_REUSED,
        Code.CONFLICT,
        Code.PAYLOAD_TOO_LARGE,
    ),
)
async def begin(
    plan: Annotated[RunCreate, Body(openapi_examples=DEBATE)],
    creating: Creating,
    chaffer: Running,
    runs: MyRuns,
    caller: Calling,
    user_id: UserId = None,
) -> Response:
    """Have two bots talk on a topic. The run goes on apart from this call; follow it by its stream."""
    owner = owner_of(caller, plan.user_id, user_id)
    return await creating.once(
        owner,
        chaffer.possessions.beginning(caller),
        lambda keep: runs.start(plan, owner=owner, remember=keep),
        run_begun,
    )


@router.get("/runs", summary="List runs", responses=problems(Code.VALIDATION_ERROR))
async def list_runs(
    runs: MyRuns, caller: Calling, limit: PageSize = 20, after: After = None, user_id: UserId = None
) -> RunList:
    """List runs, newest first."""
    page, found = await runs.list_runs(owner=listed_of(caller, user_id), limit=limit, after=after)
    return RunList(
        runs=[run_summary(live.state, live.feed.records[-1].at) for live in found], next_after=page.next_after
    )


@router.get("/run/{run_id}", summary="Look at a run", responses=problems(Code.RUN_NOT_FOUND))
async def look(run_id: str, runs: MyRuns) -> RunState:
    """Return a run as it stands, with all that was said."""
    return run_state(await runs.run(run_id))


@router.delete("/run/{run_id}", summary="Delete a run", responses=problems(Code.RUN_NOT_FOUND))
async def delete(run_id: str, runs: MyRuns) -> RunDeleted:
    """Stop a run, close its streams, and delete all that was said."""
    await runs.delete(run_id)
    return RunDeleted(id=run_id, message="The run was deleted.")


@router.patch(
    "/run/{run_id}/bot/{index}",
    summary="Change a bot",
    responses=problems(
        Code.VALIDATION_ERROR,
        *OF_PROVIDERS,
        Code.RUN_NOT_FOUND,
        Code.CONFLICT,
    ),
)
async def patch(
    run_id: str,
    index: BotIndex,
    body: Annotated[BotPatch, Body(openapi_examples=CALMER)],
    chaffer: Running,
    runs: MyRuns,
    caller: Calling,
) -> BotRevised:
    """Change a bot from its next turn on; the turn that is being spoken is spoken as it was begun."""
    async with chaffer.possessions.storing(caller):
        return bot_revised(await runs.patch(run_id, index, body))


@router.post(
    "/run/{run_id}/say",
    summary="Speak between the bots",
    **documented(Interjected),
    responses=problems(Code.VALIDATION_ERROR, Code.RUN_NOT_FOUND, Code.CONFLICT, Code.IDEMPOTENCY_KEY_REUSED),
)
async def say(
    run_id: str,
    body: Annotated[Interjection, Body(openapi_examples=QUESTION)],
    creating: Creating,
    chaffer: Running,
    runs: MyRuns,
    caller: Calling,
) -> Response:
    """Put a person's sentence between the bots; they hear it from the next turn on."""
    live = await runs.run(run_id)
    return await creating.once(
        live.state.terms.owner,
        chaffer.possessions.storing(caller),
        lambda keep: runs.say(run_id, body.text, body.name, remember=keep),
        interjected,
    )


@router.post("/run/{run_id}/stop", summary="Stop a run", responses=problems(Code.RUN_NOT_FOUND))
async def stop(run_id: str, runs: MyRuns) -> RunState:
    """End a run where it stands; what was said so far is kept. A run that is over stays as it is."""
    await runs.stop(run_id)
    return run_state(await runs.run(run_id))


@router.get(
    "/stream/{run_id}",
    summary="Follow a run",
    response_class=Response,
    responses=problems(Code.RUN_NOT_FOUND) | _STREAM,
)
async def stream(
    run_id: str, chaffer: Running, runs: MyRuns, after: StreamAfter = None, last_event_id: LastEventId = None
) -> Response:
    """Follow a run from its beginning, or from behind the frame whose id is given. After the end: 204."""
    live = await runs.run(run_id)
    place = place_in(last_event_id or after, live)
    if has_seen_all(place, live):
        return closed_for_good()
    settings = chaffer.settings
    frames = told(live, place, settings.sse_retry_timeout)
    return frame_stream(frames, settings, settings.run_keepalive_interval)
