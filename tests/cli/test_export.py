"""`chaffer export`: the same bytes as the API's, from the database here and from a server."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.cli.conftest import Chaffer
from tests.support.server import Server


@pytest.fixture
def played(chaffer: Chaffer, tmp_path: Path, small_market: dict[str, Any]) -> tuple[str, str]:
    """Play a market here and return the ids of its session and of its room."""
    path = tmp_path / "market.json"
    path.write_text(json.dumps(small_market), encoding="utf-8")
    opened = json.loads(chaffer("sessions", "open", str(path), "--json").out)
    room = opened["negotiation_rooms"][0]["room_id"]
    assert chaffer("rooms", "start", room).code == 0
    return opened["session_id"], room


def test_command_here_and_at_a_server_and_the_api_give_the_same_bytes(
    chaffer: Chaffer, tmp_path: Path, played: tuple[str, str]
) -> None:
    session, room = played
    assert chaffer("export", room, "--format", "json", "--out", "here.json").code == 0
    assert chaffer("export", room, "--out", "here.pdf").code == 0
    assert chaffer("export", session, "--out", "session.pdf").code == 0
    with Server(tmp_path) as server:
        assert chaffer("export", room, "--out", "there.pdf", "--url", server.url).code == 0
        for name in ("here.json", "here.pdf", "there.pdf"):
            answered = httpx2.get(f"{server.url}/api/v1/negotiation/{room}/export.{name.rpartition('.')[2]}").content
            assert (tmp_path / name).read_bytes() == answered
        report = httpx2.get(f"{server.url}/api/v1/simulation/{session}/report.pdf").content
        assert (tmp_path / "session.pdf").read_bytes() == report


def test_conversation_is_the_same_file_here_and_there(chaffer: Chaffer, tmp_path: Path) -> None:
    """Issue 6: export (JSON, Markdown, PDF) of a conversation."""
    with Server(tmp_path) as server:
        said = httpx2.post(f"{server.url}/api/chat", json={"message": "What invoices do I have?"}, timeout=30).json()
        there = httpx2.get(f"{server.url}/api/conversations/{said['conversation_id']}/export.json").content
        assert chaffer("export", said["conversation_id"], "--out", "there.json", "--url", server.url).code == 0
    assert chaffer("export", said["conversation_id"], "--out", "here.json").code == 0
    assert (tmp_path / "here.json").read_bytes() == (tmp_path / "there.json").read_bytes() == there


def test_text_goes_to_standard_output_where_no_file_is_named(chaffer: Chaffer, played: tuple[str, str]) -> None:
    ran = chaffer("export", played[1])
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("# Kettle × 1")
    seller = chaffer("export", played[1], "--format", "json", "--agent", "seller_001")
    assert json.loads(seller.out)["viewer"] == "seller_001"


def test_what_cannot_be_exported_is_told(chaffer: Chaffer, played: tuple[str, str]) -> None:
    for arguments, told in (
        (("nothing",), "There is no room, run, conversation or session 'nothing' here."),
        ((played[0], "--format", "csv"), "its report is a PDF"),
        ((played[1], "--format", "docx"), "it must be one of json, md, csv, pdf; got 'docx'"),
        ((played[1], "--agent", "seller_009"), "agent_id"),
        ((played[1], "--out", "no/such/folder/x.md"), "could not be written"),
    ):
        ran = chaffer("export", *arguments)
        assert (ran.code, ran.out) == (2, "")
        assert told in ran.err
