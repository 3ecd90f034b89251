"""What each agent can see through the API, over every output: a leak is a canary found where it may not be."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx2
import pytest

from chaffer.exports.room_log import load_log, view_of_log
from tests.support.canaries import BUDGET, SELLERS, SHOPS, Canaries, canaries, drawn
from tests.support.markets import scenario
from tests.support.server import Opened, Surface, got, opened, play, posted
from tests.support.streams import Reader, told

INITIALIZE = "/api/v1/simulation/initialize"


def forms(amount: float) -> tuple[str, ...]:
    """Return the ways in which an amount may be written."""
    minor = round(amount * 100)
    return (
        f"{amount:.2f}",
        f"{amount:,.2f}",
        f"{amount:g}" if amount % 1 else f"{amount:.1f}",
        f'"{minor}"',
        f"={minor}",
    )


@dataclass
class Shown:
    """All that one agent was shown, as text."""

    live: Reader
    texts: list[str] = field(default_factory=list)

    @property
    def all(self) -> str:
        """Return the text of it all."""
        return "\n".join([bytes(self.live.raw).decode(), *self.texts])

    def has(self, amount: float) -> bool:
        """Tell whether an amount stands anywhere in it, and not only the beginning of a longer number."""
        return any(form in self.all and re.search(rf"{re.escape(form)}(?!\d)", self.all) for form in forms(amount))


@dataclass
class Watched:
    """A room played to its end while every agent looked at all that it can."""

    of: Canaries
    market: Opened
    shown: dict[str | None, Shown]
    events: list[tuple[str, str, dict[str, Any]]]
    log: str

    def said_by(self, sender: str) -> list[dict[str, Any]]:
        """Return the messages of a sender, as the operator sees them."""
        return [data for _, _, data in self.events if data.get("sender_id") == sender and "message" in data]


async def _watch(at: Surface, of: Canaries) -> Watched:
    market = await opened(at.client, of.body)
    room = f"/api/v1/negotiation/{market.rooms[of.room]}"
    agents: list[str | None] = [None, market.document["buyer_id"], *of.sellers]
    shown = {agent: Shown(Reader(at.client, f"{room}/stream", parameters=_as(agent))) for agent in agents}
    reading = [asyncio.create_task(one.live.read()) for one in shown.values()]
    await posted(at.client, f"{market.session}/start")
    operator = Reader(at.client, f"{room}/stream")
    await operator.read(lambda event: event.data.get("round") == of.rounds // 2)
    name = SHOPS[list(of.sellers).index(of.confidant)][0].replace(" ", "")
    await posted(at.client, f"{room}/message", {"message": f"@{name} psst, a canary for you: $1515.15?"})
    while await operator.read(lambda event: event.name == "seller_response") != httpx2.codes.NO_CONTENT:
        for agent, one in shown.items():
            one.texts += await _look(at.client, room, agent)
    await asyncio.gather(*reading)
    for agent, one in shown.items():
        one.texts += await _look(at.client, room, agent)
    log = await at.client.get(f"/api/v1/logs/{market.session_id}/{market.rooms[of.room]}")
    return Watched(of, market, shown, told(await at.chaffer.journal.read(market.rooms[of.room])), log.text)


def _as(agent: str | None) -> dict[str, str]:
    return {} if agent is None else {"agent_id": agent}


async def _look(client: httpx2.AsyncClient, room: str, agent: str | None) -> list[str]:
    """Return what an agent is shown: its state, its stream from the beginning or from nowhere, and its errors."""
    texts = [(await client.get(f"{room}/state", params=_as(agent))).text]
    for last_id in ("nonsense", "5"):
        late = Reader(client, f"{room}/stream", parameters=_as(agent), last_id=last_id)
        await late.read(lambda event: event.name != "connected")
        texts.append(bytes(late.raw).decode())
    if agent is not None:
        wrong = {"agent_id": agent, "agent_type": "seller" if agent.startswith("buyer") else "buyer"}
        texts += [(await client.get(f"{room}/{path}", params=wrong)).text for path in ("state", "stream")]
    return texts


DRAWN: Final = [*range(8), *(pytest.param(seed, marks=pytest.mark.soak) for seed in range(8, 200))]


@pytest.fixture(scope="module", params=[None, *DRAWN], ids=lambda seed: "fixed" if seed is None else f"drawn {seed}")
def watched(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Watched:
    found: list[Watched] = []

    async def case(at: Surface) -> None:
        found.append(await _watch(at, canaries() if request.param is None else drawn(request.param)))

    play(tmp_path_factory.mktemp("privacy"), case, builtin_chars_per_second=5000)
    return found[0]


def test_a_seller_is_shown_no_number_of_another_and_no_budget(watched: Watched) -> None:
    """Issue 2, Visibility; CONTRACT §2: no other seller's words or prices, nor the buyer's budget."""
    for seller in watched.of.sellers:
        shown = watched.shown[seller]
        for other, numbers in watched.of.sellers.items():
            if other != seller:
                assert [name for name, amount in numbers.items() if shown.has(amount)] == []
        budgets = {
            *watched.of.budget,
            *(data["remaining"] for _, name, data in watched.events if name == "budget_updated"),
        }
        assert [amount for amount in budgets if shown.has(amount)] == []
        assert not any(name in shown.all for name in ("budget_updated", 'buyer_budget":{', "deal_refused"))


def test_a_seller_is_shown_no_offer_to_or_bid_for_another(watched: Watched) -> None:
    """Issue 2, Visibility: no seller's output holds another seller's words or numbers."""
    for seller in watched.of.sellers:
        buyer = watched.market.document["buyer_id"]
        mine = {
            amount
            for data in [*watched.said_by(seller), *watched.said_by(buyer)]
            if data["sender_id"] == seller or seller in data["visible_to"]
            for amount in _amounts(data)
        }
        theirs = {
            amount
            for sender in (*watched.of.sellers, buyer)
            for data in watched.said_by(sender)
            if sender != seller and seller not in data.get("visible_to", ())
            for amount in _amounts(data)
        }
        assert len(theirs - mine) > watched.of.hides
        assert [amount for amount in theirs - mine if watched.shown[seller].has(amount)] == []


def _amounts(data: dict[str, Any]) -> list[float]:
    offer = data.get("updated_offer") or data.get("bid")
    return [] if offer is None else [offer["price"], offer["price"] * offer["quantity"]]


def test_a_seller_reads_no_word_of_another_nor_to_another(watched: Watched) -> None:
    """Issue 2, Visibility; drafts are as private as messages."""
    for seller in watched.of.sellers:
        shown, buyer = watched.shown[seller], watched.market.document["buyer_id"]
        hidden = [data for other in watched.of.sellers if other != seller for data in watched.said_by(other)]
        hidden += [data for data in watched.said_by(buyer) if seller not in data["visible_to"]]
        assert len(hidden) > watched.of.hides
        for data in hidden:
            assert data["message_id"] not in shown.all
            assert json.dumps(data["message"], ensure_ascii=False)[1:-1] not in shown.all
        assert ("a canary for you" in shown.all) is (seller == watched.of.confidant)


def test_a_seller_hears_all_that_is_said_to_it_whole_and_as_it_is_said(watched: Watched) -> None:
    """Privacy is no deafness."""
    for seller in watched.of.sellers:
        shown = watched.shown[seller]
        heard = [event.data["message_id"] for event in shown.live.named("buyer_message")]
        buyer = watched.market.document["buyer_id"]
        spoken = [data["message_id"] for data in watched.said_by(buyer) if seller in data["visible_to"]]
        assert heard == spoken
        assert {event.data["sender_id"] for event in shown.live.named("message_delta")} == {buyer, seller}
        assert all(event.data["visible_to"] == [seller] for event in shown.live.named("buyer_message"))
        shown.live.assert_texts_agree()


def test_only_the_winner_learns_of_the_deal(watched: Watched) -> None:
    """CONTRACT §2: Private stays private, at the end too."""
    end = watched.events[-1][2]
    assert end["selected_seller"] is not None, "this market ends in a deal"
    for seller in watched.of.sellers:
        told_end = watched.shown[seller].live.named("negotiation_complete")[0].data
        won = seller == end["selected_seller"]
        assert told_end["final_price"] == (end["final_price"] if won else None)
        assert told_end["selected_seller"] == (seller if won else None)
        assert bool(watched.shown[seller].live.named("deal_made")) is won
        assert end["reason"] not in watched.shown[seller].all


def test_the_buyer_is_shown_every_message_and_no_cost_or_least_price(watched: Watched) -> None:
    """CONTRACT §2: the buyer sees no cost or least price."""
    buyer = watched.market.document["buyer_id"]
    shown = watched.shown[buyer]
    offered = {price for seller in watched.of.sellers for data in watched.said_by(seller) for price in _amounts(data)}
    for numbers in watched.of.sellers.values():
        assert not shown.has(numbers["cost_price"])
        assert numbers["least_price"] in offered or not shown.has(numbers["least_price"])
    names = {"buyer_message", "seller_response"}
    assert [e.id for e in shown.live.durable if e.name in names] == [
        i for i, name, _ in watched.events if name in names
    ]
    assert shown.has(watched.of.budget[1])


def test_the_operator_s_outputs_hold_no_cost_either_but_the_log_does(watched: Watched) -> None:
    """CONTRACT §2: the log is the operator's record; nothing that is streamed has a reason to hold a cost."""
    assert not any(watched.shown[None].has(numbers["cost_price"]) for numbers in watched.of.sellers.values())


