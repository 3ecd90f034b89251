"""Who calls where a proxy stands between."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pytest
from starlette.types import Scope

from chaffer.api.proxies import Proxies, is_passed_on
from chaffer.errors import Code
from tests.support.callers import ASKS_FOR_TOKENS, bearer
from tests.support.peers import refused
from tests.support.server import Surface, play

LISTED: Final = "/api/v1/simulation"


def introduced(
    peer: str | None, heads: Mapping[str, str] | list[tuple[str, str]], trusted: str = "", kind: Any = "x-forwarded"
) -> tuple[str | None, str, bool]:
    """Return who calls in the end, by which scheme, and whether somebody unknown stands behind."""
    pairs = list(heads.items()) if isinstance(heads, Mapping) else heads
    scope: Scope = {
        "type": "http",
        "scheme": "http",
        "client": None if peer is None else (peer, 1),
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in pairs],
    }
    Proxies([part for part in trusted.split(",") if part], kind).introduce(scope)
    client = scope["client"]
    return None if client is None else client[0], scope["scheme"], is_passed_on(scope)


@pytest.mark.parametrize(
    ("peer", "told", "trusted", "caller"),
    [
        ("10.0.0.1", "198.51.100.1", "10.0.0.1", "198.51.100.1"),
        ("10.0.0.1", "1.1.1.1, 198.51.100.1", "10.0.0.1", "198.51.100.1"),
        ("10.0.0.1", "1.1.1.1, 198.51.100.1, 10.0.0.2", "10.0.0.0/8", "198.51.100.1"),
        ("10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.0/8", "10.0.0.3"),
        ("10.0.0.1", "198.51.100.1:4711", "10.0.0.1", "198.51.100.1"),
        ("::1", "[2001:db8::1]:4711", "::1", "2001:db8::1"),
        ("::1", "2001:db8::1", "::1", "2001:db8::1"),
        ("::ffff:10.0.0.1", "198.51.100.1", "10.0.0.1", "198.51.100.1"),
        (None, "198.51.100.1", "unix", "198.51.100.1"),
    ],
)
def test_the_rightmost_address_that_is_no_trusted_proxy_counts(
    peer: str | None, told: str, trusted: str, caller: str
) -> None:
    assert introduced(peer, {"x-forwarded-for": told}, trusted) == (caller, "http", False)


@pytest.mark.parametrize(
    ("peer", "heads", "trusted"),
    [
        ("192.0.2.1", {"x-forwarded-for": "127.0.0.1"}, ""),
        ("192.0.2.1", {"x-forwarded-for": "127.0.0.1"}, "10.0.0.0/8"),
        ("127.0.0.1", {"x-real-ip": "127.0.0.1"}, "127.0.0.1"),
        ("127.0.0.1", {"forwarded": "for=127.0.0.1"}, "127.0.0.1"),
        ("127.0.0.1", {"x-forwarded-for": "unknown"}, "127.0.0.1"),
        ("127.0.0.1", {"x-forwarded-for": "127.0.0.1, garbage"}, "127.0.0.1"),
        ("127.0.0.1", {"x-forwarded-for": ", ,"}, "127.0.0.1"),
        ("127.0.0.1", {"via": "1.1 somewhere"}, ""),
        ("127.0.0.1", {"cf-connecting-ip": "127.0.0.1"}, ""),
        ("127.0.0.1", {"x-forwarded-port": "443"}, ""),
        (None, {"x-forwarded-for": "127.0.0.1"}, ""),
        ("10.0.0.1", {"x-forwarded-for": "127.0.0.1"}, "10.0.0.0/8"),
        ("10.0.0.1", {"x-forwarded-for": "::ffff:127.0.0.1, 10.0.0.2"}, "10.0.0.0/8"),
    ],
)
def test_who_is_named_by_a_stranger_or_not_at_all_is_not_believed(
    peer: str | None, heads: dict[str, str], trusted: str
) -> None:
    assert introduced(peer, heads, trusted) == (peer, "http", True)


def test_several_lines_are_read_as_one_list() -> None:
    lines = [("x-forwarded-for", "127.0.0.1"), ("x-forwarded-for", "198.51.100.1"), ("x-forwarded-for", "10.0.0.2")]
    assert introduced("10.0.0.1", lines, "10.0.0.0/8") == ("198.51.100.1", "http", False)


@pytest.mark.parametrize(
    ("told", "scheme"), [("https", "https"), ("https, http", "https"), ("javascript", "http"), ("", "http")]
)
def test_the_scheme_is_that_of_who_calls(told: str, scheme: str) -> None:
    addresses = "198.51.100.1, 10.0.0.2" if "," in told else "198.51.100.1"
    heads = {"x-forwarded-for": addresses, "x-forwarded-proto": told}
    assert introduced("10.0.0.1", heads, "10.0.0.0/8") == ("198.51.100.1", scheme, False)


@pytest.mark.parametrize(
    ("told", "found"),
    [
        ('for="[2001:db8::1]:47";proto=https;by=10.0.0.1', ("2001:db8::1", "https", False)),
        ("for=198.51.100.1, for=10.0.0.2;proto=https", ("198.51.100.1", "http", False)),
        ('For="198.51.100.1";Proto="https"', ("198.51.100.1", "https", False)),
        ("for=127.0.0.1, for=unknown", ("10.0.0.1", "http", True)),
        ("for=_hidden", ("10.0.0.1", "http", True)),
        ('for="198.51.100.1', ("10.0.0.1", "http", True)),
        ('for=198.51.100.1, for="127.0.0.1, for=127.0.0.1', ("10.0.0.1", "http", True)),
        ('for=198.51.100.1, for="127.0.0.1\\', ("10.0.0.1", "http", True)),
        ("for=1.1.1.1;for=127.0.0.1", ("10.0.0.1", "http", True)),
        ('for="a, for=127.0.0.1", for=198.51.100.9', ("198.51.100.9", "http", False)),
    ],
)
def test_the_standard_head_is_read_where_it_is_the_one_that_is_believed(
    told: str, found: tuple[str, str, bool]
) -> None:
    heads = {"forwarded": told, "x-forwarded-for": "127.0.0.1"}
    assert introduced("10.0.0.1", heads, "10.0.0.0/8", "forwarded") == found


@pytest.mark.parametrize(
    "told", ['"' + '\\"' * 16_000, "for=" + " " * 32_000 + '"', 'for="a' * 5_000, "for" + " " * 32_000, "," * 32_000]
)
def test_no_head_of_a_proxy_takes_long_to_read(told: str) -> None:
    """A proxy passes on what its caller wrote: nobody may hold the others up by it."""
    begun = time.thread_time()
    introduced("10.0.0.1", {"forwarded": told}, "10.0.0.0/8", "forwarded")
    assert time.thread_time() - begun < 0.2


def test_in_open_mode_nobody_comes_in_by_a_proxy_on_this_machine(tmp_path: Path) -> None:
    async def case(at: Surface) -> None:
        for heads in ({"x-forwarded-for": "198.51.100.1"}, {"forwarded": "for=127.0.0.1"}, {"x-real-ip": "127.0.0.1"}):
            answer = await at.client.get(LISTED, headers=heads)
            assert "TRUSTED_PROXIES" in refused(answer, Code.FORBIDDEN)
        assert (await at.client.get("/health", headers={"x-forwarded-for": "198.51.100.1"})).status_code == 200

    play(tmp_path, case)


def test_in_open_mode_a_trusted_proxy_brings_in_this_machine_alone(tmp_path: Path) -> None:
    async def case(at: Surface) -> None:
        outside = await at.client.get(LISTED, headers={"x-forwarded-for": "127.0.0.1, 198.51.100.1"})
        assert "only this machine is served" in refused(outside, Code.FORBIDDEN)
        assert (await at.client.get(LISTED, headers={"x-forwarded-for": "::1"})).status_code == 200
        assert (await at.client.get(LISTED)).status_code == 200
        for told in ("unknown", "garbage", ""):
            unknown = await at.client.get(LISTED, headers={"x-forwarded-for": told})
            assert "TRUSTED_PROXIES" in refused(unknown, Code.FORBIDDEN)

    play(tmp_path, case, trusted_proxies="127.0.0.1")


def test_a_proxy_that_is_not_believed_is_told_of_once(tmp_path: Path) -> None:
    """All who come through it share the attempts of one address, which nobody would guess."""

    async def case(at: Surface) -> None:
        assert (await at.client.get(LISTED, headers=bearer("ann"))).status_code == 200
        assert "proxy.not_believed" not in at.log.getvalue()
        for number in range(3):
            heads = {**bearer("ann"), "x-forwarded-for": f"198.51.100.{number}"}
            assert (await at.client.get(LISTED, headers=heads)).status_code == 200
        (line,) = (line for line in map(json.loads, at.log.getvalue().splitlines()) if "proxy" in line["event"])
        assert (line["level"], line["peer"]) == ("warning", "127.0.0.1")
        assert "TRUSTED_PROXIES" in line["hint"]

    play(tmp_path, case, **ASKS_FOR_TOKENS)


def test_metrics_are_kept_from_who_comes_by_a_proxy(tmp_path: Path) -> None:
    async def case(at: Surface) -> None:
        for heads in ({"x-forwarded-for": "198.51.100.1"}, {"via": "1.1 proxy"}):
            refused(await at.client.get("/metrics", headers=heads), Code.FORBIDDEN)
        assert (await at.client.get("/metrics")).status_code == 200

    play(tmp_path, case)
