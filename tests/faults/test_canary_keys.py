"""Canary keys are put through every fault of every wire, and are found nowhere but at the provider they belong to."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import httpx2
import pytest

from tests.support.model_markets import market_of_models
from tests.support.model_servers.faults import DELAYS, FAULTS, Fault
from tests.support.server import Opened, Server, opened, posted
from tests.support.standin import MODEL, StandIn, standing_in
from tests.support.standin_scripts import Answer, Asked, haggles
from tests.support.streams import Reader

INITIALIZE: Final = "/api/v1/simulation/initialize"
EVERY: Final[Mapping[str, Fault]] = {**FAULTS, **DELAYS}
ITEMS: Final[Mapping[str, str]] = {f"Thing-{number:03}.": what for number, what in enumerate(EVERY)}
"""Which fault there is where this item is spoken of."""

WIRES: Final = ("openai", "anthropic", "bedrock")
OF_SESSION: Final = {wire: f"sk-CANARY-{wire}-of-the-session-31c9" for wire in WIRES}
OF_BUYER: Final = {wire: f"sk-CANARY-{wire}-of-the-buyer-a7e2" for wire in WIRES}
OF_SELLER: Final = {wire: f"sk-CANARY-{wire}-of-a-seller-0f84" for wire in WIRES}
CONFIGURED: Final = {
    "OPENAI_API_KEY": "sk-CANARY-openai-configured-6b1d",
    "ANTHROPIC_API_KEY": "sk-CANARY-anthropic-configured-d093",
    "AWS_ACCESS_KEY_ID": "AKIACANARYCONFIGURED",
    "AWS_SESSION_TOKEN": "CANARY-session-token-of-aws-5e5e",
}
NEVER_SENT: Final = {
    "AWS_SECRET_ACCESS_KEY": "CANARY/secret+of+aws/77f0",
    "SECRET_KEY": "CANARY: forty characters of a secret, or so",
}
SENT: Final = (*OF_SESSION.values(), *OF_BUYER.values(), *OF_SELLER.values(), *CONFIGURED.values())
CANARIES: Final = (*SENT, *NEVER_SENT.values())


def fails(asked: Asked) -> Answer:
    """Fail in the way that belongs to the item that is spoken of; without one, haggle."""
    found = re.search(r"Thing-\d{3}\.", f"{asked.system}{asked.user}")
    return haggles(asked) if found is None else EVERY[ITEMS[found[0]]].script(asked)


def tells_on(_: str) -> Answer:
    """Refuse to list models, and repeat every key that there is."""
    return Answer(status=401, body=json.dumps({"error": {"message": " ".join(CANARIES)}}).encode())


def market(number: int) -> dict[str, Any]:
    """Return a market with a room for every fault: of the session's wire, and with the configured key of the next.

    The first seller's key is its own, the second's is the session's, the third has the configured one of its provider;
    the last, which no fault befalls, sees to it that the buyer has something to decide, with a key of its own.
    """
    wire, next_wire = WIRES[number], WIRES[(number + 1) % len(WIRES)]
    mind = {"provider": wire, "model": MODEL}
    body = market_of_models(sellers=4, rounds=1, llm_config={**mind, "api_key": OF_SESSION[wire]})
    body["buyer"]["shopping_list"] = [{"item_id": item, "item_name": item, "quantity_needed": 1} for item in ITEMS]
    body["buyer"]["budget_range"] = {"min": 1, "max": 9_000_000}
    for seller in body["sellers"]:
        [line] = seller["inventory"]
        seller["inventory"] = [{**line, "item_id": item, "item_name": item} for item in ITEMS]
    body["buyer"]["llm_config"] = {**mind, "api_key": OF_BUYER[wire]}
    own = {**mind, "api_key": OF_SELLER[wire]}
    minds = (own, mind, {**mind, "provider": next_wire}, {"provider": "builtin"})
    for seller, its_mind in zip(body["sellers"], minds, strict=True):
        seller["llm_config"] = its_mind
    return body


@pytest.mark.timeout(200)
def test_canary_keys_go_through_every_fault_and_are_found_nowhere(tmp_path: Path) -> None:
    with standing_in(fails) as model, Server(tmp_path, **_variables(model, tmp_path)) as server:
        told = asyncio.run(_all_that_is_told(server, model))
        server.stop()
        told |= {"stdout and stderr": "".join(server.log)}
    told |= {str(path): path.read_bytes().decode("latin-1") for path in _files(tmp_path)}
    assert [(where, canary) for where, text in told.items() for canary in CANARIES if canary in text] == []
    _assert_every_key_met_every_fault(model)


def _variables(model: StandIn, folder: Path) -> dict[str, str]:
    addresses = {"OPENAI_BASE_URL": model.url, "ANTHROPIC_BASE_URL": model.root, "BEDROCK_BASE_URL": model.root}
    log = {"LOG_LEVEL": "DEBUG", "LOG_FORMAT": "json", "LOG_FILE": str(folder / "program" / "app.log")}
    times = {"LLM_FIRST_TOKEN_TIMEOUT": "1", "LLM_TOKEN_TIMEOUT": "1", "LLM_TOTAL_TIMEOUT": "1.5"}
    aws = {"AWS_REGION": "eu-central-1", "AWS_EC2_METADATA_DISABLED": "true"}
    records = {"CHAFFER_RECORD": str(folder / "recordings"), "LLM_BREAKER_FAILURES": "1000"}
    return {**addresses, **log, **times, **aws, **records, **CONFIGURED, **NEVER_SENT}


def _files(folder: Path) -> Iterator[Path]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    kinds = {path.relative_to(folder).parts[0] for path in files}
    assert kinds >= {"data", "logs", "program", "recordings"}, "nothing to look through"
    yield from files


async def _all_that_is_told(server: Server, model: StandIn) -> dict[str, str]:
    async with server.client() as client, asyncio.timeout(60):
        sessions = [await opened(client, market(number)) for number in range(len(WIRES))]
        for session in sessions:
            await posted(client, f"{session.session}/start")
        told = await _streams(client, sessions) | await _documents(client, sessions)
        model.listing = tells_on
        return told | await _refusals(client) | await _documents(client, sessions[:1])


async def _streams(client: httpx2.AsyncClient, sessions: list[Opened]) -> dict[str, str]:
    readers = [Reader(client, f"{session.session}/stream") for session in sessions]
    readers += [Reader(client, f"{session.room}/stream") for session in sessions]
    readers += [Reader(client, f"{session.room}/stream", parameters={"agent_id": "seller_001"}) for session in sessions]
    await asyncio.gather(*(reader.read_to_the_end() for reader in readers))
    return {f"{reader.path} {reader.parameters}": f"{reader.headers} {reader.raw.decode()}" for reader in readers}


async def _documents(client: httpx2.AsyncClient, sessions: list[Opened]) -> dict[str, str]:
    paths = ["/api/v1/health", "/api/v1/llm/status", "/api/v1/me", "/metrics", "/openapi.json", "/api/v1/logs"]
    paths += ["/api/v1/simulation", "/", "/health"]
    for session in sessions:
        paths += [session.session, f"{session.session}/summary", f"/api/v1/logs/{session.session_id}"]
        paths += [f"/api/v1/negotiation/{room}/state" for room in session.rooms[::5]]
        paths += [f"/api/v1/logs/{session.session_id}/{room}" for room in session.rooms[::5]]
    answers = {path: await client.get(path) for path in paths}
    assert [(path, answer.text) for path, answer in answers.items() if not answer.is_success] == []
    return {path: f"{answer.headers} {answer.text}" for path, answer in answers.items()}


async def _refusals(client: httpx2.AsyncClient) -> dict[str, str]:
    told = {}
    for wire in WIRES:
        key = OF_SESSION[wire]
        mind = {"provider": wire, "model": MODEL, "api_key": key + "-refused"}
        bodies: list[dict[str, Any]] = [
            market_of_models(llm_config=mind),
            market_of_models(llm_config={**mind, "model": f"no such model {key}"}),
            market_of_models(llm_config={**mind, "api_key": f"{key} {key}"}),
            market_of_models(llm_config={**mind, key: key}),
            market_of_models(llm_config={**mind, "provider": key}),
            market_of_models(llm_config=[mind]),
        ]
        answers = [await client.post(INITIALIZE, json=body) for body in bodies]
        answers.append(await client.post(INITIALIZE, content=json.dumps(bodies[0])[:-9]))
        assert {answer.status_code for answer in answers} == {400}
        told[f"refusals of {wire}"] = "".join(f"{answer.headers} {answer.text}" for answer in answers)
    return told


def _assert_every_key_met_every_fault(model: StandIn) -> None:
    """Keys do arrive at the provider: else they would be found nowhere for want of being anywhere."""
    met: dict[str, set[str]] = {}
    for asked in model.asked:
        shown = str(asked.headers)
        found = re.search(r"Thing-\d{3}\.", f"{asked.system}{asked.user}")
        assert found is not None
        for key in CANARIES:
            if key in shown:
                met.setdefault(key, set()).add(ITEMS[found[0]])
    assert met == {key: set(EVERY) for key in SENT}
