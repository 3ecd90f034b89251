"""What a stream tells when something goes otherwise: each event's fields written out as front ends were promised them.

Source: specification §3.3 path 7 and §5.3; CONTRACT §2; the component `StreamEvents` of openapi.json.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest

from chaffer.conversation.live import LiveConversation
from chaffer.negotiation.commands import AcceptOffer
from tests.support.live_rooms import reply
from tests.support.markets import START, inventory, scenario
from tests.support.model_markets import market_of_models
from tests.support.server import Opened, Surface, got, opened, play, posted, until
from tests.support.standin import standing_in
from tests.support.standin_scripts import Answer, Asked, Script, always, haggles, only, says
from tests.support.streams import Reader

SPEAKING_FOR_EVER: Final = 1
"""Letters a second of agents who are still at their first words when a test is over."""

SHOP_2: Final = "seller_002"


def of_shop_2(script: Script) -> Script:
    """Return the script that Shop 2 follows; all others haggle."""
    return lambda asked: script(asked) if "You are Shop 2," in asked.system else haggles(asked)


async def streamed(at: Surface, path: str, *names: str, agent_id: str = "") -> list[tuple[str, dict[str, Any]]]:
    """Return the events of these names that a stream tells to its end; each bears the time, which is taken out."""
    reader = Reader(at.client, f"{path}/stream", parameters={"agent_id": agent_id} if agent_id else {})
    await reader.read_to_the_end()
    told = []
    for event in reader.durable:
        moment = datetime.fromisoformat(event.data.pop("timestamp"))
        assert abs((datetime.now(UTC) - moment).total_seconds()) < 60
        told.append((event.name, event.data))
    return [event for event in told if event[0] in names]


def play_models(folder: Path, case: Any, script: Script) -> None:
    """Run a case against a program whose models follow the script; a host that fails is asked again at once."""
    with standing_in(script) as server:
        play(folder, case, lm_studio_base_url=server.url, llm_breaker_seconds=0.01)


def test_a_seller_s_model_that_fails_three_times_is_told_as_errors_and_then_as_its_withdrawal(tmp_path: Path) -> None:
    """CONTRACT §2: a seller whose model fails skips the round, three in a row withdraw it; the room goes on."""

    async def case(at: Surface) -> None:
        market = await opened(at.client, market_of_models(sellers=2, rounds=4))
        await posted(at.client, f"{market.room}/start")
        told = await streamed(at, market.room, "error", "seller_withdrew")
        drafts = [data.pop("message_id") for name, data in told if name == "error"]
        assert len(set(drafts)) == 3, "the draft of each round is void"
        explained = "lm_studio cut the reply of model 'stand-in' off before its end. Look at its log."
        left = "its model failed 3 times in a row (LLM_BAD_GATEWAY)"
        withdrew = {"sender": SHOP_2, "seller_name": "Shop 2", "round": 3, "reason": left}
        assert told == [
            *(("error", skipped(explained, round_)) for round_ in (1, 2, 3)),
            ("seller_withdrew", withdrew),
        ]
        own = await streamed(at, market.room, "error", "seller_withdrew", agent_id=SHOP_2)
        assert [data.pop("message_id") for name, data in own if name == "error"] == drafts
        said = "The seller's model failed; it skips this round."
        assert own == [*(("error", skipped(said, round_)) for round_ in (1, 2, 3)), ("seller_withdrew", withdrew)]
        assert await streamed(at, market.room, "error", "seller_withdrew", agent_id="seller_001") == []

    play_models(tmp_path, case, of_shop_2(lambda _: Answer('{"price": 1000, "mess', finish_reason=None)))


def skipped(explained: str, round_: int) -> dict[str, Any]:
    """Return the data of `error`: asked again with the buyer's next message, not after a time, so without seconds."""
    return {
        "error": explained,
        "code": "LLM_BAD_GATEWAY",
        "sender": SHOP_2,
        "seller_name": "Shop 2",
        "round": round_,
        "retry_in_seconds": None,
        "fatal": False,
    }


def test_an_offer_that_is_not_let_through_is_told_twice_asked_again_and_then_replaced(tmp_path: Path) -> None:
    """CONTRACT §2: asked for again once with the reason, then replaced by the last valid one; both are recorded."""

    async def case(at: Surface) -> None:
        market = await opened(at.client, market_of_models(sellers=2, rounds=1))
        await posted(at.client, f"{market.room}/start")
        attempts: list[dict[str, Any]] = [
            {
                "sender": SHOP_2,
                "sender_id": SHOP_2,
                "round": 1,
                "attempted": "a price of 1",
                "reason": "the price is below the least that is allowed",
                "replaced_by": replaced,
            }
            for replaced in (None, 1223.41)
        ]
        expected = [("offer_corrected", data) for data in attempts]
        assert await streamed(at, market.room, "offer_corrected") == expected
        assert await streamed(at, market.room, "offer_corrected", agent_id=SHOP_2) == expected
        for other in ("seller_001", market.document["buyer_id"]):
            assert await streamed(at, market.room, "offer_corrected", agent_id=other) == []

    play_models(tmp_path, case, of_shop_2(says(price=1.0)))


