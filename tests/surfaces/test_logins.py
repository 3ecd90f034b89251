"""Logins of browsers: cookies, pages of other sites, and streams that end with what let them in."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.support.proofs import (
    BASIC,
    BOTH,
    CODES,
    LOGIN,
    LOGOUT,
    ME,
    ORIGIN,
    assert_stranger,
    basic,
    bearer,
    client_of,
    cookie_from,
    posted_login,
)
from tests.support.server import Surface, opened, play, posted, until
from tests.support.streams import Reader
from tests.support.tokens import (
    CHEAP,
    PASSWORD,
    SUBJECT,
    USER,
    claims,
    signed,
)


@pytest.mark.parametrize(("base", "name"), [("http://127.0.0.1", "chaffer"), ("https://127.0.0.1", "__Host-chaffer")])
def test_a_login_gives_a_cookie_that_no_script_and_no_other_site_can_use(tmp_path: Path, base: str, name: str) -> None:
    """Issue 4: same-origin, HttpOnly, SameSite=Strict."""

    async def case(at: Surface) -> None:
        ways: list[dict[str, Any]] = [
            {"headers": basic()},
            {"headers": bearer()},
            {"json": {"username": USER, "password": PASSWORD}},
        ]
        for way, (mode, user) in zip(ways, [("basic", USER), ("bearer", SUBJECT), ("basic", USER)], strict=True):
            async with client_of(at, base) as browser:
                answer = await browser.post(LOGIN, **way)
                assert answer.status_code == CODES.OK, answer.text
                assert (answer.json()["mode"], answer.json()["user"]) == (mode, user)
                cookie = cookie_from(answer)
                assert cookie.pop("name") == name
                assert len(cookie.pop("value")) == 43
                longest = 5 * 60 if mode == "bearer" else 12 * 3600
                assert longest - 10 < int(cookie.pop("max-age")) <= longest
                secure = {"secure": ""} if base.startswith("https") else {}
                assert cookie == {"path": "/", "httponly": "", "samesite": "Strict", **secure}
                assert (await browser.get(ME)).json()["user"] == user
                assert (await browser.get("/api/docs")).status_code == CODES.OK

    play(tmp_path, case, **BOTH)


def test_a_wrong_login_gives_nothing(tmp_path: Path) -> None:
    async def case(at: Surface) -> None:
        wrong: list[dict[str, Any]] = [
            {},
            {"headers": basic(password="x")},
            {"headers": bearer("x.y.z")},
            {"json": {"username": USER, "password": "x"}},
            {"json": {"username": "bob", "password": PASSWORD}},
            {"json": {"username": USER, "password": ""}},
            {"json": {"username": USER, "password": "\0"}},
            {"json": {"username": USER, "password": "x" * 5000}},
            {"headers": basic(password="x"), "json": {"username": USER, "password": PASSWORD}},
        ]
        for way in wrong:
            answer = await at.client.post(LOGIN, **way)
            assert_stranger(answer, "Basic", "Bearer")
            assert "Set-Cookie" not in answer.headers
        for body in (
            {"username": USER},
            {"username": 5, "password": 5},
            {"username": USER, "password": "canary", "x": 1},
        ):
            answer = await at.client.post(LOGIN, json=body)
            assert answer.status_code == CODES.BAD_REQUEST
            assert "canary" not in answer.text

    play(tmp_path, case, **BOTH)


def test_a_cookie_begins_no_login(tmp_path: Path) -> None:
    """A login ends; it is not prolonged for ever by itself."""

    async def case(at: Surface) -> None:
        await posted_login(at.client)
        assert_stranger(await at.client.post(LOGIN), "Basic", "Bearer")

    play(tmp_path, case, **BOTH)


def test_a_logout_ends_the_login_takes_the_cookie_back_and_may_be_repeated(tmp_path: Path) -> None:
    async def case(at: Surface) -> None:
        value = await posted_login(at.client)
        for _ in range(2):
            answer = await at.client.post(LOGOUT)
            assert answer.status_code == CODES.NO_CONTENT
            cookie = cookie_from(answer)
            assert (cookie["name"], cookie["value"], cookie["max-age"]) == ("chaffer", "", "0")
            assert_stranger(await at.client.get(ME), "Basic", "Bearer")
        kept = {"Cookie": f"chaffer={value}"}
        assert_stranger(await at.client.get(ME, headers=kept), "Basic", "Bearer")

    play(tmp_path, case, **BOTH)


def test_a_login_outlives_a_restart_and_a_changed_password_ends_it(tmp_path: Path) -> None:
    values: list[str] = []

    async def log_in(at: Surface) -> None:
        values.append(await posted_login(at.client))

    async def is_in(at: Surface) -> None:
        assert (await at.client.get(ME, headers={"Cookie": f"chaffer={values[0]}"})).json()["user"] == USER

    async def is_out(at: Surface) -> None:
        assert_stranger(await at.client.get(ME, headers={"Cookie": f"chaffer={values[0]}"}), "Basic")

    play(tmp_path, log_in, durable=True, **BASIC)
    play(tmp_path, is_in, durable=True, **BASIC)
    changed = CHEAP.hash("another")
    play(tmp_path, is_out, durable=True, basic_auth_user=USER, basic_auth_pw_hash=changed)
    files = [path for path in (tmp_path / "data").rglob("*") if path.is_file()]
    assert files
    assert not any(values[0].encode() in path.read_bytes() for path in files)


COOKIES = [
    "chaffer=",
    "chaffer=x",
    "chaffer=" + "A" * 43,
    "chaffer=" + "é" * 43,
    "chaffer",
    "=",
    ";;;",
    "chaffer=a; chaffer=b",
]


@pytest.mark.parametrize("cookie", COOKIES)
def test_a_cookie_that_nobody_gave_is_answered_401(tmp_path: Path, cookie: str) -> None:
    async def case(at: Surface) -> None:
        answer = await at.client.get(ME, headers={b"Cookie": cookie.encode("latin-1")})
        assert_stranger(answer, "Basic", "Bearer")

    play(tmp_path, case, **BOTH)


def test_over_https_a_cookie_that_was_planted_over_http_is_none(tmp_path: Path) -> None:
    async def case(at: Surface) -> None:
        value = await posted_login(at.client)
        async with client_of(at, "https://127.0.0.1") as safe:
            assert_stranger(await safe.get(ME, headers={"Cookie": f"chaffer={value}"}), "Basic", "Bearer")

    play(tmp_path, case, **BOTH)


def test_in_open_mode_a_login_says_so_and_gives_no_cookie(tmp_path: Path) -> None:
    async def case(at: Surface) -> None:
        answer = await at.client.post(LOGIN, json={"username": "x", "password": "y"})
        assert answer.json() == {"mode": "open", "user": "local", "expires_at": None}
        assert "Set-Cookie" not in answer.headers
        assert (await at.client.post(LOGOUT)).status_code == CODES.NO_CONTENT

    play(tmp_path, case)


PAGES: list[tuple[dict[str, str], bool]] = [
    ({}, True),
    ({"Origin": "http://127.0.0.1"}, True),
    ({"Origin": ORIGIN}, True),
    ({"Origin": ORIGIN, "Sec-Fetch-Site": "cross-site"}, True),
    ({"Sec-Fetch-Site": "same-origin"}, True),
    ({"Sec-Fetch-Site": "none"}, True),
    ({"Sec-Fetch-Site": "same-site"}, False),
    ({"Origin": "https://evil.test"}, False),
    ({"Origin": "http://127.0.0.1.evil.test"}, False),
    ({"Origin": "http://127.0.0.1:81"}, False),
    ({"Origin": "null"}, False),
    ({"Origin": "http://["}, False),
    ({"Origin": ""}, False),
    ({"Sec-Fetch-Site": "cross-site"}, False),
]


@pytest.mark.parametrize(("page", "allowed"), PAGES)
def test_what_a_browser_sends_by_itself_changes_nothing_for_another_site(
    tmp_path: Path, page: dict[str, str], *, allowed: bool
) -> None:
    """Issue 4: an Origin check on unsafe methods, by cookie and by Basic; a token is sent by nobody unawares."""
    path = "/api/v1/simulation/none"

    async def case(at: Surface) -> None:
        await posted_login(at.client)
        expected = CODES.NOT_FOUND if allowed else CODES.FORBIDDEN
        assert (await at.client.delete(path, headers=page)).status_code == expected
        assert (await at.client.get(path, headers=page)).status_code == CODES.NOT_FOUND
        async with client_of(at) as other:
            assert (await other.delete(path, headers={**page, **basic()})).status_code == expected
            assert (await other.delete(path, headers={**page, **bearer()})).status_code == CODES.NOT_FOUND
            for asking in (LOGIN, LOGOUT):
                answer = await other.post(asking, headers={**page, **basic()})
                assert answer.is_success if allowed else answer.status_code == CODES.FORBIDDEN

    play(tmp_path, case, **BOTH)


def test_over_https_a_page_of_the_same_name_over_http_is_another_s(tmp_path: Path) -> None:
    """Whoever stands on the line can make up a page over http, and browsers differ on whether SameSite keeps it out."""
    over_https = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"}

    async def case(at: Surface) -> None:
        for origin, status in (("http://127.0.0.1", CODES.FORBIDDEN), ("https://127.0.0.1", CODES.NOT_FOUND)):
            heads = {**over_https, **basic(), "Origin": origin}
            assert (await at.client.delete("/api/v1/simulation/none", headers=heads)).status_code == status

    play(tmp_path, case, trusted_proxies="127.0.0.1", **BOTH)


async def _followed(at: Surface, headers: dict[str, str], then: Callable[[], Awaitable[None]]) -> float:
    """Follow a room and all rooms of its session, do something, and return after how many seconds both had ended."""
    async with client_of(at) as maker:
        market = await opened_as(maker)
    async with client_of(at, headers=headers) as client:
        readers = [Reader(client, f"{path}/stream") for path in (market.room, market.session)]
        reading = [asyncio.create_task(reader.read()) for reader in readers]
        await until(lambda: all(reader.events for reader in readers), reading)
        await then()
        begun = asyncio.get_running_loop().time()
        statuses = await asyncio.wait_for(asyncio.gather(*reading), 10)
        took = asyncio.get_running_loop().time() - begun
        assert statuses == [CODES.OK, CODES.OK]
        assert not any(event.name in {"error", "room_ended"} for reader in readers for event in reader.events)
        for reader in readers:
            assert_stranger(await client.get(reader.path), "Basic", "Bearer")
        return took


async def opened_as(client: httpx2.AsyncClient) -> Any:
    """Open a market as the one whose token it is, with a room that nobody starts."""
    client.headers.update(bearer())
    return await opened(client)


def test_a_stream_ends_within_five_seconds_of_a_logout(tmp_path: Path) -> None:
    """Issue 4: revoked credentials close open streams within 5 s; who comes back is refused."""

    async def case(at: Surface) -> None:
        async with client_of(at) as browser:
            value = await posted_login(browser, bearer())

            async def log_out() -> None:
                assert (await browser.post(LOGOUT)).status_code == CODES.NO_CONTENT

            assert await _followed(at, {"Cookie": f"chaffer={value}"}, log_out) < 5
        assert "stream.reader_sent_away" in at.log.getvalue()
        assert "stream.broke" not in at.log.getvalue()

    play(tmp_path, case, **BOTH)


def test_a_stream_ends_within_five_seconds_of_its_token_s_end(tmp_path: Path) -> None:
    """Issue 4: expired credentials close open streams within 5 s."""

    async def case(at: Surface) -> None:
        ends_at = datetime.now(UTC) + timedelta(seconds=2)
        token = signed(claims(exp=ends_at.timestamp()))

        async def wait() -> None:
            await asyncio.sleep(max(0.0, (ends_at - datetime.now(UTC)).total_seconds()))

        assert await _followed(at, bearer(token), wait) < 5

    play(tmp_path, case, **BOTH)


def test_a_stream_of_who_is_still_let_in_goes_on(tmp_path: Path) -> None:
    async def case(at: Surface) -> None:
        at.client.headers.update(bearer())
        market = await opened(at.client)
        reader = Reader(at.client, f"{market.room}/stream")
        reading = asyncio.create_task(reader.read())
        await until(lambda: bool(reader.events), [reading])
        for _ in range(3):
            await at.chaffer.entrance.look()
        await posted(at.client, f"{market.room}/start")
        assert await asyncio.wait_for(reading, 20) == CODES.OK
        assert reader.named("negotiation_complete")

    play(tmp_path, case, **BOTH)


async def _socket(at: Surface, headers: dict[str, str], **scope: Any) -> list[Any]:
    """Return what a socket is answered that asks to be opened at a path that is none."""
    sent: list[Any] = []

    async def receive() -> dict[str, str]:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message)

    told = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    asked = {
        "type": "websocket",
        "path": "/api/ws/none",
        "raw_path": b"/api/ws/none",
        "query_string": b"",
        "root_path": "",
        "scheme": "ws",
        "headers": [(b"host", b"127.0.0.1"), *told],
        "client": ("127.0.0.1", 5),
        "server": ("127.0.0.1", 80),
        "subprotocols": [],
        **scope,
    }
    await at.app(asked, receive, send)
    return sent


def test_a_socket_is_refused_before_it_opens_to_strangers_and_to_pages_of_others(tmp_path: Path) -> None:
    """Issue 4: same authentication, Origin checked."""

    async def case(at: Surface) -> None:
        refusing: dict[str, Any] = {"extensions": {"websocket.http.response": {}}}
        stranger = await _socket(at, {}, **refusing)
        assert stranger[0]["status"] == CODES.UNAUTHORIZED
        assert b"UNAUTHORIZED" in stranger[1]["body"]
        assert (await _socket(at, {}))[0] == {"type": "websocket.close", "code": 1008, "reason": "UNAUTHORIZED"}
        for proof in (basic(), bearer(), {"Cookie": f"chaffer={await posted_login(at.client)}"}):
            foreign = await _socket(at, {**proof, "Origin": "https://evil.test"}, **refusing)
            assert foreign[0]["status"] == CODES.FORBIDDEN
            let_in = await _socket(at, {**proof, "Origin": ORIGIN})
            assert let_in == [{"type": "websocket.close", "code": 1000, "reason": ""}], "there is no such socket"

    play(tmp_path, case, **BOTH)
