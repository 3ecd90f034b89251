"""Processes that are killed or stand beside each other: every room has one owner, ends, and buys once."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import httpx2
import pytest

from tests.support.crashes import Kept, Turn, all_ended, asked_for, assert_bought_once, assert_sound, stored
from tests.support.markets import scenario
from tests.support.model_markets import market_of_models
from tests.support.server import Opened, Server, got, opened, posted, until, until_status
from tests.support.standin import StandIn, standing_in
from tests.support.streams import Reader, heard, never, told


class Killings:
    """Markets of models and of built-in agents on one folder, and a server that is killed while they are played.

    Speakers are named by their market, so that of every call to a model it is known whose turn it was for.
    """

    def __init__(self, folder: Path, seed: int, model: StandIn) -> None:
        self._folder = folder
        self._random = Random(seed)
        self._model = model
        self._markets: list[Opened] = []
        self._snapshots: list[tuple[int, set[Turn]]] = []

    def run(self, times: int) -> None:
        """Kill the server that often, let everything end, and check what is left."""
        variables = {"LM_STUDIO_BASE_URL": self._model.url, "BUILTIN_CHARS_PER_SECOND": "1000", "LEASE_SECONDS": "0.5"}
        with Server(self._folder, **variables) as server:
            for kill in range(times):
                asyncio.run(self._play_until_killed(server, opening=kill % 3 == 0))
                self._snapshots.append((len(self._model.asked), asyncio.run(self._stored())))
                server.start()
            asyncio.run(self._finish(server))
        assert assert_bought_once(self._folder, self._markets) > 0
        self._assert_nothing_was_asked_again()

    async def _play_until_killed(self, server: Server, *, opening: bool) -> None:
        number = len(self._markets)
        async with server.client() as client:
            if opening:
                self._markets.append(await opened(client, _market(number) if number % 3 != 1 else _built_in()))
            calls = [asyncio.ensure_future(posted(client, f"{market.session}/start")) for market in self._markets]
            asked = len(self._model.asked)
            if self._random.random() < 0.7:  # Else the kill falls into the start, before anybody speaks.
                await asyncio.to_thread(self._model.wait_until, partial(asked_at_least, self._model, asked + 1), 1.5)
            # The instant is the test: anywhere from the middle of a call to the middle of a message.
            await asyncio.sleep(self._random.uniform(0.0, 0.4))
            await asyncio.to_thread(server.kill)
            await asyncio.gather(*calls, return_exceptions=True)

    async def _stored(self) -> set[Turn]:
        """Return the turns of all models whose reply is in a journal."""
        journals = await Kept(self._folder).journals(self._markets)
        found = (stored(records, market, _buyer(self._markets.index(market))) for market, records in journals)
        return set[Turn]().union(*found)

    async def _finish(self, server: Server) -> None:
        async with server.client() as client:
            await all_ended(client, self._markets)
            for market in self._markets:
                summary = await got(client, f"{market.session}/summary")
                assert summary["open_items"] == []
                await until_status(client, f"/api/v1/logs/{market.session_id}/{market.rooms[-1]}", httpx2.codes.OK)
                logs = await got(client, f"/api/v1/logs/{market.session_id}")
                assert set(logs["room_ids"]) == set(market.rooms)

    def _assert_nothing_was_asked_again(self) -> None:
        turns = [asked_for(asked) for asked in self._model.asked]
        assert len(turns) > len(set(turns)), "no call was cut off: the test saw nothing"
        again = {turn for before, there in self._snapshots for turn in turns[before:] if turn in there}
        assert again == set()


def _market(number: int) -> dict[str, Any]:
    """Return a market of models whose agents bear its number."""
    body = market_of_models(sellers=2, rounds=4)
    body["buyer"]["name"] = _buyer(number)
    for place, seller in enumerate(body["sellers"]):
        seller["name"] = f"Shop {number}-{place}"
    return body


def _buyer(number: int) -> str:
    return f"Buyer {number}"


def _built_in() -> dict[str, Any]:
    return scenario(seed=None, negotiation={"max_rounds": 4})


def _killed_at_random(folder: Path, seed: int, times: int) -> None:
    with standing_in(delay=Random(seed).uniform(0.05, 0.2)) as model:
        Killings(folder, seed, model).run(times)


@pytest.mark.timeout(300)
def test_killed_at_thirty_random_instants_all_finish_and_nothing_is_twice(tmp_path: Path) -> None:
    """Issue 2, Crash: SIGKILL at random instants, a slow stand-in, restart: all finish, nothing comes twice."""
    seed = int.from_bytes(os.urandom(4))
    histories = range(seed, seed + 3)
    try:
        # Beside each other, since most of each is waiting: for leases of the killed, for models, for the instant.
        with ThreadPoolExecutor(len(histories)) as pool:
            list(pool.map(lambda one: _killed_at_random(tmp_path / str(one), one, 30 // len(histories)), histories))
    except BaseException as failure:
        failure.add_note(f"seeds {list(histories)}")
        raise


@pytest.mark.soak
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("seed", range(5))
def test_killed_at_a_hundred_instants_all_finish_and_nothing_is_twice(tmp_path: Path, seed: int) -> None:
    """As above, a hundred times."""
    _killed_at_random(tmp_path, seed, 100)


def asked_at_least(model: StandIn, times: int) -> bool:
    """Tell whether a model was asked that often."""
    return len(model.asked) >= times


def test_no_reply_that_was_stored_is_asked_for_again(tmp_path: Path) -> None:
    """Issue 2, Crash: killed in the middle of model calls, each turn that is in the journal was paid for once."""
    markets: list[Opened] = []
    kills: list[tuple[int, set[Turn]]] = []

    async def begin(server: Server) -> None:
        async with server.client() as client:
            markets.append(await opened(client, market_of_models(rounds=5)))
            await posted(client, f"{markets[0].room}/start")

    async def finish(server: Server) -> None:
        async with server.client() as client:
            await all_ended(client, markets)

    with standing_in(delay=0.15) as model:
        with Server(tmp_path, LM_STUDIO_BASE_URL=model.url, LEASE_SECONDS="0.5") as server:
            asyncio.run(begin(server))
            for more in (2, 4, 5):  # two of three sellers; the buyer; a seller of the next round
                enough = more + (kills[-1][0] if kills else 0)
                assert model.wait_until(partial(asked_at_least, model, enough), 30)
                server.kill()
                journals, _, _ = asyncio.run(Kept(tmp_path).read(markets[0]))
                kills.append((len(model.asked), stored(journals[markets[0].rooms[0]], markets[0], "John Doe")))
                server.start()
            asyncio.run(finish(server))
        turns = [asked_for(asked) for asked in model.asked]
    assert assert_bought_once(tmp_path, markets) == 1
    assert len(turns) > len(set(turns)), "no call was cut off: the test saw nothing"
    assert [turn for asked_before, there in kills for turn in turns[asked_before:] if turn in there] == []
    assert kills[-1][1] > kills[0][1], "nothing was stored between the crashes: the test saw nothing"


def beside(folder: Path, case: Callable[[Server, Server], Any], **variables: str) -> None:
    """Run a case with two servers on one data folder."""
    settings = {"LEASE_SECONDS": "0.5", "BUILTIN_CHARS_PER_SECOND": "900", **variables}
    with Server(folder, **settings) as one, Server(folder, **settings) as other:
        asyncio.run(case(one, other))


def test_two_servers_on_one_folder_share_rooms_and_one_owns_each(tmp_path: Path) -> None:
    """Issue 2, Crash: two processes on one data folder: one owner, the other is told."""
    markets: list[Opened] = []

    async def case(one: Server, other: Server) -> None:
        async with one.client() as here, other.client() as there:
            market = await opened(here, scenario(seed=None, negotiation={"max_rounds": 5}))
            markets.append(market)
            starts = [client.post(f"{market.room}/start") for client in (here, there, here, there)]
            statuses = sorted(answer.status_code for answer in await asyncio.gather(*starts))
            assert statuses == [200, 409, 409, 409]
            readers = [Reader(client, f"{market.room}/stream") for client in (here, there)]
            tasks = [asyncio.create_task(reader.read_to_the_end()) for reader in readers]
            for client, words in ((here, "From here"), (there, "From there")):
                await posted(client, f"{market.room}/message", {"message": words})
            await posted(there, f"/api/v1/negotiation/{market.rooms[1]}/start")
            stopped = await posted(here, f"/api/v1/negotiation/{market.rooms[1]}/stop")
            assert stopped["status"] == "cancelled"
            async with asyncio.timeout(60):
                await asyncio.gather(*tasks)
            assert heard(readers[0].events) == heard(readers[1].events)
            texts = [event.data["message"] for event in readers[1].named("buyer_message")]
            assert {"From here", "From there"} <= set(texts)
            for client in (here, there):
                assert (await got(client, f"{market.room}/state"))["status"] == "completed"
                assert (await got(client, market.session))["status"] == "completed"

    beside(tmp_path, case)
    journals, invoices, _ = asyncio.run(Kept(tmp_path).read(markets[0]))
    deals = assert_sound(journals[markets[0].rooms[0]])
    assert [invoice.room_id for invoice in invoices] == [markets[0].rooms[0]] * len(deals)


def test_a_decision_is_called_through_the_server_that_does_not_own_the_room(tmp_path: Path) -> None:
    """CONTRACT §1 and HOUSE §1.6: one owner by lease and epoch; a person's call works from everywhere."""

    async def case(one: Server, other: Server) -> None:
        async with one.client() as here, other.client() as there:
            market = await opened(here, scenario(negotiation={"max_rounds": 50}))
            await posted(here, f"{market.room}/start")
            await Reader(there, f"{market.room}/stream").read(lambda event: event.name == "seller_response")
            async with asyncio.timeout(20):
                decided = await posted(there, f"{market.room}/decide")
            assert decided["decision_made"] is True
            assert decided["total_rounds"] < 10
            assert (await got(here, f"{market.room}/state"))["status"] == decided["status"]

    beside(tmp_path, case)


