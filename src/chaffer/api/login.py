"""Logins of browsers: a page's `EventSource` sends no headers, but it sends the cookie that a login gives."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import Request, Response
from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, SecretStr

from chaffer.api.admission import credentials_of
from chaffer.api.cookies import cookie_of, given, taken_back
from chaffer.api.dependencies import Running
from chaffer.api.problems import problems
from chaffer.api.routing import routes_under
from chaffer.api.v1.wire import rfc3339
from chaffer.doors.caller import NOBODY_IN_PARTICULAR, Mode
from chaffer.doors.entrance import Credentials
from chaffer.errors import Code

router = routes_under("/api", "login")


class Password(BaseModel):
    """A user and a password, for pages that send no `Authorization`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    username: Annotated[str, Field(max_length=200, examples=["alice"])]
    password: Annotated[SecretStr, Field(max_length=8000, examples=["three words and more"])]


class LoggedIn(BaseModel):
    """Who has logged in, how that was proven, and until when it holds; in open mode it needs no login."""

    mode: Mode
    user: str
    expires_at: Annotated[datetime, PlainSerializer(rfc3339)] | None


@router.post("/login", summary="Log a browser in", responses=problems(Code.VALIDATION_ERROR, Code.UNAUTHORIZED))
async def begin(request: Request, response: Response, chaffer: Running, body: Password | None = None) -> LoggedIn:
    """Give a cookie for a password or a token in `Authorization`, or for a password in the body.

    The cookie is this site's alone and no script can read it. It lasts LOGIN_HOURS, and no longer than the token.
    """
    response.headers["Cache-Control"] = "no-store"
    entrance = chaffer.entrance
    if entrance.is_open:
        return LoggedIn(mode=Mode.OPEN, user=NOBODY_IN_PARTICULAR, expires_at=None)
    credentials = credentials_of(request.scope)
    if credentials.authorization is None:
        if body is None:
            raise entrance.stranger()
        given_password = body.password.get_secret_value()
        credentials = Credentials.of_password(body.username, given_password, credentials.address)
    caller = await entrance.admit(credentials, request.state.attempt)
    begun = await entrance.begin_login(caller)
    login = begun.login
    response.headers.append("Set-Cookie", given(request.scope, begun.value, login.expires_at, chaffer.now()))
    return LoggedIn(mode=login.mode, user=login.owner, expires_at=login.expires_at)


@router.post("/logout", summary="Log a browser out", status_code=204)
async def end(request: Request, chaffer: Running) -> Response:
    """End the login of the cookie and take the cookie back; streams that were opened with it end within seconds."""
    cookie = cookie_of(request.scope)
    if cookie is not None and not chaffer.entrance.is_open:
        await chaffer.entrance.end_login(cookie)
    return Response(status_code=204, headers={"Set-Cookie": taken_back(request.scope), "Cache-Control": "no-store"})
