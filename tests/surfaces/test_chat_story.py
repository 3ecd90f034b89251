"""The story of issue 6 through HTTP, on SQLite and on PostgreSQL, and two processes on one database."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, Final

import httpx2
import pytest

from chaffer.errors import Code
from tests.support.chatting import CHATTING, CONVERSATIONS, ChatReader, ChatTold, approval_of, stream_of, streamed, told
from tests.support.server import Surface, got, play, posted, surface
from tests.support.shop import refused

STORES: Final = pytest.mark.parametrize("store", ["sqlite", "postgresql"])


def settings_of(store: str, request: pytest.FixtureRequest) -> dict[str, Any]:
    """Return the settings of a program on that store, with the sample catalogue."""
    on = {} if store == "sqlite" else {"database_url": request.getfixturevalue("postgres_url")}
    return {"durable": True, "demo_catalog": True, **on}


async def says(client: httpx2.AsyncClient, text: str, conversation_id: str | None = None) -> ChatTold:
    """Say something, and return what was streamed until it was answered or a tool asked."""
    more = {} if conversation_id is None else {"conversation_id": conversation_id}
    return await streamed(client, f"{CHATTING}/stream", {"message": text, **more})


def answer_in(turn: ChatTold) -> str:
    """Return the answer of a turn."""
    (text,) = turn.messages.values()
    return text


@STORES
def test_from_a_wish_to_a_deal_an_invoice_and_the_saving(
    tmp_path: Path, store: str, request: pytest.FixtureRequest
) -> None:
    """Issue 6, "The story end to end": a recommendation, a deal that was approved, its invoice, what it saved."""

    async def case(at: Surface) -> None:
        found = await says(at.client, "find me a quiet keyboard under 120")
        conversation_id = found.frames[0]["conversation_id"]
        (search,) = [frame for frame in found.of("tool_call") if frame["status"] == "completed"]
        assert search["name"] == "search_products"
        product = search["result"]["products"][0]
        assert product["price"] < 120
        assert product["name"] in answer_in(found)

        asked = await says(at.client, "haggle for two", conversation_id)
        call = asked.frames[-1]
        assert (call["type"], call["status"], call["name"]) == ("tool_call", "needs_approval", "open_negotiation")
        assert (call["arguments"]["product_id"], call["arguments"]["quantity"]) == (product["product_id"], 2)
        assert (await got(at.client, "/api/v1/simulation"))["sessions"] == [], "nobody haggles before it is allowed"

        reader = ChatReader(at.client, stream_of(conversation_id))
        yes = {"conversation_id": conversation_id, "tool_call_id": call["id"], "approve": True}
        await posted(at.client, f"{CHATTING}/approve", yes)
        await reader.read_to_the_end()
        (news,) = reader.told.news
        assert news["status"] == "completed"
        number = news["invoice"]
        (started,) = [frame for frame in reader.told.of("tool_call") if frame["status"] == "completed"]

        listed = await says(at.client, "what invoices do I have?", conversation_id)
        assert number in answer_in(listed)
        (invoice,) = (await got(at.client, "/api/v1/invoices"))["invoices"]
        assert invoice["number"] == number
        assert invoice["total"] <= started["result"]["budget"]
        assert invoice["lines"][0]["quantity"] == 2
        pdf = await at.client.get(f"/api/v1/invoices/{number}.pdf")
        assert pdf.content.startswith(b"%PDF-")

        saved = await says(at.client, "how much did I save this month?", conversation_id)
        (summed,) = [frame for frame in saved.of("tool_call") if frame["status"] == "completed"]
        at_list_price = invoice["lines"][0]["list_price"] * 2
        assert summed["result"]["total"]["saved"] == invoice["saved"] == round(at_list_price - invoice["total"], 2)
        assert f"{invoice['saved']:.2f}" in answer_in(saved)
        assert f"{invoice['saved']:.2f}" in news["message"], "all tell one saving"

        state = await got(at.client, f"{CONVERSATIONS}/{conversation_id}")
        assert (state["status"], state["title"]) == ("idle", "Find me a quiet keyboard under 120")
        assert news["message"] in [message["content"] for message in state["messages"]]

    play(tmp_path, case, **settings_of(store, request))


@STORES
def test_an_approval_outlives_the_program_and_is_answered_once(
    tmp_path: Path, store: str, request: pytest.FixtureRequest
) -> None:
    """Issue 6: a pending approval survives reload and restart and can be answered once."""
    settings = settings_of(store, request)
    asked: dict[str, Any] = {}

    async def before(at: Surface) -> None:
        found = await told(at.client, "find me a quiet keyboard under 120")
        asked.update(await told(at.client, "haggle for two", conversation_id=found["conversation_id"]))

    async def after(at: Surface) -> None:
        state = await got(at.client, f"{CONVERSATIONS}/{asked['conversation_id']}")
        assert state["status"] == "waiting"
        assert state["pending_approval"] == asked["pending_approval"]
        answers = await asyncio.gather(
            *(at.client.post(f"{CHATTING}/approve", json=approval_of(asked)) for _ in range(4))
        )
        assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
        await ChatReader(at.client, stream_of(asked["conversation_id"])).read_to_the_end()
        assert len((await got(at.client, "/api/v1/simulation"))["sessions"]) == 1

    play(tmp_path, before, **settings)
    play(tmp_path, after, **settings)


@STORES
def test_two_processes_on_one_database_answer_one_conversation_once(
    tmp_path: Path, store: str, request: pytest.FixtureRequest
) -> None:
    """Issue 6: one answer at a time per conversation, whichever process is asked; an approval is known to both."""
    settings = settings_of(store, request)

    async def main() -> None:
        async with surface(tmp_path, **settings) as one, surface(tmp_path, **settings) as two:
            found = await told(one.client, "find me a quiet keyboard under 120")
            conversation_id = found["conversation_id"]
            asked = await told(two.client, "haggle for two", conversation_id=conversation_id)
            both = [at.client.post(f"{CHATTING}/approve", json=approval_of(asked)) for at in (one, two)]
            assert sorted(answer.status_code for answer in await asyncio.gather(*both)) == [200, 409]
            readers = [ChatReader(at.client, stream_of(conversation_id)) for at in (one, two)]
            await asyncio.gather(*(reader.read_to_the_end() for reader in readers))
            assert readers[0].told.news == readers[1].told.news
            assert len((await got(two.client, "/api/v1/invoices"))["invoices"]) == 1
            said = [
                at.client.post(
                    CHATTING, json={"message": "what invoices do I have?", "conversation_id": conversation_id}
                )
                for at in (one, two)
            ]
            answers = await asyncio.gather(*said)
            assert {answer.status_code for answer in answers} <= {200, 409}
            state = await got(one.client, f"{CONVERSATIONS}/{conversation_id}")
            turns = [message for message in state["messages"] if message["role"] == "user"]
            assert len(turns) == 2 + sum(answer.is_success for answer in answers)

    asyncio.run(main())


def test_a_tool_call_of_another_conversation_is_not_found(tmp_path: Path) -> None:
    """Issue 6: approval of a foreign call."""

    async def case(at: Surface) -> None:
        found = await told(at.client, "find me a quiet keyboard under 120")
        asked = await told(at.client, "haggle for two", conversation_id=found["conversation_id"])
        other = (await told(at.client, "hello"))["conversation_id"]
        answer = await at.client.post(f"{CHATTING}/approve", json=approval_of(asked) | {"conversation_id": other})
        refused(answer, Code.TOOL_CALL_NOT_FOUND)

    play(tmp_path, case, durable=True, demo_catalog=True)
