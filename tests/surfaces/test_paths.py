"""Every path of the marketplace answers with every field of the specification's examples."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from chaffer.api.v1.stream_events import StreamEvents
from tests.support.markets import inventory
from tests.support.server import Surface, got, opened, play, posted
from tests.support.streams import Event, Reader

SELLER = {"seller_id": "seller_001", "seller_name": "TechStore", "initial_price": 1200}
CREATED = {
    "session_id": "550e8400-e29b-41d4-a716-446655440000",
    "created_at": "2025-11-15T10:30:00Z",
    "buyer_id": "buyer_123",
    "seller_ids": ["seller_001"],
    "negotiation_rooms": [
        {
            "room_id": "room_laptop_001",
            "item_id": "item_001",
            "item_name": "Laptop",
            "quantity_needed": 2,
            "participating_sellers": [SELLER],
            "status": "pending",
        }
    ],
    "total_rooms": 1,
    "skipped_items": ["Mouse"],
}
DETAILS = {
    "session_id": "550e8400-e29b-41d4-a716-446655440000",
    "status": "active",
    "created_at": "2025-11-15T10:30:00Z",
    "buyer": {"id": "buyer_123", "name": "John Doe", "total_budget": 3000},
    "sellers": [{"id": "seller_001", "name": "TechStore"}],
    "negotiation_rooms": [
        {
            "room_id": "room_laptop_001",
            "item_name": "Laptop",
            "status": "active",
            "current_round": 3,
            "participating_sellers_count": 2,
        }
    ],
    "llm_provider": "lm_studio",
}
DELETED = {"message": "", "session_id": "", "logs_saved": True, "log_path": ""}
STARTED = {
    "room_id": "",
    "status": "started",
    "item_name": "Laptop",
    "participating_sellers": ["TechStore"],
    "buyer_opening_message": "Hello everyone!",
    "stream_url": "",
}
SENT = {
    "message_id": "msg_001",
    "timestamp": "2025-11-15T10:35:00Z",
    "mentioned_sellers": ["seller_001"],
    "mentioned_agents": ["seller_001"],
    "processing": True,
}
DECIDED = {
    "room_id": "",
    "decision_made": True,
    "selected_seller": {"seller_id": "seller_001", "seller_name": "TechStore", "final_price": 1050, "quantity": 2},
    "decision_reason": "",
    "total_rounds": 5,
    "negotiation_duration_seconds": 145,
}
STANDING = {"seller_name": "TechStore", "price": 1100, "quantity": 2, "last_updated": "2025-11-15T10:32:00Z"}
STATE = {
    "room_id": "",
    "item_name": "Laptop",
    "status": "active",
    "current_round": 3,
    "max_rounds": 10,
    "conversation_history": [
        {
            "turn": 1,
            "timestamp": "2025-11-15T10:30:01Z",
            "sender_type": "buyer",
            "sender_name": "John Doe",
            "message": "",
            "mentioned_agents": [],
        },
        {
            "turn": 2,
            "timestamp": "2025-11-15T10:30:15Z",
            "sender_type": "seller",
            "sender_id": "seller_001",
            "sender_name": "TechStore",
            "message": "",
            "offer": {"price": 1150, "quantity": 2, "conditions": None, "timestamp": ""},
        },
    ],
    "current_offers": {"seller_001": STANDING, "seller_002": STANDING},
    "buyer_budget": {"min": 1000, "max": 3000, "remaining": 1920},
}
SUMMARY = {
    "session_id": "",
    "buyer_name": "John Doe",
    "total_items_requested": 2,
    "completed_purchases": 1,
    "failed_purchases": 1,
    "purchases": [
        {
            "item_name": "Laptop",
            "quantity": 2,
            "selected_seller": "GadgetHub",
            "final_price_per_unit": 1080,
            "total_cost": 2160,
            "negotiation_rounds": 5,
            "duration_seconds": 145,
        }
    ],
    "failed_items": [{"item_name": "Mouse", "reason": "No sellers available"}],
    "budget_summary": {"initial_budget": 3000, "total_spent": 2160, "remaining": 840, "utilization_percentage": 72},
    "negotiation_metrics": {"average_rounds": 5, "average_duration_seconds": 145, "total_messages_exchanged": 18},
}
HEALTH = {"status": "healthy", "timestamp": "", "version": "1.0.0", "llm_providers": {"lm_studio": "available"}}
LLM_STATUS = {"lm_studio": {"available": True, "base_url": "", "models": []}}
STREAMED: dict[str, dict[str, Any]] = {
    "connected": {"room_id": "", "status": ""},
    "buyer_message": {"sender": "buyer", "message": "", "timestamp": "", "mentioned_sellers": []},
    "seller_response": {
        "sender": "seller_001",
        "sender_id": "seller_001",
        "seller_name": "TechStore",
        "message": "",
        "message_id": "",
        "timestamp": "",
        "round": 1,
        "updated_offer": {"price": 1150, "quantity": 2, "conditions": None, "timestamp": ""},
    },
    "round_started": {"round": 1},
    "agent_typing": {"sender": "buyer"},
    "message_delta": {"message_id": "", "sender": "", "attempt": 0, "offset": 0, "delta": ""},
    "budget_updated": {"remaining": 1},
    "negotiation_complete": {
        "status": "completed",
        "selected_seller": "seller_002",
        "seller_name": "GadgetHub",
        "final_price": 1080,
        "quantity": 2,
        "total_cost": 2160,
        "reason": "",
        "rounds": 3,
    },
}


def lacks(example: Any, answer: Any, at: str = "") -> list[str]:
    """Return the places where an answer has not what an example has: a field, or a value of that JSON type."""
    if isinstance(example, dict) and isinstance(answer, dict):
        missing = [f"{at}.{name}" for name in example if name not in answer]
        there = [name for name in example if name in answer]
        return missing + [place for name in there for place in lacks(example[name], answer[name], f"{at}.{name}")]
    if isinstance(example, list) and isinstance(answer, list):
        if len(answer) < len(example):
            return [f"{at} has {len(answer)} entries"]
        pairs = zip(example, answer, strict=False)
        return [place for n, (one, other) in enumerate(pairs) for place in lacks(one, other, f"{at}[{n}]")]
    return [] if example is None or _kind(example) == _kind(answer) else [f"{at} is {answer!r}"]


def _kind(value: Any) -> str:
    return type(value).__name__ if isinstance(value, bool | str | dict | list | None) else "number"


def specified() -> dict[str, Any]:
    """Return the market of the specification's example, played by built-in agents: nobody stocks the mouse."""
    body: dict[str, Any] = {
        "buyer": {
            "name": "John Doe",
            "shopping_list": [
                {"item_id": "item_001", "item_name": "Laptop", "quantity_needed": 2},
                {"item_id": "item_002", "item_name": "Mouse", "quantity_needed": 5},
            ],
            "budget_range": {"min": 1000, "max": 3000},
        },
        "sellers": [
            {
                "name": name,
                "inventory": [inventory("item_001", "Laptop", least, selling)],
                "profile": {"priority": priority, "speaking_style": style},
            }
            for name, least, selling, priority, style in (
                ("TechStore", 1000, 1200, "customer_retention", "very_sweet"),
                ("GadgetHub", 950, 1150, "maximize_profit", "rude"),
            )
        ],
        "llm_config": {
            "provider": "builtin",
            "model": None,
            "api_key": None,
            "temperature": 0.7,
            "max_tokens": 500,
        },
    }
    return body


