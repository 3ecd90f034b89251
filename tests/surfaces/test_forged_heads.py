"""Heads and bodies as an attacker writes them: doubled, listed, hidden in one another, huge, deep, with line breaks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import pytest

from tests.support.callers import bearer
from tests.support.proofs import BOTH
from tests.support.raw_requests import asked, said
from tests.support.server import Server, Surface, play


def test_no_doubling_of_heads_adds_up_to_a_proof(guarded: Server) -> None:
    """Of two `Authorization` or two cookies of a name none counts; a list of them is none either."""
    good = bearer("ann")["Authorization"]
    cookie = _cookie(guarded)
    assert asked(guarded, "GET", "/api/runs", f"Authorization: {good}").status == 200
    assert asked(guarded, "GET", "/api/runs", f"Cookie: chaffer={cookie}").status == 200
    refused: list[tuple[str, ...]] = [
        (f"Authorization: {good}", "Authorization: Bearer x"),
        ("Authorization: Bearer x", f"Authorization: {good}"),
        (f"Authorization: {good}", f"Authorization: {good}"),
        (f"Authorization: {good}, Bearer x",),
        (f"Authorization: Bearer x, {good}",),
        (f"Authorization: {good};x",),
        (f"Authorization: Basic {good.partition(' ')[2]}",),
        (f"Authorization: Bearer\t{good.partition(' ')[2]}",),
        (f"Authorization: Bearer {good}",),
        (f"Authorization: {good.replace('.', '. ')}",),
        (f"Proxy-Authorization: {good}",),
        (f"X-Authorization: {good}", f"X-Forwarded-Authorization: {good}"),
        ("X-Forwarded-User: ann", "Remote-User: ann", "X-Remote-User: ann", "X-Auth-Request-User: ann"),
        (f"Cookie: chaffer={cookie}; chaffer=x",),
        (f"Cookie: chaffer=x; chaffer={cookie}",),
        (f"Cookie: chaffer={cookie}; chaffer={cookie}",),
        (f"Cookie: chaffer={cookie}", f"Cookie: chaffer={cookie}"),
        (f"Cookie: chaffer={cookie}, chaffer=x",),
        (f'Cookie: chaffer="{cookie}"',),
        (f"Cookie: Chaffer={cookie}",),
        (f"Cookie: chaffer%3D{cookie}",),
        (f"Cookie: __Host-chaffer={cookie}",),
        (f"Authorization: Bearer {cookie}",),
        ("Authorization: Bearer x", f"Cookie: chaffer={cookie}"),
        ("Authorization: ", f"Cookie: chaffer={cookie}"),
    ]
    for heads in refused:
        assert asked(guarded, "GET", "/api/runs", *heads).status in {400, 401}, heads


def _cookie(server: Server) -> str:
    answer = asked(server, "POST", "/api/login", f"Authorization: {bearer('ann')['Authorization']}")
    assert answer.status == 200, answer
    (header,) = answer.values("set-cookie")
    return header.partition("=")[2].partition(";")[0]


FORWARDING: Final = (
    ("X-Forwarded-For: 127.0.0.1",),
    ("x-forwarded-for: 127.0.0.1", "X-Forwarded-For: ::1"),
    ("X-Forwarded-For: 127.0.0.1, 127.0.0.1",),
    ("Forwarded: for=127.0.0.1;proto=https",),
    ("X-Real-IP: 127.0.0.1",),
    ("X-Forwarded-Host: 127.0.0.1",),
    ("X-Client-IP: 127.0.0.1",),
    ("True-Client-IP: 127.0.0.1", "CF-Connecting-IP: 127.0.0.1"),
)


@pytest.mark.parametrize("heads", FORWARDING, ids=lambda heads: str(heads[0].partition(":")[0]))
def test_no_head_makes_a_stranger_this_machine(guarded: Server, heads: tuple[str, ...]) -> None:
    assert asked(guarded, "GET", "/api/runs", *heads).status == 401
    answer = asked(guarded, "POST", "/api/login", *heads, f"Authorization: {bearer('ann')['Authorization']}")
    (header,) = answer.values("set-cookie")
    assert "Secure" not in header, "the scheme is the connection's"


SMUGGLED: Final = (
    "Content-Length: 0\r\nContent-Length: 40",
    "Content-Length: 40\r\nTransfer-Encoding: chunked",
    "Transfer-Encoding: chunked, identity",
    "Transfer-Encoding: xchunked",
    "Content-Length: +40",
    "Content-Length: 0x28",
    "Transfer-Encoding : chunked",
)


@pytest.mark.parametrize("heads", SMUGGLED)
def test_no_second_request_hides_in_the_body_of_the_first(guarded: Server, heads: str) -> None:
    """RFC 9112, section 6.3: what two readers could frame differently is not framed at all."""
    assert _framed(guarded, "Content-Length: 5").count(b"HTTP/1.1 ") == 2, "the second one is seen where it is none"
    answered = _framed(guarded, heads)
    assert b"HTTP/1.1 200" not in answered, answered


def _framed(server: Server, heads: str) -> bytes:
    """Return what is answered to a request with these heads and five bytes, and to another behind it."""
    hidden = "GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
    return said(server, f"POST /api/none HTTP/1.1\r\nHost: 127.0.0.1\r\n{heads}\r\n\r\n0\r\n\r\n{hidden}".encode())


IDS: Final = (
    "a\r\nX-Evil: 1",
    "a\nfake log line",
    "a\x1b[31mred",
    "a\u2028b".encode().decode("latin-1"),
    '"},{"event":"forged"',
    "x" * 129,
    "x" * 10_000,
    "",
    " ",
    "%0d%0aSet-Cookie: x=1",
    "é".encode().decode("latin-1"),
)


def test_no_request_id_writes_lines_of_its_own(tmp_path: Path) -> None:
    """Neither into the log nor into the heads of an answer."""

    async def case(at: Surface) -> None:
        for given in IDS:
            heads = {b"X-Request-ID": given.encode("latin-1")}
            for path in ("/api/v1/me", "/api/none%0d%0aforged%0a{}", "/api/%1b[31m%0aforged"):
                answer = await at.client.get(path, headers=heads)
                found = answer.headers["x-request-id"]
                assert found != given
                assert found.replace("-", "").isalnum()
                assert "x-evil" not in answer.headers
        lines = at.log.getvalue().splitlines()
        assert len(lines) >= 3 * len(IDS)
        assert all(json.loads(line)["event"] for line in lines), "every line is one of ours"
        assert not {json.loads(line)["event"] for line in lines} & {"forged", "fake log line"}
        assert all(line.isprintable() for line in lines)

    play(tmp_path, case, **BOTH)


BASE: Final = "eyJhbGciOiJIUzI1NiJ9"
HUGE: Final = (
    ("Authorization", "Bearer " + "a" * 60_000),
    ("Authorization", "Bearer " + "." * 60_000),
    ("Authorization", f"Bearer {BASE}." + "a" * 50_000 + ".x"),
    ("Authorization", "Basic " + "QQ" * 30_000),
    ("Authorization", "Basic " + "=" * 60_000),
    ("Authorization", "B" * 60_000),
    ("Cookie", "chaffer=" + "A" * 60_000),
    ("Cookie", "; ".join(["chaffer"] * 8_000)),
    ("Cookie", ";" * 60_000),
    ("Cookie", "; ".join(f"c{number}=x" for number in range(6_000))),
    ("X-Request-ID", "x" * 60_000),
    ("Origin", "http://" + "[" * 60_000),
    ("X-Forwarded-For", ", ".join(["1.1.1.1"] * 6_000)),
    ("Forwarded", "for=" + '"' * 60_000),
    ("Forwarded", ",".join(['for="\\\\'] * 8_000)),
    ("Host", "a." * 30_000),
)


def test_what_is_huge_is_refused_at_once_and_costs_nothing(tmp_path: Path) -> None:
    async def case(at: Surface) -> None:
        for name, value in HUGE:
            for method, path in (("GET", "/api/runs"), ("POST", "/api/login"), ("GET", "/metrics")):
                answer = await at.client.request(method, path, headers={name: value})
                expected = {200} if path == "/metrics" else {401}
                assert answer.status_code in expected | {400, 403}, (name, value[:20], path, answer.text)
                assert answer.elapsed.total_seconds() < 2, (name, value[:20])

    play(tmp_path, case, **BOTH, trusted_proxies="127.0.0.1", trusted_proxy_headers="forwarded")


DEEP: Final = (
    b"[" * 200_000,
    b'{"username":' * 20_000,
    b'{"a":' * 20_000 + b"1" + b"}" * 20_000,
    b'{"username":"ada","password":' + b"[" * 50_000 + b"]" * 50_000 + b"}",
    b'{"username":"ada","username":"bob","password":"x"}',
    b'{"username":"' + b"a" * 300_000 + b'","password":"x"}',
    b'{"username":"\xff","password":"x"}',
    b'{"username":"\\ud800","password":"\\udfff"}',
    b"\xef\xbb\xbf{}",
    b'{"username":1e400,"password":NaN}',
    b"null",
    b"",
)


def test_deep_and_broken_documents_are_refused_and_let_nobody_in(tmp_path: Path) -> None:
    async def case(at: Surface) -> None:
        for body in DEEP:
            for path, headers in (("/api/login", {}), ("/api/run", bearer("ann"))):
                answer = await at.client.post(
                    path, content=body, headers={"Content-Type": "application/json", **headers}
                )
                assert answer.status_code in {400, 401}, (body[:40], answer.text[:200])
                assert "set-cookie" not in answer.headers

    play(tmp_path, case, **BOTH)
