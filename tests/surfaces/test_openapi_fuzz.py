"""Requests made up from the OpenAPI document, right ones and wrong: every answer is one that the document tells."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import positive_data_acceptance

from chaffer.api.openapi import document
from chaffer.errors import Code
from tests.support.neighbours import OF_SHOPPING
from tests.support.runs import begun, stream_of
from tests.support.server import Server, got, opened, posted
from tests.support.shop import QUERY, said
from tests.support.streams import Reader

OPERATIONS = sorted((path, method) for path, methods in document()["paths"].items() for method in methods)
DOCUMENTED_FAULTS = {Code.LLM_PROVIDER_UNAVAILABLE, Code.LLM_TIMEOUT}
# That max is above min, that a cursor was given by a page: a schema cannot say it, and a sentence of the refusal does.
NOT_SAID_BY_SCHEMAS = [positive_data_acceptance]
# A provider of models that cannot be reached is a documented fault: `_check` itself lets no other pass.
JUDGED_HERE = [not_a_server_error]
HANDED_ON = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.function_scoped_fixture]


@dataclass(frozen=True)
class Live:
    """A server that has something to show: the document it serves, and ids that are there."""

    schema: Any
    ids: dict[str, str]
    thread: str

    def named(self, name: str, path: str) -> str:
        """Return what a parameter of a path may name."""
        return self.thread if name == "session_id" and path.startswith(OF_SHOPPING) else self.ids[name]


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with Server(tmp_path_factory.mktemp("fuzz"), DEMO_CATALOG="true") as server:
        ids, thread = asyncio.run(_furnish(server))
        yield Live(schemathesis.openapi.from_url(f"{server.url}/openapi.json"), ids, thread)


async def _furnish(server: Server) -> tuple[dict[str, str], str]:
    """Play a room, a run and a shopper's turn to their end; return what a path may name, and the thread."""
    async with server.client() as client:
        market = await opened(client)
        await posted(client, f"{market.room}/start")
        await Reader(client, f"{market.room}/stream").read_to_the_end()
        run = await begun(client)
        await Reader(client, stream_of(run)).read_to_the_end()
        things = {"session_id": market.session_id, "room_id": market.rooms[0], "run_id": run.rpartition("/")[2]}
        things["invoice_id"] = (await got(client, "/api/v1/invoices"))["invoices"][0]["id"]
        things["conversation_id"] = (await posted(client, "/api/chat", {"message": "Hello"}))["conversation_id"]
        turn = await said(client, QUERY)
        product_id = turn["recommendation"]["recommended_product"]["id"]
        named = {"index": "0", "form": "json", "user_id": "local", "product_id": product_id}
        return {**things, **named}, turn["session_id"]


def _fuzz(live: Live, path: str, method: str, examples: int) -> None:
    operation = live.schema[path][method]

    @settings(max_examples=examples, deadline=None, suppress_health_check=HANDED_ON, database=None)
    @given(case=operation.as_strategy())
    def requested(case: Any) -> None:
        _check(case)
        if case.path_parameters and method != "delete":
            case.path_parameters = {name: live.named(name, path) for name in case.path_parameters}
            _check(case)

    requested()


def _check(case: Any) -> None:
    answer = case.call()
    assert answer.headers["x-request-id"]
    if answer.status_code >= 400:
        assert answer.json()["error"]["code"] in set(Code), answer.text
    assert answer.status_code < 500 or answer.json()["error"]["code"] in DOCUMENTED_FAULTS, answer.text
    case.validate_response(answer, excluded_checks=[*NOT_SAID_BY_SCHEMAS, *JUDGED_HERE])


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_no_request_that_the_document_allows_or_forbids_breaks_the_server(live: Live, path: str, method: str) -> None:
    """Issue 2: schemathesis over the OpenAPI document; no 5xx but the documented ones, every error in the envelope."""
    _fuzz(live, path, method, 8)


@pytest.mark.soak
@pytest.mark.timeout(1200)
@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_many_requests_do_not_break_it_either(live: Live, path: str, method: str) -> None:
    """As above, for longer."""
    _fuzz(live, path, method, 1_000)
