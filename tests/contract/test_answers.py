"""Idempotency (CONTRACT §1): one effect and one answer per (owner, key), kept for a day."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from chaffer.conversation.journal import Answer, EffectRefusedError, RememberAnswer
from chaffer.errors import Code
from tests.contract.stores import START, Place, Store, opening

MOMENT = timedelta(microseconds=1)


def remembering(key: str = "key", owner: str = "local", body: str = '{"a": 1}') -> RememberAnswer:
    """Return an answer to be kept."""
    return RememberAnswer(owner, key, f"digest of {body}", Answer(201, body))


def test_an_answer_is_kept_with_what_it_tells_of(place: Place) -> None:
    async def case(store: Store) -> None:
        await store.create([opening()], START, [remembering()])
        assert await store.find_answer("local", "key") == ('digest of {"a": 1}', Answer(201, '{"a": 1}'))
        assert await store.find_answer("other", "key") is None
        assert await store.find_answer("local", "Key") is None

    place.run(case)


def test_a_key_used_twice_creates_once_and_its_first_answer_stands(place: Place) -> None:
    async def case(store: Store) -> None:
        await store.create([opening("first")], START, [remembering()])
        with pytest.raises(EffectRefusedError) as refused:
            await store.create([opening("second")], START, [remembering(body="{}")])
        assert refused.value.code is Code.IDEMPOTENCY_KEY_REUSED
        assert await store.find("second") is None
        found = await store.find_answer("local", "key")
        assert found is not None
        assert found[1].body == '{"a": 1}'
        await store.create([opening("third")], START, [remembering(owner="other")])

    place.run(case)


def test_of_equal_requests_that_come_at_once_one_has_its_effect(place: Place) -> None:
    async def case(one: Store, two: Store) -> None:
        answers = await asyncio.gather(
            *(
                store.create([opening(f"c{number}", kind="session")], START, [remembering(body=str(number))])
                for number, store in enumerate([one, two] * 8)
            ),
            return_exceptions=True,
        )
        winners = [number for number, answer in enumerate(answers) if answer is None]
        assert len(winners) == 1
        losers = [answer for answer in answers if answer is not None]
        assert {loser.code for loser in losers if isinstance(loser, EffectRefusedError)} == {
            Code.IDEMPOTENCY_KEY_REUSED
        }
        assert all(isinstance(loser, EffectRefusedError) for loser in losers)
        found = await one.find_answer("local", "key")
        assert found is not None
        assert found[1].body == str(winners[0])
        assert len((await two.list("session", owner=None, limit=100, after=None)).heads) == 1

    place.run_two(case)


def test_answers_are_dropped_after_their_time_and_not_a_moment_sooner(place: Place) -> None:
    async def case(store: Store) -> None:
        await store.create([opening("old")], START, [remembering("old")])
        await store.create([opening("new")], START + MOMENT, [remembering("new")])
        await store.forget_answers(START)
        assert await store.find_answer("local", "old") is not None
        await store.forget_answers(START + MOMENT)
        assert await store.find_answer("local", "old") is None
        assert await store.find_answer("local", "new") is not None
        await store.create([opening("again")], START, [remembering("old", body="later")])

    place.run(case)


def test_the_longest_key_and_a_large_answer_are_kept(place: Place) -> None:
    async def case(store: Store) -> None:
        key, owner, body = "🔑" * 255, "ö" * 255, '"' + "x" * 3_000_000 + '"'
        await store.create([opening()], START, [remembering(key, owner, body)])
        found = await store.find_answer(owner, key)
        assert found is not None
        assert found[1].body == body

    place.run(case)