def test_a_session_answers_on_every_path_with_every_field_of_the_examples(tmp_path: Path) -> None:
    """Specification §3.3, paths 1 to 10."""

    async def case(at: Surface) -> None:
        market = await opened(at.client, specified())
        assert lacks(CREATED, market.document) == []
        assert market.document["negotiation_rooms"][1]["status"] == "no_sellers_available"
        assert market.document["negotiation_rooms"][1]["reason"] == "No sellers have this item in inventory"
        assert market.document["skipped_items"] == ["Mouse"]
        assert lacks(DETAILS, await got(at.client, market.session)) == []
        started = await posted(at.client, f"{market.room}/start")
        assert lacks(STARTED, started) == []
        assert started["stream_url"] == f"{market.room}/stream"
        sent = await posted(at.client, f"{market.room}/message", {"message": "Hey @TechStore, is $1000 fine?"})
        assert lacks(SENT, sent) == []
        assert sent["mentioned_sellers"] == ["seller_001"]
        reader = Reader(at.client, started["stream_url"])
        await reader.read(lambda _: len(reader.named("seller_response")) > 2)
        state = await got(at.client, f"{market.room}/state")
        firsts = {message["sender_type"]: message for message in reversed(state["conversation_history"])}
        state["conversation_history"] = [firsts["buyer"], firsts["seller"]]
        assert lacks(STATE, state) == []
        decided = await posted(at.client, f"{market.room}/decide", {"force_select_seller": "seller_002"})
        assert lacks(DECIDED, decided) == []
        assert decided["selected_seller"]["seller_id"] == "seller_002"
        assert lacks(SUMMARY, await got(at.client, f"{market.session}/summary")) == []
        log = await got(at.client, f"/api/v1/logs/{market.session_id}/{market.rooms[0]}")
        assert log["schema_version"] == 1
        assert log["events"][-1]["type"] == "room_ended"
        listed = await got(at.client, f"/api/v1/logs/{market.session_id}")
        assert market.rooms[0] in listed["room_ids"]
        assert (await at.client.delete(market.session)).json().keys() >= DELETED.keys()

    play(tmp_path, case, builtin_chars_per_second=400)


def test_deleting_tells_where_the_logs_are(tmp_path: Path) -> None:
    """Specification §3.3, path 3."""

    async def case(at: Surface) -> None:
        market = await opened(at.client)
        told = (await at.client.delete(market.session)).json()
        assert lacks(DELETED, told) == []
        assert told["logs_saved"] is True
        assert (Path(told["log_path"]) / f"negotiation_{market.rooms[0]}.json").is_file()

    play(tmp_path, case)


