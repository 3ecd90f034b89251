"""Deleting a session: nothing of it stays behind but its logs and its invoices."""

from __future__ import annotations

import asyncio
import gc
import os
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from pathlib import Path

import httpx2
import psutil

from chaffer.conversation.feed import Feed
from chaffer.conversation.journal import Journal
from chaffer.conversation.live import LiveConversation
from chaffer.negotiation.room import Room
from chaffer.storage.reader import READERS
from tests.support.markets import scenario
from tests.support.runs import RunReader, begun, stream_of
from tests.support.server import Opened, Server, Surface, got, opened, play, posted, until
from tests.support.streams import Reader


async def answers(client: httpx2.AsyncClient, market: Opened) -> dict[str, int]:
    """Return the status of every call that can be made to a session."""
    calls: dict[str, httpx2.Response] = {}
    for path in (market.session, f"{market.session}/summary", f"{market.session}/stream"):
        calls[path] = await client.get(path)
    calls["start all"] = await client.post(f"{market.session}/start")
    calls["delete"] = await client.delete(market.session)
    for room in market.rooms:
        for path in ("state", "stream"):
            calls[f"{room} {path}"] = await client.get(f"/api/v1/negotiation/{room}/{path}")
        for path in ("start", "decide", "stop"):
            calls[f"{room} {path}"] = await client.post(f"/api/v1/negotiation/{room}/{path}")
        said = await client.post(f"/api/v1/negotiation/{room}/message", json={"message": "x"})
        calls[f"{room} message"] = said
    return {call: answer.status_code for call, answer in calls.items()}


def test_after_it_every_call_finds_nothing_and_the_log_is_there(tmp_path: Path) -> None:
    """CONTRACT §2, Retention: deleting ends rooms and streams and frees the journal; logs stay until their time."""

    async def case(at: Surface) -> None:
        market = await opened(at.client)
        await posted(at.client, f"{market.room}/start")
        assert (await at.client.delete(market.session)).is_success
        assert set((await answers(at.client, market)).values()) == {404}
        assert (await got(at.client, "/api/v1/simulation"))["sessions"] == []
        for room in market.rooms:
            log = await got(at.client, f"/api/v1/logs/{market.session_id}/{room}")
            assert log["status"] == "cancelled"
            assert log["reason"] == "The session was deleted."
            assert await at.chaffer.journal.read(room) == ()

    play(tmp_path, case, durable=True, builtin_chars_per_second=20)


def test_invoices_are_books_and_stay(tmp_path: Path) -> None:
    """CONTRACT §2, Retention: invoices are books and stay."""

    async def case(at: Surface) -> None:
        market = await opened(at.client)
        await posted(at.client, f"{market.session}/start")
        await Reader(at.client, f"{market.session}/stream").read_to_the_end()
        before = await at.chaffer.ledger.invoices(market.session_id)
        assert len(before) == 2
        assert (await at.client.delete(market.session)).is_success
        assert await at.chaffer.ledger.invoices(market.session_id) == before
        assert await at.chaffer.ledger.stock(market.session_id, "item_001") == ()

    play(tmp_path, case, durable=True)


def conversations_in_memory() -> dict[int, object]:
    """Return the rooms and feeds of this process that cannot be collected, by their ids."""
    gc.collect()
    return {id(thing): thing for thing in gc.get_objects() if isinstance(thing, LiveConversation | Room | Feed)}


def test_no_task_and_no_memory_of_it_stays(tmp_path: Path) -> None:
    """Issue 2: deleting leaves no task, file handle or memory behind."""

    async def delete_one(at: Surface, *, agents_speak: bool) -> None:
        market = await opened(at.client, scenario(seed=None))
        await posted(at.client, f"{market.session}/start")
        readers = [Reader(at.client, f"{path}/stream") for path in (market.room, market.session)]
        reading = [asyncio.create_task(reader.read()) for reader in readers]
        if agents_speak:
            await until(lambda: all(reader.named("message_delta") for reader in readers))
        assert (await at.client.delete(market.session)).is_success
        async with asyncio.timeout(5):
            await asyncio.gather(*reading)

    async def case(at: Surface) -> None:
        others = conversations_in_memory()  # Of tests before this one, in this process.
        await delete_one(at, agents_speak=True)
        await until(lambda: at.chaffer.engine.running == 0)
        gc.collect()
        tasks = len(asyncio.all_tasks())
        for speaks in (True, False, True):
            await delete_one(at, agents_speak=speaks)
        await until(lambda: len(asyncio.all_tasks()) <= tasks)
        # A thread that writes a log may have to finish first.
        await until(lambda: conversations_in_memory().keys() <= others.keys())
        assert at.chaffer.market.called_at == {}
        assert at.chaffer.engine.running == 0
        assert "broke" not in at.log.getvalue()

    play(tmp_path, case, durable=True, builtin_chars_per_second=50)


