"""Keys of requests (CONTRACT §1): one session's, one host's; shown nowhere, and unreadable where they are kept."""

from __future__ import annotations

import asyncio
import copy
import pickle
import subprocess
import sys
from collections.abc import Awaitable, Callable
from typing import Final

import pytest
import structlog

from chaffer.conversation.journal import Opening
from chaffer.conversation.keys import KeepSealedKey, Secret
from chaffer.errors import ChafferError, Code
from chaffer.llm.keys import KeyRing, Seal, host_of, origin
from chaffer.storage.memory import MemoryStore
from tests.contract.stores import START

KEY: Final = "sk-canary-5b1e77"
HOST: Final = "https://api.openai.com/v1"
SECRET: Final = "a secret of forty characters, or a few.."
PLACE: Final = ("session", "seller_001", "openai")


def run(case: Callable[[MemoryStore], Awaitable[None]]) -> None:
    """Run a case on an empty store."""

    async def main() -> None:
        await case(MemoryStore())

    asyncio.run(main())


async def kept(store: MemoryStore, secret_key: str | None = SECRET, key: str = KEY) -> KeyRing:
    """Return the ring of the process that took the request, once its session is written."""
    ring = KeyRing(store, secret_key)
    effects = ring.keep(*PLACE, HOST, key)
    await store.create([Opening("session", "session", "local", (), "open")], START, effects)
    return ring


def after_a_restart(store: MemoryStore, secret_key: str | None = SECRET) -> KeyRing:
    return KeyRing(store, secret_key)


@pytest.mark.parametrize("secret_key", [None, SECRET])
def test_a_key_is_found_for_its_session_slot_provider_and_host_alone(secret_key: str | None) -> None:
    async def case(store: MemoryStore) -> None:
        rings = [await kept(store, secret_key)]
        rings += [] if secret_key is None else [after_a_restart(store, secret_key)]
        for ring in rings:
            assert await ring.find(*PLACE, HOST) == KEY
            for elsewhere in (
                ("other", "seller_001", "openai", HOST),
                ("session", "session", "openai", HOST),
                ("session", "seller_001", "openrouter", HOST),
                ("session", "seller_001", "openai", "https://api.openai.com.evil.example/v1"),
                ("session", "seller_001", "openai", "http://api.openai.com/v1"),
                ("session", "seller_001", "openai", "https://api.openai.com:8443/v1"),
                ("session", "seller_001", "openai", ""),
            ):
                assert await ring.find(*elsewhere) is None

    run(case)


@pytest.mark.parametrize("base_url", ["", "https://proxy.example/v1"])
def test_a_key_for_one_vendor_behind_langchain_is_found_for_no_other(base_url: str) -> None:
    """A journal may leave the model to the settings, and these may change between two starts."""

    async def case(store: MemoryStore) -> None:
        place = ("session", "session", "langchain")
        ring = KeyRing(store, SECRET)
        effects = ring.keep(*place, host_of("langchain", "openai:gpt-4.1-mini", base_url), KEY)
        await store.create([Opening("session", "session", "local", (), "open")], START, effects)
        for one in (ring, after_a_restart(store)):
            assert await one.find(*place, host_of("langchain", "openai:gpt-4.1", base_url)) == KEY
            for other in ("anthropic:claude", "openai_x:gpt-4.1-mini", "openai"):
                elsewhere = host_of("langchain", other, base_url)
                assert (await one.find(*place, elsewhere) == KEY) is (other == "openai")
            assert await one.find(*place, base_url) is None
            assert await one.find(*place, host_of("langchain", "openai:gpt-4.1", "https://other.example")) is None

    run(case)


def test_the_host_of_other_providers_is_their_address_whatever_the_model() -> None:
    assert {host_of("openai", model, HOST) for model in ("gpt-4.1", "ft:gpt-4.1:mine")} == {HOST}


def test_another_path_on_the_same_host_is_the_same_host() -> None:
    async def case(store: MemoryStore) -> None:
        ring = await kept(store)
        assert await ring.find(*PLACE, "HTTPS://API.openai.com:443/v2/") == KEY
        assert await after_a_restart(store).find(*PLACE, "https://api.openai.com/v2") == KEY

    run(case)


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://api.openai.com/v1", "https://api.openai.com:443"),
        ("http://user:pw@LOCALHOST:1234/v1", "http://localhost:1234"),
        ("http://127.0.0.1/v1", "http://127.0.0.1:80"),
        ("https://[::1]/v1", "https://::1:443"),
        ("", ""),
        ("the user's own", "the user's own"),
    ],
)
def test_the_host_of_an_address(url: str, host: str) -> None:
    assert origin(url) == host


def test_without_a_secret_key_nothing_is_to_be_written_and_a_restart_loses_the_key() -> None:
    async def case(store: MemoryStore) -> None:
        ring = KeyRing(store, None)
        assert ring.keep(*PLACE, HOST, KEY) == ()
        with pytest.raises(ChafferError) as gone:
            await after_a_restart(store, None).get(*PLACE, HOST)
        assert gone.value.code is Code.LLM_PROVIDER_DISABLED
        assert gone.value.message == (
            "openai needs the api_key that came with the request, which was kept in memory only, and the server has "
            "restarted since. Set SECRET_KEY to keep keys encrypted."
        )

    run(case)


