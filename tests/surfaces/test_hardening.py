"""Forwarded addresses, names of hosts, heads for browsers, and requests that take their time."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import httpx2
import pytest
from starlette.types import Message, Receive, Scope, Send

from chaffer.api.admission import OPEN_PATHS
from chaffer.api.hardening import Hardening, Times
from chaffer.api.hosts import Hosts
from chaffer.api.proxies import Proxies
from chaffer.errors import ChafferError, Code
from chaffer.settings import Settings, load_settings, masked
from tests.support.callers import calling
from tests.support.markets import scenario
from tests.support.peers import calling_from, refused
from tests.support.server import Server, Surface, opened, play
from tests.support.tokens import SECRET

ASKED: Final[dict[str, Any]] = {"supabase_jwt_secret": SECRET}
LISTED: Final = "/api/v1/simulation"


BAD_HOSTS: Final = ("a b", "[::1", "evil.example/x", "u@evil.example", "host:99999", "[zz]", "a:b:c", "%00", "[1]", "é")


@pytest.mark.parametrize("changes", [{}, ASKED, {"unsafe_no_auth": True}])
def test_a_malformed_host_is_refused_in_every_mode(tmp_path: Path, changes: dict[str, Any]) -> None:
    async def case(at: Surface) -> None:
        for host in BAD_HOSTS:
            for path in ("/", "/api/nothing", LISTED):
                answer = await at.client.get(path, headers=[(b"host", host.encode())])
                refused(answer, Code.VALIDATION_ERROR)
        two = httpx2.Headers([("host", "127.0.0.1"), ("host", "evil.example")])
        refused(await at.client.get("/", headers=two), Code.VALIDATION_ERROR)

    play(tmp_path, case, **changes)


def test_only_the_names_that_are_given_are_answered_to(tmp_path: Path) -> None:
    async def case(at: Surface) -> None:
        async with calling(at.app, "alice") as alice:
            for host in ("chaffer.example.com", "CHAFFER.example.com:8443", "a.example.org", "chaffer.example.com."):
                assert (await alice.get(LISTED, headers={"host": host})).status_code == 200
            for host in ("example.org", "evil.example", "chaffer.example.com.evil.example", "127.0.0.1", ""):
                assert "ALLOWED_HOSTS" in refused(await alice.get(LISTED, headers={"host": host}), Code.FORBIDDEN)

    play(tmp_path, case, allowed_hosts="chaffer.example.com, *.example.org", **ASKED)


def test_with_authentication_any_name_is_answered_to_unless_names_are_given(tmp_path: Path) -> None:
    async def case(at: Surface) -> None:
        async with calling(at.app, "alice") as alice:
            assert (await alice.get(LISTED, headers={"host": "whatever.example"})).status_code == 200

    play(tmp_path, case, **ASKED)


def test_in_open_mode_a_name_that_is_given_is_this_machines_own(tmp_path: Path) -> None:
    async def case(at: Surface) -> None:
        for host, status in (("dev.box", 200), ("evil.example", 403), ("127.0.0.1", 403)):
            assert (await at.client.get(LISTED, headers={"host": host})).status_code == status

    play(tmp_path, case, allowed_hosts="dev.box")


@pytest.mark.parametrize("path", [*sorted(OPEN_PATHS), LISTED, "/api/docs", "/api/redoc", "/nothing", "/api/nothing"])
def test_every_answer_tells_browsers_to_be_careful(tmp_path: Path, path: str) -> None:
    async def case(at: Surface) -> None:
        headers = (await at.client.get(path)).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "no-referrer"
        assert "camera=()" in headers["permissions-policy"]
        assert headers["cross-origin-resource-policy"] == "cross-origin"
        assert "strict-transport-security" not in headers
        if path.startswith("/api/"):
            assert headers["cache-control"] == "no-store"
        if headers["content-type"].startswith("text/html"):
            policy = headers["content-security-policy"]
            assert "default-src 'none'" in policy
            assert "frame-ancestors 'none'" in policy
            assert "unsafe" not in policy

    play(tmp_path, case)


def test_refusals_and_streams_bear_them_too(tmp_path: Path) -> None:
    async def case(at: Surface) -> None:
        async with calling_from(at.app, "192.0.2.1") as stranger:
            answers = [await stranger.get(LISTED), await at.client.get("/", headers={"host": "a b"})]
        answers.append(await at.client.post(f"{LISTED}/initialize", content=b"{" * 2_000_000))
        room = (await opened(at.client)).room
        async with at.client.stream("GET", f"{room}/stream") as stream:
            assert stream.headers["cache-control"] == "no-cache"
            answers.append(stream)
        assert [answer.status_code for answer in answers] == [403, 400, 413, 200]
        for answer in answers:
            assert answer.headers["x-frame-options"] == "DENY"
            assert answer.headers["x-content-type-options"] == "nosniff"

    play(tmp_path, case)


def test_only_over_https_is_https_made_a_duty(tmp_path: Path) -> None:
    async def case(at: Surface) -> None:
        heads = {"x-forwarded-for": "127.0.0.1", "x-forwarded-proto": "https"}
        assert (await at.client.get(LISTED, headers=heads)).headers["strict-transport-security"] == "max-age=31536000"
        async with calling_from(at.app, "192.0.2.1") as liar:
            assert "strict-transport-security" not in (await liar.get("/health", headers=heads)).headers

    play(tmp_path, case, trusted_proxies="127.0.0.1")


def test_without_front_ends_of_other_origins_nothing_is_shared_with_them(tmp_path: Path) -> None:
    async def case(at: Surface) -> None:
        assert (await at.client.get("/health")).headers["cross-origin-resource-policy"] == "same-site"

    play(tmp_path, case, cors_origins=[])


@pytest.mark.parametrize(
    ("variables", "named"),
    [
        ({"cors_origins": ["*"]}, "CORS_ORIGINS"),
        ({"trusted_proxies": ["everybody"]}, "TRUSTED_PROXIES"),
        ({"rate_limit_storage_url": "http://:canary-5f0c@127.0.0.1"}, "RATE_LIMIT_STORAGE_URL"),
        ({"rate_limit_storage_url": "valkey://:canary-5f0c@:6379"}, "RATE_LIMIT_STORAGE_URL"),
        ({"rate_limit_storage_url": "valkey://:canary-5f0c@host:port"}, "RATE_LIMIT_STORAGE_URL"),
        ({"rate_limit_storage_url": "unix://"}, "RATE_LIMIT_STORAGE_URL"),
        ({"rate_limit_per_minute": 0}, "RATE_LIMIT_PER_MINUTE"),
        ({"cors_origins": ["https://canary.test", "null"]}, "CORS_ORIGINS"),
        ({"cors_origins": ["https://canary.test/"]}, "CORS_ORIGINS"),
        ({"cors_origins": ["https://*.canary.test"]}, "CORS_ORIGINS"),
    ],
)
def test_a_wrong_setting_is_told_by_its_name_and_not_by_its_value(variables: dict[str, Any], named: str) -> None:
    with pytest.raises(ChafferError) as told:
        load_settings(_env_file=None, **variables)
    assert told.value.code is Code.VALIDATION_ERROR
    assert [detail.field for detail in told.value.details] == [named]
    assert "canary" not in f"{told.value.message}{told.value.details}"


def test_all_pages_may_call_where_no_cookies_are_sent_along() -> None:
    assert load_settings(_env_file=None, cors_origins=["*"], cors_allow_credentials=False).cors_origins == ["*"]


def test_the_password_of_the_storage_is_masked() -> None:
    settings = Settings(_env_file=None, rate_limit_storage_url="valkey://:canary-5f0c@host/0")
    assert "canary" not in repr(settings) + str(masked(settings))


Body = Callable[[], list[Message]]


async def through(
    app: Any, times: Times, messages: list[Message], path: str = "/api/anything"
) -> tuple[int, dict[str, Any], dict[str, str]]:
    """Return status, document and heads of the answer to a request whose body never ends behind these messages."""
    sent: list[Message] = []

    async def receive() -> Message:
        if messages:
            return messages.pop(0)
        await asyncio.Event().wait()
        raise AssertionError

    async def send(message: Message) -> None:
        sent.append(message)

    scope: Scope = {"type": "http", "method": "POST", "path": path, "scheme": "http", "headers": [], "client": None}
    await Hardening(app, proxies=Proxies([]), hosts=Hosts([]), times=times, origins=[])(scope, receive, send)
    heads = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], json.loads(b"".join(message.get("body", b"") for message in sent[1:])), heads


def test_a_body_that_trickles_in_is_given_up() -> None:
    async def reading(scope: Scope, receive: Receive, send: Send) -> None:
        del scope
        while (await receive()).get("more_body"):
            pass
        await send({"type": "http.response.start", "status": 400, "headers": []})
        await send({"type": "http.response.body", "body": b"cut off?"})

    parts: list[Message] = [{"type": "http.request", "body": b"{", "more_body": True} for _ in range(3)]
    status, document, heads = asyncio.run(through(reading, Times(0.05, 5), parts))
    assert (status, document["error"]["code"]) == (408, Code.REQUEST_TIMEOUT)
    assert heads["connection"] == "close"


def test_an_answer_that_does_not_begin_in_time_is_given_up_and_what_made_it_is_ended() -> None:
    ended = []

    async def brooding(scope: Scope, receive: Receive, send: Send) -> None:
        del scope, send
        await receive()
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(True)

    whole: list[Message] = [{"type": "http.request", "body": b"", "more_body": False}]
    status, document, _ = asyncio.run(through(brooding, Times(0.02, 0.03), whole))
    assert (status, document["error"]["code"], ended) == (503, Code.ANSWER_TIMEOUT, [True])


def test_an_answer_that_has_begun_may_take_its_time() -> None:
    async def streaming(scope: Scope, receive: Receive, send: Send) -> None:
        del scope, receive
        await send({"type": "http.response.start", "status": 200, "headers": []})
        loop = asyncio.get_running_loop()
        late = loop.create_future()
        loop.call_later(0.1, late.set_result, None)
        await late
        await send({"type": "http.response.body", "body": b"{}"})

    assert asyncio.run(through(streaming, Times(0.01, 0.02), []))[:2] == (200, {})


def _said(server: Server, words: bytes) -> bytes:
    """Return all that a server answers to words that are no whole request, until it hangs up."""
    port = int(server.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=20) as line:
        line.sendall(words)
        answer = b""
        while chunk := line.recv(65_536):
            answer += chunk
        return answer


def test_the_server_hangs_up_on_who_does_not_finish_a_request(tmp_path: Path) -> None:
    with Server(tmp_path, REQUEST_BODY_TIMEOUT="0.5") as server:
        head = b"POST /api/v1/simulation/initialize HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        late = _said(server, head + b"Content-Length: 100\r\n\r\n{")
        assert late.startswith(b"HTTP/1.1 408")
        assert b"REQUEST_TIMEOUT" in late
        assert _said(server, head) == b""
        assert _said(server, b"") == b""
        assert _said(server, b"GET / HTTP/1.1\r\nHost: [::1\r\nConnection: close\r\n\r\n").startswith(b"HTTP/1.1 400")
        again = b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        assert _said(server, again + b"\r\n" + again).count(b"HTTP/1.1 200") == 1, "the second head is not whole"
        whole = httpx2.post(f"{server.url}/api/v1/simulation/initialize", json=scenario(), trust_env=False)
        assert whole.status_code == 201


def test_the_server_takes_no_address_from_a_head(tmp_path: Path) -> None:
    with Server(tmp_path) as server:
        heads = {"x-forwarded-for": "127.0.0.1", "x-forwarded-proto": "https"}
        answer = httpx2.get(f"{server.url}{LISTED}", headers=heads, trust_env=False)
        assert "TRUSTED_PROXIES" in refused(answer, Code.FORBIDDEN)
        assert "strict-transport-security" not in answer.headers


@pytest.mark.parametrize(
    ("host", "heads", "status"), [("[::1", {}, 400), ("evil.example", {}, 403), ("127.0.0.1", {"via": "1.1 x"}, 403)]
)
def test_sockets_pass_the_same_checks(tmp_path: Path, host: str, heads: dict[str, str], status: int) -> None:
    async def case(at: Surface) -> None:
        sent: list[Message] = []

        async def receive() -> Message:
            return {"type": "websocket.connect"}

        async def send(message: Message) -> None:
            sent.append(message)

        told = {"host": host, **heads}
        scope: Scope = {
            "type": "websocket",
            "scheme": "ws",
            "path": "/api/ws/run/none",
            "query_string": b"",
            "headers": [(name.encode(), value.encode()) for name, value in told.items()],
            "client": ("127.0.0.1", 1),
            "extensions": {"websocket.http.response": {}},
            "subprotocols": [],
        }
        await at.app(scope, receive, send)
        assert sent[0]["type"] == "websocket.http.response.start"
        assert sent[0]["status"] == status

    play(tmp_path, case)
