"""Caps end to end: a room that has used up what its models may use ends as failed, and says of which cap and how."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import pytest

from tests.support.model_markets import market_of_models
from tests.support.model_servers.dialect import PROMPT_TOKENS
from tests.support.server import Opened, Surface, opened, play, posted
from tests.support.standin import MODEL, standing_in
from tests.support.standin_scripts import Answer, Asked, haggles
from tests.support.streams import Reader

INITIALIZE: Final = "/api/v1/simulation/initialize"
PRICED: Final = "gpt-4.1-mini"
MILLIONTHS: Final = (0.40, 1.60)
"""What a token of its prompt costs, and one of its reply, in millionths of a dollar."""


class Counted:
    """The script that haggles and counts the tokens that each reply used, as its server tells them."""

    def __init__(self) -> None:
        self.used: list[tuple[int, int]] = []

    def __call__(self, asked: Asked) -> Answer:
        answer = haggles(asked)
        self.used.append((PROMPT_TOKENS, len(answer.text) // 4))
        return answer

    @property
    def tokens(self) -> list[int]:
        return [prompt + reply for prompt, reply in self.used]

    @property
    def micros(self) -> list[float]:
        return [prompt * MILLIONTHS[0] + reply * MILLIONTHS[1] for prompt, reply in self.used]


async def endings(at: Surface, session: Opened) -> list[tuple[str, str | None, str]]:
    """Play a session to its end, and return how each of its rooms ended: the status, the code and the reason."""
    await posted(at.client, f"{session.session}/start")
    reader = Reader(at.client, f"{session.session}/stream")
    await reader.read_to_the_end()
    ended = [event.data for event in reader.named("negotiation_complete")]
    return [(data["status"], data.get("code"), data["reason"]) for data in ended]


def reached(sentence: str) -> tuple[str, str, str]:
    return ("failed", "LLM_CAP_REACHED", sentence)


def test_a_room_over_its_cap_fails_though_ten_sellers_ask_at_once(tmp_path: Path) -> None:
    async def case(at: Surface) -> None:
        session = await opened(at.client, market_of_models(sellers=10, rounds=10))
        assert await endings(at, session) == [
            reached(
                "This room, run or turn used its 6,000 tokens (LLM_MAX_TOKENS_PER_ROOM). "
                "Raise the limit and begin anew."
            )
        ]

    script = Counted()
    with standing_in(script) as model:
        play(tmp_path, case, lm_studio_base_url=model.url, llm_max_tokens_per_room=6_000)
        assert model.most_connections > 1, "they did ask at once"
    assert 6_000 <= sum(script.tokens) < 6_000 + max(script.tokens)


def test_two_rooms_share_the_cap_of_their_session_and_another_session_has_its_own(tmp_path: Path) -> None:
    body = market_of_models(sellers=10, rounds=10)
    body["buyer"]["shopping_list"].append({"item_id": "item_002", "item_name": "Mouse", "quantity_needed": 1})
    body["buyer"]["budget_range"] = {"min": 2000, "max": 9000}
    for seller in body["sellers"]:
        seller["inventory"].append({**seller["inventory"][0], "item_id": "item_002", "item_name": "Mouse"})
    sentence = (
        "This session or run has used its 6,000 tokens (LLM_MAX_TOKENS_PER_SESSION). Raise the limit and begin anew."
    )

    async def case(at: Surface) -> None:
        for _ in range(2):
            script.used.clear()
            assert await endings(at, await opened(at.client, body)) == [reached(sentence)] * 2
            assert 6_000 <= sum(script.tokens) < 6_000 + max(script.tokens)

    script = Counted()
    with standing_in(script) as model:
        play(tmp_path, case, lm_studio_base_url=model.url, llm_max_tokens_per_session=6_000)


def test_the_cap_of_a_day_outlives_a_restart(tmp_path: Path) -> None:
    async def before(at: Surface) -> None:
        [(status, _, _)] = await endings(at, await opened(at.client, market_of_models(sellers=2, rounds=2)))
        assert status == "completed"

    async def after(at: Surface) -> None:
        sentence = (
            "All rooms and runs together have used today's 3,000 tokens (LLM_MAX_TOKENS_PER_DAY). "
            "Raise the limit, or go on tomorrow (UTC)."
        )
        for _ in range(2):
            session = await opened(at.client, market_of_models(sellers=10, rounds=10))
            assert await endings(at, session) == [reached(sentence)]

    script = Counted()
    with standing_in(script) as model:
        settings: dict[str, Any] = {"lm_studio_base_url": model.url, "llm_max_tokens_per_day": 3_000}
        play(tmp_path, before, durable=True, **settings)
        assert 0 < sum(script.tokens) < 3_000
        play(tmp_path, after, durable=True, **settings)
    assert 3_000 <= sum(script.tokens) < 3_000 + max(script.tokens)


def test_a_room_over_its_dollars_fails(tmp_path: Path) -> None:
    async def case(at: Surface) -> None:
        session = await opened(at.client, market_of_models(sellers=10, rounds=10, llm_config={"provider": "openai"}))
        assert await endings(at, session) == [
            reached("This room, run or turn used its $0.0025 (LLM_MAX_COST_PER_ROOM). Raise the limit and begin anew.")
        ]

    script = Counted()
    with standing_in(script) as model:
        settings: dict[str, Any] = {"openai_base_url": model.url, "openai_default_model": PRICED}
        play(tmp_path, case, **settings, openai_api_key="sk-of-nobody", llm_max_cost_per_room="0.0025")
    assert sum(script.micros) + len(script.micros) >= 2_500, "each call's cost is rounded up"
    assert sum(script.micros) < 2_500 + max(script.micros)


@pytest.mark.parametrize("whose", ["session", "buyer", "seller"])
@pytest.mark.parametrize("per", ["room", "session", "day"])
def test_where_dollars_are_limited_a_model_without_a_price_is_refused_at_its_field(
    per: str, whose: str, tmp_path: Path
) -> None:
    body = market_of_models(llm_config={"provider": "builtin"})
    places = {"session": body, "buyer": body["buyer"], "seller": body["sellers"][1]}
    fields = {"session": "", "buyer": "buyer.", "seller": "sellers[1]."}
    places[whose]["llm_config"] = {"provider": "openai", "model": MODEL}

    async def case(at: Surface) -> None:
        answer = await at.client.post(INITIALIZE, json=body)
        error = answer.json()["error"]
        assert (answer.status_code, error["code"]) == (400, "VALIDATION_ERROR")
        assert error["message"].startswith(f"The price of model {MODEL!r} of openai is not known")
        assert [detail["field"] for detail in error["details"]] == [f"{fields[whose]}llm_config.model"]
        places[whose]["llm_config"] = {"provider": "lm_studio", "model": MODEL}
        assert (await at.client.post(INITIALIZE, json=body)).status_code == 201, "at home, nothing costs"
        assert model.asked == []

    with standing_in() as model:
        given: dict[str, Any] = {"openai_base_url": model.url, "lm_studio_base_url": model.url}
        given[f"llm_max_cost_per_{per}"] = "1"
        play(tmp_path, case, **given, openai_api_key="sk-of-nobody")