def test_what_one_server_deletes_is_gone_from_the_other(tmp_path: Path) -> None:
    """CONTRACT §2, Retention: deleting frees the journal, whichever process is asked."""

    async def gone(client: httpx2.AsyncClient, market: Opened) -> None:
        for path in (market.session, f"{market.room}/state", f"{market.room}/stream", f"{market.session}/stream"):
            await until_status(client, path, httpx2.codes.NOT_FOUND)

    async def case(one: Server, other: Server) -> None:
        async with one.client() as here, other.client() as there:
            for rounds in (50, 2):
                market = await opened(here, scenario(seed=None, negotiation={"max_rounds": rounds}))
                await posted(here, f"{market.session}/start")
                reading = asyncio.create_task(Reader(here, f"{market.session}/stream").read())
                seen = Reader(there, f"{market.session}/stream")
                await seen.read((lambda event: event.name == "seller_response") if rounds > 2 else never)
                assert (await there.delete(market.session)).is_success
                await gone(there, market)
                await gone(here, market)
                async with asyncio.timeout(10):
                    await reading

    beside(tmp_path, case)


def test_a_server_takes_over_what_another_left_when_it_was_killed(tmp_path: Path) -> None:
    """Issue 2, Crash; HOUSE §1.6: recovery needs no restart where another process stands."""
    markets: list[Opened] = []

    async def case(one: Server, other: Server) -> None:
        async with other.client() as there:
            async with one.client() as here:
                market = await opened(here, scenario(seed=None, negotiation={"max_rounds": 4}))
                markets.append(market)
                await posted(here, f"{market.session}/start")
                reader = Reader(here, f"{market.room}/stream")
                await reader.read(lambda event: event.name == "seller_response")
                await asyncio.to_thread(one.kill)
            reader.client = there
            async with asyncio.timeout(60):
                await reader.read_to_the_end()
                await all_ended(there, [market])
            journals, _, _ = await Kept(tmp_path).read(market)
            assert heard(reader.events) == told(journals[market.rooms[0]])

    beside(tmp_path, case)
    assert_bought_once(tmp_path, markets)


