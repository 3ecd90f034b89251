"""What is slow to import, or belongs to one vendor, is imported when it is first needed, and not before.

That is for LangGraph the first conversation, and for a provider the first question to a model.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import Final

import httpx2

from tests.support.server import Server, got, opened, posted
from tests.support.streams import Reader

TELL_IMPORTS: Final = {"PYTHONPROFILEIMPORTTIME": "1"}

LATE: Final = (
    "chaffer.llm.gateway",
    "chaffer.llm.http_provider",
    "chaffer.llm.wires",
    "aiohttp",
    "anthropic",
    "botocore",
    "langchain",
    "openai",
    "prometheus_client",
    "rich.text",  # What rich needs: itself it stands in the list where it was asked for and left out.
)
"""Providers' modules stand for no line of what is told, as they are imported by their names; what they need does.

Not httpx2 nor OpenTelemetry: LangGraph imports both itself where they are.
"""


FLOWS_BRING: Final = {"langchain_core", "langgraph", "langsmith"}
"""A third of what a server takes that has played."""


def imported(log: Iterable[str]) -> set[str]:
    """Return the modules that a program says it imported."""
    return {line.rpartition("|")[2].strip() for line in log if line.startswith("import time:")}


def late_ones(modules: Iterable[str]) -> list[str]:
    return sorted(module for module in modules for late in LATE if f"{module}.".startswith(f"{late}."))


def imported_by_server(folder: Path, case: Callable[[httpx2.AsyncClient], Awaitable[object]]) -> set[str]:
    """Return the modules that a server imports until it has done something and ended."""

    async def done(server: Server) -> None:
        async with server.client() as client:
            await case(client)

    with Server(folder, **TELL_IMPORTS) as server:
        asyncio.run(done(server))
        assert server.stop() == 0
        return imported(server.log)


async def play_a_market(client: httpx2.AsyncClient) -> None:
    session = await opened(client)
    await posted(client, f"{session.session}/start")
    await Reader(client, f"{session.session}/stream").read_to_the_end()
    assert (await got(client, session.session))["status"] == "completed"


def test_help_imports_no_provider() -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "chaffer.cli.main", "--help"],
        capture_output=True,
        text=True,
        check=True,
    )
    modules = imported(done.stderr.splitlines())
    assert "chaffer.cli" in modules
    assert late_ones(modules) == []


def packages(modules: Iterable[str]) -> set[str]:
    return {module.partition(".")[0] for module in modules}


def test_a_server_that_has_opened_a_market_does_without_langgraph(tmp_path: Path) -> None:
    assert not FLOWS_BRING & packages(imported_by_server(tmp_path, opened))


def test_a_server_that_plays_without_models_imports_langgraph_and_no_provider(tmp_path: Path) -> None:
    modules = imported_by_server(tmp_path, play_a_market)
    assert "chaffer.negotiation.market" in modules
    assert packages(modules) >= FLOWS_BRING
    assert late_ones(modules) == []


def test_a_server_that_looks_at_its_models_imports_their_providers(tmp_path: Path) -> None:
    """So the two tests above see what they look for; the packages of vendors are not needed to look."""
    modules = imported_by_server(tmp_path, lambda client: got(client, "/api/v1/llm/status"))
    wires = ("chat_completions", "anthropic_messages", "converse")
    assert {
        "chaffer.llm.gateway",
        "chaffer.llm.http_provider",
        *(f"chaffer.llm.wires.{wire}" for wire in wires),
    } <= modules
    assert not {"anthropic", "botocore", "langchain", "openai"} & modules


def test_where_collections_spare_what_is_imported_they_spare_langgraph_too() -> None:
    """With LangGraph in them, a full collection takes a tenth of a second, in which no stream goes on."""
    code = """
import gc
from chaffer.conversation.late_flows import imported_flow
gc.freeze()
before = gc.get_freeze_count()
imported_flow("chaffer.dialogue.flow")
langgraph = gc.get_freeze_count() - before
imported_flow("chaffer.dialogue.flow")
print(langgraph > 10_000, gc.get_freeze_count() - before == langgraph)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.split() == ["True", "True"]