def test_with_another_secret_key_a_kept_key_is_as_if_it_were_not_there_and_that_is_said() -> None:
    async def case(store: MemoryStore) -> None:
        await kept(store)
        ring = after_a_restart(store, SECRET + "!")
        with structlog.testing.capture_logs() as lines:
            assert await ring.find(*PLACE, HOST) is None
        assert [(line["event"], line["slot"]) for line in lines] == [("key.unreadable", "seller_001")]
        assert KEY not in repr(lines)
        with pytest.raises(ChafferError, match="SECRET_KEY or the address of openai has changed since") as gone:
            await ring.get(*PLACE, HOST)
        assert gone.value.code is Code.LLM_PROVIDER_DISABLED

    run(case)


@pytest.mark.parametrize(
    "place", [("other", *PLACE[1:]), ("session", "session", "openai"), ("session", "seller_001", "openrouter")]
)
def test_a_row_that_is_copied_elsewhere_stays_shut(place: tuple[str, str, str]) -> None:
    async def case(store: MemoryStore) -> None:
        await kept(store)
        row = await store.find_sealed_key(*PLACE)
        assert row is not None
        copied = KeepSealedKey(*place, row)
        await store.create([Opening(f"of {place}", "session", "local", (), "open")], START, [copied])
        assert await store.find_sealed_key(*place) == row
        assert await after_a_restart(store).find(*place, HOST) is None

    run(case)


def test_what_is_damaged_stays_shut() -> None:
    seal = Seal(SECRET)
    sealed = seal.sealed(KEY, b"place")
    assert seal.unsealed(sealed, b"place") == KEY
    for at in range(len(sealed)):
        damaged = sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :]
        assert seal.unsealed(damaged, b"place") is None
        assert seal.unsealed(sealed[:at], b"place") is None


def test_the_same_key_is_never_sealed_to_the_same_bytes() -> None:
    seal = Seal(SECRET)
    assert len({seal.sealed(KEY, b"place") for _ in range(100)}) == 100


@pytest.mark.parametrize("key", ["x", "clé", "k" * 500, "🔑\n"])
def test_every_key_comes_back_as_it_was(key: str) -> None:
    async def case(store: MemoryStore) -> None:
        ring = await kept(store, key=key)
        assert await ring.find(*PLACE, HOST) == await after_a_restart(store).find(*PLACE, HOST) == key

    run(case)


def test_a_forgotten_key_is_gone_from_memory() -> None:
    async def case(store: MemoryStore) -> None:
        ring = await kept(store, None)
        ring.forget("other")
        assert await ring.find(*PLACE, HOST) == KEY
        ring.forget("session")
        ring.forget("session")
        assert await ring.find(*PLACE, HOST) is None

    run(case)


def test_a_deleted_session_s_key_is_gone_from_everywhere() -> None:
    async def case(store: MemoryStore) -> None:
        ring = await kept(store)
        await store.delete(["session"])
        ring.forget("session")
        assert await ring.find(*PLACE, HOST) is None

    run(case)


def test_no_repr_format_pickle_or_copy_holds_a_key() -> None:
    ring = KeyRing(MemoryStore(), SECRET)
    (effect,) = ring.keep(*PLACE, HOST, KEY)
    secret = Secret(KEY)
    shown = [repr(ring), repr(vars(ring)), repr(effect), repr(secret), str(secret), f"{secret:}", repr([secret])]
    assert not any(KEY in text for text in shown)
    assert KEY.encode() not in effect.ciphertext
    for thing in (ring, secret, [secret]):
        for copier in (pickle.dumps, copy.deepcopy, copy.copy):
            if isinstance(thing, list) and copier is copy.copy:
                continue  # A list that names the same secret once more.
            with pytest.raises(TypeError, match="neither pickled nor copied"):
                copier(thing)


def test_what_encrypts_is_loaded_with_a_secret_key_alone() -> None:
    program = (
        "import sys\n"
        "from chaffer.llm.keys import KeyRing\n"
        "from chaffer.storage.memory import MemoryStore\n"
        "KeyRing(MemoryStore(), None).keep('s', 'session', 'openai', 'https://h', 'k')\n"
        "assert not any(name.partition('.')[0] == 'cryptography' for name in sys.modules)\n"
        "sys.modules['cryptography.hazmat.primitives.ciphers.aead'] = None\n"
        "from chaffer.errors import ChafferError\n"
        "try:\n"
        "    KeyRing(MemoryStore(), 'x' * 32)\n"
        "except ChafferError as refused:\n"
        "    print(refused.code, refused.message)\n"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert "VALIDATION_ERROR" in ran.stdout
    assert "pip install 'chaffer[keys]'" in ran.stdout