def test_a_decision_that_a_person_called_is_told_once_and_to_no_seller(tmp_path: Path) -> None:
    """Specification §3.3 path 6; who called it is the buyer's side's affair."""

    async def case(at: Surface) -> None:
        market = await opened(at.client, market_of_models(sellers=2, rounds=9))
        await posted(at.client, f"{market.room}/start")
        await posted(at.client, f"{market.room}/decide")
        assert await streamed(at, market.room, "decision_called") == [("decision_called", {})]
        assert await streamed(at, market.room, "decision_called", agent_id=SHOP_2) == []

    def hesitant(asked: Asked) -> Answer:
        return haggles(asked) if asked.must_decide or not asked.is_buyer else Answer(haggles(asked).text, delay=0.2)

    play_models(tmp_path, case, hesitant)


def test_a_room_that_fails_ends_its_stream_as_any_room_does_with_the_code(tmp_path: Path) -> None:
    """CONTRACT §2: a buyer's failure ends the room as `failed` with the code; no `error` tells it a second time."""

    async def case(at: Surface) -> None:
        market = await opened(at.client, market_of_models(sellers=2, rounds=5))
        await posted(at.client, f"{market.room}/start")
        cut = "lm_studio cut the reply of model 'stand-in' off before its end. Look at its log."
        ended = {
            "status": "failed",
            "selected_seller": None,
            "seller_name": None,
            "final_price": None,
            "quantity": 1,
            "total_cost": None,
            "reason": f"The buyer's model failed: {cut}",
            "rounds": 2,
            "code": "LLM_BAD_GATEWAY",
        }
        told = await streamed(at, market.room, "error", "negotiation_complete")
        assert told == [("negotiation_complete", ended)]

    play_models(tmp_path, case, only(always(Answer('{"deci', finish_reason=None)), of_buyer=True))


@pytest.mark.parametrize(
    ("said", "reason"),
    [("They hardly move, so I leave.", "They hardly move, so I leave."), (None, "The buyer walked away.")],
    ids=["said", "unsaid"],
)
def test_a_buyer_s_model_that_walks_away_ends_the_room_with_its_reason(
    tmp_path: Path, said: str | None, reason: str
) -> None:
    """CONTRACT §2: a room that ends with no deal is `completed` with `selected_seller: null` and a reason."""

    async def case(at: Surface) -> None:
        market = await opened(at.client, market_of_models(sellers=2, rounds=5))
        await posted(at.client, f"{market.room}/start")
        told = await streamed(at, market.room, "seller_response", "buyer_message", "negotiation_complete")
        assert [name for name, _ in told] == ["buyer_message", "seller_response", "seller_response", told[-1][0]]
        ended = {
            "status": "completed",
            "selected_seller": None,
            "seller_name": None,
            "final_price": None,
            "quantity": 1,
            "total_cost": None,
            "reason": reason,
            "rounds": 2,
            "code": None,
        }
        assert told[-1] == ("negotiation_complete", ended)
        [(_, for_a_seller)] = await streamed(at, market.room, "negotiation_complete", agent_id=SHOP_2)
        assert for_a_seller == {**ended, "reason": "The negotiation ended without a deal with this seller."}
        state = await got(at.client, f"{market.room}/state")
        assert (state["status"], state["outcome"]["reason"], len(state["current_offers"])) == ("completed", reason, 2)
        summary = await got(at.client, f"{market.session}/summary")
        assert [(one["status"], one["reason"]) for one in summary["failed_items"]] == [("completed", reason)]
        assert summary["budget_summary"]["total_spent"] == 0
        late = await at.client.post(f"{market.room}/decide", json={"force_select_seller": SHOP_2})
        assert late.json()["error"]["code"] == "CONFLICT", "offers that stood are gone with the buyer"

    play_models(tmp_path, case, only(says(decision="leave", reason=said, messages=[]), of_buyer=True))


