"""The Postman collection holds every request, and runs from the top to the bottom."""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any

from tests.support.server import Server
from tools.environment import ROOT

COLLECTION = json.loads((ROOT / "docs/chaffer.postman_collection.json").read_text(encoding="utf-8"))
OPENAPI = json.loads((ROOT / "openapi.json").read_text(encoding="utf-8"))
IDS = {"session_id", "room_id", "agent_id", "run_id", "thread_id", "product_id", "invoice_id", "user_id"}
IDS |= {"conversation_id", "tool_call_id"}
VARIABLES = {"baseUrl", "index", "form", *IDS}
KEEP = re.compile(r"pm\.collectionVariables\.set\('(\w+)', (\w+)\.(\w+)\);")


def test_collection_holds_every_operation_and_no_other() -> None:
    documented = {(method.upper(), path) for path, operations in OPENAPI["paths"].items() for method in operations}
    held = {
        (
            item["request"]["method"],
            "/" + "/".join(item["request"]["url"]["path"]).replace("{{", "{").replace("}}", "}"),
        )
        for item in COLLECTION["item"]
    }
    assert held == documented


def test_collection_has_the_variables_and_a_test_for_each_status() -> None:
    assert {each["key"] for each in COLLECTION["variable"]} == VARIABLES
    for item in COLLECTION["item"]:
        path = "/" + "/".join(item["request"]["url"]["path"]).replace("{{", "{").replace("}}", "}")
        documented = OPENAPI["paths"][path][item["request"]["method"].lower()]["responses"]
        assert str(_success(item)) in documented, item["name"]


def test_collection_runs_from_the_top(server: Server) -> None:
    asyncio.run(_run(server))


async def _run(server: Server) -> None:
    variables = {each["key"]: each["value"] for each in COLLECTION["variable"]} | {"baseUrl": server.url}
    async with server.client() as client:
        for item in COLLECTION["item"]:
            request = item["request"]
            answer = await client.request(
                request["method"],
                _filled(request["url"]["raw"], variables),
                content=_filled(request.get("body", {}).get("raw", ""), variables),
                headers={each["key"]: each["value"] for each in request["header"] if not each.get("disabled")},
            )
            assert answer.status_code == _success(item), f"{item['name']}: {answer.text}"
            variables |= _kept(item, answer)


def _filled(text: str, variables: dict[str, str]) -> str:
    return re.sub(r"\{\{(\w+)\}\}", lambda match: variables[match[1]], text)


def _success(item: dict[str, Any]) -> int:
    """Return the status that the item's test wants first."""
    status = re.search(r"(?:have\.status\(|oneOf\(\[)(\d+)", "\n".join(item["event"][0]["script"]["exec"]))
    assert status is not None, item["name"]
    return int(status[1])


def _kept(item: dict[str, Any], answer: Any) -> dict[str, str]:
    """Return the variables that the item's test sets: fields of the answer, or of what it takes out of it."""
    found: dict[str, str] = {}
    for name, source, field in KEEP.findall("\n".join(item["event"][0]["script"]["exec"])):
        document = answer.json()
        if source == "room":
            document = next(room for room in document["negotiation_rooms"] if room["status"] == "pending")
        if source == "question":
            document = document["interrupt"]
        if source == "call":
            document = document["pending_approval"]
        if source == "invoice":
            document = document["invoices"][0]
        if source == "product":
            document = document["recommendation"]["recommended_product"]
        found[name] = document[field]
    return found
