"""The snippets of the front-end guide, one after another in one module, work against a server."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.docs.reading import Page
from tests.support.server import Server
from tools.environment import ROOT

HERE = Path(__file__).parent
NODE = shutil.which("node")
SNIPPETS = Page("docs/frontend-guide.md").blocks("js")

# Where there is no Node, the paths and the events in the snippets are still checked by the tests beside this one.
with_node = pytest.mark.skipif(NODE is None, reason="the snippets are JavaScript, and there is no Node here")


@pytest.fixture
def guide(tmp_path: Path) -> Path:
    """Return a module that holds the snippets."""
    module = tmp_path / "guide.mjs"
    module.write_text("\n".join(SNIPPETS), encoding="utf-8")
    return module


@pytest.fixture
def played(guide: Path, server: Server) -> dict[str, Any]:
    """Return what came of playing the snippets."""
    script = [str(NODE), str(HERE / "drive_guide.mjs"), str(guide), server.url, str(ROOT / "scenarios/demo.json")]
    done = subprocess.run(script, capture_output=True, text=True, encoding="utf-8", timeout=100, check=False)
    assert done.returncode == 0, done.stderr
    answered: dict[str, Any] = json.loads(done.stdout)
    return answered


@with_node
def test_snippets_play_a_market_and_take_part(played: dict[str, Any]) -> None:
    assert (played["health"], played["builtin"], played["mode"]) == ("healthy", True, "open")
    assert played["deltas"] > 20
    assert played["purchases"] == 2
    assert played["outcome"]["status"] == "completed"
    assert played["said"]["processing"] is True
    assert played["decided"] is True
    assert played["stopped"] == "cancelled"
    for transcript, state in zip(played["transcripts"], played["states"], strict=True):
        _is_the_conversation(transcript, state)
    for transcript in (played["again"], played["rejoined"]):
        _is_the_conversation(transcript, played["states"][0])
    _is_the_conversation(played["live"], played["liveState"])
    assert played["nothingToFollow"] is None
    assert played["asSeller"] is None
    assert (played["tooLate"]["status"], played["tooLate"]["code"]) == (409, "CONFLICT")
    assert played["tooLate"]["forPeople"]
    assert played["tooLate"]["requestId"]
    assert played["session_id"] in played["sessions"]
    assert played["session_id"] in played["logs"]
    assert set(played["rooms"]) <= set(played["saved"])
    assert played["log"] == played["rooms"][0]
    assert (played["status"], played["removed"]) == ("completed", played["session_id"])
    assert (played["gone"]["status"], played["gone"]["code"]) == (404, "SESSION_NOT_FOUND")
    assert all("nothing to follow" in refusal["message"] for refusal in played["noStream"])


def _is_the_conversation(transcript: dict[str, Any], state: dict[str, Any]) -> None:
    """Check that what a page shows is what was said, every message done, and the offers that were made last."""
    said = {message["message_id"]: message["message"] for message in state["conversation_history"]}
    assert {key: message["text"] for key, message in transcript["messages"].items()} == said
    assert all(message["done"] for message in transcript["messages"].values())
    prices = {seller_id: offer["price"] for seller_id, offer in transcript["offers"].items()}
    standing = {seller_id: offer["price"] for seller_id, offer in state["current_offers"].items()}
    assert standing.items() <= prices.items()
