"""The flow of a reply: deltas put together, so that readers are not woken for every word, and bounds on what comes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Final

from chaffer.llm.context import thousandths
from chaffer.llm.faults import Callee, Nonsense, Stage
from chaffer.llm.read_ahead import ReadAhead
from chaffer.llm.requests import Ending, Item

COALESCED_SECONDS: Final = 0.03
COALESCED_CHARACTERS: Final = 24
_THOUSAND: Final = 1_000


async def coalesced(
    items: AsyncGenerator[Item, None],
    *,
    seconds: float = COALESCED_SECONDS,
    characters: int = COALESCED_CHARACTERS,
) -> AsyncGenerator[Item, None]:
    """Yield the items with deltas of text joined that come faster than the seconds' pace.

    Text that comes so long after what was passed on before comes at once; what comes sooner waits for that time, or
    until there are so many characters. So no text waits longer than these seconds, and none that comes slowly waits.
    What is no text comes after all text before it, without waiting. Nothing is lost or reordered, also when the source
    fails: its exception follows what it gave. Leaving closes the source.
    """
    loop = asyncio.get_running_loop()
    text, next_at = "", loop.time()
    async with ReadAhead(items) as ahead:
        while True:
            in_time = await ahead.wait(next_at if text else None)
            if text and (not in_time or ahead.is_over):
                next_at = loop.time() + seconds
                yield text
                text = ""
                continue
            if not (came := ahead.take()) and ahead.is_over:
                return
            now = loop.time()
            whole, text = _joined(text, came, 1 if now >= next_at else characters)
            if any(isinstance(item, str) for item in whole):
                next_at = now + seconds
            for item in whole:
                yield item


def _joined(text: str, came: Sequence[Item], characters: int) -> tuple[list[Item], str]:
    """Return what is to be passed on of a text and of what came behind it, and the text that may wait for more."""
    whole: list[Item] = []
    for item in came:
        if isinstance(item, str):
            text += item
            continue
        whole += [text, item] if text else [item]
        text = ""
    return ([*whole, text], "") if len(text) >= characters else (whole, text)


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much a reply may be, by what is None without a bound: tokens by estimate, bytes in UTF-8, and seconds."""

    tokens: int | None = None
    utf8_bytes: int | None = None
    seconds: float | None = None


async def bounded(items: AsyncGenerator[Item, None], bounds: Bounds, callee: Callee) -> AsyncGenerator[Item, None]:
    """Yield the items as long as they keep within the bounds; what passes one is not yielded.

    Arguments of tools count as text does. The seconds count from the first item that is asked for, the time that the
    reader takes included. Closes the source in any case. Raises LLM_BAD_GATEWAY for too much, LLM_TIMEOUT for too long.
    """
    count = _Count(bounds, callee.provider)
    end = None if bounds.seconds is None else asyncio.get_running_loop().time() + bounds.seconds
    async with aclosing(items):
        while True:
            deadline = asyncio.timeout_at(end)
            try:
                async with deadline:
                    item = await anext(items, None)
            except TimeoutError:
                if not deadline.expired() or bounds.seconds is None:
                    raise
                waited = replace(callee.timeouts, total=bounds.seconds)
                raise replace(callee, timeouts=waited).too_slow(Stage.WHOLE) from None
            if item is None:
                return
            if count.is_passed_by(item):
                raise callee.nonsense(Nonsense.WITHOUT_END)
            yield item


class _Count:
    """What a reply amounts to so far."""

    def __init__(self, bounds: Bounds, provider: str) -> None:
        self._bounds = bounds
        self._provider = provider
        self._thousandths = 0
        self._bytes = 0

    def is_passed_by(self, item: Item) -> bool:
        """Count an item, and tell whether it passes a bound."""
        if isinstance(item, Ending):
            return False
        text, bounds = item if isinstance(item, str) else item.arguments, self._bounds
        if bounds.utf8_bytes is not None:
            self._bytes += len(text.encode("utf-8", "surrogatepass"))
            if self._bytes > bounds.utf8_bytes:
                return True
        if bounds.tokens is None:
            return False
        self._thousandths += thousandths(self._provider, text)
        return self._thousandths > bounds.tokens * _THOUSAND