def test_health_and_providers_are_told_as_specified(tmp_path: Path) -> None:
    """Specification §3.3, paths 11 and 12; CONTRACT §1 for `/me`."""

    async def case(at: Surface) -> None:
        status = await got(at.client, "/api/v1/llm/status")
        assert lacks(LLM_STATUS, status) == []
        assert status["lm_studio"]["error"]["code"] == "LLM_PROVIDER_UNAVAILABLE"
        health = await got(at.client, "/api/v1/health")
        assert lacks(HEALTH, health) == []
        assert health["llm_providers"]["lm_studio"] == "unavailable"
        assert (await got(at.client, "/health"))["status"] == "healthy"
        assert (await got(at.client, "/"))["docs"] == "/api/docs"
        assert (await got(at.client, "/api/v1/me")).keys() == {"mode", "user", "limits"}

    play(tmp_path, case)


def test_every_streamed_event_has_the_fields_that_are_promised_and_no_other(tmp_path: Path) -> None:
    """Specification §3.3 path 7 and §5.3; CONTRACT §2, Streams; the types in the OpenAPI document."""

    async def case(at: Surface) -> None:
        market = await opened(at.client, specified())
        await posted(at.client, f"{market.room}/start")
        reader = Reader(at.client, f"{market.room}/stream")
        await reader.read_to_the_end()
        assert reader.events[0].name == "connected"
        assert reader.events[-1].name == "negotiation_complete"
        assert {"round_started", "buyer_message", "seller_response", "deal_made"} <= {e.name for e in reader.events}
        for event in reader.events:
            assert lacks(STREAMED.get(event.name, {}), event.data) == []
            _validate(event)

    play(tmp_path, case, builtin_chars_per_second=4000)


def test_who_connects_is_told_how_the_room_stands(tmp_path: Path) -> None:
    """Specification §5.3: `connected` with `status`; its example's "ready" is no status of a room, and ours is one."""

    async def case(at: Surface) -> None:
        market = await opened(at.client)
        for status in ("pending", "active"):
            reader = Reader(at.client, f"{market.room}/stream")
            await reader.read(lambda event: event.name == "connected")
            assert reader.events[0].data["status"] == status
            await at.client.post(f"{market.room}/start")

    play(tmp_path, case, builtin_chars_per_second=20)


def _validate(event: Event) -> None:
    """Check that the model of an event takes it, and that it leaves nothing out."""
    model = StreamEvents.model_fields[event.name].annotation
    assert isinstance(model, type)
    read = model.model_validate(event.data)
    assert set(event.data) == read.model_fields_set


def test_all_rooms_start_with_one_call_in_the_order_of_the_list(tmp_path: Path) -> None:
    """CONTRACT §2: `POST /simulation/{id}/start` starts all pending rooms."""

    async def case(at: Surface) -> None:
        market = await opened(at.client)
        started = await posted(at.client, f"{market.session}/start")
        assert [room["room_id"] for room in started["rooms"]] == list(market.rooms)
        assert started["stream_url"] == f"{market.session}/stream"
        assert (await posted(at.client, f"{market.session}/start"))["rooms"] == []

    play(tmp_path, case)


def test_a_person_stops_a_room_before_and_while_it_runs(tmp_path: Path) -> None:
    """CONTRACT §2: `POST /negotiation/{room_id}/stop`; status `cancelled`."""

    async def case(at: Surface) -> None:
        market = await opened(at.client)
        await posted(at.client, f"{market.room}/start")
        for room in market.rooms:
            stopped = await posted(at.client, f"/api/v1/negotiation/{room}/stop")
            assert stopped["status"] == "cancelled"
            assert stopped["selected_seller"] is None
            assert (await at.client.post(f"/api/v1/negotiation/{room}/stop")).status_code == 409
        assert (await got(at.client, market.session))["status"] == "completed"

    play(tmp_path, case, builtin_chars_per_second=20)


def test_a_room_that_waits_for_its_turn_stops_at_once(tmp_path: Path) -> None:
    """CONTRACT §2: with a seed, rooms run one after another; a person need not wait for the ones before."""

    async def case(at: Surface) -> None:
        market = await opened(at.client)
        await posted(at.client, f"{market.session}/start")
        stopped = await posted(at.client, f"/api/v1/negotiation/{market.rooms[1]}/stop")
        assert stopped["status"] == "cancelled"
        assert (await got(at.client, f"{market.room}/state"))["status"] == "active"

    play(tmp_path, case, builtin_chars_per_second=5)


def test_the_buyer_decides_at_once_when_told_to(tmp_path: Path) -> None:
    """Specification §3.3 path 6: without a seller the buyer decides."""

    async def case(at: Surface) -> None:
        market = await opened(at.client)
        await posted(at.client, f"{market.room}/start")
        reader = Reader(at.client, f"{market.room}/stream")
        await reader.read(lambda event: event.name == "seller_response")
        decided = await posted(at.client, f"{market.room}/decide")
        assert decided["decision_made"] is True
        assert decided["status"] == "completed"
        assert decided["total_rounds"] < 10

    play(tmp_path, case, builtin_chars_per_second=300)