def test_an_agent_s_view_of_the_log_is_what_it_was_streamed(watched: Watched) -> None:
    """CONTRACT §2, Logs: every event, each agent's view of it derivable."""
    for seller in watched.of.sellers:
        log = load_log(watched.log.encode(), "the log")
        seen = [str(look.position) for look in view_of_log(log, seller)]
        assert seen == [event.id for event in watched.shown[seller].live.durable]
        view = repr(view_of_log(log, seller))
        for other, numbers in watched.of.sellers.items():
            minors = [f"={round(amount * 100)}" for amount in numbers.values()]
            assert other == seller or not any(minor in view for minor in minors)
        assert not any(f"={round(amount * 100)}" in view for amount in watched.of.budget)


def test_a_key_is_nowhere_but_in_the_request(tmp_path: Path) -> None:
    """CONTRACT §1: an `api_key` is never stored in the clear, logged, exported or returned."""
    key = "sk-canary-90d1f2"

    async def case(at: Surface) -> None:
        body = scenario(llm_config={"provider": "builtin", "api_key": key})
        body["buyer"]["llm_config"] = body["sellers"][0]["llm_config"] = body["llm_config"]
        headers = {"Idempotency-Key": "one"}
        answers = [await at.client.post(INITIALIZE, json=body, headers=headers) for _ in range(2)]
        market = await opened(at.client, body)
        answers.append(await at.client.post(f"{market.session}/start"))
        readers = [Reader(at.client, f"{path}/stream") for path in (market.session, market.room)]
        for reader in readers:
            await reader.read_to_the_end()
        paths = [market.session, f"{market.session}/summary", f"{market.room}/state", "/api/v1/simulation"]
        paths += [f"/api/v1/logs/{market.session_id}/{market.rooms[0]}", "/api/v1/llm/status", "/api/v1/health"]
        answers += [await at.client.get(path) for path in paths]
        body["seed"] = -1
        answers.append(await at.client.post(INITIALIZE, json=body))
        assert not any(key in answer.text for answer in answers)
        assert not any(key.encode() in reader.raw for reader in readers)
        assert key not in at.log.getvalue()

    play(tmp_path, case, durable=True)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert any(path.name == "chaffer.db" for path in files)
    assert any(path.suffix == ".json" for path in files)
    assert [path for path in files if key.encode() in path.read_bytes()] == []


