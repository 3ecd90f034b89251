"""Connections to a host are kept for the next call, and let go when there is none for a while."""

from __future__ import annotations

import asyncio

import httpx2

from chaffer.llm.connections import Connections


def _connections(kept_seconds: float) -> tuple[Connections, list[httpx2.AsyncClient]]:
    made: list[httpx2.AsyncClient] = []

    def make() -> httpx2.AsyncClient:
        made.append(httpx2.AsyncClient(trust_env=False))
        return made[-1]

    return Connections(make, kept_seconds), made


def test_the_next_call_takes_the_connection_of_the_last_one() -> None:
    async def main() -> None:
        connections, made = _connections(60.0)
        for _ in range(3):
            with connections.lent():
                pass
        assert len(made) == 1
        await connections.aclose()
        assert made[0].is_closed

    asyncio.run(main())


def test_a_connection_that_nobody_uses_is_let_go_and_made_anew_when_needed() -> None:
    async def main() -> None:
        connections, made = _connections(0.0)
        with connections.lent() as first:
            pass
        async with asyncio.timeout(5):
            while not first.is_closed:  # noqa: ASYNC110  A client sets no event when it is closed.
                await asyncio.sleep(0.001)
        with connections.lent() as second:
            assert second is not first
            assert not second.is_closed
        await connections.aclose()
        assert [client.is_closed for client in made] == [True, True]

    asyncio.run(main())


def test_a_connection_in_use_is_not_let_go() -> None:
    async def main() -> None:
        connections, made = _connections(0.0)
        with connections.lent() as client:
            await asyncio.sleep(0.01)
            assert not client.is_closed
        await connections.aclose()
        assert len(made) == 1

    asyncio.run(main())
