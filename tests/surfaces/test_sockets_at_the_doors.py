"""WebSockets pass the same doors as requests, and who is sent away by one is heard no more."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import httpx2
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.support.callers import bearer
from tests.support.runs import begun
from tests.support.server import Server, got
from tests.support.tokens import HASHED, PASSWORD, SECRET, USER

LONGEST: Final = 40.0
EVIL: Final = "https://evil.example"
BOTH: Final = {"SUPABASE_JWT_SECRET": SECRET, "BASIC_AUTH_USER": USER, "BASIC_AUTH_PW_HASH": HASHED}


def play(folder: Path, case: Callable[[Server, httpx2.AsyncClient], Awaitable[None]], **variables: str) -> None:
    """Run a case with a server whose bots take their time, and a client of it."""

    async def main(server: Server) -> None:
        async with server.client() as client, asyncio.timeout(LONGEST):
            await case(server, client)

    with Server(folder, BUILTIN_CHARS_PER_SECOND="20", **{**BOTH, **variables}) as server:
        asyncio.run(main(server))


@asynccontextmanager
async def socket_of(server: Server, run: str, headers: dict[str, str], **given: Any) -> AsyncIterator[ClientConnection]:
    """Open the socket of a run."""
    address = server.url.replace("http://", "ws://") + run.replace("/api/run/", "/api/ws/run/")
    async with connect(address, proxy=None, additional_headers=headers, **given) as socket:
        yield socket


async def refused(server: Server, run: str, headers: dict[str, str], **given: Any) -> Any:
    """Return the answer by which a handshake is refused."""
    with pytest.raises(InvalidStatus) as refusal:
        async with socket_of(server, run, headers, **given):
            pass
    return refusal.value.response


async def cookie_of(client: httpx2.AsyncClient, headers: dict[str, str]) -> dict[str, str]:
    """Log in and return the header that a browser sends from then on."""
    answer = await client.post("/api/login", headers=headers)
    assert answer.status_code == 200, answer.text
    client.cookies.clear()
    return {"Cookie": answer.headers["set-cookie"].partition(";")[0]}


def test_a_page_of_another_site_opens_no_socket_by_what_a_browser_sends_along(tmp_path: Path) -> None:
    """Issue 4: same authentication, Origin checked. A browser sends the cookie and the password along by itself."""

    async def case(server: Server, client: httpx2.AsyncClient) -> None:
        client.headers.update(bearer("ann"))
        run = await begun(client, max_turns=50)
        cookie = await cookie_of(client, bearer("ann"))
        for origin in (EVIL, "null", "http://127.0.0.1", f"{server.url}.evil.example"):
            answer = await refused(server, run, cookie, origin=origin)
            assert answer.status_code == 403
            assert json.loads(answer.body)["error"]["code"] == "FORBIDDEN"
        answer = await refused(server, run, {**cookie, "Sec-Fetch-Site": "cross-site"})
        assert answer.status_code == 403
        async with socket_of(server, run, cookie, origin=server.url) as socket:
            assert json.loads(await socket.recv())["type"] == "start"
        assert (await client.get(run)).json()["status"] == "running"

    play(tmp_path, case)


def test_a_browser_with_the_password_changes_nothing_for_another_site(tmp_path: Path) -> None:
    """A browser that was asked for the password sends it along with every request to this server, whoever makes it."""

    async def case(server: Server, client: httpx2.AsyncClient) -> None:
        client.auth = (USER, PASSWORD)
        run = await begun(client, max_turns=50)
        basic = {"Authorization": (await client.get(run)).request.headers["Authorization"]}
        cookie = await cookie_of(client, basic)
        for proof in (basic, cookie):
            async with httpx2.AsyncClient(base_url=server.url, headers=proof, trust_env=False) as browser:
                for page in ({"Origin": EVIL}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}):
                    tried = [
                        await browser.post(f"{run}/stop", headers=page),
                        await browser.post(f"{run}/say", json={"text": "Hello."}, headers=page),
                        await browser.patch(f"{run}/bot/0", json={"prompt": "x"}, headers=page),
                        await browser.delete(run, headers=page),
                        await browser.post("/api/run", content=b"{}", headers={**page, "Content-Type": "text/plain"}),
                        await browser.post("/api/logout", headers=page),
                    ]
                    assert {answer.status_code for answer in tried} == {403}
            assert (await refused(server, run, proof, origin=EVIL)).status_code == 403
        state = await got(client, run)
        assert (state["status"], [bot["revision"] for bot in state["bots"]]) == ("running", [0, 0])

    play(tmp_path, case)


def test_who_has_logged_out_is_heard_no_more_and_sent_away_within_five_seconds(tmp_path: Path) -> None:
    """Issue 4: revoked credentials close open streams within 5 s."""

    async def case(server: Server, client: httpx2.AsyncClient) -> None:
        client.headers.update(bearer("ann"))
        run = await begun(client, max_turns=50)
        cookie = await cookie_of(client, bearer("ann"))
        async with socket_of(server, run, cookie) as socket:
            await socket.send(json.dumps({"type": "say", "text": "Before."}))
            await _until_said(socket, "Before.")
            assert (await client.post("/api/logout", headers=cookie)).status_code == 204
            async with asyncio.timeout(5):
                await socket.wait_closed()
            assert socket.close_code == 1008
            with pytest.raises(ConnectionClosed):
                await socket.send(json.dumps({"type": "say", "text": "After."}))
        assert (await refused(server, run, cookie)).status_code == 401
        said = [line["content"] for line in (await got(client, run))["transcript"] if line["role"] == "person"]
        assert said == ["Before."]

    play(tmp_path, case)


async def _until_said(socket: ClientConnection, text: str) -> None:
    while json.loads(await socket.recv()).get("text") != text:
        pass


def test_handshakes_count_as_calls_and_as_guesses(tmp_path: Path) -> None:
    """Issue 4: rate limits on every surface; a socket is refused with the same heads as a request."""

    async def case(server: Server, client: httpx2.AsyncClient) -> None:
        client.headers.update(bearer("ann"))
        run = await begun(client, max_turns=50)
        for _ in range(6):
            async with socket_of(server, run, bearer("ann")):
                pass
        answer = await refused(server, run, bearer("ann"))
        assert answer.status_code == 429
        assert answer.headers["RateLimit-Policy"] == '"usual";q=6;w=60'
        assert answer.headers["Retry-After"] == answer.headers["RateLimit-Reset"]
        assert (await client.get(run)).status_code == 429, "they are counted together"
        for _ in range(4):
            assert (await refused(server, run, {"Authorization": "Bearer guess"})).status_code == 401
        guessed = await refused(server, run, {"Authorization": "Bearer guess"})
        assert guessed.status_code == 429
        assert guessed.headers["RateLimit-Policy"] == '"attempts";q=4;w=60'

    play(tmp_path, case, RATE_LIMIT_PER_MINUTE="6", RATE_LIMIT_ATTEMPTS_PER_MINUTE="4")
