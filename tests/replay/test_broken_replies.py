"""A model's reply breaks off when its first words were passed on: it begins again, and readers end with what stands."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from pathlib import Path
from typing import Any, Final

from tests.support.model_markets import market_of_models
from tests.support.server import Surface, opened, play, posted
from tests.support.standin import standing_in
from tests.support.standin_scripts import Answer, Asked, Script, haggles
from tests.support.streams import Reader

VOID: Final = "Good morning to you, my dear and most esteemed customer, and"


def breaks_off_once_a_turn() -> Script:
    """Return the script in which every turn of a seller breaks off once, in the middle of its words."""
    broken: set[str] = set()

    def script(asked: Asked) -> Answer:
        turn = asked.system + asked.user
        if asked.is_buyer or turn in broken:
            return haggles(asked)
        broken.add(turn)
        text = haggles(asked).text
        return Answer(f"{text.partition('Round')[0]}{VOID}", disconnects=True, finish_reason=None)

    return script


def test_a_reply_that_breaks_off_begins_again_and_readers_end_with_exactly_what_stands(tmp_path: Path) -> None:
    """CONTRACT §1: a higher attempt discards the lower one's text, whether a reader heard all of it, some or none."""

    async def case(at: Surface) -> None:
        market = await opened(at.client, market_of_models(rounds=2))
        stream = f"{market.room}/stream"
        whole, cut = Reader(at.client, stream), Reader(at.client, stream)
        agent = Reader(at.client, stream, parameters={"agent_id": "seller_001"})
        reading = [asyncio.ensure_future(reader.read_to_the_end()) for reader in (whole, agent)]
        reading.append(asyncio.ensure_future(cut.read_to_the_end(lambda event: event.name == "message_delta")))
        await posted(at.client, f"{market.room}/start")
        await asyncio.gather(*reading)
        late = Reader(at.client, stream)
        await late.read_to_the_end()
        for reader in (whole, cut, agent, late):
            _assert_ends_with_what_stands(reader)
        for reader, messages in ((whole, 6), (agent, 2)):
            reader.assert_texts_agree()  # Who was away while it began again learns of it by the message itself.
            _assert_heard_both_attempts(reader, messages)

    with standing_in(breaks_off_once_a_turn(), delay=0.02) as model:
        settings: dict[str, Any] = {"lm_studio_base_url": model.url, "llm_max_retries": 1, "llm_retry_delay": 0.01}
        play(tmp_path, case, **settings)


def _assert_ends_with_what_stands(reader: Reader) -> None:
    replies = reader.named("seller_response")
    assert len({reply.data["message_id"] for reply in replies}) == len(replies) > 0
    for reply in replies:
        assert reply.data["message"].startswith("Round ")
        assert "Good morning" not in reply.data["message"]


def _assert_heard_both_attempts(reader: Reader, messages: int) -> None:
    """Assert that the void words were heard, so that there was something to discard."""
    replies = [reply.data["message_id"] for reply in reader.named("seller_response")]
    assert len(replies) == messages
    heard: defaultdict[tuple[str, int], str] = defaultdict(str)
    for event in reader.named("message_delta"):
        heard[event.data["message_id"], event.data["attempt"]] += event.data["delta"]
    for message_id in replies:
        attempts = sorted(attempt for known, attempt in heard if known == message_id)
        assert len(attempts) >= 2
        assert heard[message_id, attempts[0]].startswith("Good morning to you, ")
        assert heard[message_id, attempts[-1]].startswith("Round ")