def test_no_file_stays_open(tmp_path: Path) -> None:
    """Issue 2: deleting leaves no file handle behind."""

    async def one(client: httpx2.AsyncClient) -> None:
        market = await opened(client, scenario(seed=None))
        await posted(client, f"{market.session}/start")
        async with asyncio.timeout(10):
            await Reader(client, f"{market.session}/stream").read(lambda event: event.name == "seller_response")
        assert (await client.delete(market.session)).is_success

    async def case(server: Server) -> None:
        process = psutil.Process(server.pid)
        async with server.client() as client:
            for _ in range(3):
                await one(client)
        before = {file.path for file in process.open_files()}
        async with server.client() as client:
            for _ in range(10):
                await one(client)
        after = [file.path for file in process.open_files()]
        assert set(after) == before
        # Connections to the database are opened when they are first needed, and then kept.
        assert max(map(after.count, before)) <= READERS + 3
        assert not any(os.sep + "logs" + os.sep in path for path in before)
        assert not list((tmp_path / "logs" / "drafts").iterdir())

    with Server(tmp_path, BUILTIN_CHARS_PER_SECOND="1000") as server:
        asyncio.run(case(server))


async def spoken_and_deleted(client: httpx2.AsyncClient, word: str) -> None:
    """Say a word in a conversation, a shopping session, a run and a market, and delete them."""
    conversation = (await posted(client, "/api/chat", {"message": f"find me a {word}s keyboard"}))["conversation_id"]
    await posted(client, "/api/chat", {"message": f"or a {word}s mouse", "conversation_id": conversation})
    shopping = (await posted(client, "/api/shopping", {"query": f"a {word}s laptop"}))["session_id"]
    await Reader(client, f"/api/shopping/{shopping}/stream").read()
    run = await begun(client, topic=f"Is {word}s good?")
    await RunReader(client, stream_of(run)).read_to_the_end()
    body = scenario()
    body["buyer"]["shopping_list"][0]["item_name"] = f"A {word}"
    market = await opened(client, body)
    for path in (f"/api/conversations/{conversation}", f"/api/sessions/{shopping}", run, market.session):
        assert (await client.delete(path)).is_success


def test_nothing_of_what_was_said_stays_in_the_files_of_the_embedded_database(tmp_path: Path) -> None:
    """Issue 6: deleting deletes, also where the process is killed the moment that it has answered."""

    async def case(server: Server) -> None:
        async with server.client() as client:
            kept = await posted(client, "/api/chat", {"message": "find me a krummwurz keyboard"})
            await spoken_and_deleted(client, "zwirbelholz")
            await got(client, f"/api/conversations/{kept['conversation_id']}")

    with Server(tmp_path, BUILTIN_CHARS_PER_SECOND="0") as server:
        asyncio.run(case(server))
        server.kill()
    files = {path.name: path.read_bytes().lower() for path in (tmp_path / "data").iterdir()}
    assert set(files) >= {"chaffer.db", "chaffer.db-wal", "chaffer.db-shm"}
    assert [name for name, held in files.items() if b"zwirbelholz" in held] == []
    assert b"krummwurz" in files["chaffer.db"], "what is kept would be seen"


class WatchedJournal:
    """A journal where somebody looks at what is deleted, just before it is."""

    def __init__(self, journal: Journal, look: Callable[[], Awaitable[object]]) -> None:
        self._journal = journal
        self._look = look

    async def delete(self, conversation_ids: Sequence[str]) -> None:
        """Look, then delete."""
        await self._look()
        await self._journal.delete(conversation_ids)


def test_who_looks_while_it_is_deleted_does_not_keep_it_alive(tmp_path: Path) -> None:
    """CONTRACT §2, Retention: what was read once more in the middle of it is gone from memory too."""

    async def case(at: Surface) -> None:
        market = await opened(at.client)
        journal = WatchedJournal(at.chaffer.journal, lambda: got(at.client, f"{market.room}/state"))
        deleting = replace(at.chaffer.market, journal=journal)  # type: ignore[arg-type]  # it is asked to delete alone
        await deleting.delete_session(market.session_id)
        assert set((await answers(at.client, market)).values()) == {404}

    play(tmp_path, case)


def test_calls_that_meet_a_deletion_are_served_or_find_nothing(tmp_path: Path) -> None:
    """Issue 2: calls that collide lose nothing; a session that goes away under a call is no fault of ours."""

    async def case(at: Surface) -> None:
        for late in range(12):
            market = await opened(at.client, scenario(seed=None))
            await posted(at.client, f"{market.session}/start")
            calls = [asyncio.ensure_future(answers(at.client, market)) for _ in range(2)]
            for _ in range(late):
                await asyncio.sleep(0)
            calls.append(asyncio.ensure_future(answers(at.client, market)))
            deleted = await asyncio.gather(*(at.client.delete(market.session) for _ in range(2)))
            assert {answer.status_code for answer in deleted} <= {200, 404}
            for statuses in await asyncio.gather(*calls):
                assert set(statuses.values()) <= {200, 201, 204, 404, 409}, statuses
            await at.client.delete(market.session)
            assert set((await answers(at.client, market)).values()) == {404}
        assert "broke" not in at.log.getvalue()

    play(tmp_path, case, durable=True, builtin_chars_per_second=2000)