def test_the_state_of_an_agent_is_that_agent_s(tmp_path: Path) -> None:
    """CONTRACT §2: `GET /state?agent_id=…` shows exactly that agent's view; without it, the operator's."""

    async def case(at: Surface) -> None:
        market = await opened(at.client, canaries().body)
        await posted(at.client, f"{market.room}/start")
        await Reader(at.client, f"{market.room}/stream").read_to_the_end()
        buyer = market.document["buyer_id"]
        for seller in SELLERS:
            state = await got(at.client, f"{market.room}/state", agent_id=seller, agent_type="seller")
            assert state["buyer_budget"] is None
            assert state["current_offers"].keys() <= {seller}
            assert [one["seller_id"] for one in state["participating_sellers"]] == [seller]
            assert {message["sender_id"] for message in state["conversation_history"]} == {buyer, seller}
        whole = await got(at.client, f"{market.room}/state")
        assert await got(at.client, f"{market.room}/state", agent_id=buyer) == whole
        assert await got(at.client, f"{market.room}/state", agent_type="buyer") == whole
        assert whole["buyer_budget"]["max"] == BUDGET[1]

    play(tmp_path, case)


def test_one_piece_of_one_item_does_not_tell_the_budget_or_the_least_price(tmp_path: Path) -> None:
    """CONTRACT §2: a band ends one minor unit inside the private limit; here the ceiling is the budget itself."""
    line = {"item_id": "kettle", "item_name": "Kettle", "quantity_available": 3, "selling_price": 1200.09}
    profile = {"priority": "maximize_profit", "speaking_style": "rude"}

    async def case(at: Surface) -> None:
        for budget, least, buyer in (
            (432.17, 801.07, "linear"),
            (900.29, 801.07, "conceder"),
            (901.31, 801.07, "micro"),
        ):
            body = {
                "buyer": {
                    "name": "Ada",
                    "shopping_list": [{"item_id": "kettle", "item_name": "Kettle", "quantity_needed": 1}],
                    "budget_range": {"min": 10.01, "max": budget},
                    "llm_config": {"provider": "builtin", "model": buyer},
                },
                "sellers": [
                    {
                        "name": "Shop",
                        "inventory": [{**line, "cost_price": 700.03, "least_price": least}],
                        "profile": profile,
                    }
                ],
                "llm_config": {"provider": "builtin"},
                "negotiation": {"max_rounds": 5},
            }
            market = await opened(at.client, body)
            await posted(at.client, f"{market.session}/start")
            await Reader(at.client, f"{market.session}/stream").read_to_the_end()
            seller = (await at.client.get(f"{market.room}/state", params={"agent_id": "seller_001"})).text
            assert not any(form in seller for form in forms(budget))
            params = {"agent_id": market.document["buyer_id"]}
            state = (await at.client.get(f"{market.room}/state", params=params)).text
            assert not any(form in state for form in (*forms(least), *forms(700.03)))

    play(tmp_path, case)