def test_an_owner_that_stood_still_too_long_finds_that_it_is_one_no_more(tmp_path: Path) -> None:
    """HOUSE §1.6: an append with a foreign epoch stops that flow for good; issue 2: one owner, the other is told."""
    markets: list[Opened] = []

    async def case(one: Server, other: Server) -> None:
        async with one.client() as here, other.client() as there:
            market = await opened(here, scenario(seed=None, negotiation={"max_rounds": 3}))
            markets.append(market)
            await posted(here, f"{market.room}/start")
            await Reader(here, f"{market.room}/stream").read(lambda event: event.name == "message_delta")
            one.pause()
            try:
                await until(lambda: any("flow.picked_up" in line for line in other.log))
            finally:
                one.go_on()
            await until(lambda: any("flow.taken_over" in line for line in one.log))
            for client in (here, there):
                async with asyncio.timeout(60):
                    await Reader(client, f"{market.room}/stream").read_to_the_end()
            await all_ended(here, markets)

    # Slowly, so that it stands still long before the room is over.
    beside(tmp_path, case, BUILTIN_CHARS_PER_SECOND="600")
    assert_bought_once(tmp_path, markets)


def test_ended_rooms_are_told_alike_before_and_after_a_crash(tmp_path: Path) -> None:
    """CONTRACT §1: state, summary and streams are views of the journal, so a restart changes none of them."""
    answers: list[list[Any]] = []

    async def look(server: Server, market: Opened | None) -> Opened:
        async with server.client() as client:
            if market is None:
                market = await opened(client, scenario(negotiation={"max_rounds": 3}))
                await all_ended(client, [market])
            reader = Reader(client, f"{market.session}/stream")
            await reader.read_to_the_end()
            paths = (
                market.session,
                f"{market.session}/summary",
                *(f"/api/v1/negotiation/{r}/state" for r in market.rooms),
            )
            answers.append([heard(reader.events), *[await got(client, path) for path in paths]])
            return market

    with Server(tmp_path) as server:
        market = asyncio.run(look(server, None))
        server.kill()
        server.start()
        asyncio.run(look(server, market))
    assert answers[0] == answers[1]
