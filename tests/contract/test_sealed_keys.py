"""Sealed keys (CONTRACT §1): written with their session or not at all, found by their place, gone with the session."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from chaffer.conversation.journal import Answer, EffectRefusedError, RememberAnswer
from chaffer.conversation.keys import KeepSealedKey
from tests.contract.stores import START, Place, Store, adding, opening

SEALED = bytes(range(256))
"""Every byte there is: nothing that is sealed may be taken for text."""


def keeping(session_id: str = "session", slot: str = "session", provider: str = "openai") -> KeepSealedKey:
    return KeepSealedKey(session_id, slot, provider, SEALED + slot.encode())


def test_a_sealed_key_is_found_at_its_place_alone(place: Place) -> None:
    async def case(store: Store) -> None:
        await store.create(
            [opening("session", kind="session")], START, [keeping(), keeping(slot="seller_001"), keeping(provider="x")]
        )
        assert await store.find_sealed_key("session", "session", "openai") == SEALED + b"session"
        assert await store.find_sealed_key("session", "seller_001", "openai") == SEALED + b"seller_001"
        assert await store.find_sealed_key("session", "session", "x") == SEALED + b"session"
        for elsewhere in (("other", "session", "openai"), ("session", "Session", "openai"), ("session", "session", "")):
            assert await store.find_sealed_key(*elsewhere) is None

    place.run(case)


def test_a_sealed_key_is_there_for_another_process(lasting_place: Place) -> None:
    async def case(one: Store, two: Store) -> None:
        await one.create([opening("session", kind="session")], START, [keeping()])
        assert await two.find_sealed_key("session", "session", "openai") == SEALED + b"session"

    lasting_place.run_two(case)


def test_a_session_that_is_not_written_leaves_no_key(place: Place) -> None:
    async def case(store: Store) -> None:
        answer = RememberAnswer("local", "key", "digest", Answer(201, "{}"))
        await store.create([opening("first", kind="session")], START, [answer])
        with pytest.raises(EffectRefusedError):
            await store.create([opening("second", kind="session")], START, [keeping("second"), answer])
        assert await store.find_sealed_key("second", "session", "openai") is None

    place.run(case)


def test_a_later_key_takes_the_place_of_the_earlier_and_of_no_other(place: Place) -> None:
    """CONTRACT §4: a bot that is patched may get another key, of the same provider too."""

    async def case(store: Store) -> None:
        await store.create([opening("session", kind="session")], START, [keeping(), keeping(slot="seller_001")])
        later = replace(keeping(), ciphertext=b"later")
        await store.append(adding(1, "patched", to="session", effects=(later,)))
        assert await store.find_sealed_key("session", "session", "openai") == b"later"
        assert await store.find_sealed_key("session", "seller_001", "openai") == SEALED + b"seller_001"

    place.run(case)


def test_keys_go_with_their_session_and_no_others_do(place: Place) -> None:
    async def case(store: Store) -> None:
        for session_id in ("session", "other"):
            effects = [keeping(session_id), keeping(session_id, "seller_001")]
            await store.create([opening(session_id, kind="session")], START, effects)
        await store.delete(["session", "room", "nobody"])
        for slot in ("session", "seller_001"):
            assert await store.find_sealed_key("session", slot, "openai") is None
            assert await store.find_sealed_key("other", slot, "openai") is not None

    place.run(case)


def test_what_is_to_be_kept_does_not_show_itself() -> None:
    assert "x00" not in repr(keeping())


def test_keys_of_many_sessions_at_once_do_not_meet(lasting_place: Place) -> None:
    async def case(one: Store, two: Store) -> None:
        names = [f"session_{number}" for number in range(20)]
        await asyncio.gather(
            *(
                store.create([opening(name, kind="session")], START, [keeping(name)])
                for name, store in zip(names, [one, two] * 10, strict=True)
            )
        )
        for name in names:
            assert await one.find_sealed_key(name, "session", "openai") is not None

    lasting_place.run_two(case)
