"""Shopping sessions and preferences over HTTP: look, list, change, delete."""

from __future__ import annotations

from typing import Annotated

from fastapi import Body, Path, Response

from chaffer.api.dependencies import After, Calling, PageSize, Running, UserId, listed_of
from chaffer.api.problems import problems
from chaffer.api.routing import routes_under
from chaffer.api.shopping.dependencies import MyPurchasing, MyTastes, MyThreads
from chaffer.api.shopping.documents import session_state, session_summary
from chaffer.api.shopping.examples import TASTE
from chaffer.api.shopping.products import preferences_document
from chaffer.api.shopping.schemas import (
    ShoppingSessionDeleted,
    ShoppingSessionList,
    ShoppingSessionState,
    UserPreferences,
)
from chaffer.errors import Code
from chaffer.shopping.plan import PreferencesPatch
from chaffer.validation import UserName

router = routes_under("/api", "shopping")

User = Annotated[UserName, Path()]


@router.get("/sessions", summary="List shopping sessions", responses=problems(Code.VALIDATION_ERROR))
async def list_sessions(
    threads: MyThreads,
    chaffer: Running,
    caller: Calling,
    limit: PageSize = 20,
    after: After = None,
    user_id: UserId = None,
) -> ShoppingSessionList:
    """List shopping sessions, newest first."""
    page, found = await threads.list_threads(owner=listed_of(caller, user_id), limit=limit, after=after)
    return ShoppingSessionList(
        sessions=[session_summary(live, chaffer.now()) for live in found], next_after=page.next_after
    )


@router.get("/sessions/{session_id}", summary="Look at a shopping session", responses=problems(Code.SESSION_NOT_FOUND))
async def look(session_id: str, chaffer: Running, purchasing: MyPurchasing) -> ShoppingSessionState:
    """Return all that was said, what is known of the user, and the question that waits for an answer."""
    live = await purchasing.threads.thread(session_id)
    await purchasing.settle(live)
    preferences = await purchasing.threads.preferences.preferences(live.state.terms.owner)
    return session_state(live, preferences, chaffer.now())


@router.delete(
    "/sessions/{session_id}", summary="Delete a shopping session", responses=problems(Code.SESSION_NOT_FOUND)
)
async def delete(session_id: str, threads: MyThreads) -> ShoppingSessionDeleted:
    """Delete a session with all that was said; what was learned of the user stays, as do negotiations."""
    await threads.delete(session_id)
    return ShoppingSessionDeleted(session_id=session_id, message="The session was deleted.")


@router.get(
    "/users/{user_id:path}/preferences",
    summary="Look at preferences",
    responses=problems(Code.VALIDATION_ERROR, Code.NOT_FOUND),
)
async def preferences(user_id: User, tastes: MyTastes) -> UserPreferences:
    """Return what is known of a user's taste."""
    return UserPreferences(user_id=user_id, **dict(preferences_document(await tastes.preferences(user_id))))


@router.patch(
    "/users/{user_id:path}/preferences",
    summary="Change preferences",
    responses=problems(Code.VALIDATION_ERROR, Code.NOT_FOUND),
)
async def change(
    user_id: User, patch: Annotated[PreferencesPatch, Body(openapi_examples=TASTE)], tastes: MyTastes
) -> UserPreferences:
    """Put what is given in the place of what was known; null forgets, what is left out stays."""
    return UserPreferences(user_id=user_id, **dict(preferences_document(await tastes.change(user_id, patch))))


@router.delete(
    "/users/{user_id:path}/preferences",
    summary="Forget preferences",
    status_code=204,
    responses=problems(Code.VALIDATION_ERROR, Code.NOT_FOUND),
)
async def forget(user_id: User, tastes: MyTastes) -> Response:
    """Forget all that is known of a user's taste."""
    await tastes.forget(user_id)
    return Response(status_code=204)
