"""Exports over HTTP, as files a browser saves."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.exports import rows_of, text_of_pdf
from tests.support.markets import scenario
from tests.support.server import Surface, opened, play, posted
from tests.support.streams import Reader

FORMS = {
    "json": "application/json",
    "md": "text/markdown; charset=utf-8",
    "csv": "text/csv; charset=utf-8; header=present",
    "pdf": "application/pdf",
}
HOSTILE = "<script>=cmd</script> \x1b[31mred\u202e ![x](http://evil.example) @TechStore"
RUN: dict[str, Any] = {
    "topic": "../../etc/\r\nSet-Cookie: x=1\u202e",
    "max_turns": 2,
    "bots": [{"name": "Ada", "provider": "builtin"}, {"name": "Ben", "provider": "builtin"}],
}


async def ended(at: Surface) -> tuple[str, str]:
    """Play a session to its end and return the paths of its first room and of itself."""
    market = await opened(at.client)
    await posted(at.client, f"{market.session}/start")
    await Reader(at.client, f"{market.session}/stream").read_to_the_end()
    return market.room, market.session


@pytest.mark.parametrize("form", FORMS)
def test_room_is_a_file_that_is_saved_and_kept_by_nobody(tmp_path: Path, form: str) -> None:
    """CONTRACT §2: `GET /negotiation/{room_id}/export.{json,md,csv,pdf}`."""

    async def case(at: Surface) -> None:
        room, _ = await ended(at)
        first, second = [await at.client.get(f"{room}/export.{form}") for _ in range(2)]
        assert first.status_code == 200, first.text
        assert first.content == second.content
        assert first.headers["content-type"] == FORMS[form]
        name = f"negotiation-{room.rpartition('/')[2]}.{form}"
        assert first.headers["content-disposition"] == f'attachment; filename="{name}"'
        assert first.headers["x-content-type-options"] == "nosniff"
        assert first.headers["cache-control"] == "no-store"

    play(tmp_path, case)


def test_room_that_goes_on_exports_what_stands_hostile_words_and_all(tmp_path: Path) -> None:
    async def case(at: Surface) -> None:
        market = await opened(at.client)
        await posted(at.client, f"{market.room}/start")
        await posted(at.client, f"{market.room}/message", {"message": HOSTILE})
        document = (await at.client.get(f"{market.room}/export.json")).json()
        assert (document["status"], document["is_partial"]) == ("active", True)
        assert HOSTILE in [message["text"] for message in document["messages"]]
        texts = {form: (await at.client.get(f"{market.room}/export.{form}")).text for form in ("json", "md", "csv")}
        assert not any(sign in text for sign in ("\x1b", "\u202e") for text in texts.values())
        assert "<script" not in texts["json"]
        assert not any(sign in texts["md"].replace("\\<", "") for sign in ("<script", "![x]"))
        shown = text_of_pdf((await at.client.get(f"{market.room}/export.pdf")).content)
        assert "Partial transcript" in shown
        assert "<script>" in shown

    play(tmp_path, case, builtin_chars_per_second=10)


def test_agent_gets_its_own_view_and_a_misspelt_one_nothing(tmp_path: Path) -> None:
    async def case(at: Surface) -> None:
        room, _ = await ended(at)
        whole = (await at.client.get(f"{room}/export.json")).json()
        for agent_id in ("seller_001", "seller_002", whole["buyer"]["buyer_id"]):
            document = (await at.client.get(f"{room}/export.json", params={"agent_id": agent_id})).json()
            state = (await at.client.get(f"{room}/state", params={"agent_id": agent_id})).json()
            assert document["viewer"] == agent_id
            said = [message["message_id"] for message in document["messages"]]
            assert said == [message["message_id"] for message in state["conversation_history"]]
            rows = rows_of((await at.client.get(f"{room}/export.csv", params={"agent_id": agent_id})).content)
            assert {row["seller_id"] for row in rows} <= {one["seller_id"] for one in document["sellers"]}
        for wrong in ({"agent_id": "seller_009"}, {"agentid": "seller_001"}):
            refused = await at.client.get(f"{room}/export.json", params=wrong)
            assert (refused.status_code, refused.json()["error"]["code"]) == (400, "VALIDATION_ERROR")

    play(tmp_path, case)


def test_what_is_not_there_and_what_is_no_format_is_refused(tmp_path: Path) -> None:
    async def case(at: Surface) -> None:
        room, _ = await ended(at)
        for path, code in (
            ("/api/v1/negotiation/room_x/export.pdf", "ROOM_NOT_FOUND"),
            ("/api/v1/simulation/x/report.pdf", "SESSION_NOT_FOUND"),
            ("/api/export/x.md", "RUN_NOT_FOUND"),
            (f"{room}/export.exe", "VALIDATION_ERROR"),
        ):
            assert (await at.client.get(path)).json()["error"]["code"] == code

    play(tmp_path, case)


def test_report_of_a_session_tells_deals_savings_and_each_room(tmp_path: Path) -> None:
    async def case(at: Surface) -> None:
        _, session = await ended(at)
        summary = (await at.client.get(f"{session}/summary")).json()
        answer = await at.client.get(f"{session}/report.pdf")
        assert answer.headers["content-type"] == "application/pdf"
        shown = text_of_pdf(answer.content)
        assert "Purchases of John Doe" in shown
        assert f"{summary['budget_summary']['total_saved']:,.2f}" in shown
        for bought in summary["purchases"]:
            assert f"{bought['final_price_per_unit']:,.2f}" in shown
            assert f"{bought['item_name']} × {bought['quantity']}" in shown
        assert "1 / " in shown

    play(tmp_path, case)


def test_report_of_a_session_that_goes_on_says_so(tmp_path: Path) -> None:
    async def case(at: Surface) -> None:
        market = await opened(at.client, scenario())
        shown = text_of_pdf((await at.client.get(f"{market.session}/report.pdf")).content)
        assert "Partial transcript" in shown
        assert "Still negotiated" in shown

    play(tmp_path, case)


@pytest.mark.parametrize("form", FORMS)
def test_run_is_a_file_too(tmp_path: Path, form: str) -> None:
    """CONTRACT §4: `GET /api/export/{id}.{json,md,pdf}`; its topic steers neither a header nor a file name."""

    async def case(at: Surface) -> None:
        run = await posted(at.client, "/api/run", RUN)
        async with at.client.stream("GET", f"/api/stream/{run['id']}") as stream:
            async for _ in stream.aiter_lines():
                pass
        answer = await at.client.get(f"/api/export/{run['id']}.{form}")
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-disposition"] == f'attachment; filename="run-{run["id"]}.{form}"'
        assert "set-cookie" not in answer.headers
        if form == "json":
            assert [one["role"] for one in json.loads(answer.content)["transcript"]] == ["bot0", "bot1"]

    play(tmp_path, case)