async def offering(at: Surface, market: Opened, room: int, number: int, price: int) -> LiveConversation:
    """Start a room, have one of its two sellers, who both speak for ever, make an offer, and return the room."""
    await posted(at.client, f"/api/v1/negotiation/{market.rooms[room]}/start")
    live = await at.chaffer.market.room(market.rooms[room])
    await until(lambda: len(live.feed.drafts) == 2)
    await live.submit(reply(number, price=price))
    return live


async def accepts(at: Surface, live: LiveConversation, seller_id: str) -> None:
    """Have the buyer accept as its flow does, with the budget that it sees; then let a person stop the room."""
    account = await at.chaffer.ledger.account(live.state.terms.session_id)
    await live.submit(AcceptOffer(seller_id, "good", "p", "i", account.remaining_minor, START))
    await posted(at.client, f"/api/v1/negotiation/{live.conversation_id}/stop")


def refused(seller_id: str, name: str, price: float, remaining: float, code: str, reason: str) -> dict[str, Any]:
    """Return the data of `deal_refused`."""
    return {
        "sender": seller_id,
        "seller_name": name,
        "round": 1,
        "price": price,
        "code": code,
        "reason": reason,
        "remaining": remaining,
    }


def test_a_deal_without_stock_is_told_as_refused_and_its_seller_leaves(tmp_path: Path) -> None:
    """CONTRACT §2: a commit that the ledger refuses is an event, and the room goes on."""

    async def case(at: Surface) -> None:
        market = await opened(at.client, two_rooms(pieces=1, budget=3000))
        beaten = await offering(at, market, 0, 1, 110_000)
        await offering(at, market, 1, 1, 100_050)
        await bought_elsewhere(at, market)
        await accepts(at, beaten, "seller_001")
        names = ("deal_refused", "seller_withdrew", "budget_updated", "deal_made")
        why = "TechStore has 0 × Laptop left, and 1 are needed. Choose another seller."
        sold_out = {"sender": "seller_001", "seller_name": "TechStore", "round": 1, "reason": "it is sold out"}
        assert await streamed(at, market.room, *names) == [
            ("deal_refused", refused("seller_001", "TechStore", 1100, 1999.5, "INSUFFICIENT_INVENTORY", why)),
            ("seller_withdrew", sold_out),
        ]
        assert await streamed(at, market.room, *names, agent_id="seller_001") == [("seller_withdrew", sold_out)]
        assert await streamed(at, market.room, *names, agent_id="seller_002") == []

    play(tmp_path, case, builtin_chars_per_second=SPEAKING_FOR_EVER)


def test_a_deal_beyond_the_budget_is_told_as_refused_with_what_remains(tmp_path: Path) -> None:
    """CONTRACT §2: the budget binds the whole session, across rooms that run at once; `budget_updated {remaining}`."""

    async def case(at: Surface) -> None:
        market = await opened(at.client, two_rooms(pieces=9, budget=2300))
        beaten = await offering(at, market, 0, 2, 115_000)
        await offering(at, market, 1, 1, 120_000)
        await bought_elsewhere(at, market)
        await accepts(at, beaten, "seller_002")
        why = "1 × Laptop at 1150 cost 1150, but 1100 of the session's budget remain. Choose a cheaper offer."
        told = [
            ("deal_refused", refused("seller_002", "GadgetHub", 1150, 1100, "BUDGET_CONSTRAINT_VIOLATION", why)),
            ("budget_updated", {"remaining": 1100}),
        ]
        names = ("deal_refused", "seller_withdrew", "budget_updated", "deal_made")
        assert await streamed(at, market.room, *names) == told
        assert await streamed(at, market.room, *names, agent_id=market.document["buyer_id"]) == told
        assert await streamed(at, market.room, *names, agent_id="seller_002") == [], "it tells of the budget"

    play(tmp_path, case, builtin_chars_per_second=SPEAKING_FOR_EVER)


async def bought_elsewhere(at: Surface, market: Opened) -> None:
    """Force the deal with the first seller in the session's other room."""
    await posted(at.client, f"/api/v1/negotiation/{market.rooms[1]}/decide", {"force_select_seller": "seller_001"})


def two_rooms(*, pieces: int, budget: int) -> dict[str, Any]:
    """Return a market of two lines of the same item, one piece each, whose rooms run at the same time."""
    body = scenario(seed=None)
    body["buyer"]["shopping_list"] = [{"item_id": "item_001", "item_name": "Laptop", "quantity_needed": 1}] * 2
    body["buyer"]["budget_range"]["max"] = budget
    body["sellers"] = body["sellers"][:2]
    for one, least, price in zip(body["sellers"], (1000, 950), (1200, 1150), strict=True):
        one["inventory"] = [inventory("item_001", "Laptop", least, price, pieces=pieces)]
    return body
