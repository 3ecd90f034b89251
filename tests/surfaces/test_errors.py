"""Every error code of the marketplace's paths is reached, in the one envelope, and no error repeats what was sent."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest

from chaffer.api.app import create_app
from chaffer.api.envelope import STATUS
from chaffer.cli.in_process import InProcessTransport
from chaffer.errors import ADVICE, Code
from chaffer.vendors import PROVIDERS
from tests.support.markets import inventory, scenario
from tests.support.server import Server, Surface, got, opened, play, posted
from tests.support.streams import Reader

CANARY = "sk-canary-5f0c"
JSON = {"content-type": "application/json"}
INITIALIZE = "/api/v1/simulation/initialize"
NOBODY = "01938f6e-7a2b-7c11-9d7e-2f6d0a3b4c5d"
# Whole, from its first word to its last; a provider is called by its name.
SENTENCE = re.compile(rf"(?s)(?:[^a-z]|(?:{'|'.join(PROVIDERS)}) ).{{9,}}[.?!]")
UTC_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


def refused(answer: httpx2.Response, code: Code, *, field: str | None = None) -> dict[str, Any]:
    """Check that an answer is that error, whole and in the envelope, and return its body."""
    assert answer.status_code == STATUS[code], answer.text
    assert answer.headers["content-type"] == "application/json"
    document = answer.json()
    assert document.keys() == {"error"}
    error: dict[str, Any] = document["error"]
    assert error.keys() == {
        "code",
        "message",
        "details",
        "timestamp",
        "request_id",
        "userMessage",
        "suggestedActions",
        "retryable",
    }
    assert error["code"] == code
    assert SENTENCE.fullmatch(error["message"]), error["message"]
    assert UTC_TIME.fullmatch(error["timestamp"])
    assert datetime.fromisoformat(error["timestamp"]).utcoffset() is not None
    assert error["request_id"] == answer.headers["x-request-id"]
    assert error["userMessage"] == ADVICE[code].user_message
    assert error["suggestedActions"] == list(ADVICE[code].suggested_actions)
    assert error["retryable"] is ADVICE[code].retryable
    assert all(detail.keys() == {"field", "issue"} for detail in error["details"])
    assert CANARY not in answer.text
    if field is not None:
        assert field in [detail["field"] for detail in error["details"]], error
    return error


def market(**changes: Any) -> dict[str, Any]:
    """Return a market with a key in it, as a client would send it who has one."""
    return scenario(llm_config={"provider": "builtin", "api_key": CANARY}, **changes)


def test_every_refusal_without_a_room_has_its_code_and_status(tmp_path: Path) -> None:
    """CONTRACT §1, Errors; specification §8."""
    eleven = [{**seller, "name": f"Shop {n}"} for n, seller in enumerate(scenario()["sellers"][:1] * 11)]
    provider: dict[str, Any] = {"api_key": CANARY}

    async def case(at: Surface) -> None:
        post, get = at.client.post, at.client.get
        refused(await post(INITIALIZE, json=market(seed=-1)), Code.VALIDATION_ERROR, field="seed")
        refused(await post(INITIALIZE, json=market(sellers=eleven)), Code.MAX_SELLERS_EXCEEDED, field="sellers")
        elsewhere = scenario(llm_config={"provider": "openai", "model": "some"})
        refused(await post(INITIALIZE, json=elsewhere), Code.LLM_PROVIDER_DISABLED, field="llm_config.api_key")
        asleep = scenario(llm_config={**provider, "provider": "lm_studio"})
        assert refused(await post(INITIALIZE, json=asleep), Code.LLM_PROVIDER_UNAVAILABLE)["retryable"] is True
        unknown = scenario(llm_config={**provider, "provider": "builtin", "model": "genius"})
        refused(await post(INITIALIZE, json=unknown), Code.VALIDATION_ERROR, field="llm_config.model")
        for path in ("", "/summary", "/stream"):
            refused(await get(f"/api/v1/simulation/{NOBODY}{path}"), Code.SESSION_NOT_FOUND)
        refused(await post(f"/api/v1/simulation/{NOBODY}/start"), Code.SESSION_NOT_FOUND)
        refused(await at.client.delete(f"/api/v1/simulation/{NOBODY}"), Code.SESSION_NOT_FOUND)
        for path in ("state", "stream"):
            refused(await get(f"/api/v1/negotiation/room_x_1/{path}"), Code.ROOM_NOT_FOUND)
        for path in ("start", "decide", "stop"):
            refused(await post(f"/api/v1/negotiation/room_x_1/{path}"), Code.ROOM_NOT_FOUND)
        refused(await post("/api/v1/negotiation/room_x_1/message", json={"message": CANARY}), Code.ROOM_NOT_FOUND)
        for path in (NOBODY, f"{NOBODY}/room_x_1", "..%5C..", f"{NOBODY}/%2E%2E", f"{NOBODY}/a%00b", "a" * 5000):
            refused(await get(f"/api/v1/logs/{path}"), Code.LOG_NOT_FOUND)
        for path in ("/api/v2", "/api/v1/negotiation", "/%00", "/favicon.ico", f"/api/v1/logs/..%2F{NOBODY}/x"):
            refused(await get(path), Code.NOT_FOUND)
        wrong = await at.client.put(INITIALIZE, json=market())
        refused(wrong, Code.METHOD_NOT_ALLOWED)
        assert wrong.headers["allow"] == "DELETE, GET, HEAD, POST", "the path is one of a session, too"
        refused(await post(INITIALIZE, content=b" " * 2_000_000, headers=JSON), Code.PAYLOAD_TOO_LARGE, field="body")

        assert CANARY not in at.log.getvalue()

    play(tmp_path, case)


def test_a_session_is_no_room_and_a_room_is_no_session(tmp_path: Path) -> None:
    """CONTRACT §1: ids are opaque; one of another kind is none."""

    async def case(at: Surface) -> None:
        made = await opened(at.client)
        refused(await at.client.get(f"/api/v1/simulation/{made.rooms[0]}"), Code.SESSION_NOT_FOUND)
        refused(await at.client.get(f"/api/v1/negotiation/{made.session_id}/state"), Code.ROOM_NOT_FOUND)
        refused(await at.client.delete(f"/api/v1/simulation/{made.rooms[0]}"), Code.SESSION_NOT_FOUND)
        await got(at.client, made.session)

    play(tmp_path, case)


def test_calls_in_the_wrong_state_are_conflicts(tmp_path: Path) -> None:
    """CONTRACT §1: NEGOTIATION_ALREADY_ACTIVE for a start on an active or ended room, else CONFLICT."""

    async def case(at: Surface) -> None:
        lonely = [{"item_id": "none", "item_name": "Unicorn", "quantity_needed": 1}]
        made = await opened(at.client, market(buyer={**scenario()["buyer"], "shopping_list": lonely}))
        empty = made.document["negotiation_rooms"][0]["room_id"]
        for path in ("start", "decide", "stop"):
            refused(await at.client.post(f"/api/v1/negotiation/{empty}/{path}"), Code.CONFLICT)
        made = await opened(at.client, market())
        say = {"message": CANARY}
        refused(await at.client.post(f"{made.room}/message", json=say), Code.CONFLICT)
        refused(await at.client.post(f"{made.room}/decide"), Code.CONFLICT)
        await posted(at.client, f"{made.room}/start")
        refused(await at.client.post(f"{made.room}/start"), Code.NEGOTIATION_ALREADY_ACTIVE)
        await Reader(at.client, f"{made.room}/stream").read_to_the_end()
        refused(await at.client.post(f"{made.room}/start"), Code.NEGOTIATION_ALREADY_ACTIVE)
        refused(await at.client.post(f"{made.room}/message", json=say), Code.CONFLICT)
        for path in ("decide", "stop"):
            refused(await at.client.post(f"{made.room}/{path}"), Code.CONFLICT)
        forced = {"force_select_seller": "seller_001"}
        refused(await at.client.post(f"{made.room}/decide", json=forced), Code.CONFLICT)

    play(tmp_path, case)


def test_a_seller_who_is_not_there_cannot_be_chosen_or_looked_through(tmp_path: Path) -> None:
    """CONTRACT §1: the refused field is named, its value is not repeated."""

    async def case(at: Surface) -> None:
        made = await opened(at.client, market())
        await posted(at.client, f"{made.room}/start")
        wrong = {"force_select_seller": CANARY}
        refused(
            await at.client.post(f"{made.room}/decide", json=wrong), Code.VALIDATION_ERROR, field="force_select_seller"
        )
        for path in ("state", "stream"):
            for parameters, field in (
                ({"agent_id": CANARY}, "agent_id"),
                ({"agent_id": "seller_003"}, "agent_id"),
                ({"agent_id": "seller_001", "agent_type": "buyer"}, "agent_type"),
                ({"agent_type": "seller"}, "agent_id"),
                ({"agent_type": "judge"}, "agent_type"),
            ):
                answer = await at.client.get(f"{made.room}/{path}", params=parameters)
                refused(answer, Code.VALIDATION_ERROR, field=field)

    play(tmp_path, case, builtin_chars_per_second=50)


def test_a_deal_by_hand_cannot_break_the_budget(tmp_path: Path) -> None:
    """CONTRACT §1: BUDGET_CONSTRAINT_VIOLATION 422 for a purchase that breaks the budget."""

    async def case(at: Surface) -> None:
        body = market()
        body["buyer"]["budget_range"] = {"min": 100, "max": 900.5}
        made = await opened(at.client, body)
        await posted(at.client, f"{made.room}/start")
        reader = Reader(at.client, f"{made.room}/stream")
        await reader.read(lambda event: event.name == "seller_response")
        forced = {"force_select_seller": reader.events[-1].data["sender_id"]}
        refused(await at.client.post(f"{made.room}/decide", json=forced), Code.BUDGET_CONSTRAINT_VIOLATION)
        state = await got(at.client, f"{made.room}/state")
        assert state["status"] == "active"
        assert state["buyer_budget"]["remaining"] == 900.5

    play(tmp_path, case, builtin_chars_per_second=400)


def test_a_deal_by_hand_cannot_sell_a_stock_twice(tmp_path: Path) -> None:
    """CONTRACT §1: INSUFFICIENT_INVENTORY 422; §2: two rooms on one item draw on the same stock."""

    async def case(at: Surface) -> None:
        body = market(seed=None)
        line = {"item_id": "item_001", "item_name": "Laptop", "quantity_needed": 2}
        body["buyer"]["shopping_list"] = [line, line]
        body["buyer"]["budget_range"]["max"] = 900_000
        body["sellers"] = body["sellers"][:1]
        body["sellers"][0]["inventory"] = [inventory("item_001", "Laptop", 1000, 1200, pieces=3)]
        made = await opened(at.client, body)
        await posted(at.client, f"{made.session}/start")
        rooms = [f"/api/v1/negotiation/{room}" for room in made.rooms]
        for room in rooms:
            await Reader(at.client, f"{room}/stream").read(lambda event: event.name == "seller_response")
        forced = {"force_select_seller": "seller_001"}
        await posted(at.client, f"{rooms[0]}/decide", forced)
        refused(await at.client.post(f"{rooms[1]}/decide", json=forced), Code.INSUFFICIENT_INVENTORY)
        assert (await got(at.client, f"{made.session}/summary"))["completed_purchases"] == 1

    play(tmp_path, case, builtin_chars_per_second=400)


class BrokenLedger:
    """A part that breaks, with something in its complaint that nobody may see."""

    async def account(self, session_id: str) -> None:
        """Break."""
        msg = f"{CANARY} of {session_id}"
        raise RuntimeError(msg)


def test_what_breaks_tells_nothing_to_the_caller_and_all_to_the_log(tmp_path: Path) -> None:
    """CONTRACT §1: INTERNAL_ERROR; the message tells nothing, the log tells all under the request id."""

    async def case(at: Surface) -> None:
        made = await opened(at.client)
        broken = create_app(at.chaffer.settings, replace(at.chaffer, ledger=BrokenLedger()))  # type: ignore[arg-type]  # half a ledger
        async with httpx2.AsyncClient(transport=InProcessTransport(broken), base_url="http://127.0.0.1") as client:
            headers = {"X-Request-ID": "mine-1", "Origin": "http://localhost:3000"}
            answer = await client.get(f"{made.room}/state", headers=headers)
        error = refused(answer, Code.INTERNAL_ERROR)
        assert error["request_id"] == "mine-1"
        assert "RuntimeError" not in answer.text
        assert answer.headers["access-control-allow-origin"] == "http://localhost:3000"
        told = next(line for line in at.log.getvalue().splitlines() if "request.broke" in line)
        assert "RuntimeError" in told
        assert "mine-1" in told

    play(tmp_path, case)


def test_a_request_id_is_kept_where_it_is_sane_and_replaced_where_not(tmp_path: Path) -> None:
    """CONTRACT §1: every answer bears `X-Request-ID`."""

    async def case(at: Surface) -> None:
        seen = set()
        for given, kept in (("abc.DEF-1_2", True), ("a" * 129, False), ("with space", False), ("<script>", False)):
            for path in ("/health", "/nowhere"):
                answer = await at.client.get(path, headers={"X-Request-ID": given})
                assert (answer.headers["x-request-id"] == given) is kept
                seen.add(answer.headers["x-request-id"])
        assert len(seen) == 7

    play(tmp_path, case)


@pytest.mark.parametrize("peer", ["192.0.2.7", "::ffff:192.0.2.7", "2001:db8::1", "nonsense", "169.254.1.1"])
def test_another_machine_sees_the_open_paths_alone(tmp_path: Path, peer: str) -> None:
    """CONTRACT §1, Who may call: open mode serves loopback peers, checked per request; others get 403."""

    async def case(at: Surface) -> None:
        transport = httpx2.ASGITransport(app=at.app, client=(peer, 4711))
        async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            headers = {"X-Forwarded-For": "127.0.0.1", "Forwarded": "for=127.0.0.1"}
            for path in ("/api/v1/simulation", "/api/v1/me", "/api/docs", "/api/v1/llm/status", "/nowhere"):
                error = refused(await client.get(path, headers=headers), Code.FORBIDDEN)
                assert "--unsafe-no-auth" in error["message"]
            refused(await client.post(INITIALIZE, json=market()), Code.FORBIDDEN)
            for path in ("/", "/health", "/api/v1/health", "/openapi.json"):
                assert (await client.get(path)).is_success

    play(tmp_path, case)


@pytest.mark.parametrize("peer", ["127.0.0.1", "127.8.9.10", "::1", "::ffff:127.0.0.1"])
def test_this_machine_is_served_by_whatever_address_it_calls(tmp_path: Path, peer: str) -> None:
    """CONTRACT §1, Who may call."""

    async def case(at: Surface) -> None:
        transport = httpx2.ASGITransport(app=at.app, client=(peer, 4711))
        async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            assert (await client.get("/api/v1/simulation")).is_success

    play(tmp_path, case)


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8000", "127.0.0.1.evil.example", "", "192.0.2.7:8000"])
def test_a_name_that_was_made_to_mean_this_machine_is_not_served(tmp_path: Path, host: str) -> None:
    """CONTRACT §1, Who may call: a page of another site is not this machine, whatever its name resolves to."""

    async def case(at: Surface) -> None:
        for path in ("/api/v1/simulation", "/api/docs"):
            refused(await at.client.get(path, headers={"Host": host}), Code.FORBIDDEN)
        assert (await at.client.get("/health", headers={"Host": host})).is_success
        for own in ("localhost:5173", "[::1]:8000", "127.0.0.1", "LOCALHOST"):
            assert (await at.client.get("/api/v1/simulation", headers={"Host": own})).is_success

    play(tmp_path, case)


def test_a_page_of_another_site_changes_nothing(tmp_path: Path) -> None:
    """CONTRACT §1, Who may call: a browser sends such calls without asking first."""

    async def case(at: Surface) -> None:
        market_ = await opened(at.client)
        for origin in ("http://evil.example", "null", "http://127.0.0.1:1"):
            foreign = {"Origin": origin}
            refused(await at.client.post(f"{market_.session}/start", headers=foreign), Code.FORBIDDEN)
            refused(await at.client.delete(market_.session, headers=foreign), Code.FORBIDDEN)
        for origin in ("http://127.0.0.1", "http://localhost:3000"):
            assert (await at.client.post(f"{market_.session}/start", headers={"Origin": origin})).is_success

    play(tmp_path, case)


@pytest.mark.parametrize("path", ["state", "stream"])
def test_a_misspelt_parameter_does_not_show_the_operator_s_view(tmp_path: Path, path: str) -> None:
    """CONTRACT §1: what nobody declared is refused by name."""

    async def case(at: Surface) -> None:
        market_ = await opened(at.client)
        wrong = await at.client.get(f"{market_.room}/{path}", params={"agentid": "seller_001"})
        refused(wrong, Code.VALIDATION_ERROR, field="agentid")
        of_all = await at.client.get(f"{market_.session}/stream", params={"agentid": "seller_001"})
        refused(of_all, Code.VALIDATION_ERROR, field="agentid")

    play(tmp_path, case)


def test_no_mode_serves_pages_of_other_sites(tmp_path: Path) -> None:
    """Machines that cannot reach the server themselves would reach it by the browser of one that can."""

    async def case(at: Surface) -> None:
        for headers in ({"Origin": "https://evil.test"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}):
            answer = await at.client.post(INITIALIZE, json=scenario(), headers=headers)
            assert answer.status_code == 403, answer.text

    play(tmp_path, case, unsafe_no_auth=True)


def test_unsafe_no_auth_serves_every_machine(tmp_path: Path) -> None:
    """CONTRACT §1: `--unsafe-no-auth` lifts it."""

    async def case(at: Surface) -> None:
        transport = httpx2.ASGITransport(app=at.app, client=("192.0.2.7", 4711))
        async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            assert (await client.get("/api/v1/simulation")).is_success

    play(tmp_path, case, unsafe_no_auth=True)


async def _pieces(number: int) -> AsyncIterator[bytes]:
    for _ in range(number):
        yield b" " * 100_000


def test_ten_megabytes_are_refused_over_the_wire_and_the_connection_of_others_lives(tmp_path: Path) -> None:
    """Issue 2: 10 MB bodies, with a Content-Length and without one; CONTRACT §1: 413."""

    async def case(server: Server) -> None:
        async with server.client() as client:
            headers = {**JSON, "Origin": "http://localhost:3000"}
            for body in (b" " * 10_000_000, _pieces(100)):
                answer = await client.post(INITIALIZE, content=body, headers=headers)
                refused(answer, Code.PAYLOAD_TOO_LARGE, field="body")
                assert answer.headers["access-control-allow-origin"] == "http://localhost:3000"
            answer = await client.post(INITIALIZE, content=b"x" * 999_999, headers=JSON)
            refused(answer, Code.VALIDATION_ERROR, field="body")
            await opened(client)

    with Server(tmp_path) as server:
        asyncio.run(case(server))


def test_front_ends_that_are_named_may_call_and_others_may_not_read(tmp_path: Path) -> None:
    """Specification §9 and §14.4: CORS_ORIGINS."""

    async def case(at: Surface) -> None:
        preflight = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "idempotency-key"}
        answer = await at.client.options(INITIALIZE, headers={**preflight, "Origin": "http://localhost:5173"})
        assert answer.status_code == 200
        assert answer.headers["access-control-allow-origin"] == "http://localhost:5173"
        assert "idempotency-key" in answer.headers["access-control-allow-headers"].lower()
        answer = await at.client.options(INITIALIZE, headers={**preflight, "Origin": "http://evil.example"})
        refused(answer, Code.VALIDATION_ERROR)
        assert "access-control-allow-origin" not in answer.headers
        answer = await at.client.get("/api/v1/simulation", headers={"Origin": "http://evil.example"})
        assert "access-control-allow-origin" not in answer.headers
        for path, status in (("/api/v1/simulation/none", 404), ("/api/v1/simulation", 200)):
            answer = await at.client.get(path, headers={"Origin": "http://localhost:3000"})
            assert answer.status_code == status
            assert answer.headers["access-control-allow-origin"] == "http://localhost:3000"
            assert "x-request-id" in answer.headers["access-control-expose-headers"].lower()
        refused(await at.client.options("/api/v1/simulation"), Code.METHOD_NOT_ALLOWED)

    play(tmp_path, case)
