"""Readers that come back: over cuts at any byte, and over whatever happens to the server."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol, TypeVar

import httpx2

from tests.support.server import Server, until
from tests.support.streams import NO_CONTENT, Event, Parser, Reader, Stop

ReaderT = TypeVar("ReaderT", bound=Reader)
End = Callable[[Server], object]


class Told(Protocol):
    """What a reader was told of a turn."""

    frames: list[dict[str, Any]]
    text: str


def after_each(_: Event) -> bool:
    """Tell that a reader is cut off behind whatever came."""
    return True


def cut_anywhere(whole: ReaderT, step: int) -> Iterator[ReaderT]:
    """Yield readers of the same stream that were cut off within it, each so many bytes further on than the last."""
    raw = bytes(whole.raw)
    for cut in range(1, len(raw), max(step, 1)):
        reader = type(whole)(whole.client, whole.path)
        for event in Parser().feed(raw[:cut]):
            reader.take(event)
        yield reader


async def follow(reader: Reader, server: Server, is_up: asyncio.Event, stop: Stop) -> None:
    """Read over whatever happens to the server, as a browser does, until it says that everything was seen."""
    while True:
        await is_up.wait()
        async with server.client() as client:
            reader.client = client
            try:
                if await reader.read(stop) == NO_CONTENT:
                    return
            except httpx2.TransportError:
                await asyncio.sleep(0)


async def follow_over(
    server: Server,
    followers: Sequence[tuple[Reader, Stop]],
    ends: Sequence[End],
    moment: Callable[[int], Callable[[], bool]],
) -> None:
    """Read on until all was seen, while the server ends in these ways, each at its moment, and comes back."""
    is_up = asyncio.Event()
    is_up.set()
    tasks = [asyncio.create_task(follow(reader, server, is_up, stop)) for reader, stop in followers]
    for number, end in enumerate(ends):
        await until(moment(number), tasks)
        is_up.clear()
        await asyncio.to_thread(end, server)
        await asyncio.to_thread(server.start)
        is_up.set()
    await asyncio.wait_for(asyncio.gather(*tasks), 60)


def further_in_an_answer(told: Told) -> Callable[[int], Callable[[], bool]]:
    """Return the moments at which a reader has heard more than at the one before, and some of an answer."""

    def moment(_: int) -> Callable[[], bool]:
        before = len(told.frames)
        return lambda: len(told.frames) > before and bool(told.text)

    return moment
