"""A provider that cannot be asked is told by every path that asks after it, with a status that the document names."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import pytest

from chaffer.api.envelope import STATUS
from chaffer.api.openapi import document
from chaffer.errors import Code
from tests.support.markets import scenario
from tests.support.runs import begun, plan
from tests.support.server import Surface, got, play
from tests.support.shop import QUERY
from tests.support.standin import MODEL, standing_in
from tests.support.standin_scripts import Answer
from tests.surfaces.test_errors import INITIALIZE, refused

MODELS: Final = {"provider": "lm_studio", "model": MODEL}
A_PAGE: Final = Answer(body=b"<html>Welcome</html>")
FAULTS: Final[dict[str, tuple[Answer, Code]]] = {
    "401": (Answer(status=401), Code.INVALID_API_KEY),
    "404": (Answer(status=404), Code.LLM_BAD_GATEWAY),
    "a page of HTML": (A_PAGE, Code.LLM_BAD_GATEWAY),
    "504": (Answer(status=504), Code.LLM_TIMEOUT),
    "500": (Answer(status=500), Code.LLM_PROVIDER_UNAVAILABLE),
}


def documented(path: str, method: str, code: Code) -> bool:
    """Tell whether the document says that a path may answer with that code."""
    responses = document()["paths"][path][method]["responses"]
    return f"`{code}`" in responses.get(str(STATUS[code]), {}).get("description", "")


@pytest.mark.parametrize("what", FAULTS)
def test_a_market_is_refused_with_the_fault_of_its_provider(tmp_path: Path, what: str) -> None:
    """CONTRACT §1: `POST /simulation/initialize` probes the providers it names and answers with the fault's code."""
    listing, code = FAULTS[what]

    async def case(at: Surface) -> None:
        error = refused(await at.client.post(INITIALIZE, json=scenario(llm_config=MODELS)), code)
        assert "lm_studio" in error["message"]
        assert (await got(at.client, "/api/v1/simulation"))["sessions"] == []

    assert documented(INITIALIZE, "post", code)
    with standing_in() as server:
        server.listing = lambda _: listing
        play(tmp_path, case, lm_studio_base_url=server.url)


BODIES: Final[dict[str, dict[str, Any]]] = {
    INITIALIZE: scenario(llm_config=MODELS),
    "/api/run": plan(bots=({}, MODELS)),
    "/api/shopping": {"query": QUERY, "llm_config": MODELS},
    "/api/shopping/stream": {"query": QUERY, "llm_config": MODELS},
    "/api/chat": {"message": "Hello", "llm_config": MODELS},
    "/api/chat/stream": {"message": "Hello", "llm_config": MODELS},
    "/api/conversations": {"llm_config": MODELS},
}


def test_every_path_that_asks_after_a_provider_tells_of_one_that_is_something_else(tmp_path: Path) -> None:
    """CONTRACT §1: LLM_BAD_GATEWAY 502, the provider answered nonsense; before a stream begins, too."""

    async def case(at: Surface) -> None:
        for path, body in BODIES.items():
            refused(await at.client.post(path, json=body), Code.LLM_BAD_GATEWAY)
            assert documented(path, "post", Code.LLM_BAD_GATEWAY), path
        run = await begun(at.client)
        refused(await at.client.patch(f"{run}/bot/0", json=MODELS), Code.LLM_BAD_GATEWAY)
        assert documented("/api/run/{run_id}/bot/{index}", "patch", Code.LLM_BAD_GATEWAY)

    with standing_in() as server:
        server.listing = lambda _: A_PAGE
        play(tmp_path, case, lm_studio_base_url=server.url, builtin_chars_per_second=50)
