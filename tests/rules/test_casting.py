"""Casting: whose mind each agent of a scenario has, and with which of the request's keys it is asked."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from chaffer.conversation.codec import Codec
from chaffer.negotiation.scenario import Scenario
from chaffer.negotiation.session import Defaults, NewSession, SessionOpened, plan_session
from tests.support.markets import scenario

DEFAULTS = Defaults("openai", 0.7, 500, 10, 10, 30.0, "USD")
KEY, OWN = "sk-canary-of-the-session", "sk-canary-of-an-agent"


def planned(common: dict[str, Any] | None, seller: dict[str, Any] | None, buyer: dict[str, Any] | None) -> NewSession:
    body = scenario(llm_config=common)
    body["sellers"] = [{**body["sellers"][0], "llm_config": seller}]
    body["buyer"] = {**body["buyer"], "llm_config": buyer}
    opened_at = datetime(2026, 3, 1, tzinfo=UTC)
    return plan_session(Scenario.model_validate(body), DEFAULTS, owner="local", opened_at=opened_at, chance=7)


def through(model: str | None, key: str | None = None) -> dict[str, Any]:
    """Return the configuration of a model that is reached through LangChain."""
    return {"provider": "langchain", "model": model, "api_key": key}


def slots(new: NewSession) -> tuple[str | None, str | None]:
    """Return the slots of the seller's mind and of the buyer's, the latter under a name that does not change."""
    buyer = new.session.buyer
    of_seller = {seller.mind.key_slot for room in new.rooms for seller in room.terms.sellers}.pop()
    return of_seller, "buyer" if buyer.mind.key_slot == buyer.buyer_id else buyer.mind.key_slot


def given(new: NewSession) -> set[tuple[str, str]]:
    """Return the keys that are used, each with the provider it is for."""
    return {(key.provider, key.secret.reveal()) for key in new.keys}


@pytest.mark.parametrize(
    ("common", "seller", "buyer", "expected"),
    [
        (None, None, None, (None, None)),
        ({"api_key": KEY}, None, None, ("session", "session")),
        ({"api_key": KEY}, {"model": "other"}, {"provider": "openai"}, ("session", "session")),
        ({"api_key": KEY}, {"api_key": OWN}, None, ("seller_001", "session")),
        ({"api_key": KEY}, {"provider": "anthropic"}, {"provider": "builtin"}, (None, None)),
        ({"provider": "anthropic", "api_key": KEY}, {"provider": "openai"}, None, (None, "session")),
        (None, None, {"api_key": OWN}, (None, "buyer")),
        ({"provider": "builtin", "api_key": KEY}, {"provider": "lm_studio", "api_key": OWN}, None, (None, None)),
        (through("openai:a", KEY), through("anthropic:b"), through("openai:c"), (None, "session")),
        (through("openai:a", KEY), through(None), through("openai_x:a"), (None, None)),
        (through(None, KEY), through(None), through("openai:a"), ("session", None)),
        (through("openai:a", KEY), through("anthropic:b", OWN), through(None, OWN), ("seller_001", "buyer")),
        ({"model": "a:b", "api_key": KEY}, {"model": "c:d"}, None, ("session", "session")),
    ],
)
def test_each_mind_names_the_slot_of_its_key(
    common: dict[str, Any] | None,
    seller: dict[str, Any] | None,
    buyer: dict[str, Any] | None,
    expected: tuple[str | None, str | None],
) -> None:
    assert slots(planned(common, seller, buyer)) == expected


def test_keys_that_nobody_uses_are_dropped() -> None:
    new = planned({"api_key": KEY}, {"provider": "anthropic", "api_key": OWN}, {"provider": "builtin"})
    assert given(new) == {("anthropic", OWN)}
    assert planned({"api_key": KEY}, None, None).keys[0].slot == "session"


def test_a_key_comes_with_the_model_that_it_was_given_for() -> None:
    new = planned(through("openai:a", KEY), through("openai:b"), through("anthropic:c", OWN))
    assert {(key.model, key.secret.reveal()) for key in new.keys} == {("openai:a", KEY), ("anthropic:c", OWN)}


def test_two_keys_for_the_same_model_make_two_minds_to_be_looked_at() -> None:
    new = planned({"api_key": KEY}, {"api_key": OWN}, None)
    assert {place: new.key_of(mind) for mind, place in new.minds.items()} == {
        "llm_config": KEY,
        "sellers[0].llm_config": OWN,
    }


def test_neither_the_plan_nor_its_events_hold_a_key() -> None:
    new = planned({"api_key": KEY}, {"api_key": OWN}, {"api_key": OWN + "2"})
    codec = Codec([SessionOpened, type(new.rooms[0])])
    texts = [repr(new), repr(new.keys), *(codec.dump(event)[1] for event in (new.session, *new.rooms))]
    assert not any("canary" in text for text in texts)
    assert '"key_slot":"seller_001"' in texts[-1]


def test_a_journal_from_before_there_were_keys_is_read_as_without_any() -> None:
    new = planned({"api_key": KEY}, None, None)
    codec = Codec([SessionOpened])
    name, text = codec.dump(new.session)
    document = json.loads(text)
    del document["buyer"]["mind"]["key_slot"]
    read: SessionOpened = codec.load(name, json.dumps(document))
    assert read.buyer.mind.key_slot is None
    assert codec.load(name, text) == new.session
